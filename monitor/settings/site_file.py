"""Reading a site file: all its mistakes at once, each with its key, its line, and what to do.

The standard library's reader does not say on which line a key stands, so that is found here, in
text that `tomllib` has read before. Files of older versions are brought up to date one version at a
time, in memory: the file on the disk is never touched, as its comments are somebody's work. The
JSON Schema for editors is made from the same records, so it cannot say anything else. Paths are
made whole, and addresses are judged by those who use them.
"""

import difflib
import json
import os
import re
import tomllib
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from monitor.core.errors import AddressError, SettingsError, StoreError
from monitor.settings.outputs import parse_address as parse_store_address
from monitor.settings.records import SiteSettings
from monitor.video.address import NetworkAddress, parse_address
from monitor.video.label import redact

KeyPath: TypeAlias = tuple[str | int, ...]
"""Keys from the top of the file on; a number is the place in an array of tables."""

_HEADER = re.compile(r"\s*(?P<open>\[\[?)(?P<name>[^\[\]]+)\]\]?\s*(#.*)?$")
_KEY = re.compile(
    r"""\s*(?P<key>(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_STRING = re.compile(r'''""".*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\])*"|'[^']*'|#[^\n]*''', re.DOTALL)


def key_lines(text: str) -> dict[KeyPath, int]:
    """Find the line of every key and table header.

    Args:
        text: A valid TOML document.

    Returns:
        Line numbers from 1, by path. Keys of inline tables are not told apart from their table.
    """
    lines: dict[KeyPath, int] = {}
    for number, path, _ in _places(text):
        lines.setdefault(path, number)
    return lines


def table_headers(text: str) -> list[tuple[int, KeyPath]]:
    """Find every table header, in the order of the text.

    Args:
        text: A valid TOML document.

    Returns:
        The line from 1, and the path of the table with its place in each array of tables.
    """
    return [(number, path) for number, path, is_header in _places(text) if is_header]


def _places(text: str) -> Iterator[tuple[int, KeyPath, bool]]:
    """Give the line and path of every key and table header, and whether it is a header."""
    tables: dict[KeyPath, int] = {}
    prefix: KeyPath = ()
    depth = 0
    for number, line in enumerate(_without_strings(text).split("\n"), start=1):
        if depth == 0 and (header := _HEADER.match(line)):
            prefix = _enter(_parts(header["name"]), tables, is_array=header["open"] == "[[")
            yield number, prefix, True
            continue
        if depth == 0 and (match := _KEY.match(line)):
            yield number, (*prefix, *_parts(match["key"])), False
        value = line if depth else line.partition("=")[2]
        depth = max(0, depth + sum(map(value.count, "[{")) - sum(map(value.count, "]}")))


