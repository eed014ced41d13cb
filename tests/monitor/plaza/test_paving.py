"""Paving: what a pixel shows is the average over its footprint."""

import numpy as np
import pytest

from monitor.plaza.backdrop import _share, pave
from monitor.plaza.scene import PlazaCamera, choose_light


@pytest.mark.parametrize("footprint", [0.001, 0.05, 0.6, 1.0, 7.3])
def test_share_is_the_average_of_many_samples(footprint: float) -> None:
    """The exact share of joints in a footprint is what a thousand samples in it show."""
    period, width = 0.9, 0.06
    places = np.linspace(-3.0, 3.0, 41)
    inside = places[:, None] + footprint * (np.arange(4000) + 0.5) / 4000 - footprint / 2

    sampled = (np.mod(inside, period) < width).mean(axis=1)
    exact = _share(places, period, width, np.full_like(places, footprint))

    assert exact == pytest.approx(sampled, abs=2e-3)


def test_no_joint_is_no_share() -> None:
    """Bands of no width leave the stone as it is."""
    assert not _share(np.arange(5.0), 2.0, 0.0, np.ones(5)).any()


def test_far_ground_does_not_flicker() -> None:
    """Where slabs are smaller than a pixel the ground is even: no pattern of the pixel grid."""
    light = choose_light(np.random.default_rng(0))
    camera = PlazaCamera((320, 180), 260.0, 0.1, 8.0, 10.0, 60.0)

    image = pave(np.random.default_rng(3), camera, light, yaw_rad=0.1).astype(float)
    horizon = int(90 - 260 * np.tan(0.1))
    far = image[horizon + 8 : horizon + 14].mean(axis=2)

    assert np.abs(np.diff(far, axis=1)).mean() < 2.0


def test_sky_is_above_the_horizon() -> None:
    """Above the horizon there is sky of one colour in each row, below it ground."""
    light = choose_light(np.random.default_rng(0))
    camera = PlazaCamera((160, 90), 130.0, 0.1, 8.0, 10.0, 60.0)

    image = pave(np.random.default_rng(1), camera, light, yaw_rad=0.0)

    assert (image[5] == image[5, 0]).all()
    assert not (image[80] == image[80, 0]).all()
