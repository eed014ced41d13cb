"""Rendering pictures on a thread of their own: converted, shrunk, heat map laid over.

Turning a decoded frame into RGB at the size of its tile takes milliseconds that the GUI thread
does not have. Of the requests for one place only the newest counts. All of it is arithmetic on
arrays, done by code that lets other Python threads run meanwhile; Qt's own painting does not, and
a thread that paints large pictures makes the window wait.

A former request is released on that thread, too: a decoded picture goes back to the decoder that
made it, and that takes a while.

No lock stands between the two threads: whoever waits for one that the other holds also waits for
the interpreter that the other needs to let go of it, a millisecond for each of sixteen tiles. One
step on a dictionary is atomic, and a `SimpleQueue` needs no lock of ours.
"""

import time
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event
from typing import Protocol, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PyQt6.QtGui import QImage

from monitor.core.arrays import BoolMap, FloatMap, RgbImage
from monitor.core.prediction import Prediction
from monitor.core.worker import Worker, WorkerHealth
from monitor.scene.crowding import GroundPart
from monitor.scene.heatmap import (
    FULL_PEOPLE,
    RgbaImage,
    blend,
    heat_levels,
    level_colours,
    spread,
)
from monitor.ui.heat_scale import SPREAD_BLOCKS
from monitor.ui.zoom import WHOLE, Viewport

_VEIL_RGB, _VEIL_OPACITY = (128, 128, 128), 110


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
    """0: not to be seen; 1: as strong as it may be."""
    full_people: float = FULL_PEOPLE
    """Where the colour is the brightest: people per block, or per m² where the ground is known."""
    threshold_share: float = 0.0
    """Share of `full_people` below which nothing is drawn."""
    sure_blocks: BoolMap | None = None
    """Like the density map: where a block says well enough where people stand; others are gray."""
    ground: GroundPart | None = None
    """The ground under the whole picture, to show people per m²; None: people per block."""

    def shows_same_as(self, other: "HeatLayer") -> bool:
        """Whether both look the same."""
        is_same = self.prediction is other.prediction and self.sure_blocks is other.sure_blocks
        return is_same and self.ground is other.ground and self._manner == other._manner

    @property
    def _manner(self) -> tuple[float, float, float]:
        return self.opacity, self.full_people, self.threshold_share


@dataclass(frozen=True, eq=False, slots=True)
class RenderRequest:
    """A picture that somebody wants to see."""

    picture: Drawable
    size_wh: tuple[int, int]
    """Room for it, pixels of the screen; the picture keeps its shape."""
    heat: HeatLayer | None = None
    view: Viewport = WHOLE
    """The part of the picture that is wanted."""

    def looks_like(self, other: "RenderRequest") -> bool:
        """Whether both give the same image."""
        if self.picture is not other.picture or self.size_wh != other.size_wh:
            return False
        if self.view != other.view:
            return False
        if self.heat is None or other.heat is None:
            return self.heat is other.heat
        return self.heat.shows_same_as(other.heat)


@dataclass(frozen=True, slots=True)
class _Layer:
    """A heat map that was made before."""

    heat: HeatLayer
    view: Viewport
    colours: RgbaImage


class Renderer:
    """Draws pictures with their heat maps; lives on one thread.

    A heat map changes with each count, the picture below it much more often, so the newest heat
    map of each place is kept.
    """

    def __init__(self) -> None:
        self._layers: dict[str, _Layer] = {}

    def render(self, place: str, request: RenderRequest) -> QImage:
        """Draw a picture as large as its place allows.

        Args:
            place: Where it will be shown.
            request: What to draw.

        Returns:
            An image that owns its memory, in the screen's own format.
        """
        rgb = _part_of_picture(request)
        if request.heat is not None and request.heat.opacity > 0:
            height, width = rgb.shape[:2]
            rgb = blend(rgb, self._layer(place, request.heat, request.view, (width, height)))
        return _image_of(rgb)

    def _layer(
        self, place: str, heat: HeatLayer, view: Viewport, size_wh: tuple[int, int]
    ) -> RgbaImage:
        kept = self._layers.get(place)
        if (
            kept is not None
            and kept.view == view
            and kept.colours.shape[1::-1] == size_wh
            and kept.heat.shows_same_as(heat)
        ):
            return kept.colours
        colours = _heat_over(heat, view, size_wh)
        self._layers[place] = _Layer(heat, view, colours)
        return colours


