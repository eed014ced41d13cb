"""What a person changed of a site, written into the text of its file; all else stays as it was.

Tables are known by the names that people gave them, so that a file that somebody else changed
meanwhile keeps what they wrote.
"""

from typing import Any, TypeAlias

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Item

from monitor.core.errors import SettingsError
from monitor.settings.lines import KeyPath
from monitor.settings.records import SiteSettings
from monitor.settings.sections import Sections

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
