"""Between the ground-plane editor, the arithmetic and the engine."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QObject
from PyQt6.QtWidgets import QWidget

from monitor.core.reading import Quality
from monitor.core.rule import Measure
from monitor.core.series import camera_of
from monitor.engine.snapshot import CameraSnapshot
from monitor.scene.levels import FRUIN, SCALES
from monitor.settings import GroundSettings
from monitor.ui.actions import Command
from monitor.ui.background import BackgroundTask, BackgroundTasks
from monitor.ui.ground.bands import BandEditor, bands_of
from monitor.ui.ground.canvas import GroundCanvas
from monitor.ui.ground.draft import OWN_SCALE, GroundDraft, Marks, Way, marks_of
from monitor.ui.ground.fit import GroundFit, Sight, fit_ground
from monitor.ui.ground.panel import GroundPanel
from monitor.ui.ground.reference import keep_reference, reference_path
from monitor.ui.ground.words import check_text
from monitor.ui.picture import PictureView
from monitor.video.frame import Frame

GroundChanger = Callable[[str, GroundSettings | None], None]
"""Called with a camera's name and its ground; None: it is no longer known."""
_USUAL_BLOCK_PX = 16  # before anything was counted
_ON_GROUND = frozenset({Measure.DENSITY, Measure.PEAK_DENSITY})


