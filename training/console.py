"""How the commands of training speak to a person: progress, reports, one sentence on a fault."""

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import track

Item = TypeVar("Item")
_FILE_WIDTH = 140
"""Columns of tables that go into a file or a pipe, where nothing says how wide they may be."""

OUT = Console(highlight=False, width=None if sys.stdout.isatty() else _FILE_WIDTH)
ERR = Console(stderr=True, highlight=False)


def with_progress(
    what: str, total: int | None = None
) -> Callable[[Iterable[Item]], Iterator[Item]]:
    """Make a wrapper that shows how far a loop is, on a terminal only.

    Args:
        what: What is being done, in words.
        total: Number of steps, where the iterable cannot say.

    Returns:
        A function from an iterable to the same items.
    """

    def wrap(items: Iterable[Item]) -> Iterator[Item]:
        quiet = not sys.stderr.isatty()
        yield from track(items, what, total=total, console=ERR, transient=True, disable=quiet)

    return wrap


def fail(error: Exception) -> int:
    """Say what went wrong in one sentence and give the exit code for it."""
    ERR.print(f"[red]error:[/red] {error}", markup=True, soft_wrap=True)
    return 1
