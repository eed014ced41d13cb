"""The square without people."""

import numpy as np
import pytest

from monitor.plaza.backdrop import build_backdrop, darken, noise_tile
from monitor.plaza.scene import Light, choose_camera, choose_light

SIZE = (480, 270)
LIGHT = Light("day", (1.0, 1.0, 1.0), 0.4, (1.0, 0.0), (200, 200, 200), False)


@pytest.mark.parametrize("seed", range(4))
def test_things_hide_from_far_to_near(seed: int) -> None:
    """Occluders come in the order of drawing, inside the picture, with something in them."""
    generator = np.random.default_rng(seed)
    camera, light = choose_camera(generator, SIZE), choose_light(generator)

    backdrop = build_backdrop(generator, camera, light)

    distances = [one.distance_m for one in backdrop.occluders]
    assert distances == sorted(distances, reverse=True)
    for one in backdrop.occluders:
        left, top, right, bottom = one.box_xyxy
        assert 0 <= left < right <= SIZE[0]
        assert 0 <= top < bottom <= SIZE[1]
        assert one.mask.shape == (bottom - top, right - left)
        assert set(np.unique(one.mask)) <= {0, 255}
    assert not backdrop.image.flags.writeable


def test_shadows_take_light_away() -> None:
    """A full shadow takes the stated share, more of red than of blue; none takes nothing."""
    image = np.full((2, 2, 3), 200, dtype=np.uint8)
    shade = np.array([[0, 255], [0, 255]], dtype=np.uint8)

    darken(image, shade, LIGHT)

    assert (image[:, 0] == 200).all()
    assert image[0, 1, 1] == pytest.approx(200 * 0.6, abs=2)
    assert image[0, 1, 0] < image[0, 1, 1] < image[0, 1, 2]


def test_noise_changes_no_brightness() -> None:
    """Sensor noise is centred: on average a picture keeps its brightness."""
    tile = noise_tile(np.random.default_rng(0), (200, 300))

    assert tile.shape == (264, 364, 3)
    assert tile.mean() == pytest.approx(128.0, abs=0.2)
    assert 1.0 < tile.astype(float).std() < 6.0
