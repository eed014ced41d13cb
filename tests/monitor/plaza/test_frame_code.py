"""A frame's number in its pixels survives what happens to pictures on their way."""

import io
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from monitor.plaza.draw import Plaza
from monitor.plaza.frame_code import draw_frame_number, read_frame_number

NUMBERS = [0, 1, 2, 255, 256, 4095, 70_001, 1_048_575]


def numbered(number: int, size_wh: tuple[int, int] = (1280, 720)) -> np.ndarray:
    image = np.random.default_rng(number).integers(0, 255, (*size_wh[::-1], 3), dtype=np.uint8)
    draw_frame_number(image, number)
    return image


@pytest.mark.parametrize("number", NUMBERS)
def test_what_is_written_is_read(number: int) -> None:
    """Every number comes back."""
    assert read_frame_number(numbered(number)) == number


@pytest.mark.parametrize("quality", [15, 40, 75, 95])
@pytest.mark.parametrize("number", NUMBERS)
def test_survives_jpeg(number: int, quality: int) -> None:
    """A number is read from a JPEG of any usual quality."""
    _, encoded = cv2.imencode(".jpg", numbered(number), [cv2.IMWRITE_JPEG_QUALITY, quality])

    assert read_frame_number(cv2.imdecode(encoded, cv2.IMREAD_COLOR)) == number


@pytest.mark.parametrize("crf", ["18", "28", "38"])
def test_survives_h264(crf: str) -> None:
    """Every frame of a compressed video is told apart from its neighbours."""
    plaza = Plaza(30, 1)
    images = []
    for index in range(12):
        image = plaza.render(index / 10).image.copy()
        draw_frame_number(image, 90_000 + index)
        images.append(image)

    decoded = through_h264(images, crf)

    assert [read_frame_number(one) for one in decoded] == list(range(90_000, 90_012))


def through_h264(images: list[np.ndarray], crf: str) -> list[np.ndarray]:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10, options={"crf": crf})
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        stream.time_base = Fraction(1, 10)
        for image in images:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    buffer.seek(0)
    with av.open(buffer) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


@pytest.mark.parametrize("width", [640, 854, 1000, 1920])
def test_survives_a_change_of_size(width: int) -> None:
    """The squares grow and shrink with the picture."""
    size = (width, width * 9 // 16)
    image = cv2.resize(numbered(1234), size, interpolation=cv2.INTER_AREA)

    assert read_frame_number(image) == 1234


def test_a_picture_without_number_gives_none() -> None:
    """Grey, noise, and real scenes are not taken for a number."""
    generator = np.random.default_rng(0)
    grey = np.full((360, 640, 3), 128, dtype=np.uint8)
    noise = [generator.integers(0, 256, (90, 160, 3), dtype=np.uint8) for _ in range(200)]

    assert read_frame_number(grey) is None
    assert [read_frame_number(one) for one in noise] == [None] * 200
    assert read_frame_number(Plaza(5, 1, (640, 360)).render(0).image) is None


def test_a_tiny_picture_gives_none() -> None:
    """A picture too small for the squares has no number."""
    assert read_frame_number(np.zeros((1, 1, 3), dtype=np.uint8)) is None


@pytest.mark.parametrize("cell", range(4, 32))
def test_a_turned_square_is_noticed(cell: int) -> None:
    """One wrong square among the data or the check sum makes the number unreadable."""
    image = numbered(54_321)
    row, column = divmod(cell - 4, 14)
    place = np.s_[8 * row : 8 * row + 8, 8 * (column + 2) : 8 * (column + 3)]
    image[place] = 251 - image[place]

    assert read_frame_number(image) is None


def test_numbers_start_again() -> None:
    """After the largest number comes 0."""
    assert read_frame_number(numbered(1 << 20)) == 0


@pytest.mark.parametrize("seed", range(0, 40, 4))
def test_nobody_walks_behind_the_number(seed: int) -> None:
    """The number hides no head, so the truth of a picture holds with the number drawn on it."""
    heads = Plaza(200, seed).render(11.0).heads_xy

    assert heads[:, 1].min() > 2 * 1280 / 160 + 20
