"""Site files of older versions: brought up to date when they are read, one version at a time.

A site file is written by hand and lives for years. When its layout changes, the file of last year
must still start the program, so each version comes with the step that leads to it. The file on the
disk is never touched: its comments are somebody's work.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

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
