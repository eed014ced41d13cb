"""Tell files that hold an engine for one kind of graphics card from those that run anywhere."""

from pathlib import Path

from monitor.core.errors import ModelError

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
