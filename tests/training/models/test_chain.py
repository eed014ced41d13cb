"""Joined layers say and learn what layers one after the other would."""

from functools import partial

import pytest
import torch
from torch import nn

from training.models.chain import Chain
from training.models.depthwise import DepthwiseConv2d


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
def test_half_precision_reaches_it(threads):
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
