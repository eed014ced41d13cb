"""A whole model file of a few hundred bytes that counts bright pixels, for tests of everything."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from monitor.core.manifest import (
    METADATA_KEY,
    Calibration,
    Manifest,
    MeasuredError,
    Novelty,
    TrainingData,
)

BLOCK_PX = 8
PEOPLE_PER_WHITE_BLOCK = 2.0
VARIANCE_PER_WHITE_BLOCK = 0.5


NOVELTY_LIMIT = 0.5


def tiny_manifest(*, has_variance: bool = True, has_novelty: bool = False) -> Manifest:
    """Give the manifest of the tiny model."""
    return Manifest(
        name="bright blocks",
        method="ebc",
        block_px=BLOCK_PX,
        size_multiple=BLOCK_PX,
        has_variance=has_variance,
        calibration=Calibration(variance_factor=4.0, coverage=0.9, pictures=50)
        if has_variance
        else None,
        novelty=Novelty(limit=NOVELTY_LIMIT, false_share=0.02) if has_novelty else None,
        training_data=(TrainingData(name="Nothing", pictures=0, licence="none"),),
        errors=(MeasuredError(split="made up", pictures=3, mae=1.5, rmse=2.0, nae=0.1),),
        software_version="0",
        checkpoint_sha256="0" * 64,
    )


def write_tiny_model(path: Path, *, has_variance: bool = True, has_novelty: bool = False) -> Path:
    """Write a model that finds 2 people in each white block of 8 px, and none in a black one.

    With `has_novelty`, a picture is the more novel the brighter it is, up to 1.
    """
    white = 255.0 * 3 * BLOCK_PX * BLOCK_PX
    nodes = [
        helper.make_node("Cast", ["frames"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("ReduceSum", ["floats", "channels"], ["light"], keepdims=0),
        helper.make_node("Unsqueeze", ["light", "one"], ["planes"]),
        helper.make_node(
            "AveragePool",
            ["planes"],
            ["means"],
            kernel_shape=[BLOCK_PX] * 2,
            strides=[BLOCK_PX] * 2,
        ),
        helper.make_node("Squeeze", ["means", "one"], ["blocks"]),
        helper.make_node("Mul", ["blocks", "people"], ["density"]),
    ]
    # An average over a block is its sum over its pixels' number.
    scale = BLOCK_PX * BLOCK_PX / white
    constants = {
        "channels": np.array([3], dtype=np.int64),
        "one": np.array([1], dtype=np.int64),
        "people": np.array(PEOPLE_PER_WHITE_BLOCK * scale, dtype=np.float32),
    }
    outputs = ["density"]
    if has_variance:
        nodes.append(helper.make_node("Mul", ["blocks", "spread"], ["variance"]))
        constants["spread"] = np.array(VARIANCE_PER_WHITE_BLOCK * scale, dtype=np.float32)
        outputs.append("variance")
    shapes = {"density": ["n", "rows", "columns"], "variance": ["n", "rows", "columns"]}
    if has_novelty:
        nodes.append(
            helper.make_node("ReduceMean", ["blocks"], ["light_mean"], axes=[1, 2], keepdims=0)
        )
        nodes.append(helper.make_node("Mul", ["light_mean", "unit"], ["novelty"]))
        constants["unit"] = np.array(scale, dtype=np.float32)
        outputs.append("novelty")
        shapes["novelty"] = ["n"]
    graph = helper.make_graph(
        nodes,
        "bright blocks",
        [helper.make_tensor_value_info("frames", TensorProto.UINT8, ["n", "h", "w", 3])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes[name]) for name in outputs],
        [onnx.numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    entry = model.metadata_props.add()
    entry.key, entry.value = (
        METADATA_KEY,
        tiny_manifest(has_variance=has_variance, has_novelty=has_novelty).to_json(),
    )
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return path
