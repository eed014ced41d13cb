"""Drawn pictures of nobody."""

import numpy as np
import pytest

from training.data.crops import read_rgb
from training.data.negatives import KINDS, draw_negatives


def test_every_kind_is_drawn_and_nobody_is_marked(tmp_path):
    """As many pictures as asked for, each decodable, none with a head, each different."""
    drawn = draw_negatives(tmp_path, pictures=2 * len(KINDS), seed=1).pictures
    images = [read_rgb(one) for one in drawn]

    assert len(images) == 2 * len(KINDS)
    assert all(one.points_xy.shape == (0, 2) for one in drawn)
    assert {image.shape[:2] for image in images} == {one.size_hw for one in drawn}
    assert len({image.tobytes() for image in images}) == len(images)


def test_same_seed_same_pictures(tmp_path):
    """And another seed, others."""
    for name, seed in (("first", 1), ("again", 1), ("other", 2)):
        (tmp_path / name).mkdir()
        draw_negatives(tmp_path / name, pictures=3, seed=seed)

    files = {
        name: [one.read_bytes() for one in sorted((tmp_path / name).iterdir())]
        for name in ("first", "again", "other")
    }
    assert files["first"] == files["again"]
    assert files["first"] != files["other"]


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_is_one_flat_color(kind):
    """There is something in every picture that could be taken for people."""
    image = KINDS[kind](np.random.default_rng(3))

    assert image.dtype == np.uint8
    assert image.std(axis=(0, 1)).max() > 2
