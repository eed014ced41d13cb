"""A small convolutional counter as a graph, built in a blink: for tests of precision and files."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from exports.model_file import stamp, write_model
from monitor.core.manifest import CountBin, Manifest

BLOCK_PX = 8
VALUES = (0.0, 1.0, 2.5)
_WIDTH = 12


def plain_manifest() -> Manifest:
    """Give the manifest of the plain counter."""
    return Manifest(
        name="plain",
        method="ebc",
        block_px=BLOCK_PX,
        size_multiple=BLOCK_PX,
        bins=(
            CountBin(low=0, high=0, value=VALUES[0]),
            CountBin(low=1, high=1, value=VALUES[1]),
            CountBin(low=2, high=None, value=VALUES[2]),
        ),
        has_variance=True,
        software_version="0",
        checkpoint_sha256="0" * 64,
    )


def plain_graph(*, outlier: float = 1.0, seed: int = 0) -> onnx.ModelProto:
    """Build the graph: colors, four layers, softmax over three bins, expectation and variance.

    Args:
        outlier: One feature between the second and third layer is so many times larger than the
            others, which eight bits cannot hold; the third layer takes the factor out again.
        seed: Same seed, same weights.
    """
    draw = np.random.default_rng(seed)
    sizes = {
        "one": (_WIDTH, 3, BLOCK_PX, BLOCK_PX),
        "two": (_WIDTH, _WIDTH, 1, 1),
        "three": (_WIDTH, _WIDTH, 1, 1),
        "scores": (len(VALUES), _WIDTH, 1, 1),
    }
    constants = {}
    for name, size in sizes.items():
        scale = 2.0 / np.sqrt(np.prod(size[1:]))
        constants[f"{name}.weight"] = draw.normal(0, scale, size).astype(np.float32)
        constants[f"{name}.bias"] = draw.normal(0, 0.1, size[0]).astype(np.float32)
    constants["two.weight"][0] *= outlier
    constants["two.bias"][0] = abs(constants["two.bias"][0]) * outlier
    constants["three.weight"][:, 0] /= outlier
    constants |= {
        "mean": np.array([120.0, 115.0, 104.0], np.float32).reshape(1, 3, 1, 1),
        "scale": np.array([0.017], np.float32).reshape(1, 1, 1, 1),
        "values": np.array(VALUES, np.float32).reshape(1, -1, 1, 1),
        "bins": np.array([1], np.int64),
        "square": np.array(2.0, np.float32),
    }

    def layer(name: str, given: str, made: str, stride: int = 1) -> onnx.NodeProto:
        inputs = [given, f"{name}.weight", f"{name}.bias"]
        strides = [stride, stride]
        return helper.make_node("Conv", inputs, [made], name=name, strides=strides)

    nodes = [
        helper.make_node("Transpose", ["frames"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Cast", ["planes"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["floats", "mean"], ["centered"]),
        helper.make_node("Mul", ["centered", "scale"], ["pictures"]),
        layer("one", "pictures", "a", BLOCK_PX),
        helper.make_node("Relu", ["a"], ["b"]),
        layer("two", "b", "c"),
        helper.make_node("Relu", ["c"], ["d"]),
        layer("three", "d", "e"),
        helper.make_node("Add", ["e", "b"], ["sum"]),
        helper.make_node("Relu", ["sum"], ["f"]),
        layer("scores", "f", "logits"),
        helper.make_node("Softmax", ["logits"], ["chances"], axis=1),
        helper.make_node("Mul", ["chances", "values"], ["shares"]),
        helper.make_node("ReduceSum", ["shares", "bins"], ["density"], keepdims=0),
        helper.make_node("Unsqueeze", ["density", "bins"], ["again"]),
        helper.make_node("Sub", ["values", "again"], ["apart"]),
        helper.make_node("Pow", ["apart", "square"], ["squares"]),
        helper.make_node("Mul", ["chances", "squares"], ["weighted"]),
        helper.make_node("ReduceSum", ["weighted", "bins"], ["variance"], keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "plain",
        [helper.make_tensor_value_info("frames", TensorProto.UINT8, ["n", "h", "w", 3])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", "rows", "columns"])
            for name in ("density", "variance")
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def write_plain(path: Path, *, outlier: float = 1.0, seed: int = 0) -> Path:
    """Write the plain counter as a model file."""
    write_model(plain_graph(outlier=outlier, seed=seed), plain_manifest(), path)
    return path


def write_engine(path: Path) -> Path:
    """Write a file as ONNX Runtime writes one around an engine; the engine itself is made up."""
    node = helper.make_node(
        "EPContext",
        ["frames"],
        ["density", "variance"],
        domain="com.microsoft",
        embed_mode=1,
        ep_cache_context=b"\x00engine" * 50_000,
    )
    graph = helper.make_graph(
        [node],
        "engine",
        [helper.make_tensor_value_info("frames", TensorProto.UINT8, ["n", "h", "w", 3])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", "r", "c"])
            for name in ("density", "variance")
        ],
    )
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    stamp(model, plain_manifest())
    onnx.save(model, str(path))
    return path
