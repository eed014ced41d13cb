"""Reading a site file: all its mistakes at once, each with its key, its line, and what to do."""

import difflib
import tomllib
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from monitor.errors import AddressError, SettingsError, StoreError
from monitor.settings.lines import KeyPath, key_lines, line_of
from monitor.settings.records import SiteSettings
from monitor.store.database import parse_address as parse_store_address
from monitor.video.address import NetworkAddress, parse_address
from monitor.video.label import redact


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing in a site file that must be changed."""

    line: int | None
    """Line in the file, from 1; None: it concerns no line that is there."""
    key: str
    """Which setting, as `camera[2].source`; empty: the file as a whole."""
    message: str
    """What is wrong and what to do; never with a password."""

    def __str__(self) -> str:
        place = "" if self.line is None else f"line {self.line}: "
        return f"{place}{self.key}: {self.message}" if self.key else f"{place}{self.message}"


def read_site(path: Path) -> SiteSettings:
    """Read a site file.

    Args:
        path: A TOML file. Files that it names are looked for beside it.

    Returns:
        The settings, with whole paths.

    Raises:
        SettingsError: If it cannot be read or has mistakes; the text lists all of them.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"{path}: cannot be read: {reason}") from error
    settings, mistakes = check_site(text, folder=path.parent)
    if settings is None or mistakes:
        listed = "\n".join(f"  {one}" for one in mistakes)
        number = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        raise SettingsError(f"{path}: {number}\n{listed}")
    return settings


def check_site(text: str, *, folder: Path) -> tuple[SiteSettings | None, tuple[Mistake, ...]]:
    """Check the text of a site file.

    Args:
        text: TOML.
        folder: Where the file lies; relative paths in it are taken from there.

    Returns:
        The settings, None where they cannot be used, and every mistake in the order of lines.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return None, (Mistake(_syntax_line(error), "", f"not valid TOML: {_what(error)}"),)
    lines = key_lines(text)
    _find_files(document, folder)
    mistakes = [
        Mistake(line_of(key, lines), _written(key), message)
        for key, message in _address_mistakes(document)
    ]
    settings: SiteSettings | None = None
    try:
        settings = SiteSettings.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_input=False)
        mistakes += [_mistake_of(one, lines) for one in found if not _follows(one, found)]
    return settings, tuple(sorted(mistakes, key=lambda one: (one.line or 0, one.key)))


def _find_files(document: dict[str, Any], folder: Path) -> None:
    """Turn relative paths into whole ones, in place; what is no path stays."""
    model = document.get("model")
    if isinstance(model, dict) and isinstance(model.get("path"), str):
        model["path"] = str(folder / Path(model["path"]).expanduser())
    for camera in _cameras(document):
        source = camera.get("source")
        if isinstance(source, str) and source and ":" not in source and not source.startswith("/"):
            camera["source"] = str(folder / Path(source).expanduser())


def _cameras(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    cameras = document.get("camera")
    if not isinstance(cameras, list):
        return []
    return [one if isinstance(one, dict) else {} for one in cameras]


def _address_mistakes(document: Mapping[str, Any]) -> list[tuple[KeyPath, str]]:
    """Check what only other rooms can judge: the addresses of cameras and history."""
    found: list[tuple[KeyPath, str]] = []
    for place, camera in enumerate(_cameras(document)):
        source = camera.get("source")
        if not isinstance(source, str) or not source:
            continue  # told by the validation of the records
        key: KeyPath = ("camera", place, "source")
        try:
            address = parse_address(source)
        except AddressError as error:
            found.append((key, str(error)))
            continue
        if _holds_password(address):
            found.append((key, f"{redact(source)}: {_PASSWORD_ADVICE}"))
        elif camera.get("password_env") and not _can_take_password(address):
            message = "a password needs a network address with a user: rtsp://user@host/…"
            found.append((("camera", place, "password_env"), message))
    store = document.get("store")
    url = store.get("url") if isinstance(store, dict) else None
    if isinstance(url, str):
        try:
            parse_store_address(url, {})
        except StoreError as error:
            found.append((("store", "url"), str(error).removeprefix("[store] url: ")))
    return found


_PASSWORD_ADVICE = (
    "holds a password; put it into an environment variable, name that with "
    "`password_env`, and leave only the user in the address"
)


def _holds_password(address: object) -> bool:
    return isinstance(address, NetworkAddress) and ":" in address.user_info


def _can_take_password(address: object) -> bool:
    return isinstance(address, NetworkAddress) and bool(address.user_info)


_PLAIN = {
    "missing": "is missing",
    "string_too_short": "is empty",
    "too_short": "at least one is needed",
}
"""Kinds of pydantic's errors that can be said more plainly than it does."""


def _follows(error: ErrorDetails, found: list[ErrorDetails]) -> bool:
    """Say whether a list counts as empty only because what is in it is wrong."""
    if error["type"] != "too_short":
        return False
    length = len(error["loc"])
    return any(one["loc"][:length] == error["loc"] and one is not error for one in found)


def _mistake_of(error: ErrorDetails, lines: dict[KeyPath, int]) -> Mistake:
    key: KeyPath = error["loc"]
    line = line_of(key, lines)
    if error["type"] == "extra_forbidden":
        known = _fields_at(key[:-1])
        near = difflib.get_close_matches(str(key[-1]), known, n=1)
        advice = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}"
        return Mistake(line, _written(key), f"there is no such setting; {advice}")
    if error["type"] in _PLAIN:
        return Mistake(line, _written(key), _PLAIN[error["type"]])
    message = error["msg"].removeprefix("Value error, ")
    return Mistake(line, _written(key), message[:1].lower() + message[1:])


def _fields_at(path: KeyPath) -> list[str]:
    """Give the names of the settings that there are in a table of a site file."""
    record: type[BaseModel] = SiteSettings
    for part in path:
        if isinstance(part, int):
            continue
        field = record.model_fields.get(part)
        inner = None if field is None else _record_in(field.annotation)
        if inner is None:
            return []
        record = inner
    return list(record.model_fields)


def _record_in(annotation: object) -> type[BaseModel] | None:
    """Find the record in `Record`, `Record | None` or `tuple[Record, ...]`."""
    parts = typing.get_args(annotation)
    if not parts:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return annotation
        return None
    inner = (_record_in(one) for one in parts)
    return next((one for one in inner if one is not None), None)


def _written(key: KeyPath) -> str:
    """Give a key as people count: the first camera is `camera[1]`."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{part}" if text else part
    return text


def _syntax_line(error: tomllib.TOMLDecodeError) -> int | None:
    # Python 3.14 gives the line as an attribute; before, it stands in the text alone.
    _, mark, rest = str(error).rpartition("(at line ")
    number = rest.partition(",")[0]
    return int(number) if mark and number.isdecimal() else None


def _what(error: tomllib.TOMLDecodeError) -> str:
    return str(error).partition(" (at ")[0]
