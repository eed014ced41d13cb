"""How novel a picture is: distances by another route, and a network that says them."""

import numpy as np
import pytest
import torch

from monitor.core.bins import Bin, BinSet
from training.models.config import PyramidConfig, grid_of
from training.models.familiarity import Familiarity, describe_maps
from training.models.pyramid import PyramidCounter
from training.models.shufflenet import SHUFFLENET

BINS = BinSet((Bin(0, 0), Bin(1, None)), (0.0, 1.5))


def learned(size=6, directions=3, pictures=400, seed=2):
    """A familiarity with pictures that vary in `directions` directions, and those pictures."""
    draw = torch.Generator().manual_seed(seed)
    basis = torch.randn(directions, size, generator=draw)
    inner = torch.randn(pictures, directions, generator=draw) * torch.tensor([5.0, 2.0, 1.0])
    values = inner @ basis + 0.1 * torch.randn(pictures, size, generator=draw) + 7
    known = Familiarity(size, directions)
    known.learn(values, torch.full((pictures,), 1 / pictures))
    return known, values


def test_descriptions_are_means_and_deviations():
    """Asked of numpy."""
    maps = [torch.rand(2, 3, 4, 5), torch.rand(2, 2, 2, 2)]
    expected = np.concatenate(
        [f(one.numpy(), axis=(2, 3)) for one in maps for f in (np.mean, np.std)], axis=1
    )

    assert np.allclose(describe_maps(maps).numpy(), expected, atol=1e-6)


def test_distance_is_mahalanobis_when_every_direction_is_kept():
    """With as many directions as numbers, it is the textbook distance over √size."""
    known, values = learned(directions=3, size=3)
    covariance = np.cov(values.numpy().T, bias=True)
    apart = values.numpy() - values.numpy().mean(axis=0)
    textbook = np.sqrt(np.einsum("ni,ij,nj->n", apart, np.linalg.inv(covariance), apart) / 3)

    assert np.allclose(known(values).numpy(), textbook, rtol=1e-3)


def test_known_pictures_lie_about_one_away():
    """Their mean square distance is 1, for the spread along and beside the directions is theirs."""
    known, values = learned()

    assert float(known(values).square().mean()) == pytest.approx(1.0, rel=0.02)


def test_what_lies_beside_all_known_directions_is_novel():
    """A small step off the plane counts for more than a large one within it."""
    known, values = learned()
    within = values.mean(0) + 1.5 * (values[0] - values.mean(0))
    _, _, rows = torch.linalg.svd((values - values.mean(0)) * known.scale)
    beside = values.mean(0) + rows[-1] / known.scale

    novelties = known(torch.stack([within, beside]))
    assert float(novelties[1]) > 3 * float(novelties[0])


def test_channels_that_never_change_do_not_divide_by_zero():
    """A dead channel says nothing."""
    values = torch.randn(50, 4)
    values[:, 2] = 3.0
    known = Familiarity(4, 2)
    known.learn(values, torch.full((50,), 1 / 50))

    assert torch.isfinite(known(values)).all()


def test_too_few_pictures_are_refused():
    """More directions than pictures would know everything."""
    with pytest.raises(ValueError, match="directions need more"):
        Familiarity(8, 4).learn(torch.randn(4, 8), torch.full((4,), 0.25))


def test_a_pyramid_says_it_beside_its_count():
    """In use, not while learning; the count is that of the network without."""
    torch.manual_seed(1)
    network = PyramidConfig(trunk=SHUFFLENET, grid=grid_of(8, BINS), width=16, familiarity=4)
    counter = PyramidCounter(network)
    pictures = torch.rand(2, 3, 64, 96)
    assert counter.train()(pictures).novelty is None

    output = counter.eval()(pictures)

    assert counter.familiarity is not None
    assert torch.equal(output.novelty, counter.familiarity(counter.describe(pictures)))
    counter.familiarity = None
    assert torch.equal(counter(pictures).density, output.density)
