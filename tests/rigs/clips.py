"""Clips looked into again: what a player would show of them."""

import io
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from monitor.core.arrays import RgbImage
from tests.rigs.encoded import read_number


@dataclass(frozen=True)
class Shown:
    """What a clip shows, and how it is put together."""

    numbers: list[int]
    """Numbers that are drawn into its pictures, in the order in which they are shown."""
    times_s: list[float]
    """When each of them is shown, seconds from the first."""
    is_key_first: bool
    decoded_ticks: list[int]
    """When each packet is decoded."""
    codec: str
    tag: str
    size_wh: tuple[int, int]


def look_into(content: bytes | Path) -> Shown:
    """Decode a clip from its first packet to its last."""
    source = io.BytesIO(content) if isinstance(content, bytes) else str(content)
    with av.open(source) as container:
        stream = container.streams.video[0]
        packets = [one for one in container.demux(stream) if one.size]
        is_key_first = packets[0].is_keyframe
        ticks = [one.dts for one in packets if one.dts is not None]
        context = stream.codec_context
        form = context.name, context.codec_tag, (context.width, context.height)
        container.seek(0)
        frames = list(container.decode(stream))
    numbers = [read_number(one.to_ndarray(format="rgb24")) for one in frames]
    times_s = [float(one.time) for one in frames]
    return Shown(numbers, [one - times_s[0] for one in times_s], is_key_first, ticks, *form)


_OPTIONS = {
    "h264": ("libx264", "x264-params", ""),
    "h265": ("libx265", "x265-params", ":log-level=none:pools=1:frame-threads=1"),
    "mjpeg": ("mjpeg", "", ""),
}


def write_film(
    path: Path,
    pictures: list[RgbImage],
    *,
    codec: str = "h264",
    rate_hz: int = 25,
    key_every: int = 10,
    b_frames: int = 3,
    is_open: bool = False,
) -> Path:
    """Encode pictures as a film; the ending of its name says how it is packed.

    Args:
        path: The file.
        pictures: Pictures of one size.
        codec: h264, h265 or mjpeg.
        rate_hz: Pictures a second.
        key_every: Every how many pictures one stands alone.
        b_frames: Pictures in a row that are built on later ones, too.
        is_open: Whether pictures before a key picture may be built on those before them.
    """
    encoder, name, more = _OPTIONS[codec]
    parameters = f"keyint={key_every}:min-keyint={key_every}:scenecut=0:bframes={b_frames}"
    parameters += f":b-adapt=0:open-gop={int(is_open)}{more}"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(encoder, rate=rate_hz)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        if name:
            stream.options = {"preset": "ultrafast", name: parameters}
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate_hz)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
