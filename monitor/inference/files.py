"""Model files on disk: those that are shipped, what kind each is, and what it may make us read.

An ONNX file may keep its weights in other files and names them by path. A model that somebody sends
could name any file of this machine that way, so every path in it is checked before ONNX Runtime
opens it. Only the few fields that hold such paths are read here, straight from the protocol
buffers: the run-time does not need the `onnx` package for it.
"""

import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from monitor.core.errors import ModelError

LARGEST_BYTES = 2**31
"""Protocol buffers hold no more; what is larger is no ONNX file."""
_DEEPEST = 64
"""Graphs within graphs: an `If` within a `Loop` is two. Deeper ones are made to break readers."""

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_FIXED_BYTES = {_FIXED64: 8, _FIXED32: 4}
_LONGEST_VARINT = 10

_TENSOR_EXTERNAL_DATA = 13
_ENTRY_KEY, _ENTRY_VALUE = 1, 2

# Source: onnx.proto. Which fields of a message lead to tensors, by number.
_INNER: Mapping[str, Mapping[int, str]] = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}


@dataclass(frozen=True, slots=True)
class ExternalData:
    """Where a tensor's values lie."""

    location: str
    """Path as written in the model file."""
    offset: int = 0
    """Bytes before the values."""
    length: int = 0
    """Bytes of the values; 0: to the end of the file."""


class _BrokenError(ValueError):
    """The bytes are no protocol buffers."""


def check_files(path: Path) -> None:
    """Refuse a model file that is too large, damaged, or names files that it must not read.

    Args:
        path: An existing file.

    Raises:
        ModelError: If it must not be opened; the text says why.
    """
    if path.stat().st_size >= LARGEST_BYTES:
        raise ModelError(f"{path.name}: is larger than 2 GB, which no ONNX file is")
    try:
        found = set(external_data(path))
    except (_BrokenError, OSError, ValueError) as error:
        raise ModelError(f"{path.name}: the file is damaged or no ONNX model") from error
    for one in found:
        _check_data_file(path, one)


def external_data(path: Path) -> Iterator[ExternalData]:
    """List the places outside a model file where its tensors' values lie.

    Args:
        path: An ONNX file.

    Yields:
        Each place, as written.

    Raises:
        ValueError: If the file is empty or its bytes are no protocol buffers.
    """
    with path.open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    yield from _in_message(memoryview(content), "model", 0)


def _check_data_file(model: Path, data: ExternalData) -> None:
    advice = "ask whoever made it for a model in one file"
    location = data.location
    parts = (*PurePosixPath(location).parts, *PureWindowsPath(location).parts)
    is_whole = PurePosixPath(location).is_absolute() or PureWindowsPath(location).anchor
    if not location or "\0" in location or is_whole or ".." in parts:
        raise ModelError(f"{model.name}: wants to read {location!r}, outside its folder; {advice}")
    folder = model.parent.resolve()
    found = (folder / location).resolve()
    if not found.is_relative_to(folder):
        raise ModelError(f"{model.name}: {location!r} is a link that leads elsewhere; {advice}")
    if not found.is_file():
        raise ModelError(f"{model.name}: its data file {location!r} is missing; copy it beside it")
    if data.offset + data.length > found.stat().st_size:
        raise ModelError(f"{model.name}: its data file {location!r} is too short; copy it again")


def _in_message(message: memoryview, kind: str, depth: int) -> Iterator[ExternalData]:
    if depth > _DEEPEST:
        raise _BrokenError("too deep")
    inner = _INNER[kind]
    entries: dict[str, str] = {}
    for number, value in _fields(message):
        if kind == "tensor" and number == _TENSOR_EXTERNAL_DATA:
            key, text = _entry(value)
            if key == "location" and key in entries:
                yield _data_of(entries)  # two places: neither may be a way out
            entries[key] = text
        elif number in inner:
            yield from _in_message(value, inner[number], depth + 1)
    if entries:
        yield _data_of(entries)


def _data_of(entries: Mapping[str, str]) -> ExternalData:
    offset, length = entries.get("offset", "0"), entries.get("length", "0")
    if not (offset.isdecimal() and length.isdecimal()):
        raise _BrokenError("an offset is no number")
    return ExternalData(entries.get("location", ""), int(offset), int(length))


def _entry(message: memoryview) -> tuple[str, str]:
    found = {number: bytes(value).decode() for number, value in _fields(message)}
    return found.get(_ENTRY_KEY, ""), found.get(_ENTRY_VALUE, "")


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Give the fields of a message that hold bytes; numbers are passed over."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        number, wire = tag >> 3, tag & 7
        if wire == _LENGTH:
            length, place = _varint(message, place)
            if length > len(message) - place:
                raise _BrokenError("a field ends beyond its message")
            yield number, message[place : place + length]
            place += length
        elif wire == _VARINT:
            _, place = _varint(message, place)
        elif wire in _FIXED_BYTES:
            place += _FIXED_BYTES[wire]
        else:
            raise _BrokenError("a field of no known kind")


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for index in range(_LONGEST_VARINT):
        if place + index >= len(message):
            break
        byte = message[place + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, place + index + 1
    raise _BrokenError("a number has no end")


_MARK = b"EPContext"
"""Operator that wraps an engine in an ONNX file; it stands before the engine's bytes."""

_HEAD_BYTES = 1 << 16


def holds_engine(path: Path) -> bool:
    """Whether a model file wraps an engine instead of a network; reads its first bytes alone."""
    with path.open("rb") as file:
        return _MARK in file.read(_HEAD_BYTES)


def provider_for(path: Path, asked: str, *, is_tensorrt_here: bool) -> str:
    """Choose where a file shall run: an engine runs on TensorRT only.

    Args:
        path: An existing model file.
        asked: What was asked for; `auto` leaves the choice.
        is_tensorrt_here: Whether the installed ONNX Runtime offers TensorRT.

    Returns:
        What to ask for: as asked, or `tensorrt` for an engine.

    Raises:
        ModelError: If the file holds an engine that cannot run where it is asked for.
    """
    if not holds_engine(path):
        return asked
    if asked in {"auto", "tensorrt"} and is_tensorrt_here:
        return "tensorrt"
    where = "here, where ONNX Runtime has no TensorRT" if asked == "auto" else f"on '{asked}'"
    raise ModelError(
        f"{path.name}: holds a TensorRT engine for one kind of graphics card, which cannot run "
        f"{where}; use the model file that it was made from"
    )


DEFAULT_MODEL = "crowd-small.onnx"


def models_folder() -> Path:
    """Give the folder of the model files that come with the program.

    Returns:
        `assets/models` beside the packages in a checkout, or inside the package where the program
        was installed from a wheel.
    """
    package = Path(__file__).resolve().parents[1]
    checkout = package.parent / "assets" / "models"
    return checkout if checkout.is_dir() else package / "_assets" / "models"


def shipped_models() -> tuple[Path, ...]:
    """List the model files that come with the program, by name."""
    return tuple(sorted(models_folder().glob("*.onnx")))


def default_model() -> Path:
    """Give the model file that is used when nobody names one.

    Returns:
        Path of an existing file.

    Raises:
        ModelError: If the program was installed without it.
    """
    path = models_folder() / DEFAULT_MODEL
    if not path.is_file():
        raise ModelError(
            f"{DEFAULT_MODEL} did not come with this installation; name a model file with --model"
        )
    return path
