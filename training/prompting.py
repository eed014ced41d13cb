"""Ask a network for things by name in whole pictures, by the app's own tile plan."""

import zlib
from collections.abc import Sequence

from monitor.core.arrays import FloatMap, RgbImage
from training.counting import count_picture, plan_for
from training.data.crops import read_rgb
from training.data.labelled import LabelledPicture
from training.data.named import names_in, points_named
from training.models.clip_count.counter import ClipCounter, Prompted
from training.scoring import PictureScore


class Asking:
    """Counts by name with one network; every prompt is encoded once.

    Args:
        counter: The network, in evaluation mode.
        stride_px: Distance between windows, pixels; None: half a window, so that whatever a
            window cuts in two lies whole in another.
    """

    def __init__(self, counter: ClipCounter, *, stride_px: int | None = None) -> None:
        self._counter = counter
        self._window_px = counter.config.window_px
        block_px = counter.block_px
        self._stride_px = stride_px or max(block_px, self._window_px // 2 // block_px * block_px)
        self._prompted: dict[str, Prompted] = {}

    def count(self, image: RgbImage, prompt: str) -> FloatMap:
        """Count what a prompt names.

        Args:
            image: Shape (H, W, 3), uint8, RGB, any size.
            prompt: What to count.

        Returns:
            Shape (ceil(H / block), ceil(W / block)), float32, objects per block.
        """
        if prompt not in self._prompted:
            self._prompted[prompt] = Prompted(self._counter, [prompt]).eval()
        plan = plan_for(
            self._counter,
            (image.shape[0], image.shape[1]),
            window_px=self._window_px,
            stride_px=self._stride_px,
        )
        return count_picture(self._prompted[prompt], image, plan)[0]

    def score(self, picture: LabelledPicture, names: Sequence[str]) -> list[PictureScore]:
        """Ask for everything in a picture and for one thing that is not in it.

        Args:
            picture: A labelled one.
            names: What may be asked for.

        Returns:
            One score a question, named `picture: prompt`.
        """
        image = read_rgb(picture)
        asked = [*names_in(picture), *absent_names(picture, names, most=1)]
        return [
            PictureScore(
                f"{picture.name}: {name}",
                truth=float(len(points_named(picture, name))),
                count=float(self.count(image, name).sum(dtype="float64")),
                variance=None,
            )
            for name in asked
        ]


def absent_names(picture: LabelledPicture, names: Sequence[str], *, most: int) -> tuple[str, ...]:
    """Choose names of things that are not in a picture, always the same for one picture.

    Args:
        picture: A labelled one.
        names: To choose from.
        most: How many at most.

    Returns:
        Names, spread over the whole choice.
    """
    there = set(names_in(picture))
    absent = [name for name in names if name not in there]
    absent.sort(key=lambda name: zlib.crc32(f"{picture.name}\n{name}".encode()))
    return tuple(absent[:most])
