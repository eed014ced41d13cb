"""The crowd before a camera: whole and zones, counted, smoothed and laid on the ground."""

import numpy as np
import pytest

from monitor.core.interval import count_interval
from monitor.core.prediction import Prediction
from monitor.core.zone import Zone, ZoneKind
from monitor.scene.crowd import CrowdMeter
from monitor.scene.ground import GroundPlane
from monitor.scene.ground_fit import from_rectangle
from monitor.scene.levels import STILL
from tests.rigs.views import ASPECT, KnownCamera, as_points

LEFT = Zone("left", ((0, 0), (0.5, 0), (0.5, 1), (0, 1)), is_moving=True)
RIGHT = Zone("right", ((0.5, 0), (1, 0), (1, 1), (0.5, 1)))
TOP = Zone("top", ((0, 0), (1, 0), (1, 0.5), (0, 0.5)), ZoneKind.EXCLUDE)
RECTANGLE = [(-2.0, 12.0), (3.0, 12.0), (3.0, 20.0), (-2.0, 20.0)]
PLANE = from_rectangle(as_points(KnownCamera().project(RECTANGLE)), (5, 8), aspect=ASPECT)


def prediction_of(density, variance=None, block_px=8):
    """A prediction of whole blocks."""
    grid = np.asarray(density, dtype=np.float32)
    size_hw = (grid.shape[0] * block_px, grid.shape[1] * block_px)
    return Prediction(grid, block_px, size_hw, variance, 0.0)


def test_without_zones_the_whole_is_the_prediction():
    """To the last bit, as before there were zones."""
    prediction = prediction_of([[1.5, 2.25], [3.0, 0.1]], variance=4.0)

    crowd = CrowdMeter().read(prediction, 0.0)

    assert (crowd.whole.count, crowd.whole.variance) == (prediction.count, 4.0)
    assert (crowd.whole.low, crowd.whole.high) == prediction.interval()
    assert crowd.zones == ()
    assert crowd.whole.crowding is None


def test_zones_are_counted_with_their_own_interval():
    """Three of four people stand on the left, and so does three quarters of the variance."""
    crowd = CrowdMeter([LEFT, RIGHT]).read(prediction_of([[3.0, 1.0]], variance=4.0), 0.0)

    left, right = crowd.zones
    assert [(one.name, one.count, one.is_moving) for one in crowd.zones] == [
        ("left", pytest.approx(3.0), True),
        ("right", pytest.approx(1.0), False),
    ]
    assert (left.low, left.high) == pytest.approx(count_interval(3.0, 3.0))
    assert right.variance == pytest.approx(1.0)


def test_what_is_excluded_is_not_in_the_whole():
    """Nor in its interval."""
    crowd = CrowdMeter([TOP]).read(prediction_of([[3.0], [1.0]], variance=4.0), 0.0)

    assert (crowd.whole.count, crowd.whole.variance) == pytest.approx((1.0, 1.0))
    assert crowd.zones == ()


def test_each_zone_has_a_running_count_and_a_change():
    """One wrong picture moves neither; after a minute the change is known."""
    meter = CrowdMeter([LEFT])
    for at_s in range(61):
        wrong = 90.0 if at_s == 30 else 0.0
        crowd = meter.read(prediction_of([[5.0 + wrong, 1.0]]), float(at_s))

    assert crowd.zones[0].smoothed == pytest.approx(5.0)
    assert crowd.zones[0].per_minute == pytest.approx(0.0)


def test_another_resolution_changes_no_zone():
    """A camera that changes its size in the middle of a stream."""
    meter = CrowdMeter([LEFT, RIGHT], plane=PLANE)
    coarse = np.full((9, 16), 0.2)
    fine = np.kron(coarse, np.full((2, 2), 0.25))

    before = meter.read(prediction_of(coarse), 0.0)
    after = meter.read(prediction_of(fine), 1.0)

    for one, other in zip(before.zones, after.zones, strict=True):
        assert other.count == pytest.approx(one.count)


def test_people_per_m2_come_with_a_level():
    """A uniform crowd of 4.5 on every m²: dense where people stand, dangerous where they walk."""
    meter = CrowdMeter([LEFT, RIGHT], plane=PLANE, scale=STILL)
    areas = PLANE.block_areas_m2((360, 640), 8)
    density = np.where(areas <= 4, 4.5 * areas, 0)

    crowd = meter.read(prediction_of(density), 0.0)

    left, right = crowd.zones
    assert crowd.whole.density_mean_m2 == pytest.approx(4.5, rel=1e-3)
    assert right.density_peak_m2 == pytest.approx(4.5, rel=1e-3)
    assert (left.level_of_service, right.level_of_service) == ("dangerous", "dense")


def test_a_zone_whose_ground_is_not_seen_has_no_density():
    """It is counted all the same."""
    sky = Zone("sky", ((0, 0), (1, 0), (1, 0.02), (0, 0.02)))
    plane = from_rectangle(
        as_points(KnownCamera(tilt_deg=12.0).project(RECTANGLE)), (5, 8), aspect=ASPECT
    )

    crowd = CrowdMeter([sky], plane=plane).read(prediction_of(np.ones((45, 80))), 0.0)

    assert crowd.zones[0].count > 0
    assert crowd.zones[0].crowding is None


def test_a_ground_that_reaches_too_far_leaves_the_count(caplog):
    """A kilometre seen to two metres is a slip of the hand; nobody is lost for it."""
    kilometre = np.diag([1000.0, 1000.0, 1.0])
    meter = CrowdMeter([LEFT], plane=GroundPlane(kilometre, kilometre, 0.0))

    crowd = meter.read(prediction_of(np.ones((500, 500)), block_px=2), 0.0)

    assert "reaches too far" in caplog.text
    assert crowd.whole.count == 250_000
    assert crowd.whole.crowding is None
