"""Limits and separations by hand."""

import numpy as np
import pytest
import torch

from training.data.foreign import FOREIGN
from training.novelty import FALSE_SHARE, even_shares, limit_of, separation


def test_every_set_has_the_same_say():
    """Two pictures of one set weigh as much as four of another."""
    assert even_shares([2, 4]).tolist() == pytest.approx([0.25] * 2 + [0.125] * 4)
    assert even_shares([3, 0]).tolist() == pytest.approx([1 / 3] * 3)


def test_limit_leaves_the_stated_share_above():
    """Of a thousand distances evenly spread, 2 % lie above."""
    found = limit_of([list(np.linspace(0, 1, 1000))])

    assert found.limit == pytest.approx(1 - FALSE_SHARE, abs=0.002)
    assert found.false_share == pytest.approx(FALSE_SHARE, abs=0.002)


def test_nothing_known_is_refused():
    """No pictures, no limit."""
    with pytest.raises(ValueError, match="no pictures"):
        limit_of([[], []])


def test_separation_by_hand():
    """Of the six pairs, four and a half are in order; one of the two foreign ones is found."""
    found = separation([1.0, 2.0, 3.0], [2.0, 4.0], limit=3.0)

    assert found.auroc == pytest.approx(4.5 / 6)
    assert found.found == 0.5


@pytest.mark.parametrize("kind", FOREIGN)
def test_spoilt_pictures_are_pictures(kind):
    """Same size, same type, something else than before, the same again for the same chance."""
    image = np.random.default_rng(5).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    spoilt, again = (FOREIGN[kind](image, np.random.default_rng(1)) for _ in range(2))

    assert spoilt.shape == image.shape
    assert spoilt.dtype == np.uint8
    assert not np.array_equal(spoilt, image)
    assert np.array_equal(spoilt, again)
    assert torch.from_numpy(spoilt).numel() == image.size
