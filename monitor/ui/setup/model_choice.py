"""Which model counts, with its card: what it learned from and how wrong it is."""

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtWidgets import QComboBox, QFrame, QPlainTextEdit, QVBoxLayout, QWidget

from monitor.ui.setup.tools import ModelCard

_LINES_LEAST = 4


class ModelChoice(QWidget):
    """A list of models; the card of the chosen one stands below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.models = QComboBox()
        self.models.setAccessibleName(self.tr("Model"))
        self.models.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.models.setMinimumContentsLength(20)
        self.card = QPlainTextEdit(self.tr("Reading the models …"))
        self.card.setObjectName("modelNote")
        self.card.setReadOnly(True)
        self.card.setFrameShape(QFrame.Shape.NoFrame)
        self.card.setMinimumHeight(_LINES_LEAST * self.card.fontMetrics().lineSpacing())
        self.card.setAccessibleName(self.tr("What the model says of itself"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.models)
        layout.addWidget(self.card, 1)
        self.models.setEnabled(False)
        self.models.currentIndexChanged.connect(self._on_chosen)
        self._present: Path | None = None

    @property
    def chosen(self) -> Path | None:
        """The model that is to count from now on; None: the one that does."""
        one = self.models.currentData()
        is_other = isinstance(one, ModelCard) and one.path != self._present
        return one.path if is_other else None

    def show_models(self, models: Sequence[ModelCard], present: Path | None) -> None:
        """Show what there is.

        Args:
            models: What can count; the first is the one that counts where nobody chose.
            present: What counts now; None: the first.
        """
        known = {one.path: place for place, one in enumerate(models)}
        self._present = present if present in known else next(iter(known), None)
        self.models.clear()
        for one in models:
            self.models.addItem(one.title, one)
        if self._present is not None:
            self.models.setCurrentIndex(known[self._present])
        self.models.setEnabled(len(models) > 1)
        self._on_chosen()

    def show_fault(self, words: str) -> None:
        """Say why there is nothing to choose."""
        self.card.setPlainText(words)

    def _on_chosen(self) -> None:
        one = self.models.currentData()
        if isinstance(one, ModelCard):
            note = self.tr("It counts for every camera of the site.") if self.chosen else ""
            self.card.setPlainText(f"{note}\n{one.card}".strip())
