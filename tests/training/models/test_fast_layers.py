"""Depthwise convolutions: what they say and how they learn is what torch's own would.

Joined layers say and learn what layers one after the other would.

Products of matrices say what torch's convolutions of single pixels say.
"""

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from training.models.fast_layers import Chain, DepthwiseConv2d, convolve_pointwise, is_quick


def layers(seed=3):
    """Every kind of convolution that a network of ours normalizes, with odd statistics."""
    torch.manual_seed(seed)
    chain = Chain(
        nn.Conv2d(3, 6, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(6),
        nn.ReLU(inplace=True),
        DepthwiseConv2d(6, 5),
        nn.BatchNorm2d(6),
        nn.Conv2d(6, 8, 1, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(inplace=True),
        DepthwiseConv2d(8, 3, stride=2),
        nn.BatchNorm2d(8),
        nn.Conv2d(8, 4, 1),
    ).double()
    for layer in chain:
        if isinstance(layer, nn.BatchNorm2d):
            for tensor in (layer.weight, layer.bias, layer.running_mean, layer.running_var):
                nn.init.uniform_(tensor, 0.2, 1.5)
    return chain


def frozen(chain):
    """The chain as a run with frozen normalization has it: learning, but for its statistics."""
    chain.train()
    for layer in chain:
        if isinstance(layer, nn.BatchNorm2d):
            layer.eval()
    return chain


def learned(chain, features, run):
    """What comes out, and the slopes of the input and of everything that learns."""
    features = features.clone().requires_grad_()
    found = run(features)
    (found * torch.linspace(-1, 1, found.numel()).view(found.shape)).sum().backward()
    return [found.detach(), features.grad, *(one.grad for one in chain.parameters())]


def test_joined_is_what_apart_is():
    """Maps and slopes alike, those of the normalizations' own scale and shift too."""
    features = torch.rand(2, 3, 17, 12, dtype=torch.float64)
    joined, apart = frozen(layers()), frozen(layers())

    found = learned(joined, features, joined)
    wanted = learned(apart, features, partial(nn.Sequential.forward, apart))

    assert len(found) == len(wanted) == 2 + len(list(apart.parameters()))
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other)


def test_normalizations_are_not_run_when_joined(monkeypatch):
    """What makes it quick: their own forward is never called; it is, where statistics learn."""
    calls = []
    run = nn.BatchNorm2d.forward
    monkeypatch.setattr(
        nn.BatchNorm2d, "forward", lambda self, maps: calls.append(1) or run(self, maps)
    )
    features = torch.rand(2, 3, 16, 16, dtype=torch.float64)

    frozen(layers())(features)
    assert calls == []

    chain = layers().train()
    before = chain[1].running_mean.clone()
    chain(features)
    assert len(calls) == 4
    assert not torch.equal(chain[1].running_mean, before)


def test_weights_keep_their_names():
    """A checkpoint of a plain sequence fits, and the other way round."""
    chain = layers()
    plain = nn.Sequential(*layers(seed=9))

    plain.load_state_dict(chain.state_dict())

    features = torch.rand(1, 3, 8, 8, dtype=torch.float64)
    torch.testing.assert_close(plain.eval()(features), chain.eval()(features))


@pytest.mark.parametrize("threads", [1, 2])
def test_half_precision_reaches_chains(threads):
    """Under autocast the joined layers compute in it, on one thread and on several."""
    chain = frozen(layers().float())
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads)
        with torch.autocast("cpu", torch.bfloat16):
            found = chain(torch.rand(1, 3, 16, 16))
        found.float().sum().backward()
    finally:
        torch.set_num_threads(before)

    assert found.dtype == torch.bfloat16
    assert all(
        one.grad is not None and one.grad.dtype == torch.float32 for one in chain.parameters()
    )


KINDS = ((3, 1), (3, 2), (5, 1), (5, 2))


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


@pytest.mark.parametrize("side", [3, 5])
def test_tensorflows_padding_has_torchs_slopes(side):
    """With a stride of 2, one pixel less at the left and top; gradients as torch's own."""
    chance = torch.Generator().manual_seed(7)
    layer = DepthwiseConv2d(3, side, stride=2, pads_as_tensorflow=True).double()
    features = torch.randn(2, 3, 12, 8, generator=chance, dtype=torch.float64)
    ours, theirs = features.clone().requires_grad_(), features.clone().requires_grad_()
    weight = layer.weight.detach().clone().requires_grad_()
    before, after = (side - 2) // 2, (side - 1) // 2

    found = layer(ours)
    padded = F.pad(theirs, (before, after, before, after))
    wanted = F.conv2d(padded, weight, None, 2, 0, groups=3)
    found.square().sum().backward()
    wanted.square().sum().backward()

    assert found.shape[-2:] == (6, 4)
    torch.testing.assert_close(found, wanted)
    torch.testing.assert_close(ours.grad, theirs.grad)
    torch.testing.assert_close(layer.weight.grad, weight.grad)


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
    with pytest.raises(ValueError, match="stride 3"):
        DepthwiseConv2d(8, 5, stride=3)
    with pytest.raises(ValueError, match="stride 1"):
        DepthwiseConv2d(8, 5, pads_as_tensorflow=True)


@given(
    channels=st.integers(1, 5),
    kernels=st.integers(1, 5),
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    is_last=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_pointwise_maps_and_slopes_are_torchs_own(channels, kernels, height, width, is_last, seed):
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


def test_pointwise_computes_nothing_for_what_does_not_learn():
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
