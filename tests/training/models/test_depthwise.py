"""Depthwise convolutions: what they say and how they learn is what torch's own would."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from training.models.depthwise import DepthwiseConv2d

KINDS = ((3, 1), (3, 2), (5, 1))


@given(
    kind=st.sampled_from(KINDS),
    channels=st.integers(1, 5),
    height=st.integers(1, 17),
    width=st.integers(1, 17),
    has_bias=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_maps_and_slopes_are_torchs_own(kind, channels, height, width, has_bias, seed):
    """In double precision, for maps of any size, even smaller than the kernel."""
    side, stride = kind
    chance = torch.Generator().manual_seed(seed)
    layer = DepthwiseConv2d(channels, side, stride=stride).double()
    bias = None
    if has_bias:  # as a file's normalization leaves it
        bias = torch.randn(channels, generator=chance, dtype=torch.float64).requires_grad_()
        layer.bias = torch.nn.Parameter(bias.detach().clone())
    features = torch.randn(2, channels, height, width, generator=chance, dtype=torch.float64)
    ours, theirs = features.clone().requires_grad_(), features.clone().requires_grad_()
    weight = layer.weight.detach().clone().requires_grad_()

    found = layer(ours)
    wanted = F.conv2d(theirs, weight, bias, stride, side // 2, groups=channels)
    pull = torch.randn(wanted.shape, generator=chance, dtype=torch.float64)
    found.backward(pull)
    wanted.backward(pull)

    torch.testing.assert_close(found, wanted)
    torch.testing.assert_close(ours.grad, theirs.grad)
    torch.testing.assert_close(layer.weight.grad, weight.grad)
    if bias is not None:
        torch.testing.assert_close(layer.bias.grad, bias.grad)


@pytest.mark.parametrize(("side", "stride"), KINDS)
def test_nothing_is_computed_for_what_does_not_learn(side, stride):
    """A frozen kernel gets no slope, and a picture that is the input asks for none."""
    layer = DepthwiseConv2d(4, side, stride=stride)
    layer.weight.requires_grad_(False)
    features = torch.rand(1, 4, 8, 8, requires_grad=True)
    layer(features).sum().backward()
    assert layer.weight.grad is None
    assert features.grad is not None

    layer.weight.requires_grad_(True)
    layer(torch.rand(1, 4, 8, 8)).sum().backward()
    assert layer.weight.grad is not None


@pytest.mark.parametrize(("side", "stride"), KINDS)
def test_half_precision_reaches_it(side, stride):
    """Under autocast it computes as torch's layers do, and its weights keep their precision."""
    layer = DepthwiseConv2d(4, side, stride=stride)
    features = torch.rand(2, 4, 16, 16)
    with torch.autocast("cpu", torch.bfloat16):
        found = layer(features)
        wanted = F.conv2d(features, layer.weight, None, stride, side // 2, groups=4)
    found.float().sum().backward()

    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found, wanted)
    assert layer.weight.grad is not None
    assert layer.weight.grad.dtype == torch.float32


@pytest.mark.parametrize("side", [1, 4, 7])
def test_other_kernels_are_refused(side):
    """The quick gradients are those of 3 × 3 and 5 × 5."""
    with pytest.raises(ValueError, match=f"side {side}"):
        DepthwiseConv2d(8, side)
    with pytest.raises(ValueError, match="stride 2"):
        DepthwiseConv2d(8, 5, stride=2)