def _part_of_picture(request: RenderRequest) -> RgbImage:
    """Give the wanted part of a picture, as large as its place allows."""
    view = request.view
    room_w, room_h = request.size_wh
    # Asked for as large as the whole would be, or what is enlarged would be coarse.
    rgb = request.picture.to_rgb(max_wh=(round(room_w / view.width), round(room_h / view.height)))
    height, width = rgb.shape[:2]
    if view != WHOLE:
        left, top = round(view.left * width), round(view.top * height)
        right = max(left + 1, round((view.left + view.width) * width))
        bottom = max(top + 1, round((view.top + view.height) * height))
        rgb = rgb[top:bottom, left:right]
        height, width = rgb.shape[:2]
    scale = min(room_w / width, room_h / height)
    size_wh = max(1, round(width * scale)), max(1, round(height * scale))
    if size_wh == (width, height):
        return rgb
    is_enlarged = scale > 1
    way = cv2.INTER_LINEAR if is_enlarged else cv2.INTER_AREA
    return np.asarray(cv2.resize(rgb, size_wh, interpolation=way), dtype=np.uint8)


def _heat_over(heat: HeatLayer, view: Viewport, size_wh: tuple[int, int]) -> RgbaImage:
    """Colour the part of a density map that lies over a part of its picture."""
    prediction = heat.prediction
    density = _shown_density(heat)
    levels = heat_levels(
        density, full_people=heat.full_people, threshold_share=heat.threshold_share
    )
    across = view.width * prediction.size_hw[1] / prediction.block_px / size_wh[0]
    down = view.height * prediction.size_hw[0] / prediction.block_px / size_wh[1]
    left = view.left * prediction.size_hw[1] / prediction.block_px
    top = view.top * prediction.size_hw[0] / prediction.block_px
    # From the middle of a pixel of the screen to a place between the middles of blocks.
    to_blocks = np.array(
        [[across, 0.0, left + across / 2 - 0.5], [0.0, down, top + down / 2 - 0.5]]
    )
    smooth = cv2.warpAffine(
        levels,
        to_blocks,
        size_wh,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    colours = level_colours(np.asarray(smooth, dtype=np.uint8), opacity=heat.opacity)
    if heat.sure_blocks is None or heat.sure_blocks.shape != levels.shape:
        return colours
    unsure = cv2.warpAffine(
        np.where(heat.sure_blocks, 0, 255).astype(np.uint8),
        to_blocks,
        size_wh,
        flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    mask = np.asarray(unsure, dtype=np.uint8)
    return _grayed(colours, mask) if heat.ground is None else _veiled(colours, mask, heat.opacity)


def _shown_density(heat: HeatLayer) -> FloatMap:
    """Give what is coloured: people per m² in 4 m² around each block, or people in the block."""
    density, ground = heat.prediction.density, heat.ground
    if ground is not None and ground.mask.shape == density.shape:
        return ground.around(density)
    return spread(density, blocks=SPREAD_BLOCKS)


def _veiled(colours: RgbaImage, mask: NDArray[np.uint8], opacity: float) -> RgbaImage:
    """Lay a gray veil over where a mask is not 0: nothing is said of what is below."""
    veil = np.empty_like(colours)
    veil[:] = (*_VEIL_RGB, round(_VEIL_OPACITY * opacity))
    cv2.copyTo(veil, mask, colours)
    return colours


def _grayed(colours: RgbaImage, mask: NDArray[np.uint8]) -> RgbaImage:
    """Take the color out of a heat map where a mask is not 0; how bright it is stays."""
    gray = cv2.cvtColor(cv2.cvtColor(colours, cv2.COLOR_RGBA2RGB), cv2.COLOR_RGB2GRAY)
    without = cv2.merge([gray, gray, gray, cv2.extractChannel(colours, 3)])
    cv2.copyTo(without, mask, colours)
    return colours


def _image_of(rgb: RgbImage) -> QImage:
    """Copy an array into an image in the screen's own format."""
    height, width = rgb.shape[:2]
    image = QImage(width, height, QImage.Format.Format_RGB32)
    memory = image.bits()
    if memory is None:
        raise MemoryError(f"no memory for an image of {width} x {height}")
    memory.setsize(image.sizeInBytes())
    buffer = cast("bytes", memory)  # any buffer will do; the stubs only know of bytes
    pixels: NDArray[np.uint8] = np.frombuffer(buffer, dtype=np.uint8).reshape(height, width, 4)
    cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2BGRA, dst=pixels)
    return image


_STILL_FOR_S = 0.004
"""How long no request must have come before work begins: a window orders for all its tiles in one
go, and must not share the interpreter meanwhile."""
_WAITS_MOST = 10


class RenderThread:
    """Renders pictures; every method is for the GUI thread, the rendering has its own."""

    def __init__(self) -> None:
        self._newest: dict[str, RenderRequest] = {}
        self._requests: dict[str, RenderRequest] = {}
        self._images: dict[str, QImage] = {}
        self._news: SimpleQueue[RenderRequest | None] = SimpleQueue()
        self._renderer = Renderer()
        self._worker = Worker("render", self._step, wake=lambda: self._news.put(None))

    @property
    def is_working(self) -> bool:
        """Whether pictures that are requested will come."""
        return self._worker.is_alive

    @property
    def health(self) -> WorkerHealth:
        """How its thread is doing."""
        return self._worker.health

    def start(self) -> None:
        """Start rendering; once."""
        self._worker.start()

    def stop(self, timeout_s: float) -> bool:
        """End; False if the picture in hand takes longer than `timeout_s` seconds."""
        return self._worker.stop(timeout_s)

    def request(self, place: str, request: RenderRequest) -> bool:
        """Ask for a picture; an older request for the same place that was not begun is dropped.

        Args:
            place: Where it will be shown.
            request: What to draw.

        Returns:
            False where the newest request for that place looks the same: nothing is done.
        """
        before = self._newest.get(place)
        if before is not None and request.looks_like(before):
            return False
        self._newest[place] = self._requests[place] = request
        self._news.put(before)
        return True

    def take(self, place: str) -> QImage | None:
        """Give the newest picture for a place, once; None: none is ready."""
        return self._images.pop(place, None)

    def forget(self, place: str) -> None:
        """Drop what was requested or rendered for a place; the next request is a new one."""
        self._newest.pop(place, None)
        self._requests.pop(place, None)
        self._images.pop(place, None)

    def _step(self, stop: Event) -> None:
        """Wait for requests, and render all that there are."""
        if not self._requests:
            self._news.get()
            self._wait_for_the_last_request()
        while not stop.is_set() and (found := self._next()) is not None:
            place, request = found
            self._images[place] = self._renderer.render(place, request)

    def _wait_for_the_last_request(self) -> None:
        """Wait until no request has come for a moment, but not for ever."""
        for _ in range(_WAITS_MOST):
            time.sleep(_STILL_FOR_S)
            if not self._drain():
                return

    def _drain(self) -> bool:
        """Take all news from the queue; says whether there was any."""
        had_any = False
        while True:
            try:
                self._news.get_nowait()
            except Empty:
                return had_any
            had_any = True

    def _next(self) -> tuple[str, RenderRequest] | None:
        """Take the request that has waited longest; None: there is none."""
        for place in tuple(self._requests):
            if (request := self._requests.pop(place, None)) is not None:
                return place, request
        return None
