"""`crowd-monitor models`: which models there are, what each says of itself, which one counts.

A pulled model is opened before it is kept: its hash must be the one that was promised, it must read
no other file, and its manifest must be whole.
"""

import re
import shutil
import tempfile
from hashlib import file_digest
from pathlib import Path
from urllib.parse import unquote, urlsplit

from platformdirs import user_data_path
from rich.table import Table

from monitor.cli.exit_codes import DONE, INPUT_FAILED
from monitor.cli.last_site import state_folder
from monitor.cli.screen import notes, results, tell_failure
from monitor.core.errors import ModelError
from monitor.core.manifest import Manifest
from monitor.inference.files import default_model, external_data, models_folder, shipped_models
from monitor.inference.model import Model, load_model
from monitor.settings.writing import set_model_path
from monitor.video.label import network_label

_CHOICE_FILE = "model.txt"
_NAME = re.compile(r"[\w][\w.+-]*\.onnx")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_TIMEOUT_S = 30.0


def library_folder() -> Path:
    """Give the folder of the models that this user has pulled."""
    return user_data_path("crowd-monitor", appauthor=False) / "models"


def known_models() -> tuple[Path, ...]:
    """List the models that can be named without their folder, by name; ours come first."""
    return (*shipped_models(), *sorted(library_folder().glob("*.onnx")))


def find_model(name: Path) -> Path:
    """Find a model by its path, or by the name of one that is known.

    Args:
        name: What a person wrote.

    Returns:
        The file; as written where there is none.
    """
    if name.exists() or name.name != str(name):
        return name
    names = {name.name, f"{name.name}.onnx"}
    return next((one for one in known_models() if one.name in names), name)


def choose_model(path: Path, folder: Path | None = None) -> None:
    """Remember which model counts when nobody names one.

    Args:
        path: A model file that was opened before.
        folder: Where to write it down; None: where the program remembers things.

    Raises:
        ModelError: If it cannot be written down.
    """
    place = (folder or state_folder()) / _CHOICE_FILE
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(str(path.resolve()), encoding="utf-8")
    except OSError as error:
        raise ModelError(f"{place}: cannot be written: {error.strerror}") from error


def usual_model(folder: Path | None = None) -> Path:
    """Give the model that counts when nobody names one: the chosen one, else the shipped one.

    Args:
        folder: Where the choice is written down; None: where the program remembers things.

    Returns:
        An existing file.

    Raises:
        ModelError: If the chosen one is gone: another would count differently without a word.
    """
    try:
        text = ((folder or state_folder()) / _CHOICE_FILE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return default_model()
    path = Path(text)
    if not path.is_file():
        raise ModelError(
            f"{path}: this model was chosen with `crowd-monitor models use`, but it is gone; "
            f"choose another, as `crowd-monitor models use {default_model().name}`"
        )
    return path


def pull(address: str, *, sha256: str | None, folder: Path | None = None) -> Model:
    """Bring a model to this machine, and open it before it is kept.

    Args:
        address: `https://…/NAME.onnx`, or the path of a file.
        sha256: Hash that the file must have; needed for what comes over the network.
        folder: Where it is kept; None: with this user's models.

    Returns:
        The model, opened from where it is kept.

    Raises:
        ModelError: If it cannot be had, is another file than was promised, or cannot count.
    """
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        raise ModelError("--sha256: write the 64 hexadecimal digits that `sha256sum` prints")
    label = network_label(address) if "://" in address else address
    name = _name_of(address, label)
    kept = (folder or library_folder()) / name
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as place:
            brought = Path(place) / name
            _bring(address, label, brought, sha256)
            _refuse_companions(brought)
            load_model(brought, provider="cpu")
            brought.replace(kept)
    except OSError as error:
        raise ModelError(f"{label}: cannot be kept in {kept.parent}: {error.strerror}") from None
    return load_model(kept, provider="cpu")


def _name_of(address: str, label: str) -> str:
    name = unquote(urlsplit(address).path if "://" in address else address)
    name = re.split(r"[/\\]", name)[-1]
    if not _NAME.fullmatch(name):
        raise ModelError(f"{label}: is no model; its name must end in .onnx (no archives)")
    if (models_folder() / name).is_file():
        raise ModelError(f"{name}: comes with the program; give the other model another name")
    return name


def _bring(address: str, label: str, target: Path, sha256: str | None) -> None:
    if "://" not in address:
        source = Path(address).expanduser()
        if not source.is_file():
            raise ModelError(f"{address}: there is no such file; pull takes https:// or a path")
        shutil.copyfile(source, target)
        with target.open("rb") as file:
            found = file_digest(file, "sha256").hexdigest()
        if sha256 is not None and found != sha256.lower():
            raise ModelError(f"{label}: is another file than was promised: its SHA-256 is {found}")
        return
    if not address.lower().startswith("https://"):
        raise ModelError(f"{label}: models are pulled over https:// or from a file, nothing else")
    if sha256 is None:
        raise ModelError(f"{label}: give the hash that its publisher names, with --sha256")
    _download(address, label, target, sha256.lower())


def _download(address: str, label: str, target: Path, sha256: str) -> None:
    import pooch  # loads the whole of requests
    import requests

    pooch.get_logger().setLevel("ERROR")  # it would show the address
    failure = ""
    try:
        pooch.retrieve(
            address,
            known_hash=f"sha256:{sha256}",
            fname=target.name,
            path=target.parent,
            downloader=pooch.HTTPDownloader(timeout=_TIMEOUT_S),
        )
    except requests.HTTPError as error:
        status = "with an error" if error.response is None else error.response.status_code
        failure = f"the server answers {status}"
    except requests.RequestException as error:
        failure = f"cannot be reached ({type(error).__name__})"
    except ValueError:
        failure = "is another file than was promised: its SHA-256 differs"
    if failure:  # raised here, so that no context holds the address
        raise ModelError(f"{label}: {failure}")


def _refuse_companions(path: Path) -> None:
    try:
        has_companions = any(True for _ in external_data(path))
    except ValueError as error:
        raise ModelError(f"{path.name}: the file is damaged or no ONNX model") from error
    if has_companions:
        raise ModelError(f"{path.name}: keeps its weights in other files; pull models in one file")


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