class GroundDesk(QObject):
    """Lives on the GUI thread; marks the ground of one camera at a time.

    Unlike a zone, a ground holds only when a person says so: half of its clicks give a wrong one,
    and alarms on people per m² would go by it.
    """

    def __init__(
        self,
        picture: PictureView,
        change: GroundChanger,
        errands: BackgroundTasks,
        freeze: Callable[[bool], None],
        site_file: Callable[[], Path | None],
        parent: QWidget,
    ) -> None:
        """Prepare.

        Args:
            picture: The large picture.
            change: Has people per m² measured by another ground.
            errands: What lays planes off the GUI thread.
            freeze: Holds the picture still, or lets it go on.
            site_file: Gives the file beside which is kept what the camera saw; None: there is none.
            parent: Owner.
        """
        super().__init__(parent)
        self._picture = picture
        self._change = change
        self._errands = errands
        self._freeze = freeze
        self._site_file = site_file
        self._snapshot: CameraSnapshot | None = None
        self._frame: Frame | None = None
        self._sight = Sight((1, 1), _USUAL_BLOCK_PX)
        self._used = Marks()
        self._is_leaving = False
        self.draft = GroundDraft(Marks())
        self.canvas: GroundCanvas | None = None
        self._window = parent
        self.levels: BandEditor | None = None
        self.panel = GroundPanel()
        self.panel.hide()
        self._connect()

    def commands(self, begin: Callable[[], None]) -> list[Command]:
        """Give what can be done with a key."""
        group = QCoreApplication.translate("Commands", "Picture")
        name = QCoreApplication.translate("Commands", "Mark the ground …")
        return [Command(name, ("M",), begin, group)]

    def begin(self, snapshot: CameraSnapshot) -> None:
        """Mark the ground of a camera, whose picture is shown; it is held still meanwhile."""
        self.end()
        frame = snapshot.counted_frame or snapshot.frame
        if frame is None:
            return  # there is nothing to click on yet
        self._freeze(True)
        self._snapshot, self._frame = snapshot, frame
        height, width = frame.picture.size_hw
        counted = snapshot.prediction
        self._sight = Sight(
            (width, height),
            _USUAL_BLOCK_PX if counted is None else counted.block_px,
            snapshot.zones,
            None if counted is None else counted.density,
        )
        ground = None if snapshot.ground is None else snapshot.ground.settings
        self._used = marks_of(ground)
        self.draft = GroundDraft(self._used)
        self.canvas = GroundCanvas(self._picture, self.draft, self._sight.size_wh)
        self.canvas.drafted.connect(self._on_drafted)
        self.canvas.used.connect(self.use)
        self.canvas.left.connect(self._on_left)
        self.canvas.show()
        self.canvas.setFocus()
        self.panel.show()
        self._on_drafted()
        if snapshot.quality is Quality.UNCALIBRATED:
            self.panel.tell(
                self.tr("The camera has moved since its ground was marked: mark it anew"),
                is_fault=True,
            )

    def end(self) -> None:
        """Stop marking; what was used holds, what was not is dropped."""
        if self.canvas is not None:
            self.canvas.hide()
            self.canvas.deleteLater()
            self.canvas = None
            self._snapshot = None
            self.panel.hide()
            self._freeze(False)

    def use(self) -> None:
        """Measure people per m² by what is shown."""
        fit = None if self.canvas is None else self.canvas.fit
        if fit is None:
            self._tell_missing()
            return
        file = self._site_file()
        if file is None or self._snapshot is None or self._frame is None:
            self._use(fit.settings, self.draft.marks)
            return
        # What the camera sees is kept first: the engine compares with it from the start.
        work = partial(
            keep_reference, self._frame, reference_path(file, camera_of(self._snapshot.name))
        )
        on_kept = partial(self._on_kept, self._snapshot, fit.settings, self.draft.marks)
        self._errands.send("ground reference", BackgroundTask(work, on_kept, self._on_not_kept))

    def _on_kept(
        self, snapshot: CameraSnapshot, ground: GroundSettings, marks: Marks, found: object
    ) -> None:
        if snapshot is self._snapshot:
            self._use(ground.model_copy(update={"reference": str(found)}), marks)

    def _on_not_kept(self, message: str) -> None:
        words = self.tr("Not used: what the camera sees could not be kept: {message}")
        self.panel.tell(words.format(message=message), is_fault=True)

    def _use(self, ground: GroundSettings, marks: Marks) -> None:
        if self._tell_engine(ground):
            self._used = marks
            self._show_buttons()
            self.panel.tell(self.tr("Used from now on: people per m² are measured by this ground"))

    def remove(self) -> None:
        """Measure people per m² no longer; rules that need them must go first."""
        snapshot = self._snapshot
        if snapshot is None:
            return
        needing = [one.name for one in snapshot.rules if one.measure in _ON_GROUND]
        if needing:
            words = self.tr("The rule {name} is on people per m²; take it away first")
            self.panel.tell(words.format(name=needing[0]), is_fault=True)
            return
        if self._tell_engine(None):
            self._used = Marks()
            self.draft.set_values(corners=(), points=(), metres=(), people=(), chosen=None)
            self._on_drafted()

    def _connect(self) -> None:
        panel = self.panel
        panel.way_chosen.connect(self._on_way)
        panel.edited.connect(self._on_edited)
        panel.levels_wanted.connect(self.edit_levels)
        panel.metres_said.connect(self._on_metres)
        panel.delete_button.clicked.connect(lambda: self._step(self.draft.delete))
        panel.undo_button.clicked.connect(lambda: self._step(self.draft.undo))
        panel.remove_button.clicked.connect(self.remove)
        panel.use_button.clicked.connect(self.use)
        panel.done_button.clicked.connect(self._on_left)

    def _on_way(self, way: Way) -> None:
        self._step(lambda: self.draft.set_way(way))

    def _on_edited(self, fields: dict[str, object]) -> None:
        self._step(lambda: self.draft.set_values(**fields))

    def _on_metres(self, x_m: float, y_m: float) -> None:
        place = self.draft.marks.chosen
        if place is not None:
            self._step(lambda: self.draft.say_metres(place, (x_m, y_m)))
        if self.canvas is not None:
            self.canvas.setFocus()  # for the next click, or the arrow keys

    def edit_levels(self) -> None:
        """Ask for levels of service of this site's own; those of a known scale to begin with."""
        if self.canvas is None:
            return
        marks = self.draft.marks
        editor = BandEditor(marks.band or bands_of(SCALES.get(marks.scale, FRUIN)), self._window)
        self.levels = editor
        editor.accepted.connect(lambda: self._on_edited({"band": editor.bands, "scale": OWN_SCALE}))
        editor.finished.connect(partial(self._on_levels_gone, editor))
        editor.open()

    def _on_levels_gone(self, editor: BandEditor, *_: object) -> None:
        self.levels = None
        editor.deleteLater()

    def _on_left(self) -> None:
        """Leave; what is shown and was not used needs a second word."""
        has_fit = self.canvas is not None and self.canvas.fit is not None
        is_used = self.draft.marks.values(1.0) == self._used.values(1.0)
        if has_fit and not is_used and not self._is_leaving:
            self._is_leaving = True
            words = self.tr("Not used yet: Enter uses this ground, Esc again drops it")
            self.panel.tell(words, is_fault=True)
            return
        self._is_leaving = False
        self.end()

    def _step(self, do: Callable[[], None]) -> None:
        do()
        self._on_drafted()

    def _on_drafted(self) -> None:
        """Show the marks, and have a plane laid through them where there are enough."""
        if self.canvas is None:
            return
        self._is_leaving = False
        marks = self.draft.marks
        self.panel.show_draft(self.draft)
        if marks.missing:
            self._show_fit(None)
            self._tell_missing()
        else:
            work = partial(fit_ground, marks.values(self._sight.aspect), self._sight)
            on_done = partial(self._on_fitted, marks)
            self._errands.send("ground", BackgroundTask(work, on_done, self._on_failed))
        self.canvas.update()
        is_unsaid = marks.way is Way.PAIRS and marks.chosen is not None
        if is_unsaid and marks.metres[marks.chosen or 0] is None:
            self.panel.ask_place()

    def _on_fitted(self, marks: Marks, found: object) -> None:
        if self.canvas is None or marks is not self.draft.marks:
            return
        if not isinstance(found, GroundFit):
            self._show_fit(None)
            self.panel.tell(str(found), is_fault=True)
            return
        self._show_fit(found)
        if found.warnings:
            self.panel.tell(found.warnings[0], is_fault=True)
        else:
            self.panel.tell(
                self.tr("Compare the grid with what you know. Arrows move the marked point by 1 px")
            )

    def _on_failed(self, message: str) -> None:
        self._show_fit(None)
        self.panel.tell(message, is_fault=True)

    def _show_fit(self, fit: GroundFit | None) -> None:
        if self.canvas is not None:
            self.canvas.show_fit(fit)
        self.panel.tell_check("" if fit is None else check_text(fit))
        self._show_buttons()

    def _show_buttons(self) -> None:
        fit = None if self.canvas is None else self.canvas.fit
        self.panel.use_button.setEnabled(fit is not None)

    def _tell_missing(self) -> None:
        self.panel.tell(self.draft.marks.missing)

    def _tell_engine(self, ground: GroundSettings | None) -> bool:
        if self._snapshot is None:
            return False
        try:
            self._change(self._snapshot.name, ground)
        except KeyError:  # the camera was taken away while somebody marked
            self.panel.tell(self.tr("This camera is no longer watched"), is_fault=True)
            return False
        except ValueError as error:  # a rule needs the ground
            self.panel.tell(str(error), is_fault=True)
            return False
        return True
