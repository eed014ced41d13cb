"""The pictures: one camera large, or all of them."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from monitor.contract.arrays import FloatMap
from monitor.engine.snapshot import CameraSnapshot
from monitor.records.reading import Quality
from monitor.ui.darkroom import Darkroom
from monitor.ui.developing import HeatLayer, PrintOrder
from monitor.ui.heat_scale import HeatScale, peak_of
from monitor.ui.labels import make_label, set_text
from monitor.ui.legend import HeatLegend
from monitor.ui.picture import PictureView
from monitor.ui.theme import Theme
from monitor.ui.view import CameraView
from monitor.ui.wall import CameraWall

_OPACITY_PERCENT = 100
_LARGE = "large:"
_TILE = "tile:"
"""Places in the darkroom begin with these and end with a camera's name."""
_FEW_TILES = 4
_TILE_EVERY_S = 0.1
_SMALL_TILE_EVERY_S = 0.2  # sixteen tiles at camera rate would take a core of their own


class Stage(QFrame):
    """Shows pictures that the darkroom develops.

    Signals:
        camera_chosen: A camera is to be looked at; carries its name.
        camera_opened: A camera is to be looked at alone; carries its name.
    """

    camera_chosen = pyqtSignal(str)
    camera_opened = pyqtSignal(str)

    def __init__(
        self,
        names: Sequence[str],
        darkroom: Darkroom,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._darkroom = darkroom
        self._ordered: dict[str, PrintOrder] = {}
        self._ordered_s: dict[str, float] = {}
        self._picture = PictureView()
        self._wall = CameraWall(names, theme)
        self._wall.camera_chosen.connect(self.camera_chosen)
        self._wall.camera_opened.connect(self.camera_opened)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._picture)
        self._pages.addWidget(self._wall)
        self._scale = HeatScale()
        self._legend = HeatLegend()
        self._dense = make_label("muted")
        self._opacity = QSlider(Qt.Orientation.Horizontal)
        self._aligned = QCheckBox("Counted picture")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 6)
        layout.setSpacing(6)
        layout.addWidget(self._pages, 1)
        layout.addLayout(self._controls())
        self._tile_every_s = _TILE_EVERY_S if len(names) <= _FEW_TILES else _SMALL_TILE_EVERY_S

    @property
    def heat_scale(self) -> HeatScale:
        """What the brightest colour stands for."""
        return self._scale

    @property
    def picture(self) -> PictureView:
        """The large picture."""
        return self._picture

    @property
    def wall(self) -> CameraWall:
        """All cameras."""
        return self._wall

    @property
    def opacity_slider(self) -> QSlider:
        """How strong the heat map is, percent."""
        return self._opacity

    @property
    def shows_wall(self) -> bool:
        """Whether all cameras are shown."""
        return self._pages.currentWidget() is self._wall

    def show_wall(self, is_wanted: bool) -> None:
        """Show all cameras, or one."""
        self._pages.setCurrentWidget(self._wall if is_wanted else self._picture)

    def choose(self, name: str) -> None:
        """Look at another camera."""
        self._wall.mark_chosen(name)
        self._picture.show_image(None)
        self._ordered.pop(_LARGE + name, None)
        self._darkroom.forget(_LARGE + name)  # a picture of when it was looked at last

    def show_camera(
        self, snapshot: CameraSnapshot, view: CameraView, *, is_chosen: bool, now_s: float
    ) -> None:
        """Show what there is of a camera, and order what there is not.

        Args:
            snapshot: The camera now.
            view: The same in words.
            is_chosen: Whether it is the one that is looked at.
            now_s: Monotonic clock.
        """
        if self.shows_wall:
            tile = self._wall.tile(snapshot.name)
            tile.show_view(view)
            place = _TILE + snapshot.name
            if (image := self._darkroom.collect(place)) is not None:
                tile.show_image(image)
            if now_s - self._ordered_s.get(place, -self._tile_every_s) >= self._tile_every_s:
                self._order(place, snapshot, tile.room_px, now_s=now_s)
        elif is_chosen:
            self._picture.show_signal(view.signal)
            place = _LARGE + snapshot.name
            if (image := self._darkroom.collect(place)) is not None:
                self._picture.show_image(image)
            self._order(place, snapshot, self._picture.room_px, now_s=now_s)

    def take_count(self, density: FloatMap, now_s: float) -> None:
        """Take in a new density map of any camera, for the scale of the heat maps."""
        self._scale.take(peak_of(density), now_s)
        self._legend.show_scale(self._scale.full_people)
        set_text(self._dense, f"{self._scale.full_people:g} people per block")

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._wall.set_theme(theme)

    def _order(
        self, place: str, snapshot: CameraSnapshot, room_px: tuple[int, int], *, now_s: float
    ) -> None:
        """Order a picture, unless the one that was ordered last looks the same."""
        frame = snapshot.counted_frame if self._aligned.isChecked() else snapshot.frame
        if frame is None:
            return
        opacity = self._opacity.value() / 100
        heat = None
        # Where people were some time ago must not be taken for where they are.
        is_fresh = snapshot.quality in {Quality.GOOD, Quality.DEGRADED}
        if snapshot.prediction is not None and opacity > 0 and is_fresh:
            heat = HeatLayer(snapshot.prediction, opacity, self._scale.full_people)
        order = PrintOrder(frame.picture, room_px, heat)
        before = self._ordered.get(place)
        if before is None or not order.looks_like(before):
            self._ordered[place] = order
            self._ordered_s[place] = now_s
            self._darkroom.order(place, order)

    def _controls(self) -> QHBoxLayout:
        self._opacity.setRange(0, 100)
        self._opacity.setValue(_OPACITY_PERCENT)
        self._opacity.setFixedWidth(140)
        self._opacity.setToolTip("How strong the heat map is; at the left end it is off")
        self._opacity.setAccessibleName("Strength of the heat map")
        self._aligned.setToolTip(
            "Show the picture that was counted, so that heat map and people match exactly, "
            "in place of the newest one"
        )
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(make_label("muted", "Heat map"))
        row.addWidget(self._opacity)
        row.addSpacing(8)
        row.addWidget(make_label("muted", "nobody"))
        row.addWidget(self._legend)
        row.addWidget(self._dense)
        row.addStretch(1)
        row.addWidget(self._aligned)
        return row
