"""The contrastive terms are what their formulas say, patch by patch.

Density maps hold their points, and masks mask.
"""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from training.clip_count.losses import (
    PatchLabels,
    fraction_labels,
    patch_contrast,
    prompt_contrast,
    published_contrast,
    published_labels,
    smooth_points,
    squared_error,
)

# Two pictures of 2 × 2 patches in a plane; prompts along x and along y.
PATCHES = torch.tensor(
    [
        [[[1.0, 0.6], [0.0, -1.0]], [[0.0, 0.8], [1.0, 0.0]]],
        [[[0.0, 1.0], [0.8, 0.6]], [[2.0, 0.0], [0.6, 0.8]]],
    ]
)
PROMPTS = torch.tensor([[2.0, 0.0], [0.0, 3.0]])
COSINES = [[1.0, 0.6, 0.0, -1.0], [1.0, 0.0, 0.6, 0.8]]
OTHERS = [[0.0, 0.8, 1.0, 0.0], [0.0, 1.0, 0.8, 0.6]]
POSITIVE = [[True, True, False, False], [True, False, False, False]]
LABELS = PatchLabels(torch.tensor(POSITIVE).view(2, 2, 2), ~torch.tensor(POSITIVE).view(2, 2, 2))
NONE = PatchLabels(torch.zeros(2, 2, 2, dtype=torch.bool), torch.ones(2, 2, 2, dtype=torch.bool))


def test_published_ratio():
    """Per picture -log(P / (P + Q)) of sums of exponents, averaged."""
    expected = 0.0
    for cosines, positive in zip(COSINES, POSITIVE, strict=True):
        up = sum(math.exp(c / 0.07) for c, is_up in zip(cosines, positive, strict=True) if is_up)
        down = sum(
            math.exp(c / 0.07) for c, is_up in zip(cosines, positive, strict=True) if not is_up
        )
        expected -= math.log(up / (up + down)) / 2

    found = published_contrast(PATCHES, PROMPTS, LABELS)

    assert float(found) == pytest.approx(expected, rel=1e-4)


def test_each_positive_patch_against_the_negative_ones():
    """Mean over positive patches of -log(e / (e + Q))."""
    terms = []
    for cosines, positive in zip(COSINES, POSITIVE, strict=True):
        pairs = list(zip(cosines, positive, strict=True))
        down = sum(math.exp(c / 0.07) for c, is_up in pairs if not is_up)
        terms += [
            -math.log(math.exp(c / 0.07) / (math.exp(c / 0.07) + down)) for c, up in pairs if up
        ]

    found = patch_contrast(PATCHES, PROMPTS, LABELS)

    assert float(found) == pytest.approx(sum(terms) / 3, rel=1e-4)


@pytest.mark.parametrize("are_same", [False, True])
def test_each_positive_patch_against_the_other_prompts(are_same):
    """Cross-entropy of the own prompt; a prompt of the same words is no rival."""
    terms = []
    for own, other, positive in zip(COSINES, OTHERS, POSITIVE, strict=True):
        for one, rival, is_up in zip(own, other, positive, strict=True):
            if is_up:
                a, b = math.exp(one / 0.07), math.exp(rival / 0.07)
                terms.append(0.0 if are_same else -math.log(a / (a + b)))
    same = torch.tensor([[True, are_same], [are_same, True]])

    found = prompt_contrast(PATCHES, PROMPTS, LABELS, same)

    assert float(found) == pytest.approx(sum(terms) / 3, rel=1e-4, abs=1e-6)


def test_pictures_without_positives_say_nothing():
    """Nothing is drawn anywhere by a picture that the prompt names nothing in."""
    patches = PATCHES.clone().requires_grad_()
    same = torch.eye(2, dtype=torch.bool)

    total = (
        published_contrast(patches, PROMPTS, NONE)
        + patch_contrast(patches, PROMPTS, NONE)
        + prompt_contrast(patches, PROMPTS, NONE, same)
    )
    total.backward()

    assert float(total.detach()) == 0
    assert patches.grad is not None
    assert float(patches.grad.abs().sum()) == 0


def test_labels_by_any_density_and_by_fraction():
    """A dot beside an edge reaches into two patches, and lies in one."""
    density = smooth_points((torch.tensor([[14.0, 8.0]]),), side_px=32, cell_px=1, sigma_cells=1.0)

    published, ours = published_labels(density, 2), fraction_labels(density, 2)

    assert published.positive[0].tolist() == [[True, True], [False, False]]
    assert ours.positive[0].tolist() == [[True, False], [False, False]]
    # 7 % of the dot lie across the edge: too little to call, too much to call empty.
    assert ours.negative[0].tolist() == [[False, False], [True, True]]


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
