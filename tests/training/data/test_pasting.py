"""Crops put together from two keep everybody who can be seen, and nobody else."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from training.data.pasting import paste

SIDE = 64


def scattered(draw, value):
    """A crop of one color, and heads anywhere in it."""
    pixels = torch.full((3, SIDE, SIDE), value, dtype=torch.uint8)
    heads = torch.from_numpy(draw.uniform(0, SIDE - 1e-3, (draw.integers(0, 30), 2))).float()
    return pixels, heads


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**31))
def test_heads_belong_to_the_pixels_they_lie_on(seed):
    """Every head of either crop is kept just where its own color is seen."""
    draw = np.random.default_rng(seed)
    first, second = scattered(draw, 50), scattered(draw, 200)

    pixels, heads = paste(first, second, draw)

    seen = [
        (x, y)
        for (_, points), value in ((first, 50), (second, 200))
        for x, y in points.tolist()
        if pixels[0, int(y), int(x)] == value
    ]
    assert sorted(seen) == sorted(map(tuple, heads.tolist()))
    assert 0.14 < float((pixels[0] == 200).float().mean()) < 0.62
    assert first[0].eq(50).all()  # crops given are not written to


def test_rectangles_are_of_every_shape():
    """Wide ones and high ones, up to every edge."""
    draw = np.random.default_rng(5)
    shapes, touched = [], torch.zeros(SIDE, SIDE, dtype=torch.bool)
    for _ in range(200):
        pasted = paste(scattered(draw, 50), scattered(draw, 200), draw)[0][0] == 200
        shapes.append(int(pasted.any(dim=0).sum()) / int(pasted.any(dim=1).sum()))
        touched |= pasted

    assert min(shapes) < 0.6
    assert max(shapes) > 1.6
    assert all(touched[edge].any() for edge in (0, -1))
    assert all(touched[:, edge].any() for edge in (0, -1))
