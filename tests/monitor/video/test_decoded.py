"""Decoded pictures: right colors, right side up, shrunk on request, safe among threads."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import numpy as np
import pytest

from monitor.core.errors import NotAStreamError
from monitor.video.decoded import DecodedPicture
from tests.rigs.encoded import write_video


def yuv_frame(
    luma: int, blue: int, red: int, *, width: int = 64, height: int = 48
) -> av.VideoFrame:
    """Make a frame of one color in studio range, as a camera sends it."""
    rows = [np.full((height, width), luma), np.full((height // 4, width), blue)]
    rows.append(np.full((height // 4, width), red))
    return av.VideoFrame.from_ndarray(np.vstack(rows).astype(np.uint8), format="yuv420p")


@pytest.mark.parametrize(
    ("luma", "blue", "red", "rgb"),
    [
        (16, 128, 128, (0, 0, 0)),
        (235, 128, 128, (255, 255, 255)),
        (81, 90, 240, (254, 0, 0)),
        (145, 54, 34, (0, 255, 1)),
        (41, 240, 110, (0, 0, 255)),
    ],
    ids=["black", "white", "red", "green", "blue"],
)
def test_colors_are_those_of_the_standard(
    luma: int, blue: int, red: int, rgb: tuple[int, int, int]
) -> None:
    """The color bars of ITU-R BT.601 come out as pure colors; 2 levels for rounding."""
    image = DecodedPicture(yuv_frame(luma, blue, red)).to_rgb()

    assert image.shape == (48, 64, 3)
    assert np.abs(image.reshape(-1, 3).astype(int) - rgb).max() <= 2


def test_same_size_is_converted_once() -> None:
    """Model and window get the same array, read-only; a new size does not drop the others' two."""
    picture = DecodedPicture(yuv_frame(128, 128, 128))

    full, small = picture.to_rgb(), picture.to_rgb(max_wh=(32, 32))

    assert small.shape == (24, 32, 3)
    assert picture.to_rgb() is full
    assert picture.to_rgb(max_wh=(64, 48)) is full
    assert picture.to_rgb(max_wh=(32, 24)) is small
    assert not full.flags.writeable
    assert not small.flags.writeable


def test_shrinking_averages() -> None:
    """A fine checkerboard shrunk to half is even gray: nothing flickers in the small picture."""
    board = np.zeros((72, 64), dtype=np.uint8)
    board[:48] = np.indices((48, 64)).sum(axis=0) % 2 * 200 + 20
    board[48:] = 128
    picture = DecodedPicture(av.VideoFrame.from_ndarray(board, format="yuv420p"))

    small = picture.to_rgb(max_wh=(32, 24))

    assert small.std() < 3
    assert np.ptp(picture.to_rgb()[..., 0].astype(int)) > 200


@pytest.mark.parametrize(
    ("degrees", "size_hw", "white_corner"),
    [(0, (48, 64), (0, 0)), (90, (64, 48), (-1, 0)), (180, (48, 64), (-1, -1)),
     (-90, (64, 48), (0, -1))],
    ids=["upright", "counter-clockwise", "half-turn", "clockwise"],
)  # fmt: skip
def test_films_of_phones_stand_upright(
    tmp_path: Path, degrees: int, size_hw: tuple[int, int], white_corner: tuple[int, int]
) -> None:
    """A film that says how it was held is turned; the upper left corner is where it belongs."""
    image = np.zeros((48, 64, 3), dtype=np.uint8)
    image[:16, :16] = 255
    path = write_video(tmp_path / "a.mp4", [image], rotate_degrees=degrees)
    with av.open(str(path)) as container:
        picture = DecodedPicture(next(container.decode(video=0)))

    rgb = picture.to_rgb()
    small = picture.to_rgb(max_wh=(32, 32))

    assert picture.size_hw == size_hw
    assert rgb.shape == (*size_hw, 3)
    assert small.shape == (size_hw[0] // 2, size_hw[1] // 2, 3)
    for row, column in ((0, 0), (0, -1), (-1, -1), (-1, 0)):
        assert (rgb[row, column, 0] > 127) == ((row, column) == white_corner)


def test_many_threads_see_one_picture() -> None:
    """Converting changes the frame while it runs; with a lock, every thread gets the same."""
    picture = DecodedPicture(yuv_frame(81, 90, 240, width=320, height=240))
    sizes = [None, (160, 120), (80, 60), None] * 25

    with ThreadPoolExecutor(8) as pool:
        images = list(pool.map(lambda size: picture.to_rgb(max_wh=size), sizes))

    assert all(np.abs(image[0, 0].astype(int) - (254, 0, 0)).max() <= 2 for image in images)


@pytest.mark.parametrize("matrix", [3, 8, 11, 14], ids=["reserved", "ycgco", "smpte2085", "ictcp"])
def test_a_matrix_of_colors_that_nobody_has_is_taken_for_the_usual(matrix: int) -> None:
    """A bit that flipped in the header of a stream must not end the showing of its pictures."""
    strange = yuv_frame(81, 90, 240)
    strange.colorspace = matrix

    found = DecodedPicture(strange).to_rgb()

    assert np.array_equal(found, DecodedPicture(yuv_frame(81, 90, 240)).to_rgb())


def test_a_picture_that_cannot_be_shown_is_told_in_words() -> None:
    """FFmpeg's own error never comes out."""

    class Stubborn:
        """A frame that can be turned into nothing."""

        width, height, rotation, colorspace = 64, 48, 0, 2
        format = av.VideoFormat("yuv420p")

        def to_ndarray(self, **_how: object) -> None:
            """Fail as swscale does."""
            raise av.error.OSError(95, "Operation not supported")

    with pytest.raises(NotAStreamError, match="yuv420p"):
        DecodedPicture(Stubborn()).to_rgb()  # type: ignore[arg-type]
