"""What a model file says of itself, in words for people."""

from pathlib import Path

import onnx

from exports.errors import ExportError
from monitor.contract.manifest import METADATA_KEY, Manifest, read_manifest


def describe_file(path: Path) -> str:
    """Describe a model file: what it counts, how well, from what data, how large.

    Args:
        path: ONNX file with a manifest.

    Returns:
        Some lines of text.

    Raises:
        ExportError: If the file cannot be read as ONNX.
    """
    if not path.is_file():
        raise ExportError(f"{path}: no such file")
    try:
        model = onnx.load(str(path))
    except Exception as error:  # protobuf's decode error has no public name that stays
        raise ExportError(f"{path}: cannot be read as ONNX; damaged, or another kind") from error
    properties = {one.key: one.value for one in model.metadata_props}
    manifest = read_manifest(properties.get(METADATA_KEY), origin=path.name)
    parameters = sum(
        _elements(tensor) for tensor in model.graph.initializer if tensor.data_type == 1
    )
    operators = sorted({node.op_type for node in model.graph.node})
    lines = [
        f"{manifest.name}: counts {manifest.counts} by {manifest.method}, {manifest.precision}",
        *_ways(manifest),
        *_errors(manifest),
        *(
            f"learned from {one.name}, {one.pictures} pictures; licence: {one.licence}"
            for one in manifest.training_data
        ),
        f"{path.stat().st_size / 1e6:.1f} MB, {parameters / 1e6:.2f} M parameters, "
        f"opset {model.opset_import[0].version}",
        f"operators: {', '.join(operators)}",
        f"written by Crowd Monitor {manifest.software_version} from checkpoint "
        f"{manifest.checkpoint_sha256[:12]}",
    ]
    return "\n".join(lines)


def _ways(manifest: Manifest) -> list[str]:
    sees = (
        "pictures of any size, whole"
        if manifest.window_px is None
        else f"windows of {manifest.window_px} px every {manifest.stride_px} px"
    )
    lines = [f"sees {sees}; blocks of {manifest.block_px} px"]
    if manifest.bins:
        bins = ", ".join(
            f"{one.low}{'+' if one.high is None else ''}→{one.value:.3g}" for one in manifest.bins
        )
        lines.append(f"bins and what they stand for: {bins}")
    if manifest.calibration is not None:
        held = manifest.calibration
        share = "not measured" if held.coverage is None else f"{held.coverage:.0%}"
        lines.append(
            f"{held.level:.0%} interval: variance × {held.variance_factor:.3g}; held the truth on "
            f"{share} of {held.pictures} held-out pictures"
        )
    return lines


def _errors(manifest: Manifest) -> list[str]:
    return [
        f"MAE {one.mae:.2f}, RMSE {one.rmse:.2f}, NAE {one.nae:.1%} on {one.pictures} pictures "
        f"({one.split})"
        for one in manifest.errors
    ]


def _elements(tensor: onnx.TensorProto) -> int:
    total = 1
    for side in tensor.dims:
        total *= side
    return total
