"""The contrastive terms are what their formulas say, patch by patch."""

import math

import pytest
import torch

from training.losses.contrastive import (
    PatchLabels,
    fraction_labels,
    patch_contrast,
    prompt_contrast,
    published_contrast,
    published_labels,
)
from training.losses.density import smooth_points

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
