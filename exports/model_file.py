"""Write model files whole or not at all, and read them with one sentence on what is wrong.

A file is made in a folder of its own beside the place where it shall stand, opened and proven
there, and moved at the last moment: what stands under the final name always counts as it should.
Weights above two gigabytes, which protobuf cannot hold, stand in a second file beside it. Its name
carries a hash of them, so that a model file never finds the weights of another.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import onnx

from exports.errors import ExportError
from monitor.core.manifest import METADATA_KEY, Manifest, read_manifest

MOST_BYTES = 2**31 - 2**22
"""Weights up to this stand in the model file itself; protobuf's limit, less room for the rest."""

_SMALLEST_EXTERNAL_BYTES = 1024  # shapes and scalars stay in the graph, where tools look for them


@contextmanager
def drafting(path: Path) -> Iterator[Path]:
    """Make a file elsewhere, and move it into place only if all went well.

    Args:
        path: Where it shall stand; an older file there is replaced at the last moment.

    Yields:
        Where to make it: same name, in an empty folder. What stands beside it there moves too.

    Raises:
        ExportError: If the place cannot be written to, or room runs out.
    """
    folder = _folder_beside(path)
    try:
        yield folder / path.name
        _move_into_place(folder, path)
    except OSError as error:
        raise ExportError(_unwritable(path, error)) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def check_place(path: Path) -> None:
    """Find out whether a model file can be made at a place, before long work on it.

    Args:
        path: Where it shall stand.

    Raises:
        ExportError: If it cannot be written there, or the name is no model file's.
    """
    if path.suffix != ".onnx":
        raise ExportError(f"{path}: name a file that ends in .onnx")
    shutil.rmtree(_folder_beside(path), ignore_errors=True)


def write_model(
    model: onnx.ModelProto, manifest: Manifest, path: Path, *, most_bytes: int = MOST_BYTES
) -> None:
    """Write a graph and its manifest, and check what was written.

    Args:
        model: The graph; its weights are taken out of it once they are written, to make room.
        manifest: What it is.
        path: Where to; call this within `drafting`.
        most_bytes: Weights above this go into a second file.

    Raises:
        ExportError: If ONNX finds the graph wrong.
        OSError: If it cannot be written; `drafting` turns this into one sentence.
    """
    _strip_origins(model)
    stamp(model, manifest)
    if sum(len(one.raw_data) for one in model.graph.initializer) > most_bytes:
        onnx.save(
            model,
            str(path),
            save_as_external_data=True,
            location=f"{path.stem}-{_hash_of_weights(model)}.data",
            size_threshold=_SMALLEST_EXTERNAL_BYTES,
        )
    else:
        onnx.save(model, str(path))
    del model.graph.initializer[:]
    try:
        onnx.checker.check_model(str(path), full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ExportError(f"{path.name}: ONNX finds the graph wrong ({error})") from error


def stamp(model: onnx.ModelProto, manifest: Manifest) -> None:
    """Write into a graph what it is, in place of all that it said of itself."""
    model.producer_name = "crowd-monitor"
    model.producer_version = manifest.software_version
    del model.metadata_props[:]
    entry = model.metadata_props.add()
    entry.key, entry.value = METADATA_KEY, manifest.to_json()


def read_model(path: Path, *, with_weights: bool = True) -> tuple[onnx.ModelProto, Manifest]:
    """Read a model file of this project.

    Args:
        path: ONNX file with a manifest.
        with_weights: Whether to read weights that stand in a second file.

    Returns:
        The graph, and what it says of itself.

    Raises:
        ExportError: If there is no file, or it cannot be read as ONNX.
        ManifestError: If it is not of this project, or of an unknown version.
    """
    if not path.is_file():
        raise ExportError(f"{path}: no such file")
    try:
        model = onnx.load(str(path), load_external_data=with_weights)
    except Exception as error:  # protobuf's decode error has no public name that stays
        raise ExportError(f"{path}: cannot be read as ONNX; damaged, or another kind") from error
    if not model.graph.node:
        raise ExportError(f"{path}: cannot be read as ONNX; damaged, or another kind")
    properties = {one.key: one.value for one in model.metadata_props}
    return model, read_manifest(properties.get(METADATA_KEY), origin=path.name)


def files_of(path: Path) -> list[Path]:
    """Name the files that a model is made of: itself, and perhaps its weights."""
    return [path, *sorted(path.parent.glob(_weights_pattern(path)))]


def _folder_beside(path: Path) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise ExportError(f"{path}: is a folder; name a file")
        return Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise ExportError(_unwritable(path, error)) from error


def _move_into_place(folder: Path, path: Path) -> None:
    # Weights first: until the last step the older model file finds the older weights.
    beside = [one for one in folder.iterdir() if one.name != path.name]
    for one in beside:
        one.replace(path.with_name(one.name))
    (folder / path.name).replace(path)
    kept = {one.name for one in beside}
    for stale in path.parent.glob(_weights_pattern(path)):
        if stale.name not in kept:
            stale.unlink(missing_ok=True)


def _weights_pattern(path: Path) -> str:
    return f"{path.stem}-{'[0-9a-f]' * _HASH_DIGITS}.data"


_HASH_DIGITS = 12


def _hash_of_weights(model: onnx.ModelProto) -> str:
    digest = hashlib.sha256()
    for one in model.graph.initializer:
        digest.update(one.raw_data)
    return digest.hexdigest()[:_HASH_DIGITS]


def _unwritable(path: Path, error: OSError) -> str:
    return (
        f"{path}: cannot be written ({error.strerror or error}); nothing was left there; make "
        "room or name another place"
    )


def _strip_origins(model: onnx.ModelProto) -> None:
    """Take out what torch notes of source lines: paths of the machine that made the file."""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output):
        del value.metadata_props[:]
    for function in model.functions:
        for node in function.node:
            del node.metadata_props[:]
    del model.graph.metadata_props[:]
