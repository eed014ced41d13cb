"""Where commands write: results on standard output, everything else on standard error."""

from rich.console import Console


def results() -> Console:
    """Give the console for results; lines are never broken, so that they can be piped."""
    return Console(highlight=False, soft_wrap=True, markup=False)


def notes() -> Console:
    """Give the console for failures, hints and progress."""
    return Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


def tell_failure(error: Exception) -> None:
    """Say in one sentence what failed; errors of ours never hold a password."""
    notes().print(f"crowd-monitor: {error}")
