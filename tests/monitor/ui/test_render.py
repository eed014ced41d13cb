"""Pictures rendered off the GUI thread, with their heat maps."""

from dataclasses import replace
from threading import Event, current_thread

import numpy as np
import pytest
from PyQt6.QtGui import QColor

from monitor.core.arrays import read_only
from monitor.core.prediction import Prediction
from monitor.scene.crowding import GroundGrid
from monitor.scene.ground_fit import from_pairs
from monitor.scene.heatmap import heat_colours, spread
from monitor.ui.heat_scale import SPREAD_BLOCKS
from monitor.ui.render import HeatLayer, Renderer, RenderRequest, RenderThread
from monitor.ui.zoom import Viewport
from monitor.video.pictures import ArrayPicture
from tests.rigs.load import scaled_s
from tests.rigs.snapshots import prediction_of
from tests.rigs.views import KnownCamera, as_points
from tests.rigs.waiting import wait_until


def white(height=64, width=128):
    """A white picture."""
    return np.full((height, width, 3), 255, dtype=np.uint8)


class HeldPicture:
    """A picture whose conversion waits for a gate."""

    def __init__(self):
        self.gate = Event()
        self.has_begun = Event()

    def to_rgb(self, *, max_wh=None):
        """Wait, then give a picture."""
        self.has_begun.set()
        self.gate.wait(scaled_s(30))
        return white()


@pytest.fixture
def renderer(qapp):
    """A render thread that ends with the test."""
    room = RenderThread()
    room.start()
    yield room
    assert room.stop(10.0)


def test_of_several_requests_only_the_newest_is_rendered(renderer):
    """A slow picture makes no queue."""
    slow = HeldPicture()
    renderer.request("a", RenderRequest(slow, (128, 64)))
    assert slow.has_begun.wait(scaled_s(10))
    for width in (10, 20, 30):
        renderer.request("b", RenderRequest(ArrayPicture(white()), (width, width)))
    slow.gate.set()

    printed = []

    def collect():
        if (image := renderer.take("b")) is not None:
            printed.append(image.width())
        return bool(printed)

    wait_until(collect, "the print for b")

    assert printed == [30]
    assert renderer.take("b") is None


def test_a_picture_is_given_to_its_own_place(renderer):
    """One camera's picture never hangs under another's name."""
    renderer.request("a", RenderRequest(ArrayPicture(white()), (40, 40)))
    renderer.request("b", RenderRequest(ArrayPicture(white()), (60, 60)))

    found = {}

    def collect():
        for place in ("a", "b"):
            if (image := renderer.take(place)) is not None:
                found[place] = image.width()
        return len(found) == 2

    wait_until(collect, "both prints")

    assert found == {"a": 40, "b": 60}


def test_what_is_forgotten_is_not_given(renderer):
    """A camera that is looked at again does not show what it showed before."""
    slow = HeldPicture()
    renderer.request("a", RenderRequest(ArrayPicture(white()), (40, 40)))
    renderer.request("b", RenderRequest(slow, (40, 40)))
    assert slow.has_begun.wait(scaled_s(10))  # so a is printed

    renderer.forget("a")
    slow.gate.set()

    assert renderer.take("a") is None


def test_a_render_thread_says_when_it_is_not_working(qapp):
    """Before the start and after the end nothing will come."""
    room = RenderThread()
    before = room.is_working
    room.start()
    meanwhile = room.is_working
    room.stop(10.0)

    assert (before, meanwhile, room.is_working) == (False, True, False)


def test_what_looks_the_same_is_requested_once(renderer):
    """Until the place is forgotten, or something about it changes."""
    order = RenderRequest(ArrayPicture(white()), (40, 40))

    assert renderer.request("a", order)
    assert not renderer.request("a", RenderRequest(order.picture, (40, 40)))
    assert renderer.request("b", order)
    assert renderer.request("a", RenderRequest(order.picture, (50, 50)))
    renderer.forget("a")
    assert renderer.request("a", RenderRequest(order.picture, (50, 50)))


