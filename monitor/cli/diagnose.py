"""`crowd-monitor diagnose`: all that helps to find a fault, in one file that may be sent to others.

Nothing is copied as it is: settings are written anew from what was understood, without comments and
with labels in place of addresses, and every text is searched for secrets once more.
"""

import importlib.metadata
import json
import os
import platform
import sys
import urllib.request
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import onnxruntime as ort

from monitor import __version__
from monitor.cli.exit_codes import DONE
from monitor.cli.models import find_model, usual_model
from monitor.cli.screen import results
from monitor.core.errors import MonitorError, OutputError, SettingsError
from monitor.inference.model import load_model
from monitor.service.server import access_of
from monitor.settings import SiteSettings, StatusSettings
from monitor.settings.logs import clean, log_file, secrets_of, spellings
from monitor.settings.site_file import read_site
from monitor.video.label import redact

_PACKAGES = (
    "av", "numpy", "onnxruntime", "onnxruntime-gpu", "opencv-python-headless", "PyQt6",
    "pydantic", "SQLAlchemy", "paho-mqtt", "apprise", "prometheus-client", "keyring",
)  # fmt: skip
_LOG_BYTES = 500_000
_ASK_TIMEOUT_S = 5.0

Document = dict[str, Any]
"""A JSON document: its values are of many kinds."""


def diagnose(site_file: Path | None, out: Path) -> int:
    """Gather what helps to find a fault.

    Args:
        site_file: The site file; None: none is used.
        out: The zip file to write; readable by its owner alone.

    Returns:
        Exit code.

    Raises:
        OutputError: If it cannot be written.
    """
    site, mistakes = _site_of(site_file)
    hidden = () if site is None else spellings(secrets_of(site))
    parts = {
        "versions.json": _json(_versions()),
        "model.json": _json(_model(site)),
        "site.json": _json({"mistakes": mistakes, "settings": _settings(site)}),
        "status.json": _status(StatusSettings() if site is None else site.status),
        "log.txt": _newest_lines(log_file()),
    }
    _write(out, {name: clean(text, hidden) for name, text in parts.items()})
    results().print(f"{out}: {', '.join(parts)}; passwords and addresses are taken out")
    return DONE


def _write(out: Path, parts: dict[str, str]) -> None:
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with (
            os.fdopen(handle, "wb") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle,
        ):
            for name, text in parts.items():
                bundle.writestr(name, text)
    except OSError as error:
        raise OutputError(f"{out}: cannot be written: {error.strerror}") from error


def _json(document: Document) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False, default=str)


def _versions() -> Document:
    return {
        "crowd-monitor": __version__,
        "at_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": sys.version,
        "system": platform.platform(),
        "processors": os.cpu_count(),
        "providers": ort.get_available_providers(),
        "packages": {name: _version(name) for name in _PACKAGES},
    }


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _model(site: SiteSettings | None) -> Document:
    named = None if site is None else site.model.path
    try:
        model = load_model(usual_model() if named is None else find_model(Path(named)))
    except MonitorError as error:
        return {"error": str(error)}
    return {"provider": model.provider, "manifest": json.loads(model.manifest.to_json())}


def _site_of(file: Path | None) -> tuple[SiteSettings | None, list[str]]:
    if file is None:
        return None, []
    try:
        return read_site(file), []
    except SettingsError as error:
        return None, str(error).splitlines()


def _settings(site: SiteSettings | None) -> Document | None:
    """Give the settings with labels in place of addresses."""
    if site is None:
        return None
    document = site.model_dump(mode="json")
    for camera in document["camera"]:
        camera["source"] = redact(camera["source"])
    return document


def _status(settings: StatusSettings) -> str:
    """Ask the running service how it is doing."""
    try:
        token = access_of(settings, os.environ).token
    except SettingsError as error:
        return _json({"error": str(error)})
    headers = {} if token is None else {"Authorization": f"Bearer {token.reveal()}"}
    host = settings.host if settings.is_local else "127.0.0.1"
    host = f"[{host}]" if ":" in host else host
    request = urllib.request.Request(f"http://{host}:{settings.port}/status", headers=headers)
    # Not by way of a proxy, which would see the token.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_ASK_TIMEOUT_S) as answer:
            return str(answer.read().decode("utf-8", "replace"))
    except (OSError, ValueError) as error:
        return _json({"error": f"no service answers on port {settings.port}: {error}"})


def _newest_lines(file: Path) -> str:
    try:
        with file.open("rb") as log:
            log.seek(max(0, file.stat().st_size - _LOG_BYTES))
            return log.read().decode("utf-8", "replace")
    except OSError as error:
        return f"{file}: {error.strerror}"
