"""What is folded computes less and counts the same."""

import torch
from torch import nn

from exports.fold import folded
from monitor.inference.shipped import default_model
from training.checkpoint import load_checkpoint


def test_the_shipped_network_needs_no_normalization():
    """Every one is in its convolution while folded, counts are the same, and all is put back."""
    counter = load_checkpoint(default_model().with_suffix(".ckpt")).build()
    picture = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(1))
    before = dict(counter.state_dict())
    with torch.no_grad():
        expected = counter(picture)
        with folded(counter):
            found = counter(picture)
            left = [one for one in counter.modules() if isinstance(one, nn.BatchNorm2d)]

    assert left == []
    torch.testing.assert_close(found.density, expected.density, rtol=1e-4, atol=1e-6)
    after = counter.state_dict()
    assert after.keys() == before.keys()
    assert all(torch.equal(after[key], before[key]) for key in before)


def test_normalization_that_still_learns_is_left():
    """Folding takes the statistics as they are; a network in training has others."""
    sequence = nn.Sequential(nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))).train()

    with folded(sequence):
        assert any(isinstance(one, nn.BatchNorm2d) for one in sequence.modules())
