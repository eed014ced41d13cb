"""Between the zone editor and the engine: every finished step holds at once."""

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QCoreApplication, QObject
from PyQt6.QtWidgets import QWidget

from monitor.core.zone import Zone
from monitor.ui.actions import Command
from monitor.ui.picture import PictureView
from monitor.ui.zones.canvas import ZoneCanvas
from monitor.ui.zones.draft import ZoneDraft
from monitor.ui.zones.panel import ZonePanel

ZonesChanger = Callable[[str, Sequence[Zone]], None]
"""Called with a camera's name and all its zones."""


class ZoneDesk(QObject):
    """Lives on the GUI thread; edits the zones of one camera at a time."""

    def __init__(self, picture: PictureView, change: ZonesChanger, parent: QWidget) -> None:
        """Prepare.

        Args:
            picture: The large picture.
            change: Has other zones counted.
            parent: Owner.
        """
        super().__init__(parent)
        self._picture = picture
        self._change = change
        self._camera = ""
        self._told: tuple[Zone, ...] = ()
        self.draft = ZoneDraft(())
        self.canvas: ZoneCanvas | None = None
        self.panel = ZonePanel()
        self.panel.hide()
        self._connect()

    def commands(self, begin: Callable[[], None]) -> list[Command]:
        """Give what can be done with a key."""
        group = QCoreApplication.translate("Commands", "Picture")
        name = QCoreApplication.translate("Commands", "Draw zones …")
        return [Command(name, ("Z",), begin, group)]

    def begin(self, camera: str, zones: Sequence[Zone]) -> None:
        """Edit the zones of a camera, whose picture is shown."""
        self.end()
        self._camera, self._told = camera, tuple(zones)
        self.draft = ZoneDraft(zones)
        self.canvas = ZoneCanvas(self._picture, self.draft)
        self.canvas.drafted.connect(self._on_drafted)
        self.canvas.faulted.connect(self._on_fault)
        self.canvas.left.connect(self.end)
        self.canvas.show()
        self.canvas.setFocus()
        self.panel.show()
        self._on_drafted()

    def end(self) -> None:
        """Stop editing; what was drawn holds already."""
        if self.canvas is not None:
            self.canvas.hide()
            self.canvas.deleteLater()
            self.canvas = None
            self.panel.hide()

    def undo(self) -> bool:
        """Go one step back in the editor; False: nobody draws."""
        if self.canvas is None:
            return False
        self._step(self.draft.undo)
        return True

    def _connect(self) -> None:
        panel = self.panel
        panel.edited.connect(self._on_edited)
        panel.zone_chosen.connect(self._on_chosen)
        panel.draw_button.clicked.connect(self._on_draw)
        panel.rectangle_button.clicked.connect(lambda: self._step(self.draft.add_rectangle))
        panel.delete_button.clicked.connect(lambda: self._step(self.draft.delete))
        panel.undo_button.clicked.connect(lambda: self._step(self.draft.undo))
        panel.done_button.clicked.connect(self.end)

    def _on_draw(self) -> None:
        if self.canvas is not None:
            self.canvas.begin_drawing()
            self._on_drafted()

    def _on_chosen(self, place: int) -> None:
        self._step(lambda: self.draft.choose(place))

    def _on_edited(self, fields: dict[str, object]) -> None:
        self._step(lambda: self.draft.change(**fields))

    def _step(self, do: Callable[[], None]) -> None:
        try:
            do()
        except ValueError as error:
            self._on_fault(str(error))
            return
        self._on_drafted()

    def _on_fault(self, words: str) -> None:
        self.panel.show_draft(self.draft)
        self.panel.tell(words, is_fault=True)

    def _on_drafted(self) -> None:
        """Show the draft, and have it counted where zones differ."""
        self.panel.show_draft(self.draft)
        is_drawing = self.canvas is not None and self.canvas.is_drawing
        self.panel.tell(
            self.tr("Click corner after corner; double click or Enter ends the zone")
            if is_drawing
            else self.tr(
                "Pull a corner or the zone; , and . mark a corner, arrows move it or the zone"
            )
        )
        if self.canvas is not None:
            self.canvas.update()
        if self.draft.zones != self._told:
            self._told = self.draft.zones
            try:
                self._change(self._camera, self._told)
            except KeyError:  # the camera was taken away while somebody drew
                self.panel.tell(self.tr("This camera is no longer watched"), is_fault=True)
            except ValueError as error:  # a rule or an area needs the zone
                self._refused(str(error))

    def _refused(self, words: str) -> None:
        """Take back what cannot hold, and say why."""
        self.draft.undo()
        self._told = self.draft.zones
        self._on_fault(words)