def test_a_picture_is_released_by_the_render_thread_and_not_by_who_requested(renderer):
    """A decoded picture takes a while to go back to its decoder."""
    ends = []

    class Mortal(HeldPicture):
        def __del__(self):
            ends.append(current_thread().name)

    first = Mortal()
    first.gate.set()
    renderer.request("a", RenderRequest(first, (128, 64)))
    wait_until(lambda: renderer.take("a") is not None, "the first picture")
    del first

    renderer.request("a", RenderRequest(ArrayPicture(white()), (128, 64)))
    wait_until(lambda: ends, "the end of the first picture")

    assert ends == ["crowd-render"]


def test_a_picture_that_cannot_be_drawn_stops_no_other(renderer):
    """The failure is counted and told; the next picture comes all the same."""

    class Broken:
        def to_rgb(self, *, max_wh=None):
            raise OverflowError("broken")

    renderer.request("a", RenderRequest(Broken(), (40, 40)))
    wait_until(lambda: renderer.health.failures == 1, "the failure")
    renderer.request("b", RenderRequest(ArrayPicture(white()), (40, 40)))

    wait_until(lambda: renderer.take("b") is not None, "the next picture")
    assert renderer.is_working


RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def quarters(height=64, width=128):
    """Red, green / blue, black: a picture that cannot be turned unseen."""
    image = np.zeros((height, width, 3), dtype=np.uint8)
    image[: height // 2, : width // 2] = RED
    image[: height // 2, width // 2 :] = GREEN
    image[height // 2 :, : width // 2] = BLUE
    return image


def colour(image, x_share, y_share):
    """Colour at a place given as shares of width and height."""
    pixel = image.pixelColor(int(image.width() * x_share), int(image.height() * y_share))
    return pixel.red(), pixel.green(), pixel.blue()


@pytest.mark.parametrize(
    ("room", "size"),
    [
        pytest.param((128, 64), (128, 64), id="fits"),
        pytest.param((64, 64), (64, 32), id="narrow"),
        pytest.param((640, 100), (200, 100), id="low, enlarged"),
        pytest.param((1, 1), (1, 1), id="hardly any room"),
    ],
)
def test_a_picture_fills_its_place_and_keeps_its_shape(qapp, room, size):
    """As large as can be, never stretched."""
    image = Renderer().render("here", RenderRequest(ArrayPicture(quarters()), room))

    assert (image.width(), image.height()) == size


def test_colours_and_corners_stay_where_they_are(qapp):
    """Red is not blue, and left is not right."""
    image = Renderer().render("here", RenderRequest(ArrayPicture(quarters()), (300, 300)))

    assert [colour(image, x, y) for x, y in ((0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8))] == [
        RED,
        GREEN,
        BLUE,
        (0, 0, 0),
    ]


def test_odd_widths_do_not_shear(qapp):
    """Rows of a picture 5 pixels wide end where they should."""
    stripes = np.zeros((4, 5, 3), dtype=np.uint8)
    stripes[:, 4] = RED

    image = Renderer().render("here", RenderRequest(ArrayPicture(stripes), (5, 4)))

    assert [image.pixelColor(4, row) for row in range(4)] == [QColor(*RED)] * 4


def test_the_image_outlives_the_picture(qapp):
    """The printed image owns its memory."""
    order = RenderRequest(ArrayPicture(quarters()), (128, 64))
    image = Renderer().render("here", order)
    del order

    assert colour(image, 0.2, 0.2) == RED


def over_gray(people, *, opacity):
    """Colour of a place with so many people a block, over a gray of 100."""
    heat = heat_colours(np.array([[people]], dtype=np.float32), (1, 1), full_people=1.0)
    red, green, blue, strength = (float(part) for part in heat[0, 0])
    share = opacity * strength / 255
    return [share * part + (1 - share) * 100 for part in (red, green, blue)]


def test_heat_lies_where_the_people_are(qapp):
    """A full block in the lower right corner colours that corner, as strong as was asked for."""
    gray = np.full((64, 128, 3), 100, dtype=np.uint8)
    density = np.zeros((4, 8), dtype=np.float32)
    density[3, 7] = 5.0
    heat = HeatLayer(prediction_of(density), opacity=0.5, full_people=1.0)

    image = Renderer().render("here", RenderRequest(ArrayPicture(gray), (128, 64), heat))

    in_corner = spread(density, blocks=SPREAD_BLOCKS)[3, 7]
    assert colour(image, 0.05, 0.05) == (100, 100, 100)
    assert colour(image, 0.999, 0.999) == pytest.approx(over_gray(in_corner, opacity=0.5), abs=3)


@pytest.mark.parametrize("block", [0, 2, 3, 4, 5])
def test_blocks_that_hang_over_the_edge_are_cut_not_squeezed(qapp, block):
    """A picture 5.5 blocks wide has 6; each has its own colour at its own middle."""
    gray = np.full((160, 880, 3), 100, dtype=np.uint8)
    density = np.array([[0.0, 0.0, 0.0, 0.0, 0.0, 0.9]], dtype=np.float32)
    prediction = replace(prediction_of(density), size_hw=(16, 88))
    heat = HeatLayer(prediction, 1.0, full_people=1.0)

    image = Renderer().render("here", RenderRequest(ArrayPicture(gray), (880, 160), heat))

    people = spread(density, blocks=SPREAD_BLOCKS)[0, block]
    middle = min((block + 0.5) / 5.5, 0.9995)
    assert colour(image, middle, 0.5) == pytest.approx(over_gray(people, opacity=1.0), abs=6)


def test_heat_of_no_strength_is_not_drawn(qapp):
    """The left end of the slider is off."""
    heat = HeatLayer(prediction_of(np.ones((4, 8))), opacity=0.0)

    image = Renderer().render("here", RenderRequest(ArrayPicture(quarters()), (128, 64), heat))

    assert colour(image, 0.2, 0.2) == RED


def test_a_new_count_changes_the_heat(qapp):
    """The kept heat map is for one count, one size and one scale."""
    gray = ArrayPicture(np.full((64, 128, 3), 100, dtype=np.uint8))
    developer = Renderer()
    nobody, full = prediction_of(np.zeros((4, 8))), prediction_of(np.ones((4, 8)))

    shown = [
        colour(developer.render("here", RenderRequest(gray, room, heat)), 0.5, 0.5)
        for room, heat in (
            ((128, 64), HeatLayer(nobody, 1.0)),
            ((128, 64), HeatLayer(full, 1.0)),
            ((64, 32), HeatLayer(full, 1.0)),
            ((64, 32), HeatLayer(full, 1.0, full_people=1000.0)),
        )
    ]

    assert shown[0] == shown[3] == (100, 100, 100)
    assert shown[1] == shown[2] != (100, 100, 100)


@pytest.mark.parametrize(
    ("change", "alike"),
    [
        pytest.param({}, True, id="the same"),
        pytest.param({"size_wh": (9, 9)}, False, id="another size"),
        pytest.param({"heat": None}, False, id="without heat"),
        pytest.param({"picture": ArrayPicture(quarters())}, False, id="another picture"),
    ],
)
def test_orders_that_look_alike(change, alike):
    """Nothing is drawn twice, and no change is missed."""
    values = {
        "picture": ArrayPicture(quarters()),
        "size_wh": (8, 8),
        "heat": HeatLayer(prediction_of([[1.0]]), 0.5),
    }

    assert RenderRequest(**values).looks_like(RenderRequest(**(values | change))) is alike


def test_a_part_of_the_picture_fills_the_place(qapp):
    """The right upper quarter, enlarged twice, is green all over."""
    view = Viewport(0.5, 0.0, 0.5, 0.5)

    image = Renderer().render("here", RenderRequest(ArrayPicture(quarters()), (128, 64), view=view))

    assert (image.width(), image.height()) == (128, 64)
    assert {colour(image, x, y) for x in (0.02, 0.5, 0.98) for y in (0.02, 0.98)} == {GREEN}


def test_heat_moves_with_the_part_that_is_looked_at(qapp):
    """A place in the picture has one colour, however near one looks."""
    gray = ArrayPicture(np.full((64, 128, 3), 100, dtype=np.uint8))
    density = np.random.default_rng(5).random((4, 8)).astype(np.float32)
    heat = HeatLayer(prediction_of(density), 1.0)
    view = Viewport(0.25, 0.5, 0.5, 0.5)

    whole = Renderer().render("a", RenderRequest(gray, (1024, 512), heat))
    near = Renderer().render("b", RenderRequest(gray, (1024, 512), heat, view))

    for x, y in ((0.1, 0.2), (0.5, 0.5), (0.9, 0.8)):
        assert colour(near, x, y) == pytest.approx(colour(whole, *view.of_picture(x, y)), abs=4)


def test_below_the_threshold_nothing_is_drawn(qapp):
    """An even half-full map is gone with a threshold above it, and there with one below."""
    gray = ArrayPicture(np.full((64, 128, 3), 100, dtype=np.uint8))
    half = prediction_of(np.full((4, 8), 0.5))

    shown = [
        colour(
            Renderer().render(
                "here", RenderRequest(gray, (128, 64), HeatLayer(half, 1.0, threshold_share=share))
            ),
            0.5,
            0.5,
        )
        for share in (0.6, 0.4)
    ]

    assert shown[0] == (100, 100, 100)
    assert shown[1] != (100, 100, 100)


def test_where_a_block_says_too_little_the_heat_is_gray(qapp):
    """Half of an even map is far away: there the colour is gone, here it is not."""
    gray = ArrayPicture(np.full((64, 128, 3), 100, dtype=np.uint8))
    sure = np.zeros((4, 8), dtype=bool)
    sure[:, :4] = True
    heat = HeatLayer(prediction_of(np.ones((4, 8))), 1.0, sure_blocks=sure)

    image = Renderer().render("here", RenderRequest(gray, (128, 64), heat))

    near, far = colour(image, 0.2, 0.5), colour(image, 0.8, 0.5)
    assert len(set(near)) > 1
    assert len(set(far)) == 1
    assert far != (100, 100, 100)


def ground_below(size_hw, block_px):
    """The whole picture of a camera 8 m up, on its ground."""
    places = [(-3, 9), (3, 10), (-3, 16), (3, 18), (0, 12), (-2, 26), (4, 30), (1, 20)]
    plane = from_pairs(as_points(KnownCamera().project(places)), places, aspect=16 / 9)
    grid = GroundGrid(plane, size_hw, block_px)
    return grid, grid.part(np.ones_like(grid.areas_m2))


def test_with_a_ground_the_same_crowding_has_the_same_color_near_and_far(qapp):
    """3 people on every m²: many in a far block, few in a near one, and one color for all."""
    size_hw, block_px = (360, 640), 8
    grid, part = ground_below(size_hw, block_px)
    even = np.where(grid.is_sure, 3.0 * grid.areas_m2, 0).astype(np.float32)
    prediction = Prediction(read_only(even), block_px, size_hw, None, 0.01)
    gray = ArrayPicture(np.full((360, 640, 3), 100, dtype=np.uint8))

    def shown(full_m2, ground):
        heat = HeatLayer(prediction, 1.0, full_m2, sure_blocks=part.is_sure, ground=ground)
        image = Renderer().render("here", RenderRequest(gray, (640, 360), heat))
        return [colour(image, 0.5, y) for y in (0.35, 0.6, 0.9)]

    by_ground, by_block = shown(6.0, part), shown(6.0, None)
    half = heat_colours(np.array([[0.5]], np.float32), (1, 1), full_people=1.0)[0, 0].tolist()

    assert len(set(by_ground)) == 1
    assert len(set(by_block)) == 3
    # Half of the scale, laid over gray at its own opacity.
    expected = [half[c] * half[3] / 255 + 100 * (1 - half[3] / 255) for c in range(3)]
    assert by_ground[0] == pytest.approx(expected, abs=2)


def test_what_is_too_far_has_a_gray_veil_also_where_nobody_is(qapp):
    """Else an empty place and one that cannot be measured would look the same."""
    size_hw, block_px = (360, 640), 16
    places = [(-3, 9), (3, 10), (-3, 16), (3, 18), (0, 12), (-2, 26)]
    flat = KnownCamera(tilt_deg=14.0)
    plane = from_pairs(as_points(flat.project(places)), places, aspect=16 / 9)
    grid = GroundGrid(plane, size_hw, block_px)
    part = grid.part(np.ones_like(grid.areas_m2))
    nobody = read_only(np.zeros(grid.areas_m2.shape, dtype=np.float32))
    prediction = Prediction(nobody, block_px, size_hw, None, 0.01)
    blue = ArrayPicture(np.full((360, 640, 3), (0, 0, 200), dtype=np.uint8))
    heat = HeatLayer(prediction, 1.0, 6.0, sure_blocks=part.is_sure, ground=part)

    image = Renderer().render("here", RenderRequest(blue, (640, 360), heat))

    assert colour(image, 0.5, 0.9) == (0, 0, 200)
    assert colour(image, 0.5, 0.05)[0] > 30
