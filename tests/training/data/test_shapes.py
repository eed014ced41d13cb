"""The drawn world shows what it says."""

import numpy as np
import pytest

from training.data.shapes import COLORS, SHAPES, UNSEEN, draw_scene, draw_set, pair_names


@pytest.mark.parametrize("seed", range(6))
def test_every_thing_has_its_color_at_its_middle(seed):
    """A mark's pixel is of the color that its name says, in every shape."""
    scene = draw_scene(np.random.default_rng(seed), pair_names(), kinds=3)

    assert len(scene.labels) == len(scene.points_xy) >= 1
    for (x, y), name in zip(scene.points_xy, scene.labels, strict=True):
        found = scene.image[int(y), int(x)].astype(int)
        assert np.abs(found - COLORS[name.split()[0]]).max() < 40  # edges of stars are near


def test_unseen_pairs_are_made_of_seen_parts(tmp_path):
    """Training pictures never show them, but every color and every shape."""
    seen = draw_set(tmp_path, pair_names(without=UNSEEN), pictures=60, seed=0)

    names = {name for one in seen.pictures for name in one.labels or ()}
    assert not names & {f"{name}s" for name in UNSEEN}
    assert {name.split()[0] for name in names} == set(COLORS)
    assert {name.split()[1] for name in names} == {f"{shape}s" for shape in SHAPES}


def test_same_seed_same_pictures(tmp_path):
    """Drawn twice, the bytes are the same."""
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
        draw_set(tmp_path / folder, pair_names(), pictures=3, seed=5)

    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()
