"""The pictures: one camera large, or all of them."""

from collections.abc import Sequence
from dataclasses import replace

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QSlider, QStackedWidget, QVBoxLayout, QWidget

from monitor.core.prediction import Prediction
from monitor.core.reading import Quality
from monitor.core.zone import RelativePoint
from monitor.engine.scene import ShownGround
from monitor.engine.snapshot import CameraSnapshot
from monitor.ui.heat_scale import HeatScale, peak_of, usual_people
from monitor.ui.picture import PictureView
from monitor.ui.render import HeatLayer, RenderRequest, RenderThread
from monitor.ui.stage_controls import StageControls
from monitor.ui.text import density_text
from monitor.ui.theme import Theme
from monitor.ui.view import CameraView
from monitor.ui.wall import CameraWall
from monitor.ui.zoom import WHOLE, Viewport

_LARGE = "large:"
_TILE = "tile:"
"""Places of the render thread begin with these and end with a camera's name."""
_TILE_EVERY_S = 0.09
"""Tiles get ten pictures a second, one a refresh: enough to see people walk."""
_WITH_HEAT = frozenset(
    {Quality.GOOD, Quality.DEGRADED, Quality.UNCALIBRATED, Quality.OUT_OF_DISTRIBUTION}
)
"""Where people were some time ago must not be taken for where they are."""


