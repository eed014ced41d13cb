"""Changing a site file: only what differs, comments and order kept, never half written."""

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from monitor.core.errors import SettingsError
from monitor.settings.difference import site_text, write_difference
from monitor.settings.records import SiteSettings
from monitor.settings.site_file import Mistake, check_site, read_text

_MODE = 0o644
"""Of a new site file: it holds no password, and a service of another user may have to read it."""


def set_model_path(file: Path, model: Path) -> None:
    """Write into a site file which model counts.

    Args:
        file: The site file; everything else in it stays as it is.
        model: The model file.

    Raises:
        SettingsError: If the file cannot be read or written, or has mistakes; it is left as it was.
    """

    def change(document: tomlkit.TOMLDocument) -> None:
        table = document.setdefault("model", tomlkit.table())
        table["path"] = str(model.resolve())

    change_site_file(file, change)


def change_site_file(file: Path, change: Callable[[tomlkit.TOMLDocument], None]) -> None:
    """Change a site file and put the new one in its place in one step.

    Args:
        file: The site file.
        change: Changes the document in place.

    Raises:
        SettingsError: If the file cannot be read or written, or the new one has mistakes; the old
            one is left as it was.
    """
    try:
        document = tomlkit.parse(read_text(file))
        change(document)
    except (TOMLKitError, TypeError, AttributeError) as error:
        raise SettingsError(f"{file}: cannot be changed: it is not valid as it stands") from error
    _replace_checked(file, tomlkit.dumps(document))


def save_changes(file: Path, before: SiteSettings, after: SiteSettings) -> SiteSettings:
    """Write into a site file what differs between two states of its settings.

    Args:
        file: The site file; what somebody else wrote into it meanwhile stays.
        before: The settings that it is known to hold.
        after: Those that it is to hold.

    Returns:
        What it holds now.

    Raises:
        SettingsError: If the file cannot be read or written, no longer holds what is to be changed,
            or the new one would have mistakes; the old one is left as it was.
    """
    text = read_text(file)
    _, mistakes = check_site(text, folder=file.parent)
    if mistakes:
        raise SettingsError(f"{file}: not changed, because of its mistakes\n{_listed(mistakes)}")
    try:
        new = write_difference(text, before, after)
    except SettingsError as error:
        raise SettingsError(f"{file}: not changed: {error}") from error
    return _replace_checked(file, new.replace("\n", "\r\n") if "\r\n" in text else new)


def write_site(file: Path, site: SiteSettings) -> SiteSettings:
    """Write a site file anew.

    Args:
        file: Where to; its folder is made where it is missing.
        site: The settings; no address in it holds a password.

    Returns:
        What it holds now.

    Raises:
        SettingsError: If it cannot be written, or the settings do not fit together.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{file}: cannot be written: {error.strerror}") from error
    return _replace_checked(file, site_text(site))


def _replace_checked(file: Path, text: str) -> SiteSettings:
    settings, mistakes = check_site(text, folder=file.parent)
    if settings is None or mistakes:
        raise SettingsError(f"{file}: not changed, because of its mistakes\n{_listed(mistakes)}")
    _replace(file, text)
    return settings


def _listed(mistakes: Sequence[Mistake]) -> str:
    return "\n".join(f"  {one}" for one in mistakes)


def _replace(file: Path, text: str) -> None:
    file = file.resolve()  # a link stays a link
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as new:
                new.write(text)
                new.flush()
                os.fsync(new.fileno())
            if file.exists():
                shutil.copymode(file, name)
            else:
                Path(name).chmod(_MODE)
            Path(name).replace(file)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise SettingsError(f"{file}: cannot be written: {error.strerror}") from error
