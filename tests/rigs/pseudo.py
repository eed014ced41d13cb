"""A language in which every word stands in brackets: what has none never passed a translator."""

from collections.abc import Iterator
from contextlib import contextmanager

from PyQt6.QtCore import QAbstractTableModel, QCoreApplication, Qt, QTranslator
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QMenu,
    QSpinBox,
    QTabWidget,
    QWidget,
)

from monitor.ui.language import forget_translations

OPEN, CLOSE = "⟦", "⟧"


def mark(text: str) -> str:
    """Give a text as the language has it; names of cameras are made so too, as nobody does."""
    return f"{OPEN}{text}{CLOSE}"


class PseudoTranslator(QTranslator):
    """Puts brackets around whatever is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[tuple[str, str]] = set()

    def translate(self, context, sourceText, disambiguation=None, n=-1) -> str:  # noqa: N803 - Qt's
        """Translate."""
        self.seen.add((context, sourceText))
        return mark(sourceText)

    def isEmpty(self) -> bool:
        """It has a word for everything."""
        return False


@contextmanager
def pseudo_language() -> Iterator[PseudoTranslator]:
    """Speak it while the context is open."""
    translator = PseudoTranslator()
    assert QCoreApplication.installTranslator(translator)
    forget_translations()
    try:
        yield translator
    finally:
        QCoreApplication.removeTranslator(translator)
        forget_translations()


def bare_letters(text: str) -> str:
    """Give the letters of a text that stand in no bracket, each run as a word."""
    depth, kept = 0, []
    for one in text:
        depth += (one == OPEN) - (one == CLOSE)
        kept.append(one if depth == 0 and (one.isalpha() or one == "%") else " ")
    words = "".join(kept).replace("%", " ").split()
    return " ".join(word for word in words if any(one.isalpha() for one in word))


def texts_of(root: QWidget) -> Iterator[tuple[str, str]]:
    """Give every text of a widget and all below it, with where it stands."""
    for widget in (root, *root.findChildren(QWidget)):
        where = f"{type(widget).__name__} {widget.objectName()}".strip()
        for kind, text in _own_texts(widget):
            if text:
                yield f"{where}.{kind}", text


def _own_texts(widget: QWidget) -> Iterator[tuple[str, str]]:
    yield "windowTitle", widget.windowTitle()
    yield "toolTip", widget.toolTip()
    yield "accessibleName", widget.accessibleName()
    yield "accessibleDescription", widget.accessibleDescription()
    for action in widget.actions():
        yield "action", action.text()
    if isinstance(widget, QSpinBox):
        yield "prefix", widget.prefix()
        yield "suffix", widget.suffix()
        yield "special", widget.specialValueText()
    yield from _words_of_kind(widget)


def _words_of_kind(widget: QWidget) -> Iterator[tuple[str, str]]:
    if isinstance(widget, QLabel | QAbstractButton):
        yield "text", widget.text()
    elif isinstance(widget, QGroupBox | QMenu):
        yield "title", widget.title()
    elif isinstance(widget, QLineEdit):
        yield "placeholder", widget.placeholderText()
    elif isinstance(widget, QComboBox):
        for place in range(widget.count()):
            yield "item", widget.itemText(place)
    elif isinstance(widget, QTabWidget):
        for place in range(widget.count()):
            yield "tab", widget.tabText(place)
    elif isinstance(widget, QAbstractItemView):
        yield from _headings(widget)


def _headings(view: QAbstractItemView) -> Iterator[tuple[str, str]]:
    model = view.model()
    if model is None:
        return
    columns = model.columnCount() if isinstance(model, QAbstractTableModel) else 1
    for column in range(columns):
        heading = model.headerData(column, Qt.Orientation.Horizontal)
        yield "heading", "" if heading is None else str(heading)
        for row in range(min(50, model.rowCount())):
            value = model.index(row, column).data()
            yield "cell", value if isinstance(value, str) else ""
