"""Changing a site file: one value at a time, comments and order kept, never half written."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from monitor.errors import SettingsError
from monitor.settings.site_file import check_site, read_text


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
    text = tomlkit.dumps(document)
    _, mistakes = check_site(text, folder=file.parent)
    if mistakes:
        listed = "\n".join(f"  {one}" for one in mistakes)
        raise SettingsError(f"{file}: not changed, because of its mistakes\n{listed}")
    _replace(file, text)


def _replace(file: Path, text: str) -> None:
    file = file.resolve()  # a link stays a link
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as new:
                new.write(text)
                new.flush()
                os.fsync(new.fileno())
            shutil.copymode(file, name)
            Path(name).replace(file)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise SettingsError(f"{file}: cannot be written: {error.strerror}") from error
