"""Reading a site file: all its mistakes at once, each with its key, its line, and what to do."""

import difflib
import json
import tomllib
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from monitor.core.errors import SettingsError
from monitor.settings.lines import KeyPath, key_lines, line_of
from monitor.settings.migration import CURRENT_VERSION, migrate
from monitor.settings.places import find_files, place_mistakes
from monitor.settings.records import SiteSettings

LARGEST_BYTES = 1_000_000
"""A site file is written by hand; what is larger is another file."""


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
    text = read_text(path)
    settings, mistakes = check_site(text, folder=path.parent)
    if settings is None or mistakes:
        listed = "\n".join(f"  {one}" for one in mistakes)
        number = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        raise SettingsError(f"{path}: {number}\n{listed}")
    return settings


def read_text(path: Path) -> str:
    """Read the text of a site file.

    Args:
        path: The file.

    Returns:
        Its text.

    Raises:
        SettingsError: If there is none, it cannot be read, or is no text.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
        text = content.decode("utf-8-sig")  # Windows' editor puts a mark before the text
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"{path}: cannot be read: {reason}") from error
    if len(content) > LARGEST_BYTES:
        raise SettingsError(f"{path}: cannot be read: it is larger than any site file")
    return text


def check_site(text: str, *, folder: Path) -> tuple[SiteSettings | None, tuple[Mistake, ...]]:
    """Check the text of a site file.

    Args:
        text: TOML.
        folder: Where the file lies; relative paths in it are taken from there.

    Returns:
        The settings, None where they cannot be used, and every mistake in the order of lines.
    """
    document = _parsed(text)
    if isinstance(document, Mistake):
        return None, (document,)
    lines = key_lines(text)
    document = migrate(document)
    find_files(document, folder)
    mistakes = [
        Mistake(line_of(key, lines), _written(key), message)
        for key, message in place_mistakes(document)
    ]
    settings: SiteSettings | None = None
    try:
        # By way of JSON, so that a number in quotes is a mistake here as it is in the schema.
        settings = SiteSettings.model_validate_json(_as_json(document), strict=True)
    except ValidationError as error:
        found = error.errors(include_input=False)
        mistakes += [_mistake_of(one, lines) for one in found if not _follows(one, found)]
    return settings, tuple(sorted(mistakes, key=lambda one: (one.line or 0, one.key)))


def _parsed(text: str) -> dict[str, Any] | Mistake:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Mistake(_syntax_line(error), "", f"not valid TOML: {_what(error)}")
    except RecursionError:
        return Mistake(None, "", "not valid TOML: brackets within brackets without end")
    except ValueError as error:  # a number with more digits than Python reads
        return Mistake(None, "", f"not valid TOML: {error}")


def _as_json(document: Mapping[str, Any]) -> str:
    # A date is no setting: as a table of an unknown name it is told as what it is, the wrong kind.
    return json.dumps(document, default=lambda value: {"date": str(value)})


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
    if key == ("version",) and error["type"] == "less_than_equal":
        message = f"this program reads up to version {CURRENT_VERSION}; update the program"
        return Mistake(line, _written(key), message)
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
