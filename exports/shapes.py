"""The shape and kind of every value in a graph, worked out without its weights.

Weights are the bulk of a graph and say nothing of shapes beyond their own, and protobuf cannot
hand more than two gigabytes to the inference; so they stay behind.
"""

import onnx
from onnxscript.optimizer import fold_constants

_SMALL = 1024  # elements; constants up to this may be shapes that the inference must read


def inferred(
    model: onnx.ModelProto, *, frames_nhwc: tuple[int, int, int, int] | None = None
) -> onnx.GraphProto:
    """Work out shapes and kinds of all values of a graph.

    Args:
        model: The graph; it stays as it is.
        frames_nhwc: Shape to assume for its input; None: as it is, free sides stay free.

    Returns:
        The graph without its large weights, with `value_info` for what could be worked out;
        without the nodes that only say sizes, where the input's are given.
    """
    bare = onnx.ModelProto(ir_version=model.ir_version)
    bare.opset_import.extend(model.opset_import)
    bare.functions.extend(model.functions)
    graph = bare.graph
    graph.name = model.graph.name
    graph.node.extend(model.graph.node)
    graph.input.extend(model.graph.input)
    graph.output.extend(model.graph.output)
    for one in model.graph.initializer:
        elements = 1
        for side in one.dims:
            elements *= side
        if elements <= _SMALL:
            graph.initializer.append(one)
        else:
            graph.input.append(
                onnx.helper.make_tensor_value_info(one.name, one.data_type, list(one.dims))
            )
    if frames_nhwc is not None:
        sides = graph.input[0].type.tensor_type.shape.dim
        for side, value in zip(sides, frames_nhwc, strict=True):
            side.dim_value = value
        for output in graph.output:
            output.type.tensor_type.ClearField("shape")
        # Sizes that the graph itself computes from its input's, such as those of an enlarged
        # picture, become constants.
        bare = onnx.shape_inference.infer_shapes(bare, data_prop=True)
        fold_constants(bare, onnx_shape_inference=True)
    return onnx.shape_inference.infer_shapes(bare, data_prop=True).graph
