"""Help that needs no network: the keys, the operator's guide, and what this program is made of."""

import html
import re
from collections.abc import Iterable, Sequence
from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from PyQt6.QtCore import Qt, qVersion
from PyQt6.QtGui import QIcon, QKeySequence, QTextCursor
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

import monitor
from monitor.ui.actions import Command
from monitor.ui.language import translate

_SIZE_WH = (760, 620)
_AIR_PX, _AIR_ABOVE_HEADING_PX, _MARGIN_PX = 6, 14, 12
_PICTURE = re.compile(r"^!\[[^\]]*\]\([^)]*\)\n", re.MULTILINE)
"""A line of Markdown with a picture, which is not installed with the program."""
_GUIDE = "window.md"


_HEAT_SOURCE = "*inferno*, matplotlib (S. van der Walt, N. Smith, 2015)"
_COLOR_SOURCE = "M. Okabe, K. Ito, *Color Universal Design*, 2008"
_ALARM_SOURCE = "ISA-18.2, EN 62682"
_LEVEL_SOURCE = (
    "J. J. Fruin, *Pedestrian Planning and Design*, 1971; "
    "G. K. Still, *Introduction to Crowd Science*, 2014"
)


class Page(QDialog):
    """Words to be read, that can be scrolled, searched by eye and copied."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE_WH)
        self.browser = QTextBrowser()
        self.browser.setOpenLinks(False)  # a control room's machine may have no browser
        self.browser.setAccessibleName(title)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        for button in buttons.buttons():
            button.setIcon(QIcon())  # the style's own is black on dark
        layout = QVBoxLayout(self)
        layout.addWidget(self.browser)
        layout.addWidget(buttons)

    def show_markdown(self, text: str) -> None:
        """Show a text with some air between its paragraphs, which Qt leaves out."""
        self.browser.setMarkdown(text)
        document = self.browser.document()
        assert document is not None, "every browser has one"
        document.setDocumentMargin(_MARGIN_PX)
        block = document.begin()
        while block.isValid():
            _give_air(QTextCursor(block))
            block = block.next()


def _give_air(cursor: QTextCursor) -> None:
    """Move a paragraph away from its neighbours; rows of tables and lists stay close."""
    form = cursor.blockFormat()
    if cursor.currentTable() is not None or cursor.currentList() is not None:
        return
    form.setBottomMargin(_AIR_PX)
    if form.headingLevel():
        form.setTopMargin(_AIR_ABOVE_HEADING_PX)
    cursor.setBlockFormat(form)


def keys_html(commands: Iterable[Command]) -> str:
    """Write the sheet of keys as a table, in the groups of the commands.

    Args:
        commands: What can be done.

    Returns:
        HTML.
    """
    rows = []
    groups: dict[str, list[Command]] = {}
    for one in commands:
        if one.keys and one.on_sheet:
            groups.setdefault(one.group, []).append(one)
    for group, members in groups.items():
        rows.append(f"<tr><th colspan=2 align=left><br>{html.escape(group)}</th></tr>")
        for one in members:
            keys = " &nbsp;or&nbsp; ".join(
                f"<b>{html.escape(QKeySequence(key).toString(_NATIVE))}</b>" for key in one.keys
            )
            rows.append(f"<tr><td width=200>{keys}</td><td>{html.escape(one.name)}</td></tr>")
    return f"<table cellpadding=4>{''.join(rows)}</table>"


def guide_text() -> str:
    """Give the operator's guide as Markdown, from the installed program or its repository."""
    for folder in (resources.files(monitor) / "_docs", Path(__file__).parents[2] / "docs"):
        page = folder / _GUIDE
        if page.is_file():
            return _PICTURE.sub("", page.read_text(encoding="utf-8"))
    return _tr("The guide is not installed with this program; press F1 for the keys.")


def about_text(model_note: str, libraries: Sequence[tuple[str, str, str]]) -> str:
    """Write what this program is, what it counts with, and what it is made of, as Markdown.

    Args:
        model_note: What the model was trained on and how far it can be trusted.
        libraries: Name, version and licence of each.

    Returns:
        Markdown.
    """
    made_of = [f"| {name} | {version} | {terms} |" for name, version, terms in libraries]
    return "\n".join(
        [
            f"# Crowd Monitor {monitor.__version__}",
            "",
            f"**{_tr('Decision support, not a safety system.')}** "
            + _tr("Counts are estimates with an interval."),
            _tr("Limits are set and alarms are answered by the people responsible for the site."),
            "",
            f"## {_tr('Model')}",
            "",
            model_note,
            "",
            f"## {_tr('Colors and numbers')}",
            "",
            _tr("Heat maps: {source}.").format(source=_HEAT_SOURCE),
            _tr("Colors with a meaning: {source}.").format(source=_COLOR_SOURCE),
            _tr("Alarm states: {source}.").format(source=_ALARM_SOURCE),
            _tr("Levels of service: {source}.").format(source=_LEVEL_SOURCE),
            "",
            f"## {_tr('Licence')}",
            "",
            _tr(
                "GPL-3.0-or-later; the text is in the file LICENSE. It comes without any warranty."
            ),
            "",
            f"| {_tr('made of')} | {_tr('version')} | {_tr('licence')} |",
            "|---|---|---|",
            *made_of,
            f"| Qt | {qVersion()} | LGPL-3.0 |",
            "",
        ]
    )


def _tr(text: str) -> str:
    return translate("Help", text)


_NATIVE = QKeySequence.SequenceFormat.NativeText


_LICENCES = (
    ("PyQt6", "GPL-3.0-only"),
    ("pyqtgraph", "MIT"),
    ("av", "BSD-3-Clause; FFmpeg inside: see its notice"),
    ("onnxruntime", "MIT"),
    ("onnxruntime-gpu", "MIT"),
    ("opencv-python-headless", "Apache-2.0"),
    ("numpy", "BSD-3-Clause"),
    ("pydantic", "MIT"),
    ("platformdirs", "MIT"),
    ("tomlkit", "MIT"),
    ("keyring", "MIT"),
    ("defusedxml", "PSF-2.0"),
    ("requests", "Apache-2.0"),
    ("SQLAlchemy", "MIT"),
    ("typer", "MIT"),
    ("rich", "MIT"),
)
"""Libraries that the window runs on; each package carries the text of its licence."""


def installed_libraries() -> list[tuple[str, str, str]]:
    """Give name, version and licence of each library that is installed."""
    found = []
    for name, licence in _LICENCES:
        try:
            found.append((name, version(name), licence))
        except PackageNotFoundError:
            continue
    return found
