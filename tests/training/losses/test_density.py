"""Density maps hold their points, and masks mask."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from training.losses.density import smooth_points, squared_error


@given(st.lists(st.tuples(st.floats(0, 31.9), st.floats(0, 31.9)), max_size=30))
def test_a_map_adds_up_to_its_points(points):
    """Also at edges and where points coincide."""
    marked = torch.tensor(points, dtype=torch.float32).reshape(-1, 2)

    found = smooth_points((marked,), side_px=32, cell_px=4, sigma_cells=1.0)

    assert float(found.sum()) == pytest.approx(len(points), abs=1e-4)
    assert float(found.min()) >= 0


def test_it_is_scipys_filter():
    """The published targets were made by it: sigma 1, cut off at 4, reflected at edges."""
    draw = np.random.default_rng(0)
    points = np.concatenate([draw.uniform(0, 24, (12, 2)), [[0.5, 0.5], [23.9, 3.0], [23.9, 3.0]]])
    dots = np.zeros((24, 24))
    np.add.at(dots, (points[:, 1].astype(int), points[:, 0].astype(int)), 1)

    found = smooth_points((torch.from_numpy(points).float(),), side_px=24, cell_px=1)[0]

    expected = gaussian_filter(dots, 1.0, truncate=4.0, mode="reflect")
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-6)


def test_masked_cells_do_not_count():
    """A wild error in a masked cell changes nothing and gets no gradient."""
    predicted = torch.tensor([[[1.0, 100.0], [3.0, 5.0]]], requires_grad=True)
    where = torch.tensor([[[True, False], [True, True]]])

    loss = squared_error(predicted, torch.ones(1, 2, 2), where=where)
    loss.backward()

    assert float(loss.detach()) == pytest.approx((0 + 4 + 16) / 3)
    assert predicted.grad is not None
    assert float(predicted.grad[0, 0, 1]) == 0


def test_the_share_kept_is_drawn_cell_by_cell():
    """About four fifths of many cells, not all of them or none."""
    torch.manual_seed(0)
    predicted = torch.zeros(1, 100, 100, requires_grad=True)

    squared_error(predicted, torch.ones(1, 100, 100), kept=0.8).backward()

    assert predicted.grad is not None
    kept = float((predicted.grad != 0).float().mean())
    assert kept == pytest.approx(0.8, abs=0.02)  # 5 standard errors of 0.004