class Stage(QFrame):
    """Shows pictures that the render thread draws.

    Signals:
        camera_chosen: A camera was selected; carries its name.
        camera_opened: A camera is to be shown alone; carries its name.
    """

    camera_chosen = pyqtSignal(str)
    camera_opened = pyqtSignal(str)

    def __init__(
        self,
        names: Sequence[str],
        renderer: RenderThread,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._renderer = renderer
        self._requested_s: dict[str, float] = {}
        self._frozen: CameraSnapshot | None = None
        self._grounds: dict[str, ShownGround | None] = {}
        self._is_scale_chosen = False
        self.picture = PictureView(theme)
        self.wall = CameraWall(names, theme)
        self.controls = StageControls()
        self.heat_scale = HeatScale()
        self._pages = QStackedWidget()
        self._build()

    @property
    def opacity_slider(self) -> QSlider:
        """How strong the heat map is, percent."""
        return self.controls.opacity

    @property
    def shows_wall(self) -> bool:
        """Whether all cameras are shown."""
        return self._pages.currentWidget() is self.wall

    @property
    def frozen(self) -> CameraSnapshot | None:
        """What the large picture holds; None: it goes on."""
        return self._frozen

    def show_wall(self, is_wanted: bool) -> None:
        """Show all cameras, or one."""
        self.controls.freeze.setChecked(False)
        self._pages.setCurrentWidget(self.wall if is_wanted else self.picture)
        self.controls.show_for(is_wall=is_wanted)

    def set_names(self, names: Sequence[str]) -> None:
        """Show other cameras."""
        self.wall.set_names(names)

    def choose(self, name: str) -> None:
        """Select another camera."""
        self.controls.freeze.setChecked(False)
        self.wall.mark_chosen(name)
        self.picture.show_part(WHOLE)
        self.picture.show_image(None)
        self._renderer.forget(_LARGE + name)  # a picture of when it was looked at last

    def freeze(self, snapshot: CameraSnapshot | None, *, banner: str = "") -> None:
        """Hold the large picture still; None: let it go on."""
        self._frozen = snapshot
        self.picture.show_banner(banner)

    def look_at(self, view: Viewport) -> None:
        """Look at another part of the large picture."""
        self.picture.show_part(view)

    def show_camera(
        self,
        snapshot: CameraSnapshot,
        view: CameraView,
        *,
        is_chosen: bool,
        now_s: float,
    ) -> None:
        """Show what there is of a camera, and request what there is not.

        Args:
            snapshot: The camera now.
            view: The same in words.
            is_chosen: Whether it is the selected one.
            now_s: Monotonic clock.
        """
        self._grounds[snapshot.name] = _ground_of(snapshot)
        if is_chosen:
            self._show_units(snapshot)
        if self.shows_wall:
            tile = self.wall.tile(snapshot.name)
            tile.show_view(view)
            tile.show_zones(snapshot.zones)
            place = _TILE + snapshot.name
            self._show_tile(snapshot.name)
            if now_s - self._requested_s.get(place, -_TILE_EVERY_S) >= _TILE_EVERY_S:
                self._request(place, snapshot, tile.room_px, now_s=now_s)
        elif is_chosen:
            is_held = self._frozen is not None
            self.picture.show_signal(None if is_held else view.signal)
            self.picture.show_zones(snapshot.zones)
            self.picture.show_peak(*self._peak_of(self._frozen or snapshot))
            self._show_large(snapshot, now_s)

    def show_rendered(self, snapshot: CameraSnapshot | None, now_s: float) -> None:
        """Show pictures that were rendered since the last refresh.

        Args:
            snapshot: The camera that is looked at alone; None: all are shown.
            now_s: Monotonic clock.
        """
        if self.shows_wall:
            for name in self.wall.names:
                self._show_tile(name)
        elif snapshot is not None:
            self._show_large(snapshot, now_s)

    def take_count(self, prediction: Prediction, now_s: float) -> None:
        """Take in a new count of any camera, for the scale of the heat maps."""
        if not self._is_scale_chosen:
            self.controls.set_scale(usual_people(prediction.block_px))
            self._on_scale_chosen(self.controls.scale_people)
        if self.heat_scale.follows_crowd:
            self.heat_scale.take(peak_of(prediction.density), now_s)

    def saved_picture(self, snapshot: CameraSnapshot) -> RenderRequest | None:
        """Give what draws a picture as it is saved; None: nothing was counted yet."""
        snapshot = self._frozen or snapshot
        if snapshot.counted_frame is None:
            return None
        picture = snapshot.counted_frame.picture
        height, width = picture.size_hw
        is_fresh = replace(snapshot, quality=Quality.GOOD)  # heat and picture are of one moment
        return RenderRequest(picture, (width, height), self._heat(is_fresh), self.picture.view)

    def heat_of(self, snapshot: CameraSnapshot) -> HeatLayer | None:
        """Give the heat map of a camera as it is set here; None: none is drawn."""
        return self._heat(snapshot)

    def add_row(self, widget: QWidget) -> None:
        """Add controls of another part below the pictures."""
        if (layout := self.layout()) is not None:
            layout.addWidget(widget)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.wall.set_theme(theme)
        self.picture.set_theme(theme)

    def _show_tile(self, name: str) -> None:
        if (image := self._renderer.take(_TILE + name)) is not None:
            self.wall.tile(name).show_image(image)

    def _show_large(self, snapshot: CameraSnapshot, now_s: float) -> None:
        place = _LARGE + snapshot.name
        if (image := self._renderer.take(place)) is not None:
            self.picture.show_image(image)
        self._request(place, self._frozen or snapshot, self.picture.room_px, now_s=now_s)

    def _request(
        self, place: str, snapshot: CameraSnapshot, room_px: tuple[int, int], *, now_s: float
    ) -> None:
        """Request a picture, unless the one that was requested last looks the same."""
        is_counted_wanted = self.controls.heat.is_aligned or snapshot is self._frozen
        frame = snapshot.counted_frame if is_counted_wanted else snapshot.frame
        if frame is None:
            return
        view = self.picture.view if place.startswith(_LARGE) else WHOLE
        request = RenderRequest(frame.picture, room_px, self._heat(snapshot), view)
        if self._renderer.request(place, request):
            self._requested_s[place] = now_s

    def _heat(self, snapshot: CameraSnapshot) -> HeatLayer | None:
        settings = self.controls.heat
        if (
            snapshot.prediction is None
            or settings.opacity == 0
            or snapshot.quality not in _WITH_HEAT
        ):
            return None
        ground = _ground_of(snapshot)
        return HeatLayer(
            snapshot.prediction,
            settings.opacity,
            self.heat_scale.full_people if ground is None else self.heat_scale.full_m2,
            settings.threshold_share,
            snapshot.sure_blocks,
            None if ground is None else ground.part,
        )

    def _peak_of(self, snapshot: CameraSnapshot) -> tuple[Sequence[RelativePoint], str]:
        """Give where it is fullest, and how full; nothing where no heat map is drawn."""
        crowding = None if snapshot.reading is None else snapshot.reading.crowding
        is_shown = self.controls.heat.opacity > 0 and snapshot.quality in _WITH_HEAT
        if crowding is None or crowding.peak_m2 is None or not is_shown:
            return (), ""
        if _ground_of(snapshot) is None:
            return (), ""
        return crowding.peak_outline, f"{density_text(crowding.peak_m2)}/m²"

    def _show_units(self, snapshot: CameraSnapshot) -> None:
        """Say what the colours of the pictures that are shown stand for."""
        own = _ground_of(self._frozen or snapshot)
        shown = [self._grounds.get(name) for name in self.wall.names] if self.shows_wall else [own]
        has_ground = any(one is not None for one in shown)
        self.controls.show_units(has_blocks=None in shown, has_ground=has_ground)
        scale_of = own or next((one for one in shown if one is not None), None)
        legend = self.controls.legend
        before = legend.sizeHint()
        if scale_of is None:
            legend.show_scale(self.heat_scale.full_people)
        else:
            legend.show_ground(self.heat_scale.full_m2, scale_of.scale)
        if legend.sizeHint() != before:
            self.controls.refit()

    def _on_scale_chosen(self, people: float | None) -> None:
        self._is_scale_chosen = True
        self.heat_scale.fix(people)

    def _on_scale_m2_chosen(self, full_m2: float) -> None:
        self.heat_scale.full_m2 = full_m2

    def _build(self) -> None:
        self.wall.camera_chosen.connect(self.camera_chosen)
        self.wall.camera_opened.connect(self.camera_opened)
        self.controls.scale_chosen.connect(self._on_scale_chosen)
        self.controls.scale_m2_chosen.connect(self._on_scale_m2_chosen)
        self.controls.columns_chosen.connect(self.wall.set_columns)
        self._pages.addWidget(self.picture)
        self._pages.addWidget(self.wall)
        self.controls.show_for(is_wall=False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 6)
        layout.setSpacing(6)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self.controls)


def _ground_of(snapshot: CameraSnapshot) -> ShownGround | None:
    """Give the ground that heat maps are measured by; None where it is not known, or no more."""
    if snapshot.quality is Quality.UNCALIBRATED or snapshot.ground is None:
        return None
    return None if snapshot.ground.part is None else snapshot.ground
