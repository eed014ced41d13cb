"""The controls below the pictures: heat map, scale with its legend, grid, freeze, save."""

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QCheckBox, QComboBox, QSizePolicy, QSlider, QWidget

from monitor.scene.heatmap import FULL_PEOPLE, legend
from monitor.scene.levels import Band, Scale
from monitor.ui.heat_scale import STEPS_M2, STEPS_PEOPLE, USUAL_M2
from monitor.ui.language import written
from monitor.ui.text import scale_tip
from monitor.ui.wall import COLUMNS_MOST
from monitor.ui.widgets import PriorityRow, make_button, make_label

_STEPS = 12
_BAR_PX = 12
_WIDTH_PX, _WIDTH_WITH_LEVELS_PX = 90, 180
_LETTERS_SHARE, _LETTERS_LEAST_PX = 0.75, 10
"""Of the widget's own letters: the levels stand close to each other."""


class HeatLegend(QWidget):
    """A bar from nobody to the brightest colour; with a known ground its levels of service too."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._full: float = 0.0
        self._scale: Scale | None = None
        self.show_scale(FULL_PEOPLE)

    @property
    def bands(self) -> Sequence[Band]:
        """Levels that are written below the bar: those for people who stand; empty: none."""
        return () if self._scale is None else self._scale.standing

    def show_scale(self, full_people: float) -> None:
        """Say what the brightest colour stands for, people per block."""
        if (full_people, None) != (self._full, self._scale):
            tip = self.tr(
                "From 0 (no color) to {full} or more people in one block of the model; "
                "the same for all cameras"
            ).format(full=written(full_people, "g"))
            self._show(full_people, None, tip)

    def show_ground(self, full_m2: float, scale: Scale) -> None:
        """Say what it stands for where the ground is known, people per m².

        Args:
            full_m2: At the end of the bar.
            scale: Levels of service, which are written below it.
        """
        if (full_m2, scale) != (self._full, self._scale):
            tip = self.tr(
                "From 0 (no color) to {full} or more people per m², over the 4 m² around each "
                "point. The white outline marks the most crowded one. Gray: too far away to "
                "measure.\nBelow the bar: levels of service for standing people."
            ).format(full=written(full_m2, "g"))
            self._show(full_m2, scale, f"{tip}\n{scale_tip(scale)}")

    def sizeHint(self) -> QSize:
        """As wide as a word or two, or as the levels."""
        if self._scale is None:
            return QSize(_WIDTH_PX, _BAR_PX)
        return QSize(_WIDTH_WITH_LEVELS_PX, _BAR_PX + self._letters_px + 3)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the bar, and below it the levels."""
        steps = legend(steps=_STEPS)
        gradient = QLinearGradient(0, 0, self.width(), 0)
        for step in steps:
            gradient.setColorAt(step.people / steps[-1].people, QColor(*step.rgba))
        painter = QPainter(self)
        painter.fillRect(QRectF(0, 0, self.width(), _BAR_PX), gradient)
        self._draw_levels(painter)
        painter.end()

    def _show(self, full: float, scale: Scale | None, tip: str) -> None:
        self._full, self._scale = full, scale
        self.setToolTip(tip)
        self.updateGeometry()
        self.update()

    def _draw_levels(self, painter: QPainter) -> None:
        font = painter.font()
        font.setPixelSize(self._letters_px)
        painter.setFont(font)
        bands = self.bands
        colour = self.palette().color(self.foregroundRole())
        for place, band in enumerate(bands):
            start = self._place_of(band.from_m2)
            end = self._place_of(bands[place + 1].from_m2) if place + 1 < len(bands) else 1.0
            left, right = start * self.width(), end * self.width()
            if start >= 1.0:
                break
            painter.setPen(QPen(colour, 1))
            if place:
                painter.drawLine(round(left), _BAR_PX - 4, round(left), _BAR_PX + 3)
            if painter.fontMetrics().horizontalAdvance(band.name) <= right - left:
                box = QRectF(left, _BAR_PX + 2, right - left, self._letters_px + 1)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, band.name)

    @property
    def _letters_px(self) -> int:
        return max(_LETTERS_LEAST_PX, round(_LETTERS_SHARE * self.font().pixelSize()))

    def _place_of(self, density_m2: float) -> float:
        return min(1.0, density_m2 / self._full)


_SLIDER_PX = 96
_THRESHOLD_MOST = 90  # percent of the scale: above it nothing would be left


@dataclass(frozen=True, slots=True)
class HeatSettings:
    """How heat maps are drawn, as it is set; read for each picture, so no widget is asked."""

    opacity: float = 1.0
    """0: no heat map; 1: as strong as it may be."""
    threshold_share: float = 0.0
    """Share of the scale below which nothing is drawn."""
    is_aligned: bool = False
    """Whether the picture that was counted is shown in place of the newest one."""


