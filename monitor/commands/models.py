"""`crowd-monitor models`: which models there are, and what each says of itself."""

from pathlib import Path

from rich.table import Table

from monitor.commands.exits import DONE, INPUT_FAILED
from monitor.commands.screen import notes, results, tell_failure
from monitor.contract.manifest import Manifest
from monitor.errors import ModelError
from monitor.inference.model import load_model
from monitor.inference.shipped import models_folder, shipped_models


def list_models() -> int:
    """List the models that come with the program; gives the exit code."""
    paths = shipped_models()
    if not paths:
        notes().print(f"crowd-monitor: no models in {models_folder()}; name one with --model")
        return INPUT_FAILED
    table = Table(box=None, pad_edge=False)
    for column in ("file", "name", "method", "counts", "mean error", "measured on"):
        table.add_column(column, overflow="fold")
    faults = []
    for path in paths:
        try:
            manifest = load_model(path, provider="cpu").manifest
        except ModelError as error:
            faults.append(error)
            continue
        best = manifest.errors[0] if manifest.errors else None
        error_text = "not measured" if best is None else f"{best.mae:.1f}"
        split = "" if best is None else best.split
        table.add_row(path.name, manifest.name, manifest.method, manifest.counts, error_text, split)
    results().print(table)
    for fault in faults:
        tell_failure(fault)
    return INPUT_FAILED if faults else DONE


def show_model(path: Path, *, is_json: bool) -> int:
    """Show what a model file says of itself.

    Args:
        path: The file, or the name of one that comes with the program.
        is_json: Whether to give the manifest as JSON.

    Returns:
        Exit code.
    """
    shipped = models_folder() / path.name
    found = shipped if not path.exists() and shipped.is_file() else path
    try:
        model = load_model(found)
    except ModelError as error:
        tell_failure(error)
        return INPUT_FAILED
    if is_json:
        results().print(model.manifest.to_json())
        return DONE
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in facts_of(model.manifest):
        table.add_row(name, value)
    table.add_row("runs here on", model.provider)
    results().print(table)
    return DONE


def facts_of(manifest: Manifest) -> list[tuple[str, str]]:
    """Put a manifest into words.

    Args:
        manifest: What a model file says of itself.

    Returns:
        Names and values, in the order in which they matter.
    """
    window = "any size, whole"
    if manifest.window_px is not None:
        window = f"windows of {manifest.window_px} px every {manifest.stride_px} px"
    facts = [
        ("name", manifest.name),
        ("method", manifest.method),
        ("counts", manifest.counts),
        ("block", f"{manifest.block_px} px"),
        ("pictures", f"{window}; sides filled up to multiples of {manifest.size_multiple} px"),
        ("scale", manifest.input_scale),
        ("precision", manifest.precision),
        ("made with", f"version {manifest.software_version}"),
    ]
    facts += [("trained on", line) for line in training_lines(manifest)]
    facts += [("error", line) for line in error_lines(manifest)]
    facts.append(("interval", interval_line(manifest)))
    if manifest.prompts:
        facts.append(("prompts", "; ".join(manifest.prompts)))
    return facts


def training_lines(manifest: Manifest) -> list[str]:
    """Say what a model learned from, a line for each set of pictures."""
    return [
        f"{one.name}: {one.pictures} pictures ({one.licence})" for one in manifest.training_data
    ] or ["not said in the model file"]


def error_lines(manifest: Manifest) -> list[str]:
    """Say what a model gets wrong, a line for each set of pictures that it was measured on."""
    return [
        f"{one.split}, {one.pictures} pictures: mean absolute error {one.mae:.1f}, "
        f"RMSE {one.rmse:.1f}, {100 * one.nae:.0f} % of the true number"
        for one in manifest.errors
    ] or ["not measured"]


def interval_line(manifest: Manifest) -> str:
    """Say how far the interval of a model's counts can be trusted."""
    calibration = manifest.calibration
    if calibration is None:
        return "none: the model does not say how sure it is"
    promised = f"{100 * calibration.level:.0f} %"
    if calibration.coverage is None:
        return f"meant to hold in {promised} of pictures; not measured"
    return (
        f"meant to hold in {promised} of pictures; held in {100 * calibration.coverage:.0f} % of "
        f"{calibration.pictures}"
    )
