"""On which line of a TOML file each key stands; the standard library's reader does not say.

The text has been read by `tomllib` before, so it is known to be valid TOML: this only has to find
the keys, not to judge them.
"""

import re
from collections.abc import Iterator
from typing import TypeAlias

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
