"""Changing a site file: only what differs, comments and order kept, never half written.

Tables are known by the names that people gave them, so that a file that somebody else changed
meanwhile keeps what they wrote. The text is cut into sections, because comments above a header are
about the table that follows and stay with it; libraries that write TOML take them for the end of
the table before.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeAlias

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Item
from tomlkit.toml_document import TOMLDocument

from monitor.core.errors import SettingsError
from monitor.settings.records import SiteSettings
from monitor.settings.site_file import KeyPath, Mistake, check_site, read_text, table_headers


@dataclass(slots=True)
class Section:
    """One table of a file: what stands above it, its header, and its keys."""

    path: KeyPath
    """Keys from the top of the file on, with the place in each array of tables; empty: the keys
    before the first header."""
    above: list[str]
    """Comments and empty lines over the header."""
    header: str
    body: list[str] = field(default_factory=list)
    """The lines with its keys; comments at its end belong to what follows."""

    def keys(self) -> TOMLDocument:
        """Give the keys of this table alone."""
        return tomlkit.parse("\n".join(self.body))

    def set_keys(self, keys: TOMLDocument) -> None:
        """Have other keys in this table."""
        self.body = tomlkit.dumps(keys).split("\n")


class Sections:
    """The sections of one file, in order."""

    def __init__(self, sections: list[Section], tail: list[str]) -> None:
        self._sections = sections
        self._tail = tail

    @classmethod
    def of_text(cls, text: str) -> Self:
        """Split the text of a file.

        Args:
            text: Valid TOML.

        Returns:
            Its sections.
        """
        lines = text.replace("\r\n", "\n").split("\n")
        starts = [(0, ()), *table_headers("\n".join(lines))]
        sections: list[Section] = []
        above: list[str] = []
        for place, (start, path) in enumerate(starts):
            end = starts[place + 1][0] - 1 if place + 1 < len(starts) else len(lines)
            body = lines[start:end]
            below = _take_trivia(body)
            sections.append(Section(path, above, lines[start - 1] if path else "", body))
            above = below
        return cls(sections, above)

    def text(self) -> str:
        """Give the text of the whole file."""
        lines: list[str] = []
        for one in self._sections:
            lines += [*one.above, *([one.header] if one.path else ()), *one.body]
        return "\n".join([*lines, *self._tail])

    def find(self, path: KeyPath) -> Section | None:
        """Give the section of a table; None: there is none with a header of its own."""
        return next((one for one in self._sections if one.path == path), None)

    def count(self, path: KeyPath) -> int:
        """Say how many tables an array of tables has."""
        length = len(path) + 1
        return sum(1 for one in self._sections if one.path[:-1] == path and len(one.path) == length)

    def add(self, path: KeyPath, keys: dict[str, Item]) -> None:
        """Add a table behind its kin: the others of its array, or else the table around it.

        Args:
            path: Where it belongs; in an array of tables the next free place.
            keys: What is in it.
        """
        around = path[:-1]
        if isinstance(path[-1], int) and not self.count(around):
            around = around[:-1]
        last = self._last(around) if around else None
        place = len(self._sections) if last is None else last + 1
        name = ".".join(_quoted(part) for part in path if isinstance(part, str))
        header = f"[[{name}]]" if isinstance(path[-1], int) else f"[{name}]"
        document = tomlkit.document()
        for key, value in keys.items():
            document.add(key, value)
        body = tomlkit.dumps(document).rstrip("\n").split("\n")
        above = [""] if len(path) <= 2 else []
        self._sections.insert(place, Section(path, above, header, body))

    def remove(self, path: KeyPath) -> None:
        """Take a table away, with those in it and the comment that stands directly above it.

        Args:
            path: The table; in an array the places of those behind it move up.
        """
        kept: list[Section] = []
        homeless: list[str] = []
        for one in self._sections:
            if one.path[: len(path)] == path:
                homeless += _apart(one.above)
                continue
            if homeless:
                one.above = [*homeless, *one.above]
                homeless = []
            one.path = _moved_up(one.path, path)
            kept.append(one)
        self._sections = kept
        self._tail = [*homeless, *self._tail]

    def _last(self, path: KeyPath) -> int | None:
        """Give the place of the last section in a table or an array of tables."""
        within = [
            place
            for place, one in enumerate(self._sections)
            if one.path and one.path[: len(path)] == path
        ]
        return within[-1] if within else None


def _take_trivia(body: list[str]) -> list[str]:
    """Take the empty lines and comments off the end of a table."""
    end = len(body)
    while end and (not body[end - 1].strip() or body[end - 1].lstrip().startswith("#")):
        end -= 1
    trivia = body[end:]
    del body[end:]
    return trivia


def _apart(above: list[str]) -> list[str]:
    """Give what stands above a header but is set apart from it by an empty line."""
    end = len(above)
    while end and above[end - 1].strip():
        end -= 1
    return above[:end] if any(line.strip() for line in above[:end]) else []


def _moved_up(path: KeyPath, removed: KeyPath) -> KeyPath:
    *array, gone = removed
    if not isinstance(gone, int) or path[: len(array)] != tuple(array) or len(path) <= len(array):
        return path
    place = path[len(array)]
    if not isinstance(place, int) or place < gone:
        return path
    return (*array, place - 1, *path[len(array) + 1 :])


def _quoted(key: str) -> str:
    is_bare = key.replace("-", "").replace("_", "").isalnum() and key.isascii()
    return key if is_bare else f'"{key}"'


Table: TypeAlias = dict[str, Any]
"""A table of a site file without what is left at its default: its values are of many kinds."""

_WRITTEN = frozenset({"model", "camera", "area"})
"""Tables that are changed by the program; the others are for whoever edits the file."""


def write_difference(text: str, before: SiteSettings, after: SiteSettings) -> str:
    """Write into the text of a site file what differs between two states of its settings.

    Args:
        text: The file as it stands; valid TOML.
        before: The settings that the file is known to hold.
        after: Those that it is to hold.

    Returns:
        The new text.

    Raises:
        SettingsError: If what is to be changed is no longer there, or is written in a form that
            only a person can change.
    """
    sections = Sections.of_text(text)
    old, new = _table(before), _table(after)
    keys = [one for one in new.keys() | old.keys() if one in _WRITTEN]
    try:
        for key in sorted(keys):
            _change(sections, (), key, old.get(key), new.get(key))
    except (TOMLKitError, TypeError, AttributeError) as error:
        raise SettingsError(
            "the file is written in a form that only a person can change"
        ) from error
    return sections.text()


def site_text(site: SiteSettings) -> str:
    """Write a whole site file.

    Args:
        site: The settings; no address in it holds a password.

    Returns:
        TOML, with what differs from the defaults.
    """
    sections = Sections.of_text(f"version = {site.version}")
    for key, value in _table(site).items():
        _add(sections, (key,), value)
    return sections.text().rstrip("\n") + "\n"


def _table(site: SiteSettings) -> Table:
    return site.model_dump(mode="json", exclude_defaults=True, exclude={"version"})


def _change(sections: Sections, path: KeyPath, key: str, old: Any, new: Any) -> None:
    """Change one value of the table at a path, whatever kind of value it is."""
    inner = (*path, key)
    if old == new:
        return
    has_header = sections.find(inner) is not None
    if _is_list(old or new) and (sections.count(inner) or not old):
        _change_list(sections, inner, old or [], new or [])
    elif isinstance(new, dict) and isinstance(old, dict) and has_header:
        _change_table(sections, inner, old, new)
    elif isinstance(new, dict) and not old and not has_header:
        _add(sections, inner, new)
    elif new is None and has_header:
        sections.remove(inner)
    else:
        _set(sections, path, key, new)


def _change_table(sections: Sections, path: KeyPath, old: Table, new: Table) -> None:
    for key in (*new, *(one for one in old if one not in new)):
        _change(sections, path, key, old.get(key), new.get(key))


def _change_list(sections: Sections, path: KeyPath, old: list[Table], new: list[Table]) -> None:
    pairs, gone, come = _matched(old, new)
    for before, after in pairs:
        if before != after:
            _change_table(sections, _place_of(sections, path, before), before, after)
    for one in gone:
        sections.remove(_place_of(sections, path, one))
    for one in come:
        _add(sections, (*path, sections.count(path)), one)


def _matched(
    old: list[Table], new: list[Table]
) -> tuple[list[tuple[Table, Table]], list[Table], list[Table]]:
    """Tell which tables stay, which go, which come; one for one like it was called anew."""
    before = {_known_by(one): one for one in old}
    after = {_known_by(one): one for one in new}
    pairs = [(before[key], one) for key, one in after.items() if key in before]
    gone = [one for key, one in before.items() if key not in after]
    come = [one for key, one in after.items() if key not in before]
    if len(gone) == len(come) == 1 and _are_alike(gone[0], come[0]):
        return [*pairs, (gone[0], come[0])], [], []
    return pairs, gone, come


def _are_alike(one: Table, other: Table) -> bool:
    """Whether two tables agree in half of what is set in them, whatever their names."""
    keys = (one.keys() | other.keys()) - {"name"}
    same = [key for key in keys if one.get(key) == other.get(key)]
    return 2 * len(same) >= len(keys)


def _known_by(table: Table) -> str:
    """Give what tells a table from others of its list: its name, or else all of it."""
    return str(table.get("name", table))


def _place_of(sections: Sections, path: KeyPath, wanted: Table) -> KeyPath:
    for number in range(sections.count(path)):
        section = sections.find((*path, number))
        keys = {} if section is None else section.keys().unwrap()
        if _known_by(keys) == _known_by(wanted):
            return (*path, number)
    name = wanted.get("name", "")
    raise SettingsError(f"{path[-1]} {name}: is no longer in the file; somebody else changed it")


def _add(sections: Sections, path: KeyPath, value: Any) -> None:
    """Add a table, or every table of a list, with the tables in it."""
    if isinstance(value, list):
        for number, one in enumerate(value):
            _add(sections, (*path, number), one)
        return
    inner = {key: one for key, one in value.items() if isinstance(one, dict) or _is_list(one)}
    sections.add(path, {key: _item(one) for key, one in value.items() if key not in inner})
    for key, one in inner.items():
        _add(sections, (*path, key), one)


def _set(sections: Sections, path: KeyPath, key: str, value: Any) -> None:
    """Set a key where it stands; None takes it away."""
    section = sections.find(path)
    if section is None:
        raise SettingsError(f"{path[-1]}: is no longer in the file; somebody else changed it")
    keys = section.keys()
    if value is None:
        keys.remove(key)
    else:
        keys[key] = _item(value)
    section.set_keys(keys)


def _is_list(value: object) -> bool:
    """Whether a value is written as an array of tables."""
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _item(value: Any) -> Item:
    """Give a value as it stands behind a key: tables inline, whole numbers without zeros."""
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        for key, one in value.items():
            table.add(key, _item(one))
        return table
    if isinstance(value, list):
        array = tomlkit.array()
        for one in value:
            array.append(_item(one))
        return array
    return tomlkit.item(int(value) if isinstance(value, float) and value.is_integer() else value)


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
