"""Models on this machine: those that came with the program, those that were pulled, the chosen one.

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

from monitor.cli.last_site import state_folder
from monitor.core.errors import ModelError
from monitor.inference.files import external_data
from monitor.inference.model import Model, load_model
from monitor.inference.shipped import default_model, models_folder, shipped_models
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
