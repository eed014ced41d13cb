"""The baseline counts the patches that pass, and nobody where none does.

The order of nested crops costs what it is broken by.
"""

import numpy as np
import pytest
import torch

from training.crowd_clip import (
    CROWD,
    HEADS,
    NUMBERS,
    count_crowd,
    cut_grid,
    main,
    nested_crops,
    ranking_loss,
)


def answering(crowds, heads, numbers):
    """A stand-in for CLIP: patches are told apart by their grey, 0 to 8; lists name the passing."""

    def compare(patches, sentences):
        places = [int(one[0, 0, 0]) for one in patches]
        scores = np.zeros((len(patches), len(sentences)), np.float32)
        for row, place in enumerate(places):
            if tuple(sentences) == CROWD:
                scores[row, 0 if place in crowds else 1] = 1
            elif tuple(sentences) == HEADS:
                scores[row, :4] = [0.5, 0.9, 0.8, 0.1] if place in heads else [0.5, 0.9, 0.8, 0.7]
            else:
                assert tuple(sentences) == NUMBERS
                scores[row, numbers[place]] = 1
        return scores

    return compare


@pytest.fixture
def grid():
    """A picture of nine patches, each of its own grey."""
    return np.kron(np.arange(9, dtype=np.uint8).reshape(3, 3), np.ones((20, 20), np.uint8))[
        ..., None
    ].repeat(3, axis=2)


def test_patches_that_pass_are_counted(grid):
    """Two of three crowds have heads among the best three answers: 20 and 90 people."""
    found = count_crowd(grid, answering({0, 4, 8}, {0, 8}, {0: 0, 8: 2}))

    assert found == 20 + 90


@pytest.mark.parametrize(
    ("crowds", "heads"), [(set(), set()), ({3}, set())], ids=["no crowd", "no heads"]
)
def test_empty_places_hold_nobody(grid, crowds, heads):
    """The published program counts all nine patches here, 180 people at least."""
    assert count_crowd(grid, answering(crowds, heads, dict.fromkeys(range(9), 0))) == 0


def test_patches_cover_the_picture():
    """Sides that are no multiples of three lose no pixel."""
    image = np.zeros((31, 50, 3), np.uint8)

    assert sum(one.shape[0] * one.shape[1] for one in cut_grid(image, 3)) == 31 * 50


def test_weights_that_cannot_be_had(tmp_path, capsys):
    """A file that is none is told of in one sentence."""
    (tmp_path / "clip.pt").write_bytes(b"nothing")

    code = main(["--data", str(tmp_path), "--pretrained", str(tmp_path / "clip.pt")])

    assert code == 1
    assert "does not hold the weights" in " ".join(capsys.readouterr().err.split())


def test_order_that_holds_costs_nothing():
    """Each sentence fits its own crop best of those up to it; larger crops may fit even better."""
    scores = torch.tensor([[[0.9, 0.1, 0.1], [0.2, 0.8, 0.3], [0.9, 0.9, 0.7]]])

    assert float(ranking_loss(scores)) == 0


def test_broken_order_costs_the_difference():
    """Pairs (smaller crop, sentence of the larger): 0.3 too much, 0, and 0.2 too much; mean."""
    scores = torch.tensor([[[0.0, 0.8, 0.2], [9.0, 0.5, 0.6], [9.0, 9.0, 0.4]]])

    assert float(ranking_loss(scores)) == pytest.approx((0.3 + 0.0 + 0.2) / 3)


def test_crops_are_concentric_and_nested():
    """A picture of its own distance from the middle: the largest value grows with the crop."""
    y, x = torch.meshgrid(torch.arange(60) - 29.5, torch.arange(60) - 29.5, indexing="ij")
    distance = torch.maximum(y.abs(), x.abs()).expand(1, 3, 60, 60)

    crops = nested_crops(distance, 3)

    assert crops.shape == (3, 1, 3, 60, 60)
    for rank in range(3):
        assert float(crops[rank].max()) == pytest.approx(10 * (rank + 1) - 0.5, abs=0.5)
    torch.testing.assert_close(crops[2], distance)
