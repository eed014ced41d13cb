"""What a model file says of itself, for people: its tables, and the model card beside it."""

from collections.abc import Sequence
from pathlib import Path

from exports.model_file import files_of, read_model
from exports.onnx_graph import PICTURE_HW, Facts, facts_of, intake_of
from exports.verify import Comparison
from monitor.core.manifest import Manifest
from monitor.inference.model import Intake

TWO_CORES_PER_S = 65e9
"""Multiplications a second that ONNX Runtime does in fp32 on two cores of a server, about: what
the shipped model does there (3.9 billion in 55 to 65 ms, docs/models.md)."""


def describe_file(path: Path) -> str:
    """Describe a model file: what it counts, how well, from what data, how large, how fast.

    Args:
        path: ONNX file with a manifest.

    Returns:
        Some lines of text.

    Raises:
        ExportError: If the file cannot be read as ONNX.
        ManifestError: If it is not of this project.
    """
    model, manifest = read_model(path)
    size = sum(one.stat().st_size for one in files_of(path))
    facts = facts_of(model, manifest)
    operators = ", ".join(f"{name} {count}" for name, count in facts.operators.items())
    lines = [
        f"{manifest.name}: counts {manifest.counts} by {manifest.method}, {manifest.precision}",
        *ways(manifest, intake_of(model)),
        *errors(manifest),
        *(
            f"learned from {one.name}, {one.pictures} pictures; licence: {one.licence}"
            for one in manifest.training_data
        ),
        f"{size / 1e6:.1f} MB, {facts.parameters / 1e6:.2f} M parameters, opset {facts.opset}",
        work(facts),
        f"operators: {operators}",
        f"written by Crowd Monitor {manifest.software_version} from checkpoint "
        f"{manifest.checkpoint_sha256[:12]}",
    ]
    return "\n".join(lines)


def ways(manifest: Manifest, intake: Intake) -> list[str]:
    """Say how a model looks at pictures and what its numbers stand for."""
    lines = [
        f"sees {_sees(manifest, intake)}; blocks of {manifest.block_px} px",
        f"scale: {manifest.input_scale}",
    ]
    if intake.batch is not None:
        lines.append(f"takes {intake.batch} at once, always")
    if manifest.bins:
        bins = ", ".join(
            f"{one.low}{'+' if one.high is None else ''}→{one.value:.3g}" for one in manifest.bins
        )
        lines.append(f"bins and what they stand for: {bins}")
    if manifest.prompts:
        lines.append(f"sentences compared with: {'; '.join(manifest.prompts)}")
    if manifest.calibration is not None:
        held = manifest.calibration
        share = "not measured" if held.coverage is None else f"{held.coverage:.0%}"
        lines.append(
            f"{held.level:.0%} interval: variance of the count = {held.law}; held the truth "
            f"on {share} of {held.pictures} held-out pictures"
        )
    elif not manifest.has_variance:
        lines.append("counts come without an interval: the method has none")
    if manifest.novelty is not None:
        lines.append(
            f"calls a count unreliable where novelty is above {manifest.novelty.limit:.2f}, as on "
            f"{manifest.novelty.false_share:.1%} of known pictures"
        )
    return lines


def errors(manifest: Manifest) -> list[str]:
    """Say what a model gets wrong, one line for each set of pictures."""
    return [
        f"MAE {one.mae:.2f}, RMSE {one.rmse:.2f}, NAE {one.nae:.1%} on {one.pictures} pictures "
        f"({one.split})"
        for one in manifest.errors
    ]


def work(facts: Facts) -> str:
    """Say how much work a picture is, and how long that takes about."""
    height, width = PICTURE_HW
    cut = "" if facts.runs == 1 else f" in {facts.runs} runs"
    if facts.multiplications is None:
        return f"a {width}x{height} picture{cut}: work unknown, `exports bench` measures it"
    expected_ms = 1000 * facts.multiplications / TWO_CORES_PER_S
    return (
        f"a {width}x{height} picture{cut} is {facts.multiplications / 1e9:.2f} billion "
        f"multiply-adds: expect about {expected_ms:.0f} ms on two server cores in fp32 "
        "(`exports bench` measures)"
    )


