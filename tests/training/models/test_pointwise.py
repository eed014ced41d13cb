"""Products of matrices say what torch's convolutions of single pixels say."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from training.models.pointwise import convolve_pointwise, is_quick


@given(
    channels=st.integers(1, 5),
    kernels=st.integers(1, 5),
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    is_last=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_maps_and_slopes_are_torchs_own(channels, kernels, height, width, is_last, seed):
    """In double precision, for maps of any size, wherever their channels lie in memory."""
    chance = torch.Generator().manual_seed(seed)

    def draw(*size):
        return torch.randn(size, generator=chance, dtype=torch.float64)

    kind = torch.channels_last if is_last else torch.contiguous_format
    given_ = (
        draw(2, channels, height, width).contiguous(memory_format=kind),
        draw(kernels, channels, 1, 1),
        draw(kernels),
    )
    ours = [one.clone().requires_grad_() for one in given_]
    theirs = [one.clone().requires_grad_() for one in given_]

    found, wanted = convolve_pointwise(*ours), F.conv2d(*theirs)
    pull = draw(*wanted.shape)
    found.backward(pull)
    wanted.backward(pull)

    torch.testing.assert_close(found, wanted)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one.grad, other.grad)


def test_what_comes_after_may_overwrite_it():
    """A rectifier in place learns as one that copies."""
    features = torch.randn(2, 3, 4, 4, requires_grad=True)
    weight, bias = torch.randn(5, 3, 1, 1), torch.zeros(5)

    F.relu(convolve_pointwise(features, weight, bias), inplace=True).sum().backward()
    slope, features.grad = features.grad, None
    F.relu(F.conv2d(features, weight, bias)).sum().backward()

    torch.testing.assert_close(slope, features.grad)


def test_nothing_is_computed_for_what_does_not_learn():
    """A frozen kernel gets no slope, and a picture that is the input asks for none."""
    frozen, learned = torch.rand(5, 3, 1, 1), torch.rand(5, 3, 1, 1, requires_grad=True)
    features = torch.rand(1, 3, 4, 4, requires_grad=True)

    convolve_pointwise(features, frozen, torch.zeros(5)).sum().backward()
    convolve_pointwise(torch.rand(1, 3, 4, 4), learned, torch.zeros(5)).sum().backward()

    assert features.grad is not None
    assert frozen.grad is None
    assert learned.grad is not None


@pytest.mark.parametrize(
    ("layer", "is_one"),
    [
        (nn.Conv2d(4, 6, 1), True),
        (nn.Conv2d(4, 6, 3), False),
        (nn.Conv2d(4, 6, 1, stride=2), False),
        (nn.Conv2d(4, 4, 1, groups=2), False),
        (nn.Conv2d(4, 4, 1, padding=1), False),
    ],
    ids=["pixels", "neighbors", "every other", "in groups", "with an edge"],
)
def test_it_is_used_for_what_it_says_alone(layer, is_one):
    """On one thread and in single precision."""
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        assert is_quick(layer, torch.rand(1, 4, 2, 2)) == is_one
        assert not is_quick(layer, torch.rand(1, 4, 2, 2).double())
        with torch.autocast("cpu", torch.bfloat16):
            assert not is_quick(layer, torch.rand(1, 4, 2, 2))
        torch.set_num_threads(2)
        assert not is_quick(layer, torch.rand(1, 4, 2, 2))
    finally:
        torch.set_num_threads(threads)
