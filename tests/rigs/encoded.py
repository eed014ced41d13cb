"""Pictures encoded as H.264 for tests, with the number of each in its pixels or its time stamp."""

import io
import json
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from monitor.core.arrays import RgbImage

_BITS = 16
_CELL_PX = 16  # two macro-blocks of 8: survives any sane quality


def burn_number(image: RgbImage, number: int) -> RgbImage:
    """Give a copy with a number as 16 black or white cells in its top row, lowest bit first."""
    marked = image.copy()
    for bit in range(_BITS):
        left = bit * _CELL_PX
        marked[:_CELL_PX, left : left + _CELL_PX] = 255 * (number >> bit & 1)
    return marked


def read_number(image: RgbImage) -> int:
    """Read what `burn_number` wrote, from a picture of the same size."""
    row = image[_CELL_PX // 2, _CELL_PX // 2 : _BITS * _CELL_PX : _CELL_PX]
    return sum(int(cell.mean() > 127) << bit for bit, cell in enumerate(row))


def numbered_pictures(count: int, size_wh: tuple[int, int] = (320, 240)) -> list[RgbImage]:
    """Make gray pictures that carry their numbers."""
    width, height = size_wh
    gray: NDArray[np.uint8] = np.full((height, width, 3), 96, dtype=np.uint8)
    return [burn_number(gray, number) for number in range(count)]


def write_video(
    path: Path, pictures: Iterable[RgbImage], *, rate_hz: int = 25, rotate_degrees: int = 0
) -> Path:
    """Encode pictures of one size as a video file; frame n has the time stamp n / rate."""
    with av.open(str(path), "w") as container:
        stream = None
        for number, picture in enumerate(pictures):
            if stream is None:
                stream = container.add_stream("libx264", rate=rate_hz)
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = "yuv420p"
                stream.options = {"preset": "ultrafast", "crf": "18", "g": "10", "bf": "0"}
                if rotate_degrees:
                    stream.set_display_rotation(rotate_degrees)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate_hz)
            container.mux(stream.encode(frame))
        assert stream is not None, "a video needs at least one picture"
        container.mux(stream.encode(None))
    return path


def encode_units(
    pictures: Sequence[RgbImage],
    *,
    rate_hz: int,
    key_every: int = 10,
    codec: str = "h264",
    b_frames: int = 0,
) -> list[bytes]:
    """Encode pictures as access units; each key picture can be started from.

    Args:
        pictures: Pictures of one size.
        rate_hz: Pictures a second.
        key_every: Every how many pictures one stands alone.
        codec: h264, h265 or mjpeg.
        b_frames: Pictures in a row that are built on later ones too; they are sent out of order.
    """
    encoder = av.CodecContext.create(_ENCODERS[codec], "w")
    encoder.height, encoder.width = pictures[0].shape[:2]
    encoder.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    encoder.framerate, encoder.time_base = Fraction(rate_hz), Fraction(1, rate_hz)
    parameters = f"repeat-headers=1:keyint={key_every}:min-keyint={key_every}:scenecut=0"
    parameters += f":bframes={b_frames}"
    if codec == "h264":
        encoder.options = {"preset": "ultrafast", "crf": "20", "x264-params": parameters}
    elif codec == "h265":
        quiet = f"{parameters}:log-level=none:pools=1:frame-threads=1"
        encoder.options = {"preset": "ultrafast", "crf": "20", "x265-params": quiet}
    units: list[bytes] = []
    for number, picture in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, rate_hz)
        units += [bytes(packet) for packet in encoder.encode(frame)]
    return units + [bytes(packet) for packet in encoder.encode(None)]


_ENCODERS = {"h264": "libx264", "h265": "libx265", "mjpeg": "mjpeg"}


def write_units(folder: Path, units: Sequence[bytes], *, rate_hz: int, codec: str = "h264") -> Path:
    """Write access units for the RTSP server of the tests; gives the file to hand to it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "units.bin").write_bytes(b"".join(units))
    index = folder / "units.json"
    sizes = [len(unit) for unit in units]
    layout = {"data": "units.bin", "rate_hz": rate_hz, "sizes": sizes, "codec": codec}
    index.write_text(json.dumps(layout))
    return index


def transport_stream(
    pictures: Sequence[RgbImage], *, codec: str = "h264", rate_hz: int = 20, begin_s: float = 1.0
) -> bytes:
    """Encode pictures as an MPEG transport stream whose stamps begin at a given second."""
    stream_bytes = io.BytesIO()
    with av.open(stream_bytes, "w", format="mpegts") as container:
        stream = _add_video(container, pictures, codec, rate_hz)
        _mux_units(container, stream, encode_units(pictures, rate_hz=rate_hz, codec=codec), begin_s)
    return stream_bytes.getvalue()


def with_sound(
    pictures: Sequence[RgbImage], *, sound_s: float, rate_hz: int = 20, chunk_bytes: int = 4 * 188
) -> list[bytes]:
    """Encode pictures with sound that goes on after the last, as pieces of a transport stream."""
    stream_bytes = io.BytesIO()
    with av.open(stream_bytes, "w", format="mpegts") as container:
        stream = _add_video(container, pictures, "h264", rate_hz)
        sound = container.add_stream("mp2", rate=44_100)
        sound.layout = "mono"
        _mux_units(container, stream, encode_units(pictures, rate_hz=rate_hz), 1.0)
        samples = np.zeros((1, 1152), dtype=np.int16)
        for number in range(round(sound_s * 44_100 / 1152)):
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.sample_rate, frame.pts = 44_100, 44_100 + number * 1152
            frame.time_base = Fraction(1, 44_100)
            container.mux(sound.encode(frame))
    whole = stream_bytes.getvalue()
    return [whole[place : place + chunk_bytes] for place in range(0, len(whole), chunk_bytes)]


def _add_video(
    container: av.container.OutputContainer, pictures: Sequence[RgbImage], codec: str, rate_hz: int
) -> av.VideoStream:
    stream = container.add_stream(_ENCODERS[codec], rate=rate_hz)
    stream.height, stream.width = pictures[0].shape[:2]
    stream.pix_fmt = "yuv420p"
    if codec == "h265":
        stream.options = {"x265-params": "log-level=none:pools=1:frame-threads=1"}
    return stream


def _mux_units(
    container: av.container.OutputContainer,
    stream: av.VideoStream,
    units: Sequence[bytes],
    begin_s: float,
) -> None:
    rate_hz = int(stream.average_rate or 20)
    for number, unit in enumerate(units):
        packet = av.Packet(unit)
        packet.stream, packet.time_base = stream, Fraction(1, rate_hz)
        packet.pts = packet.dts = round(begin_s * rate_hz) + number
        packet.is_keyframe = number % 10 == 0
        container.mux_one(packet)
