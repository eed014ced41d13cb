"""Where pictures are developed: converted, shrunk and overlaid off the GUI thread.

Turning a decoded frame into RGB at the size of its tile takes milliseconds that the GUI thread
does not have. A thread of its own does it; of the orders for one place only the newest counts.
"""

from dataclasses import dataclass
from threading import Condition, Thread
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QSize
from PyQt6.QtGui import QImage, QPainter

from monitor.analysis.heatmap import FULL_PEOPLE, heat_colours
from monitor.analysis.spread import spread
from monitor.contract.arrays import RgbImage
from monitor.records.prediction import Prediction
from monitor.ui.heat_scale import SPREAD_BLOCKS


class Drawable(Protocol):
    """What can be drawn: a picture of a source, or anything like it."""

    def to_rgb(self, *, max_wh: tuple[int, int] | None = None) -> RgbImage:
        """Give the picture, shrunk to fit `max_wh`: shape (H, W, 3), uint8, RGB, read-only."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class HeatLayer:
    """Where people are, to be laid over a picture."""

    prediction: Prediction
    opacity: float
    """0: not to be seen; 1: nothing else is."""
    full_people: float = FULL_PEOPLE
    """People per block at which the colour is the brightest."""

    def shows_same_as(self, other: "HeatLayer") -> bool:
        """Whether both have the same colours; their opacity may differ."""
        return self.prediction is other.prediction and self.full_people == other.full_people


@dataclass(frozen=True, eq=False, slots=True)
class PrintOrder:
    """A picture that somebody wants to see."""

    picture: Drawable
    size_wh: tuple[int, int]
    """Room for it, pixels of the screen; the picture keeps its shape."""
    heat: HeatLayer | None = None

    def looks_like(self, other: "PrintOrder") -> bool:
        """Whether both give the same image."""
        if self.picture is not other.picture or self.size_wh != other.size_wh:
            return False
        if self.heat is None or other.heat is None:
            return self.heat is other.heat
        return self.heat.opacity == other.heat.opacity and self.heat.shows_same_as(other.heat)


class Developer:
    """Draws pictures with their heat maps; lives on one thread.

    A heat map changes with each count, the picture below it much more often, so the newest heat
    map of each place is kept.
    """

    def __init__(self) -> None:
        self._layers: dict[str, tuple[HeatLayer, QImage]] = {}

    def develop(self, place: str, order: PrintOrder) -> QImage:
        """Draw a picture as large as its place allows.

        Args:
            place: Where it will hang.
            order: What to draw.

        Returns:
            An image that owns its memory, in the screen's own format.
        """
        rgb = order.picture.to_rgb(max_wh=order.size_wh)
        height, width = rgb.shape[:2]
        source = _borrowed(rgb, QImage.Format.Format_RGB888)
        scale = min(order.size_wh[0] / width, order.size_wh[1] / height)
        size = QSize(max(1, round(width * scale)), max(1, round(height * scale)))
        image = QImage(size, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        is_scaled = source.size() != size
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_scaled)
        painter.drawImage(image.rect(), source)
        if order.heat is not None and order.heat.opacity > 0:
            painter.setOpacity(order.heat.opacity)
            painter.drawImage(0, 0, self._layer(place, order.heat, size))
        painter.end()
        return image

    def _layer(self, place: str, heat: HeatLayer, size: QSize) -> QImage:
        kept = self._layers.get(place)
        if kept is not None and kept[1].size() == size and kept[0].shows_same_as(heat):
            return kept[1]
        layer = _heat_image(heat, size)
        self._layers[place] = (heat, layer)
        return layer


def _heat_image(heat: HeatLayer, size: QSize) -> QImage:
    """Colour a density map at the size of a picture on the screen."""
    prediction = heat.prediction
    rows, columns = prediction.density.shape
    height, width = prediction.size_hw
    # The last blocks may reach over the picture's edge: colour them whole, then cut.
    whole_hw = (
        max(size.height(), round(size.height() * rows * prediction.block_px / height)),
        max(size.width(), round(size.width() * columns * prediction.block_px / width)),
    )
    density = spread(prediction.density, blocks=SPREAD_BLOCKS)
    colours = heat_colours(density, whole_hw, full_people=heat.full_people)
    layer = _borrowed(colours, QImage.Format.Format_RGBA8888)
    return layer.copy(0, 0, size.width(), size.height()).convertToFormat(
        QImage.Format.Format_ARGB32_Premultiplied
    )


def _borrowed(array: NDArray[np.uint8], pixels: QImage.Format) -> QImage:
    """Give an image on an array's own memory; the array must outlive it.

    Args:
        array: Shape (H, W, channels), contiguous.
        pixels: What the channels are.

    Returns:
        An image of W by H pixels.
    """
    height, width, channels = array.shape
    data = cast("bytes", array.data)  # any buffer will do; the stubs only know of bytes
    return QImage(data, width, height, channels * width, pixels)


class Darkroom:
    """Develops pictures; every method is for the GUI thread, the developing has its own."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._orders: dict[str, PrintOrder] = {}
        self._prints: dict[str, QImage] = {}
        self._is_stopping = False
        self._thread = Thread(target=self._run, name="crowd-darkroom", daemon=True)

    @property
    def is_working(self) -> bool:
        """Whether pictures that are ordered will come."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Start developing; once."""
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """End; False if the picture in hand takes longer than `timeout_s` seconds."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def order(self, place: str, order: PrintOrder) -> None:
        """Ask for a picture; an older order for the same place that was not begun is dropped.

        Args:
            place: Where it will hang.
            order: What to draw.
        """
        with self._changed:
            self._orders[place] = order
            self._changed.notify()

    def collect(self, place: str) -> QImage | None:
        """Give the newest picture for a place, once; None: none is ready."""
        with self._changed:
            return self._prints.pop(place, None)

    def forget(self, place: str) -> None:
        """Drop what was ordered or made for a place."""
        with self._changed:
            self._orders.pop(place, None)
            self._prints.pop(place, None)

    def _run(self) -> None:
        developer = Developer()
        while (next_one := self._next()) is not None:
            place, order = next_one
            image = developer.develop(place, order)
            with self._changed:
                self._prints[place] = image

    def _next(self) -> tuple[str, PrintOrder] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._orders or self._is_stopping)
            if self._is_stopping:
                return None
            place = next(iter(self._orders))
            return place, self._orders.pop(place)
