"""What a model file may make the program read, on files that the `onnx` package writes."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from monitor.core.errors import ModelError
from monitor.inference.files import ExternalData, check_files, external_data
from monitor.inference.model import load_model
from tests.rigs.tiny_model import write_tiny_model


def outside(location: str, *, offset: int = 0, length: int = 4) -> TensorProto:
    """Make a tensor whose values lie in another file."""
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1])
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", offset), ("length", length)):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, str(value)
    return tensor


def in_initializer(tensor: TensorProto) -> onnx.ModelProto:
    return helper.make_model(helper.make_graph([], "g", [], [], [tensor]))


def in_constant(tensor: TensorProto) -> onnx.ModelProto:
    node = helper.make_node("Constant", [], ["w"], value=tensor)
    return helper.make_model(helper.make_graph([node], "g", [], []))


def in_branch(tensor: TensorProto) -> onnx.ModelProto:
    branch = helper.make_graph([], "branch", [], [], [tensor])
    node = helper.make_node("If", ["c"], ["w"], then_branch=branch, else_branch=branch)
    return helper.make_model(helper.make_graph([node], "g", [], []))


def in_function(tensor: TensorProto) -> onnx.ModelProto:
    node = helper.make_node("Constant", [], ["w"], value=tensor)
    function = helper.make_function("d", "f", [], ["w"], [node], [helper.make_opsetid("", 17)])
    model = helper.make_model(helper.make_graph([], "g", [], []))
    model.functions.append(function)
    return model


def in_sparse(tensor: TensorProto) -> onnx.ModelProto:
    indices = onnx.numpy_helper.from_array(np.array([0], dtype=np.int64))
    graph = helper.make_graph([], "g", [], [])
    sparse = graph.sparse_initializer.add()
    sparse.values.CopyFrom(tensor)
    sparse.indices.CopyFrom(indices)
    sparse.dims.append(1)
    return helper.make_model(graph)


PLACES = [in_initializer, in_constant, in_branch, in_function, in_sparse]


def written(folder: Path, model: onnx.ModelProto) -> Path:
    path = folder / "m.onnx"
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize("make", PLACES)
def test_every_place_for_a_tensor_is_looked_at(tmp_path: Path, make) -> None:
    """Weights, constants, branches, functions, sparse weights."""
    path = written(tmp_path, make(outside("w.bin", offset=8, length=4)))

    assert set(external_data(path)) == {ExternalData("w.bin", 8, 4)}


@pytest.mark.parametrize("make", PLACES)
@pytest.mark.parametrize(
    "location",
    ["/etc/passwd", "../secret.bin", "a/../../secret.bin", "C:\\secret", "\\\\host\\share\\x",
     "..\\secret.bin", "", "~/../x", "C:x"],
)  # fmt: skip
def test_nothing_outside_the_folder_is_read(tmp_path: Path, make, location: str) -> None:
    """The model is refused before anything is opened, on every system alike."""
    with pytest.raises(ModelError, match=r"m\.onnx"):
        check_files(written(tmp_path, make(outside(location))))


def test_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    """Its path looks harmless."""
    secret = tmp_path / "secret.bin"
    secret.write_bytes(b"1234")
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "w.bin").symlink_to(secret)

    with pytest.raises(ModelError, match="link that leads elsewhere"):
        check_files(written(folder, in_initializer(outside("w.bin"))))


def test_a_data_file_must_be_whole(tmp_path: Path) -> None:
    """Missing or cut short is told; whole, in a folder of the model's own, is fine."""
    path = written(tmp_path, in_initializer(outside("data/w.bin", offset=4, length=8)))
    with pytest.raises(ModelError, match="is missing"):
        check_files(path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "w.bin").write_bytes(b"x" * 11)
    with pytest.raises(ModelError, match="too short"):
        check_files(path)
    (tmp_path / "data" / "w.bin").write_bytes(b"x" * 12)

    check_files(path)


def test_two_places_of_one_tensor_are_both_looked_at(tmp_path: Path) -> None:
    """Whichever a reader takes, it must not lead out."""
    tensor = outside("/etc/passwd")
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "w.bin"
    (tmp_path / "w.bin").write_bytes(b"1234")

    with pytest.raises(ModelError, match="passwd"):
        check_files(written(tmp_path, in_initializer(tensor)))


def test_a_model_in_one_file_is_fine(tmp_path: Path) -> None:
    """As ours are."""
    check_files(write_tiny_model(tmp_path / "m.onnx"))


@pytest.mark.parametrize("content", [b"", b"\xff" * 20, b"\x3a\x7f", b"no model", b"\x0f"])
def test_what_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    """Empty, a number without end, a length beyond the file, text, a kind that is not."""
    path = tmp_path / "m.onnx"
    path.write_bytes(content)

    with pytest.raises(ModelError, match="damaged or no ONNX"):
        check_files(path)


def test_what_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    """A file with a hole of 3 GB takes no room and is not read."""
    path = tmp_path / "m.onnx"
    with path.open("wb") as file:
        file.truncate(3 * 2**30)

    with pytest.raises(ModelError, match="larger than 2 GB"):
        check_files(path)


def field(number: int, content: bytes) -> bytes:
    """Write a field that holds bytes, by the rules of protocol buffers."""
    size, length = len(content), bytearray()
    while size >= 128:
        length.append(size & 127 | 128)
        size >>= 7
    return bytes([number << 3 | 2, *length, size]) + content


def test_graphs_without_end_are_refused(tmp_path: Path) -> None:
    """Graph in attribute in node in graph, a hundred times."""
    content = b""
    for _ in range(100):
        content = field(1, field(5, field(6, content)))
    path = tmp_path / "m.onnx"
    path.write_bytes(field(7, content))

    with pytest.raises(ModelError, match="damaged"):
        check_files(path)


@settings(max_examples=200)
@given(data=st.data())
def test_any_damage_is_borne(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Any bytes: an answer or a refusal, nothing else."""
    content = bytearray(in_branch(outside("w.bin")).SerializeToString())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.onnx"
    path.write_bytes(content)

    with suppress(ModelError):
        check_files(path)


def test_opening_a_model_checks_its_files(tmp_path: Path) -> None:
    """Nobody can forget it."""
    path = written(tmp_path, in_initializer(outside("/etc/passwd")))

    with pytest.raises(ModelError, match="outside its folder"):
        load_model(path)
