"""The owner of `sys.excepthook` while a window is open: a failed slot must not end the program.

PyQt6 ends the process when a slot or an override raises and nobody has replaced Python's own hook.
A window that shows alarms goes on instead: the fault is logged once, without secrets, and told to
whoever shows it.
"""

import logging
import sys
import traceback
from collections.abc import Callable
from types import TracebackType

from PyQt6.QtCore import QCoreApplication

from monitor.core.worker import sentence_of
from monitor.settings.logs import clean

logger = logging.getLogger(__name__)


class ExceptionHook:
    """Takes what nobody caught on the GUI thread, from `install` to `remove`."""

    def __init__(self, report: Callable[[str], None]) -> None:
        """Prepare.

        Args:
            report: Called on each fault with one sentence that may be shown.
        """
        self._report = report
        self._logged: set[tuple[str, str, int]] = set()
        self._before = sys.__excepthook__

    def install(self) -> None:
        """Take over from whoever has the hook now; libraries replace it when they are imported."""
        self._before = sys.excepthook
        sys.excepthook = self.handle

    def remove(self) -> None:
        """Give the hook back."""
        sys.excepthook = self._before

    def handle(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Log a fault, once for each place and kind, and have it shown.

        Args:
            kind: Class of the exception.
            error: The exception.
            trace: Where it was raised.
        """
        if not isinstance(error, Exception):  # Ctrl-C and the like mean what they always mean
            sys.__excepthook__(kind, error, trace)
            return
        frames = traceback.extract_tb(trace)
        place = (frames[-1].filename, frames[-1].lineno or 0) if frames else ("", 0)
        if (kind.__name__, *place) not in self._logged:
            self._logged.add((kind.__name__, *place))
            told = "".join(traceback.format_exception(kind, error, trace)).rstrip()
            logger.error("A part of the window failed; it goes on\n%s", clean(told))
        words = QCoreApplication.translate(
            "ExceptionHook", "A part of the window failed: {what}. The log has the details."
        )
        self._report(words.format(what=sentence_of(error)))
