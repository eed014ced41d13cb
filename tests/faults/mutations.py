"""Bytes and site files that nobody would write on purpose."""

import io
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any

import av
from hypothesis import strategies as st

from monitor.core.errors import SettingsError, SourceError
from monitor.settings import site_file
from monitor.video.address import FileAddress
from monitor.video.decoding import DamageGate, PictureNumbers, decode
from monitor.video.file import FileSource
from tests.rigs.clock import ManualClock
from tests.rigs.encoded import encode_units, numbered_pictures, transport_stream

SIZE_WH = (256, 32)  # the smallest that holds a number

Edit = tuple[int, int, bytes]
"""A place in per mille of the whole, how many bytes are taken out there, and what is put in."""

edits = st.lists(
    st.tuples(st.integers(0, 999), st.integers(0, 40), st.binary(max_size=40)),
    min_size=1,
    max_size=6,
)
"""A few wounds."""


def wounded(data: bytes, wounds: Sequence[Edit]) -> bytes:
    """Give bytes with some of them replaced, taken out, or put in."""
    for place, taken, put in wounds:
        begin = place * len(data) // 1000
        data = data[:begin] + put + data[begin + taken :]
    return data


class MutatedStreams:
    """Plays broken streams as the app would."""

    def __init__(self, folder: Path) -> None:
        """Encode a few pictures in each way."""
        pictures = numbered_pictures(6, SIZE_WH)
        self._path = folder / "broken.ts"
        self.films = [
            transport_stream(pictures),
            transport_stream(pictures, codec="h265"),
            b"".join(encode_units(pictures, rate_hz=10)),
            _matroska(pictures),
        ]
        self.units = encode_units(pictures, rate_hz=10, key_every=3)

    def play(self, film: int, wounds: Sequence[Edit]) -> None:
        """Play a broken film to its end; only an error for people may come out."""
        self._path.write_bytes(wounded(self.films[film], wounds))
        address = FileAddress("broken", self._path, is_looped=False)
        source = FileSource(address, pace=False, clock=ManualClock())
        try:
            for frame in source.frames(Event()):
                frame.picture.to_rgb()
        except SourceError as error:
            _is_in_words(error)

    def decode_packets(self, broken: int, wounds: Sequence[Edit]) -> None:
        """Decode packets of which one is broken; nothing at all may come out but frames."""
        units = list(self.units)
        units[broken % len(units)] = wounded(units[broken % len(units)], wounds)
        packets = _Packets(units)
        for frame, _ in decode(packets, packets, DamageGate(), Event()):  # type: ignore[arg-type]
            assert frame is None or frame.width > 0
        numbers = PictureNumbers(units[0])
        for unit in units:
            numbers.misses_picture(unit)


class _Packets:
    """Stands for a container and its stream; the decoder behind it is real."""

    index = 0

    def __init__(self, units: Sequence[bytes]) -> None:
        self._units = units
        self.codec_context = av.CodecContext.create("h264", "r")

    def demux(self) -> Any:  # packets of PyAV with one field more
        for unit in self._units:
            yield _Packet(unit, self.codec_context)


class _Packet:
    stream_index = 0
    is_corrupt = False

    def __init__(self, data: bytes, decoder: av.CodecContext) -> None:
        self._data = data
        self._decoder = decoder

    def __bytes__(self) -> bytes:
        return self._data

    def decode(self) -> Any:  # frames, as PyAV's packet gives them
        return self._decoder.decode(av.Packet(self._data))


def _matroska(pictures: Sequence[Any]) -> bytes:
    film = io.BytesIO()
    with av.open(film, "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = *SIZE_WH, "yuv420p"
        stream.options = {"preset": "ultrafast"}
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return film.getvalue()


GOOD_SITE = """version = 1
[model]
provider = "cpu"
[store]
[status]
port = 0
[[camera]]
name = "Gate 1"
source = "synthetic:plaza?people=3"
count_hz = 2.0
stale_after_s = 3
[camera.limit]
high = 100
[[camera]]
name = "Gate 2"
source = "rtsp://op@10.0.0.7/live"
password_env = "GATE"
"""

_keys = st.sampled_from(
    ["name", "source", "count_hz", "camera", "model", "version", "limit", "high", "port", "zzz"]
)
_values = st.sampled_from(
    [
        "1",
        "-1",
        "0",
        "nan",
        "inf",
        '""',
        '"x"',
        "[]",
        "{}",
        "true",
        "1e400",
        "2030-01-01",
        '"\\u0000"',
    ]
)
site_texts = st.one_of(
    st.text(max_size=200),
    st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")),
    edits.map(lambda wounds: wounded(GOOD_SITE.encode(), wounds).decode("latin-1")),
    st.lists(
        st.one_of(
            st.builds("{} = {}".format, _keys, _values),
            st.builds("[{}]".format, _keys),
            st.builds("[[{}]]".format, _keys),
        ),
        max_size=12,
    ).map("\n".join),
)
"""Site files: text, rubbish, the good one with wounds, and tables that fit nowhere."""


def read_site(path: Path, text: str) -> bool:
    """Read a site file; only an error for people may come out. Says whether it was taken."""
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        site_file.read_site(path)
    except SettingsError as error:
        _is_in_words(error)
        return False
    return True


def _is_in_words(error: Exception) -> None:
    assert str(error).strip(), "an error for people says something"