def _sees(manifest: Manifest, intake: Intake) -> str:
    if manifest.window_px is not None:
        return f"windows of {manifest.window_px} px every {manifest.stride_px} px"
    if intake.fixed_hw is not None:
        height, width = intake.fixed_hw
        return f"pictures of {width}x{height} px; others are filled up or cut"
    return "pictures of any size, whole"


_UNSTATED = "not stated in the checkpoint"


def card_path(path: Path) -> Path:
    """Name the card of a model file."""
    return path.with_name(f"{path.stem}.card.md")


def write_card(
    path: Path,
    manifest: Manifest,
    facts: Facts,
    *,
    intake: Intake,
    proof: Sequence[Comparison],
    made: Sequence[str],
) -> None:
    """Write the card of a model file.

    Args:
        path: The model file; the card stands beside it.
        manifest: What it is.
        facts: What its graph is made of.
        intake: What it takes at once.
        proof: The file against what it was made from.
        made: How it was made, one sentence each.

    Raises:
        OSError: If it cannot be written.
    """
    parts = [
        f"# {manifest.name}",
        f"Counts {manifest.counts} by {manifest.method}, in {manifest.precision}. "
        f"File: `{path.name}`.",
        "## What it learned from",
        *(
            f"- {one.name}: {one.pictures} pictures. Licence: {one.licence}."
            for one in manifest.training_data
        ),
        *([] if manifest.training_data else [f"- {_UNSTATED}."]),
        "## How wrong it is",
        *(f"- {one}." for one in errors(manifest)),
        *(
            []
            if manifest.errors
            else [f"- {_UNSTATED}; measure with `python -m training.evaluate`."]
        ),
        *_reduced(manifest),
        "## How it counts",
        *(f"- {one}" for one in ways(manifest, intake)),
        "## How much work it is",
        f"- {facts.parameters / 1e6:.2f} million parameters, opset {facts.opset}.",
        f"- {work(facts)}.",
        "## Limits",
        *(f"- {one}" for one in _limits(manifest)),
        "## How it was made",
        *(f"- {one}" for one in made),
        f"- Written by Crowd Monitor {manifest.software_version} from a checkpoint with SHA-256 "
        f"`{manifest.checkpoint_sha256}`.",
        "## Proof",
        *_proof(proof),
    ]
    card_path(path).write_text(_spaced(parts), encoding="utf-8")


def _reduced(manifest: Manifest) -> list[str]:
    if manifest.precision == "fp32":
        return []
    return [
        "- These errors are of the same network in full precision; how far this file is from it "
        "stands under Proof and under How it was made."
    ]


def _limits(manifest: Manifest) -> list[str]:
    limits = [
        "Decision support, not a safety system: counts are estimates.",
        "On pictures unlike those it learned from (night, rain, fisheye, other heights), errors "
        "are larger than those above.",
    ]
    if manifest.bins:
        limits.append(
            f"A block of {manifest.block_px} px never counts as more than "
            f"{manifest.bins[-1].value:.3g} {manifest.counts}."
        )
    if manifest.calibration is None:
        limits.append("Counts come without an interval.")
    return limits


def _proof(proof: Sequence[Comparison]) -> list[str]:
    rows = [
        f"| {one.size_hw[1]}x{one.size_hw[0]} | {one.count_reference:.3f} | {one.count_file:.3f} "
        f"| {one.relative:.1e} | {one.worst_block:.1e} |"
        for one in proof
    ]
    head = "| picture | count before | count of this file | relative | worst block |"
    return [
        "Pictures made by rule or drawn, through what the file was made from and through the file.",
        "\n".join([head, "|---|---:|---:|---:|---:|", *rows]),
    ]


def _spaced(parts: Sequence[str]) -> str:
    text = ""
    for before, part in zip(["", *parts], parts, strict=False):
        is_list = before.startswith("- ") and part.startswith("- ")
        text += ("\n" if is_list else "\n\n" if text else "") + part
    return text + "\n"
