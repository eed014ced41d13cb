"""What cameras, lines, encoders, bad light and bad weather do to a picture; heads stay in place."""

import math
from abc import abstractmethod
from fractions import Fraction

import av
import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision import tv_tensors
from torchvision.transforms import v2

from monitor.core.arrays import RgbImage


class PixelTransform(v2.Transform):  # type: ignore[misc]  # torchvision is not typed
    """Changes pictures and lets heads pass; a subclass says how."""

    @abstractmethod
    def change(self, picture: Tensor) -> Tensor:
        """Change one picture.

        Args:
            picture: Shape (3, H, W), uint8, RGB; not to be written to.

        Returns:
            The same shape; uint8, or float of any value, which is rounded and clipped.
        """

    def transform(self, inpt: object, params: dict[str, object]) -> object:
        """Change a picture; heads pass as they are.

        Args:
            inpt: Picture of shape (3, H, W), uint8, or heads.
            params: Not used.

        Returns:
            The same kind of thing.
        """
        if not isinstance(inpt, tv_tensors.Image):
            return inpt
        changed = self.change(inpt.as_subclass(Tensor))
        if changed.is_floating_point():
            changed = changed.round().clamp(0, 255).to(torch.uint8)
        return tv_tensors.Image(changed)


def uniform(low: float, high: float) -> float:
    """Draw a number from torch's generator, so that a seed decides it."""
    return low + (high - low) * float(torch.rand(()))


class JpegArtefacts(PixelTransform):
    """Send a picture through JPEG at a random quality; OpenCV's, torchvision gives its own up."""

    def change(self, picture: Tensor) -> Tensor:
        """Encode and decode a picture, see `PixelTransform.change`."""
        lowest, highest = 25, 90  # cameras on a thin line, and good ones
        quality = int(torch.randint(lowest, highest + 1, ()))
        # Encoding does not care which channel is red, as long as decoding agrees.
        array = picture.permute(1, 2, 0).contiguous().numpy()
        _, encoded = cv2.imencode(".jpg", array, [cv2.IMWRITE_JPEG_QUALITY, quality])
        decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
        return torch.from_numpy(decoded).permute(2, 0, 1)


class SensorNoise(PixelTransform):
    """Add the grain of a camera: independent noise in every channel value."""

    def change(self, picture: Tensor) -> Tensor:
        """Add noise to a picture, see `PixelTransform.change`."""
        strongest = 16.0  # standard deviation in steps of 255; more hides people altogether
        sigma = uniform(0, strongest)
        return picture.float() + sigma * torch.randn(picture.shape)


class FewPixels(PixelTransform):
    """Show what a camera of down to a quarter of the resolution saw, enlarged."""

    def change(self, picture: Tensor) -> Tensor:
        """Shrink and enlarge a picture, see `PixelTransform.change`."""
        smallest, largest = 0.25, 0.7  # more than this no one sees
        share = math.exp(uniform(math.log(smallest), math.log(largest)))
        height, width = picture.shape[-2:]
        small = [max(8, round(height * share)), max(8, round(width * share))]
        shrunk = F.interpolate(picture[None].float(), small, mode="bilinear", antialias=True)
        return F.interpolate(shrunk, (height, width), mode="bicubic")[0]


class VideoArtefacts(PixelTransform):
    """Send a picture through H.264 at a random quality, as the second picture of a film.

    What most cameras send are such pictures: the one before, moved, and corrections to it. The one
    before is here the same picture moved by up to four pixels, as if the camera trembled.
    """

    def change(self, picture: Tensor) -> Tensor:
        """Encode and decode a picture, see `PixelTransform.change`."""
        lowest, highest = 26, 42  # factors of constant rate: hardly seen, and a very thin line
        factor = int(torch.randint(lowest, highest + 1, ()))
        farthest_px = 4
        moved = torch.randint(-farthest_px, farthest_px + 1, (2,)).tolist()
        array = picture.permute(1, 2, 0).contiguous().numpy()
        height, width = array.shape[:2]
        # Colors are stored at half the pixels: films have even sides.
        bordered = cv2.copyMakeBorder(array, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        even = np.asarray(bordered, dtype=np.uint8)
        decoded = _second_of_film(np.roll(even, moved, (0, 1)), even, factor=factor)
        return torch.from_numpy(decoded[:height, :width]).permute(2, 0, 1)


def _second_of_film(first: RgbImage, second: RgbImage, *, factor: int) -> RgbImage:
    """Encode two pictures of even sides as a film and give the second as decoded."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.height, encoder.width = first.shape[:2]
    encoder.pix_fmt = "yuv420p"
    encoder.framerate = Fraction(25)
    encoder.thread_count = 1
    encoder.options = {"crf": str(factor), "preset": "ultrafast", "tune": "zerolatency"}
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    shown: list[RgbImage] = []
    for number, image in enumerate((first, second, None)):
        frame = None
        if image is not None:
            frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")
            frame.pts = number
        packets = encoder.encode(frame)
        for packet in (*packets, *([None] if frame is None else [])):
            shown.extend(
                np.asarray(one.to_ndarray(format="rgb24"), dtype=np.uint8)
                for one in decoder.decode(packet)
            )
    return shown[-1]


class Night(PixelTransform):
    """Take the light away: a darker, steeper picture in the color of lamps, with grain."""

    def change(self, picture: Tensor) -> Tensor:
        """Darken a picture, see `PixelTransform.change`."""
        light = uniform(0.15, 0.5)  # below, nobody is to be seen any more
        steepness = uniform(1.0, 1.6)
        lamps = torch.tensor([1.0, uniform(0.8, 1.0), uniform(0.55, 1.0)]).view(3, 1, 1)
        grain = uniform(0.0, 8.0)
        dark = 255 * light * lamps * (picture.float() / 255) ** steepness
        return dark + grain * torch.randn(picture.shape)


class Rain(PixelTransform):
    """Draw streaks, and the grey of what falls farther away."""

    def change(self, picture: Tensor) -> Tensor:
        """Let it rain on a picture, see `PixelTransform.change`."""
        height, width = picture.shape[-2:]
        drops = (torch.rand(height, width) < uniform(0.001, 0.006)).float()
        length, slant = round(uniform(9, 25)), uniform(-0.3, 0.3)
        streaks = torch.from_numpy(cv2.filter2D(drops.numpy(), -1, _streak(length, slant)))
        brightness, haze = uniform(40, 130), uniform(0.0, 0.35)
        grey = 170.0
        hazy = picture.float() * (1 - haze) + grey * haze
        return hazy + brightness * streaks.clamp(max=1)


def _streak(length: int, slant: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Give a kernel of a line `length` pixels long, leaning by `slant` pixels across a pixel."""
    kernel = np.zeros((length, length), np.float32)
    middle = (length - 1) / 2
    lean = round(slant * middle)
    start, end = (int(middle - lean), 0), (int(middle + lean), length - 1)
    cv2.line(kernel, start, end, 1.0)
    return kernel
