"""The model card: what must be known of a file before it is trusted, as Markdown beside it."""

from collections.abc import Sequence
from pathlib import Path

from exports.facts import Facts
from exports.information import errors, ways, work
from exports.verify import Comparison
from monitor.core.manifest import Manifest
from monitor.inference.intake import Intake

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
