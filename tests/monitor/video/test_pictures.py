"""Pictures on a disk: upright, in order, whole or refused."""

import struct
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest

from monitor.core.errors import AddressError, NotAStreamError
from monitor.video.address import PicturesAddress
from monitor.video.pictures import (
    ArrayPicture,
    PicturesSource,
    fit_within,
    is_cut_off,
    list_pictures,
    read_picture,
)
from tests.rigs.clock import ManualClock, WaitingMovesTime


def write_jpeg(path: Path, rgb: np.ndarray, *, orientation: int | None = None) -> Path:
    """Write a JPEG; with an orientation, an EXIF segment comes first, as a camera writes it."""
    data = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 98])[1].tobytes()
    if orientation is not None:
        entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
        exif = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 1) + entry + b"\0\0\0\0"
        data = data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:]
    path.write_bytes(data)
    return path


def corners(image: np.ndarray) -> list[str]:
    """Name the colors of the four corners, clockwise from the upper left."""
    names = {(1, 0, 0): "red", (0, 1, 0): "green", (0, 0, 1): "blue", (1, 1, 1): "white"}
    places = (4, 4), (4, -5), (-5, -5), (-5, 4)
    return [names[tuple(int(v > 127) for v in image[row, column])] for row, column in places]


@pytest.fixture
def quarters() -> np.ndarray:
    """Red, green, blue, white clockwise from the upper left; 64 wide, 32 high."""
    image = np.zeros((32, 64, 3), dtype=np.uint8)
    image[:16, :32] = (255, 0, 0)
    image[:16, 32:] = (0, 255, 0)
    image[16:, 32:] = (0, 0, 255)
    image[16:, :32] = (255, 255, 255)
    return image


@pytest.mark.parametrize(
    ("orientation", "size_hw", "expected"),
    [
        (None, (32, 64), ["red", "green", "blue", "white"]),
        (1, (32, 64), ["red", "green", "blue", "white"]),
        (3, (32, 64), ["blue", "white", "red", "green"]),
        (6, (64, 32), ["white", "red", "green", "blue"]),
        (8, (64, 32), ["green", "blue", "white", "red"]),
    ],
    ids=["none", "as-it-is", "half-turn", "clockwise", "counter-clockwise"],
)
def test_pictures_stand_upright(
    tmp_path: Path,
    quarters: np.ndarray,
    orientation: int | None,
    size_hw: tuple[int, int],
    expected: list[str],
) -> None:
    """A picture is turned as its camera noted: people do not lie on their side."""
    path = write_jpeg(tmp_path / "a.jpg", quarters, orientation=orientation)

    image = read_picture(path)

    assert image.shape == (*size_hw, 3)
    assert corners(image) == expected


def test_umlauts_in_a_path_are_no_obstacle(tmp_path: Path, quarters: np.ndarray) -> None:
    """OpenCV's own file functions fail on some systems here."""
    path = write_jpeg(tmp_path / "Köln 1.jpg", quarters)

    assert read_picture(path).shape == quarters.shape


@pytest.mark.parametrize(
    ("data", "complaint"),
    [(b"", "an empty file"), (b"not a picture", "13 bytes that is no picture")],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, data: bytes, complaint: str) -> None:
    """The complaint names the file, what was found, and what to do."""
    path = tmp_path / "a.jpg"
    path.write_bytes(data)

    with pytest.raises(NotAStreamError, match=complaint) as caught:
        read_picture(path)

    assert str(path) in str(caught.value)


def test_a_cut_off_picture_is_refused(tmp_path: Path, quarters: np.ndarray) -> None:
    """Half a picture would be counted as half empty; every cut is noticed."""
    path = write_jpeg(tmp_path / "a.jpg", quarters, orientation=1)
    data = path.read_bytes()
    assert not is_cut_off(data)

    assert all(is_cut_off(data[:length]) for length in range(2, len(data)))
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(NotAStreamError, match="cut off"):
        read_picture(path)


def test_the_end_of_a_thumbnail_is_no_end(tmp_path: Path, quarters: np.ndarray) -> None:
    """A thumbnail inside has an end of its own; what follows the picture does no harm."""
    data = write_jpeg(tmp_path / "a.jpg", quarters).read_bytes()
    comment = b"\xff\xfe" + struct.pack(">H", 2 + len(data)) + data
    with_thumbnail = data[:2] + comment + data[2:]

    assert not is_cut_off(with_thumbnail)
    assert not is_cut_off(with_thumbnail + b"trailing notes of the camera")
    assert is_cut_off(with_thumbnail[:-2])


