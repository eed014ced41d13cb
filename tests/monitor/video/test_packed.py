"""Pictures as bytes: what comes out is what went in, to the last pixel."""

import av
import numpy as np
import pytest

from monitor.video.decoded import DecodedPicture
from monitor.video.pictures import ArrayPicture
from monitor.video.ring import pack, unpack


def drawn(layout: str, size_wh: tuple[int, int]) -> av.VideoFrame:
    """Make a colored picture in a layout of pixels."""
    width, height = size_wh
    rgb = np.random.default_rng(5).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=layout)


@pytest.mark.parametrize("layout", ["yuv420p", "yuvj420p", "nv12", "yuv422p", "gray", "rgb24"])
@pytest.mark.parametrize("size_wh", [(64, 48), (63, 47), (66, 50)], ids=["even", "odd", "narrow"])
@pytest.mark.parametrize("turns", [0, 1, 2])
def test_a_picture_survives_the_journey(layout: str, size_wh: tuple[int, int], turns: int) -> None:
    """Every layout, size and turn, with the colors meant as the camera meant them."""
    frame = drawn(layout, size_wh)
    if layout == "yuv420p":
        frame.colorspace, frame.color_range = 1, 2  # BT.709, full
    picture = DecodedPicture(frame, turns=turns)
    expected, expected_small = picture.to_rgb(), picture.to_rgb(max_wh=(32, 32))

    packing, pixels = pack(picture)
    sent = np.frombuffer(pixels.tobytes() + b"beyond", dtype=np.uint8)
    arrived = unpack(packing, sent)

    assert arrived.size_hw == picture.size_hw
    assert np.array_equal(arrived.to_rgb(), expected)
    assert arrived.to_rgb(max_wh=(32, 32)).shape == expected_small.shape


def test_a_drawn_picture_travels_too() -> None:
    """It was never decoded."""
    image = np.random.default_rng(5).integers(0, 256, (20, 30, 3), dtype=np.uint8)

    packing, pixels = pack(ArrayPicture(image))

    assert np.array_equal(unpack(packing, pixels.reshape(-1)).to_rgb(), image)


def test_no_byte_is_copied_on_arrival() -> None:
    """Who changes the memory changes the picture: so it must be kept, and is."""
    packing, pixels = pack(DecodedPicture(drawn("yuv420p", (64, 48))))
    memory = pixels.reshape(-1).copy()
    arrived = unpack(packing, memory)

    memory[:] = 128

    assert np.ptp(arrived.to_rgb()) == 0


def test_the_holder_lives_as_long_as_the_picture() -> None:
    """Its end is what gives the memory back."""
    ends: list[str] = []

    class Holder:
        def __del__(self) -> None:
            ends.append("over")

    packing, pixels = pack(DecodedPicture(drawn("nv12", (64, 48))))
    arrived = unpack(packing, pixels.reshape(-1), holder=Holder())
    image = arrived.to_rgb()
    before = list(ends)

    del arrived

    assert before == []
    assert ends == ["over"]
    assert image.shape == (48, 64, 3)
