"""Pictures that lie on a disk, alone or as a folder that is shown as a video."""

import re
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import cv2
import numpy as np

from monitor.core.arrays import RgbImage, read_only
from monitor.core.clock import Clock
from monitor.core.errors import AddressError, NotAStreamError
from monitor.video.address import PICTURE_SUFFIXES, PicturesAddress, matching_paths
from monitor.video.frame import Frame
from monitor.video.pace import Pace

_JPEG_START = b"\xff\xd8"
_JPEG_END = b"\xff\xd9"
_JPEG_SCAN = 0xDA


def fit_within(size_wh: tuple[int, int], max_wh: tuple[int, int] | None) -> tuple[int, int]:
    """Give the largest size that fits and keeps the shape; never larger than the picture is.

    Args:
        size_wh: Width and height of the picture, pixels.
        max_wh: Largest width and height wanted, 1 or more each; None: any.

    Returns:
        Width and height, 1 or more each.
    """
    if max_wh is None:
        return size_wh
    scale = min(1.0, max_wh[0] / size_wh[0], max_wh[1] / size_wh[1])
    return max(1, round(size_wh[0] * scale)), max(1, round(size_wh[1] * scale))


class ArrayPicture:
    """A picture that is an array already; safe to use from several threads."""

    def __init__(self, image: RgbImage) -> None:
        """Take over an image; it is made read-only.

        Args:
            image: Shape (H, W, 3), uint8, RGB.
        """
        self._image: RgbImage = read_only(image)

    @property
    def size_hw(self) -> tuple[int, int]:
        """Height and width, pixels."""
        return self._image.shape[0], self._image.shape[1]

    def to_rgb(self, *, max_wh: tuple[int, int] | None = None) -> RgbImage:
        """Give the picture, shrunk to fit `max_wh`; read-only."""
        height, width = self.size_hw
        wanted_wh = fit_within((width, height), max_wh)
        if wanted_wh == (width, height):
            return self._image
        shrunk = cv2.resize(self._image, wanted_wh, interpolation=cv2.INTER_AREA)
        return read_only(np.asarray(shrunk, dtype=np.uint8))


def read_picture(path: Path) -> RgbImage:
    """Read a picture, turned upright as its camera noted.

    Args:
        path: A file that OpenCV can decode.

    Returns:
        Shape (H, W, 3), uint8, RGB.

    Raises:
        AddressError: If the file cannot be read.
        NotAStreamError: If it is no picture, or one that is cut off: a picture whose lower half is
            missing would be counted as if nobody stood there.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AddressError(f"{path}: cannot be read: {error.strerror}") from error
    if is_cut_off(data):
        raise NotAStreamError(f"{path}: the picture is cut off; copy the file again")
    try:
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    except cv2.error as error:
        raise NotAStreamError(f"{path}: cannot be decoded as a picture") from error
    if decoded is None:
        found = f"a file of {len(data)} bytes that is no picture" if data else "an empty file"
        raise NotAStreamError(f"{path}: {found}; remove it or save it as JPEG or PNG")
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def is_cut_off(data: bytes) -> bool:
    """Say whether a JPEG file ends in the middle of its picture.

    Args:
        data: The whole file.

    Returns:
        False for every other kind of file.

    Source:
        ITU-T T.81 annex B: segments carry their length up to the first scan; inside a scan FF is
        always stuffed, so the first FF D9 after it is the end of the picture. A thumbnail lies in
        a segment before and has an end of its own, which does not count.
    """
    if not data.startswith(_JPEG_START):
        return False
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == _JPEG_SCAN:
            return data.find(_JPEG_END, place) < 0
        if marker == 0xFF:  # a fill byte
            place += 1
            continue
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return True


def list_pictures(place: str) -> list[Path]:
    """List the pictures of a folder or a pattern in the order in which people number them.

    Args:
        place: Path of a picture or of a folder, or a pattern for `glob`.

    Returns:
        Files, `img2` before `img10`.

    Raises:
        AddressError: If there is none.
    """
    path = Path(place)
    if path.is_file():
        return [path]
    found = path.iterdir() if path.is_dir() else matching_paths(place)
    pictures = [one for one in found if one.suffix.lower() in PICTURE_SUFFIXES and one.is_file()]
    if not pictures:
        endings = ", ".join(sorted(PICTURE_SUFFIXES))
        raise AddressError(f"{place}: there are no pictures here (files that end in {endings})")
    return sorted(pictures, key=_natural_order)


class PicturesSource:
    """Gives pictures as a video with a steady rate."""

    def __init__(self, address: PicturesAddress, *, pace: bool, clock: Clock) -> None:
        self._address = address
        self._is_paced = pace
        self._clock = clock

    @property
    def label(self) -> str:
        """Where the pictures are."""
        return self._address.label

    @property
    def is_live(self) -> bool:
        """Never: pictures wait until they are asked for."""
        return False

    def frames(self, stop: Event) -> Iterator[Frame]:
        """Give the pictures in order until the last, or `stop` is set; see `FrameSource`."""
        paths = list_pictures(self._address.place)
        pace = Pace(self._clock) if self._is_paced else None
        index = 0
        while not stop.is_set():
            time_s = index / self._address.rate_hz
            picture = ArrayPicture(read_picture(paths[index % len(paths)]))
            if pace is not None and not pace.wait_until(time_s, stop):
                return
            yield Frame(picture, index, time_s, self._clock.monotonic_s())
            index += 1
            if index == len(paths) and not self._address.is_looped:
                return


def _natural_order(path: Path) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", path.as_posix())
    return [(1, int(part), part) if part.isdecimal() else (0, 0, part) for part in parts]