def line_of(path: KeyPath, lines: dict[KeyPath, int]) -> int | None:
    """Give the line of a key, or of the innermost table around it that has one."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return None


def _enter(parts: KeyPath, tables: dict[KeyPath, int], *, is_array: bool) -> KeyPath:
    """Give the path of a table header, with the place in each array of tables on the way."""
    path: KeyPath = ()
    for part in parts[:-1]:
        path = (*path, part)
        if path in tables:
            path = (*path, tables[path])
    path = (*path, parts[-1])
    if not is_array:
        return path
    tables[path] = tables.get(path, -1) + 1
    return (*path, tables[path])


def _parts(dotted: str) -> KeyPath:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _without_strings(text: str) -> str:
    """Blank out what strings and comments hold, so that no bracket or sign in them counts."""

    def blank(match: re.Match[str]) -> str:
        found = match[0]
        # A key in quotes stays: it stands before a sign and has no line break.
        if "\n" not in found and re.match(r"\s*[.=\]]", text[match.end() :]):
            return found
        return re.sub(r"[^\n]", " ", found)

    return _STRING.sub(blank, text)


CURRENT_VERSION = 1
"""Version of the layout that this program writes about and reads without a step."""

Document = dict[str, Any]
"""A TOML document as read: its values are of many kinds, right and wrong."""
Step = Callable[[Document], Document]
"""Turns a document of one version into one of the next; must bear any mistake in it."""

STEPS: Mapping[int, Step] = MappingProxyType({})
"""The step from each older version to the next; the first version is still the current one."""


def migrate(
    document: Document, *, steps: Mapping[int, Step] = STEPS, current: int = CURRENT_VERSION
) -> Document:
    """Bring a site file's document up to date.

    Args:
        document: As read; left as it is.
        steps: The step that leads away from each older version.
        current: Version to reach.

    Returns:
        The document in the current layout. One whose version is no older one is given back as it
        is: what is wrong with it, its check will tell.
    """
    version = document.get("version", current)
    if isinstance(version, bool) or not isinstance(version, int):
        return document
    while version in steps and version < current:
        document = {**steps[version](document), "version": version + 1}
        version += 1
    return document


DIALECT = "https://json-schema.org/draft/2020-12/schema"


def site_schema() -> dict[str, Any]:
    """Give the schema of a site file as a JSON document: its values are of many kinds."""
    return {"$schema": DIALECT, **SiteSettings.model_json_schema()}


def find_files(document: dict[str, Any], folder: Path) -> None:
    """Turn relative paths into whole ones, in place; what is no path stays.

    Args:
        document: A site file's document, right or wrong.
        folder: Where the file lies.
    """
    _find_model(document.get("model"), folder)
    for camera in _cameras(document):
        source = camera.get("source")
        if isinstance(source, str) and ":" not in source and not source.startswith("/"):
            _make_whole(camera, "source", folder)
        _make_whole(camera, "certificate", folder)
        _make_whole(camera.get("ground"), "reference", folder)
        _find_secret(camera, "password_file", folder)
    csv = document.get("csv")
    if isinstance(csv, dict) and isinstance(csv.get("path"), str) and csv["path"]:
        csv["path"] = _whole(csv["path"], folder)
    _make_whole(document.get("evidence"), "folder", folder)
    mqtt, notify = document.get("mqtt"), document.get("notify")
    _make_whole(mqtt, "ca_file", folder)
    _find_secret(mqtt, "password_file", folder)
    targets = notify.get("target") if isinstance(notify, dict) else None
    for target in targets if isinstance(targets, list) else ():
        _find_secret(target, "url_file", folder)
    _find_secret(document.get("status"), "token_file", folder)


def _find_model(table: object, folder: Path) -> None:
    """Turn a path of a model into a whole one; a bare name with no such file may be a known one."""
    name = table.get("path") if isinstance(table, dict) else None
    if isinstance(name, str) and Path(name).name == name and not _is_file(folder / name):
        return
    _make_whole(table, "path", folder)


def _make_whole(table: object, key: str, folder: Path) -> None:
    """Turn a path of a table into a whole one; what is no path stays as it is."""
    if isinstance(table, dict) and isinstance(table.get(key), str) and table[key]:
        table[key] = _whole(table[key], folder)


def _whole(place: str, folder: Path) -> str:
    try:
        return str(folder / Path(place).expanduser())
    except RuntimeError:  # `~name` of a person that this machine does not know
        return str(folder / place)


def _find_secret(table: object, key: str, folder: Path) -> None:
    """Turn the name of a private file into a whole path; systemd's credentials come first."""
    name = table.get(key) if isinstance(table, dict) else None
    if not isinstance(table, dict) or not isinstance(name, str) or not name:
        return
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if credentials and Path(name).name == name and _is_file(Path(credentials) / name):
        table[key] = str(Path(credentials) / name)
    else:
        table[key] = _whole(name, folder)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except ValueError:  # with a zero in its name
        return False


def _cameras(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    cameras = document.get("camera")
    if not isinstance(cameras, list):
        return []
    return [one if isinstance(one, dict) else {} for one in cameras]


def place_mistakes(document: Mapping[str, Any]) -> list[tuple[KeyPath, str]]:
    """Find what is wrong with the addresses of cameras and history.

    Args:
        document: A site file's document, right or wrong.

    Returns:
        The key of each mistake and what it is; never with a password.
    """
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
            continue
        named = next((one for one in _PASSWORD_KEYS if camera.get(one)), None)
        if named is not None and not _can_take_password(address):
            message = "a password needs a network address with a user: rtsp://user@host/…"
            found.append((("camera", place, named), message))
    store = document.get("store")
    url = store.get("url") if isinstance(store, dict) else None
    if isinstance(url, str):
        try:
            parse_store_address(url, {})
        except StoreError as error:
            found.append((("store", "url"), str(error).removeprefix("[store] url: ")))
    return found


_PASSWORD_KEYS = ("password_env", "password_file", "password_keyring")
_PASSWORD_ADVICE = (
    "holds a password; put it into an environment variable (`password_env`), a private file "
    "(`password_file`) or the keyring (`password_keyring`), and leave only the user in the address"
)


def _holds_password(address: object) -> bool:
    return isinstance(address, NetworkAddress) and ":" in address.user_info


def _can_take_password(address: object) -> bool:
    return isinstance(address, NetworkAddress) and bool(address.user_info)


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
