"""`crowd-monitor check`: every mistake of a site file at once, and what is not ready here."""

import json
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import URL

from monitor.cli.exit_codes import DONE, INPUT_FAILED
from monitor.cli.models import find_model, usual_model
from monitor.cli.screen import results, tell_failure
from monitor.core.errors import ModelError, SettingsError, StoreError
from monitor.engine.prompted_counter import check_countable
from monitor.inference.model import load_model
from monitor.outputs.evidence.clips import why_no_clip
from monitor.settings import SiteSettings
from monitor.settings.outputs import parse_address
from monitor.settings.passwords import look_up, places_of
from monitor.settings.site_file import read_site, site_schema
from monitor.video.address import PicturesAddress, PlazaAddress
from monitor.video.address import parse_address as parse_source

_CONNECT_TIMEOUT_S = 3.0
_POSTGRES_PORT = 5432


def check_site_file(
    path: Path, environ: Mapping[str, str] = os.environ, *, is_strict: bool = False
) -> int:
    """Check a site file and what it relies on.

    Args:
        path: The site file.
        environ: The environment, for the passwords that the file names.
        is_strict: Whether what is not ready on this machine is a failure too.

    Returns:
        Exit code.
    """
    try:
        site = read_site(path)
    except SettingsError as error:
        tell_failure(error)
        return INPUT_FAILED
    console = results()
    cameras = "1 camera" if len(site.camera) == 1 else f"{len(site.camera)} cameras"
    console.print(f"{path}: no mistakes; {cameras}")
    warnings = warnings_for(site, environ)
    for warning in warnings:
        console.print(f"  not ready here: {warning}")
    return INPUT_FAILED if warnings and is_strict else DONE


def print_schema() -> int:
    """Print the JSON Schema of site files; gives the exit code."""
    results().print(json.dumps(site_schema(), indent=2, ensure_ascii=False))
    return DONE


def warnings_for(site: SiteSettings, environ: Mapping[str, str]) -> list[str]:
    """Give what is right in the file but not ready on this machine.

    Args:
        site: The settings.
        environ: The environment.

    Returns:
        Sentences, never with a secret; empty if all is ready.
    """
    return [
        *_password_warnings(site, environ),
        *_model_warnings(site),
        *_store_warnings(site.store.url, environ),
        *_clip_warnings(site),
    ]


def _password_warnings(site: SiteSettings, environ: Mapping[str, str]) -> Iterator[str]:
    for place in places_of(site):
        try:
            look_up(place, environ=environ)
        except SettingsError as error:
            yield str(error)


def _model_warnings(site: SiteSettings) -> Iterator[str]:
    settings = site.model
    asked = {one.name: one.count for one in site.camera if one.count}
    if settings.path is None and not asked:
        return
    path = usual_model() if settings.path is None else find_model(Path(settings.path))
    try:
        check_countable(asked, load_model(path, provider=settings.provider))
    except ModelError as error:
        yield f"[model] {error}"


def _clip_warnings(site: SiteSettings) -> Iterator[str]:
    if site.evidence is None or not site.evidence.clip:
        return
    if why_not := why_no_clip(site.privacy.pictures):
        yield f"[evidence] clip: no video is kept; {why_not}"
        return
    for camera in site.camera:
        if isinstance(parse_source(camera.source), PicturesAddress | PlazaAddress):
            yield (
                f"[evidence] clip: none is kept of {camera.name}, whose pictures come one by one "
                "and not as video"
            )


def _store_warnings(url: str | None, environ: Mapping[str, str]) -> Iterator[str]:
    try:
        address = parse_address(url, environ)
    except StoreError as error:
        yield str(error)
        return
    if address.url.get_backend_name() == "sqlite":
        yield from _file_warnings(Path(str(address.url.database)))
    else:
        yield from _server_warnings(address.url)


def _file_warnings(file: Path) -> Iterator[str]:
    if str(file).startswith("file:"):
        return  # a SQLite URI, whose parameters only SQLite understands
    if file.exists():
        if not (file.is_file() and os.access(file, os.W_OK)):
            yield f"[store] {file}: cannot be written"
        return
    folder = next((one for one in file.absolute().parents if one.exists()), None)
    if folder is None or not (folder.is_dir() and os.access(folder, os.W_OK)):
        yield f"[store] {file}: cannot be made; {folder} cannot be written"


def _server_warnings(url: URL) -> Iterator[str]:
    host, port = url.host or "localhost", url.port or _POSTGRES_PORT
    try:
        socket.create_connection((host, port), timeout=_CONNECT_TIMEOUT_S).close()
    except OSError as error:
        yield f"[store] nothing answers at {host} port {port} ({error.strerror or error})"