class StageControls(PriorityRow):
    """One row of controls; those of the wall and those of the large picture take turns.

    Signals:
        scale_chosen: Another scale is wanted; carries people per block, or None to follow.
        scale_m2_chosen: Another scale is wanted where the ground is known; carries people per m².
        columns_chosen: Another grid is wanted; carries its columns, 0: automatic.
        freeze_toggled: The large picture is to stand still, or to go on.
        snapshot_wanted: The large picture is to be saved.
    """

    scale_chosen = pyqtSignal(object)
    scale_m2_chosen = pyqtSignal(float)
    columns_chosen = pyqtSignal(int)
    freeze_toggled = pyqtSignal(bool)
    snapshot_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.opacity = self._slider(100, 100, self.tr("Heat map opacity"))
        self.threshold = self._slider(_THRESHOLD_MOST, 0, self.tr("Heat map threshold"))
        self.legend = HeatLegend()
        self.scale = QComboBox()
        self.scale_m2 = QComboBox()
        self.columns = QComboBox()
        self.aligned = QCheckBox(self.tr("Counted picture"))
        self.freeze = make_button(self.tr("Freeze"), self.tr("Freeze the picture: key F"))
        self.snapshot = make_button(
            self.tr("Save"), self.tr("Save picture, heat map and count as PNG: key S")
        )
        self._wall_parts: list[QWidget] = []
        self._focus_parts: list[QWidget] = []
        self._heat = HeatSettings()
        self._build()

    @property
    def heat(self) -> HeatSettings:
        """How heat maps are drawn."""
        return self._heat

    @property
    def scale_people(self) -> float | None:
        """The fixed scale that is chosen, people per block; None: it follows the crowd."""
        return self.scale.currentData()  # type: ignore[no-any-return] # what was put in below

    def set_scale(self, people: float | None) -> None:
        """Choose a scale, one of `STEPS_PEOPLE`, or None to follow the crowd."""
        index = self.scale.findData(people)
        if index >= 0:
            self.scale.setCurrentIndex(index)

    def show_units(self, *, has_blocks: bool, has_ground: bool) -> None:
        """Offer the scales of the pictures that are shown: per block, per m², or both."""
        self.set_wanted(self.scale, has_blocks or not has_ground)
        self.set_wanted(self.scale_m2, has_ground)

    def set_columns(self, columns: int) -> None:
        """Choose a grid."""
        self.columns.setCurrentIndex(min(max(0, columns), COLUMNS_MOST))

    def show_for(self, *, is_wall: bool) -> None:
        """Show the controls of the wall, or those of the large picture."""
        for widget in self._wall_parts:
            self.set_wanted(widget, is_wall)
        for widget in self._focus_parts:
            self.set_wanted(widget, not is_wall)

    def _build(self) -> None:
        self.opacity.setToolTip(
            self.tr("Opacity of the heat map; off at the left end: keys [ and ]")
        )
        self.threshold.setToolTip(self.tr("Hide values below this share of the scale"))
        self.aligned.setToolTip(
            self.tr(
                "Show the counted picture instead of the newest one, so that heat map and people "
                "match exactly"
            )
        )
        self.opacity.valueChanged.connect(self._take_settings)
        self.threshold.valueChanged.connect(self._take_settings)
        self.aligned.toggled.connect(self._take_settings)
        self.freeze.setCheckable(True)
        self.freeze.toggled.connect(self.freeze_toggled)
        self.snapshot.clicked.connect(self.snapshot_wanted)
        self._fill_boxes()
        self.set_wanted(self.scale_m2, False)
        grid = make_label("muted", self.tr("Columns"))
        threshold = make_label("muted", self.tr("above"))
        for widget, gives_way in (
            (make_label("muted", self.tr("Heat map")), 5),
            (self.opacity, 1),
            (threshold, 4),
            (self.threshold, 3),
            (make_label("muted", self.tr("0")), 6),
            (self.legend, 0),
            (self.scale, 0),
            (self.scale_m2, 0),
        ):
            self.add(widget, gives_way=gives_way)
        self.add_stretch()
        self._wall_parts = [grid, self.columns]
        self._focus_parts = [self.aligned, self.freeze, self.snapshot]
        for part in (*self._wall_parts, self.freeze, self.snapshot):
            self.add(part)
        self.add(self.aligned, gives_way=2)

    def _take_settings(self) -> None:
        self._heat = HeatSettings(
            self.opacity.value() / 100, self.threshold.value() / 100, self.aligned.isChecked()
        )

    def _fill_boxes(self) -> None:
        for people in STEPS_PEOPLE:
            self.scale.addItem(
                self.tr("{people} per block").format(people=written(people, "g")), people
            )
        self.scale.addItem(self.tr("automatic"), None)
        self.scale.setAccessibleName(self.tr("Maximum of the heat map scale"))
        self.scale.setToolTip(
            self.tr(
                "People in one block of the model at the brightest color, for all cameras. Colors: "
                "inferno of matplotlib, perceptually uniform and safe for color-blind people."
            )
        )
        self.scale.currentIndexChanged.connect(
            lambda: self.scale_chosen.emit(self.scale.currentData())
        )
        for density in STEPS_M2:
            self.scale_m2.addItem(
                self.tr("{number} per m²").format(number=written(density, "g")), density
            )
        self.scale_m2.setCurrentIndex(self.scale_m2.findData(USUAL_M2))
        self.scale_m2.setAccessibleName(self.tr("Maximum of the heat map scale, people per m²"))
        self.scale_m2.setToolTip(
            self.tr("People per m² at the brightest color, for cameras with a ground plane")
        )
        self.scale_m2.currentIndexChanged.connect(
            lambda: self.scale_m2_chosen.emit(self.scale_m2.currentData())
        )
        self.columns.addItem(self.tr("automatic"))
        self.columns.addItems([str(number) for number in range(1, COLUMNS_MOST + 1)])
        self.columns.setAccessibleName(self.tr("Columns of the wall"))
        self.columns.currentIndexChanged.connect(self.columns_chosen)

    @staticmethod
    def _slider(largest: int, value: int, name: str) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, largest)
        slider.setValue(value)
        slider.setFixedWidth(_SLIDER_PX)
        slider.setAccessibleName(name)
        return slider
