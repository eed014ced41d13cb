"""A site file as a list of sections, so that one can be changed and all others stay as they are.

Comments above a header are about the table that follows, and stay with it. Libraries that write
TOML take them for the end of the table before, and put new keys behind them.
"""

from dataclasses import dataclass, field
from typing import Self

import tomlkit
from tomlkit.items import Item
from tomlkit.toml_document import TOMLDocument

from monitor.settings.lines import KeyPath, table_headers


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
