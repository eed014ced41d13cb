"""`crowd-monitor models`: which models there are, what each says of itself, which one counts."""

from pathlib import Path

from rich.table import Table

from monitor.cli.exits import DONE, INPUT_FAILED
from monitor.cli.model_library import (
    choose_model,
    find_model,
    known_models,
    pull,
    usual_model,
)
from monitor.cli.screen import notes, results, tell_failure
from monitor.core.errors import ModelError
from monitor.core.manifest import Manifest
from monitor.inference.model import load_model
from monitor.inference.shipped import models_folder
from monitor.settings.writing import set_model_path


def list_models() -> int:
    """List the models that came with the program or were pulled; gives the exit code."""
    paths = known_models()
    if not paths:
        notes().print(f"crowd-monitor: no models in {models_folder()}; name one with --model")
        return INPUT_FAILED
    table = Table(box=None, pad_edge=False)
    for column in ("", "file", "name", "method", "counts", "mean error", "measured on"):
        table.add_column(column, overflow="fold")
    faults = []
    usual = _usual_or_none()
    for path in paths:
        try:
            manifest = load_model(path, provider="cpu").manifest
        except ModelError as error:
            faults.append(error)
            continue
        best = manifest.errors[0] if manifest.errors else None
        error_text = "not measured" if best is None else f"{best.mae:.1f}"
        split = "" if best is None else best.split
        mark = "*" if usual is not None and path.resolve() == usual.resolve() else ""
        table.add_row(
            mark, path.name, manifest.name, manifest.method, manifest.counts, error_text, split
        )
    results().print(table)
    for fault in faults:
        tell_failure(fault)
    return INPUT_FAILED if faults else DONE


def _usual_or_none() -> Path | None:
    try:
        return usual_model()
    except ModelError as error:
        tell_failure(error)
        return None


def pull_model(address: str, *, sha256: str | None) -> int:
    """Bring a model to this machine.

    Args:
        address: `https://…/NAME.onnx`, or the path of a file.
        sha256: Hash that it must have.

    Returns:
        Exit code.
    """
    try:
        model = pull(address, sha256=sha256)
    except ModelError as error:
        tell_failure(error)
        return INPUT_FAILED
    console = results()
    console.print(f"{model.path.name}: {model.manifest.name} ({model.manifest.method})")
    for line in (*training_lines(model.manifest), *error_lines(model.manifest)):
        console.print(f"  {line}")
    console.print(f"Count with it: crowd-monitor models use {model.path.name}")
    return DONE


def use_model(name: Path, *, site: Path | None) -> int:
    """Count with a model from now on.

    Args:
        name: Its path, or the name of one that is known.
        site: Site file to write it into; None: wherever nobody names a model.

    Returns:
        Exit code.

    Raises:
        SettingsError: If the site file cannot be changed.
    """
    try:
        model = load_model(find_model(name))
        if site is None:
            choose_model(model.path)
        else:
            set_model_path(site, model.path)
    except ModelError as error:
        tell_failure(error)
        return INPUT_FAILED
    where = "wherever no model is named" if site is None else f"in {site}"
    results().print(f"{model.manifest.name} counts {where}, on {model.provider} here.")
    return DONE


def show_model(path: Path | None, *, is_json: bool) -> int:
    """Show what a model file says of itself.

    Args:
        path: The file, or the name of one that is known; None: the one that counts when nobody
            names one.
        is_json: Whether to give the manifest as JSON.

    Returns:
        Exit code.
    """
    try:
        model = load_model(usual_model() if path is None else find_model(path))
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