def test_a_missing_picture_is_named(tmp_path: Path) -> None:
    """A picture that was deleted after the folder was listed is an address that leads nowhere."""
    with pytest.raises(AddressError, match=r"gone\.jpg: cannot be read"):
        read_picture(tmp_path / "gone.jpg")


def test_pictures_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    """Number 2 comes before number 10, other files are left out, whatever their case."""
    for name in ("img10.jpg", "img2.JPG", "img1.png", "notes.txt"):
        (tmp_path / name).touch()

    by_folder = [path.name for path in list_pictures(str(tmp_path))]
    by_pattern = [path.name for path in list_pictures(f"{tmp_path}/img*.jpg")]

    assert by_folder == ["img1.png", "img2.JPG", "img10.jpg"]
    assert by_pattern == ["img10.jpg"]


def test_a_folder_without_pictures_is_a_mistake(tmp_path: Path) -> None:
    """The complaint says which endings are looked for."""
    with pytest.raises(AddressError, match=r"no pictures here .*\.jpg"):
        list_pictures(str(tmp_path))


@pytest.mark.parametrize(
    ("size_wh", "max_wh", "expected"),
    [
        ((640, 480), None, (640, 480)),
        ((640, 480), (320, 320), (320, 240)),
        ((640, 480), (9999, 240), (320, 240)),
        ((640, 480), (9999, 9999), (640, 480)),
        ((1000, 1), (10, 10), (10, 1)),
    ],
    ids=["any", "by-width", "by-height", "never-larger", "never-nothing"],
)
def test_shrinking_keeps_the_shape(
    size_wh: tuple[int, int], max_wh: tuple[int, int] | None, expected: tuple[int, int]
) -> None:
    """The tighter side decides; a picture is never enlarged."""
    assert fit_within(size_wh, max_wh) == expected


def test_array_picture_is_read_only_and_shrinks_by_area() -> None:
    """Each pixel of a picture shrunk to half is the mean of four."""
    image = np.arange(8 * 12 * 3, dtype=np.uint8).reshape(8, 12, 3)
    picture = ArrayPicture(image.copy())

    small = picture.to_rgb(max_wh=(6, 6))

    means = image.reshape(4, 2, 6, 2, 3).mean(axis=(1, 3))
    assert picture.size_hw == (8, 12)
    assert np.array_equal(picture.to_rgb(), image)
    assert np.abs(small - means).max() <= 0.5
    assert not picture.to_rgb().flags.writeable
    assert not small.flags.writeable


def test_source_gives_every_picture_once(tmp_path: Path) -> None:
    """A folder is a video: numbered from 0, at its rate, stamped when it came, then it ends."""
    for number in range(3):
        image = np.full((16, 16, 3), 80 * number, dtype=np.uint8)
        cv2.imwrite(str(tmp_path / f"{number}.png"), image)
    clock = ManualClock(50.0)
    address = PicturesAddress("pictures", str(tmp_path), 2.0, is_looped=False)
    source = PicturesSource(address, pace=False, clock=clock)

    frames = list(source.frames(Event()))

    assert [frame.index for frame in frames] == [0, 1, 2]
    assert [frame.time_s for frame in frames] == [0.0, 0.5, 1.0]
    assert [frame.picture.to_rgb()[0, 0, 0] for frame in frames] == [0, 80, 160]
    assert {frame.captured_s for frame in frames} == {50.0}
    assert not source.is_live


def test_paced_loop_goes_on_until_stopped(tmp_path: Path) -> None:
    """Two pictures at 4 Hz, again and again: a frame every quarter of a second."""
    for number in range(2):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.zeros((16, 16, 3), dtype=np.uint8))
    clock = ManualClock(0.0)
    stop = WaitingMovesTime(clock)
    address = PicturesAddress("pictures", str(tmp_path), 4.0, is_looped=True)
    captured_s = []

    for frame in PicturesSource(address, pace=True, clock=clock).frames(stop):
        captured_s.append(frame.captured_s)
        if frame.index == 4:
            stop.set()

    assert captured_s == pytest.approx([0.0, 0.25, 0.5, 0.75, 1.0])
