"""The strip that says whether an alarm needs somebody; it is always there."""

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QWidget

from monitor.ui.labels import make_label, set_text
from monitor.ui.strip import StripKind, StripView, headline_of
from monitor.ui.theme import Theme

_HEIGHT = 48
_SENTENCE_LEAST_PX = 160


class AlarmStrip(QFrame):
    """One alarm in words, with a button to acknowledge it.

    Signals:
        acknowledged: Somebody knows; carries the alarm's id and a note, which may be empty.
        camera_wanted: Somebody wants to see the camera of the alarm; carries its name.
    """

    acknowledged = pyqtSignal(str, str)
    camera_wanted = pyqtSignal(str)

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, has_many_cameras: bool = False
    ) -> None:
        super().__init__(parent)
        self._has_many_cameras = has_many_cameras
        self._theme = theme
        self._view = StripView(StripKind.NO_LIMIT, "", "", "")
        self._is_lit = True
        self._headline = make_label("headline")
        self._sentence = make_label("sentence")
        self._others = make_label("sentence")
        self._note = QLineEdit()
        self._show = QPushButton(self.tr("Show camera"))
        self._button = QPushButton(self.tr("Acknowledge  (A)"))
        self._build()
        self._set_words()

    @property
    def view(self) -> StripView:
        """What is shown."""
        return self._view

    @property
    def button(self) -> QPushButton:
        """The button to acknowledge."""
        return self._button

    @property
    def note(self) -> QLineEdit:
        """Where a note for the journal is typed."""
        return self._note

    @property
    def words(self) -> str:
        """All that is written."""
        parts = (self._headline.text(), self._sentence.text(), self._others.text())
        return " ".join(part for part in parts if part)

    def show_view(self, view: StripView) -> None:
        """Show an alarm, or that there is none."""
        if view == self._view:
            return
        if view.alarm_id != self._view.alarm_id:
            self._note.clear()  # it was meant for another alarm
        self._view = view
        self._set_words()

    def set_many_cameras(self, has_many: bool) -> None:
        """Say whether there are other cameras than the one that is looked at."""
        self._has_many_cameras = has_many
        self._set_words()

    def set_lit(self, is_lit: bool) -> None:
        """Light or darken the strip: the bell that can be seen."""
        if is_lit != self._is_lit:
            self._is_lit = is_lit
            self._colour()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self._colour()

    def acknowledge(self) -> None:
        """Acknowledge what is shown, with the note that was typed."""
        if self._view.needs_person:
            self.acknowledged.emit(self._view.alarm_id, self._note.text().strip())
            self._note.clear()

    def changeEvent(self, event: QEvent | None) -> None:
        """Grow with the letters."""
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.FontChange:
            self._fit_height()

    def _fit_height(self) -> None:
        self.setFixedHeight(max(_HEIGHT, 3 * self.fontMetrics().height()))

    def _build(self) -> None:
        self._fit_height()
        self.setAutoFillBackground(True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 0, 10, 0)
        layout.setSpacing(12)
        self._note.setObjectName("note")
        self._note.setPlaceholderText(self.tr("Note for the journal"))
        self._note.setAccessibleName(self.tr("Note for the journal"))
        self._note.setMaxLength(200)
        self._note.setFixedWidth(190)
        self._note.returnPressed.connect(self.acknowledge)
        self._button.setToolTip(self.tr("Say that you know: key A or Space"))
        self._button.clicked.connect(self.acknowledge)
        self._show.clicked.connect(lambda: self.camera_wanted.emit(self._view.camera))
        for button in (self._show, self._button):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._sentence.setWordWrap(True)  # a long name must not widen the window
        self._sentence.setMinimumWidth(_SENTENCE_LEAST_PX)
        for widget, stretch in (
            (self._headline, 0),
            (self._sentence, 1),
            (self._others, 0),
            (self._show, 0),
            (self._note, 0),
            (self._button, 0),
        ):
            layout.addWidget(widget, stretch)

    def _set_words(self) -> None:
        view = self._view
        set_text(self._headline, headline_of(view.kind))
        set_text(self._sentence, view.sentence)
        self._sentence.setToolTip(view.sentence)
        set_text(self._others, view.others)
        for widget in (self._note, self._button):
            widget.setVisible(view.needs_person)
        is_about_one = bool(view.camera) and view.kind is not StripKind.CALM
        self._show.setVisible(self._has_many_cameras and is_about_one)
        self._colour()

    def _colour(self) -> None:
        theme = self._theme
        back, fore = theme.panel, theme.muted
        if self._view.kind is StripKind.RINGING:
            back, fore = theme.alarm if self._is_lit else theme.alarm_dim, theme.on_strong
        elif self._view.kind not in {StripKind.CALM, StripKind.NO_LIMIT}:
            back, fore = theme.panel, theme.warning
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, QColor(back))
        for label in (self._headline, self._sentence, self._others):
            palette.setColor(QPalette.ColorRole.WindowText, QColor(fore))
            label.setPalette(palette)
        self.setPalette(palette)
