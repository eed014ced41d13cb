"""Help that needs no network: the keys, the operator's guide, and what this program is."""

import html
from collections.abc import Iterable, Sequence
from importlib import resources
from itertools import groupby
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, Qt, qVersion
from PyQt6.QtGui import QIcon, QKeySequence
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

import monitor
from monitor.ui.actions import Command

_SIZE_WH = (760, 620)
_GUIDE = "window.md"


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


def keys_html(commands: Iterable[Command]) -> str:
    """Write the sheet of keys as a table, in the groups of the commands.

    Args:
        commands: What can be done.

    Returns:
        HTML.
    """
    rows = []
    with_keys = [one for one in commands if one.keys and one.on_sheet]
    for group, members in groupby(with_keys, key=lambda one: one.group):
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
            return page.read_text(encoding="utf-8")
    return QCoreApplication.translate(
        "Help", "The guide is not installed with this program; press F1 for the keys."
    )


def about_text(model_note: str, libraries: Sequence[tuple[str, str, str]]) -> str:
    """Write what this program is, what it counts with, and what it is made of, as Markdown.

    Args:
        model_note: What the model was trained on and how far it can be trusted.
        libraries: Name, version and licence of each.

    Returns:
        Markdown.
    """
    made_of = "\n".join(f"| {name} | {version} | {terms} |" for name, version, terms in libraries)
    return f"""# Crowd Monitor {monitor.__version__}

**Decision support, not a safety system.** Counts are estimates with an interval.
Limits are set, watched and answered by people who are responsible for the place.

## Model

{model_note}

## Colors and numbers

Heat maps: *inferno* of matplotlib (S. van der Walt, N. Smith, 2015).
Colors with a meaning: M. Okabe, K. Ito, *Color Universal Design*, 2008.
Alarm states: ISA-18.2 and EN 62682.
Levels of service: J. J. Fruin, *Pedestrian Planning and Design*, 1971;
G. K. Still, *Introduction to Crowd Science*, 2014.

## Licence

GPL-3.0-or-later; the text is in the file LICENSE. It comes without any warranty.

| made of | version | licence |
|---|---|---|
{made_of}
| Qt | {qVersion()} | LGPL-3.0 |
"""


_NATIVE = QKeySequence.SequenceFormat.NativeText
