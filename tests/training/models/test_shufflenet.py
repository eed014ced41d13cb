"""The smallest trunk: its size, its strides, its shuffle, and its file of first weights."""

import pytest
import torch
from torch import nn

from monitor.core.bins import Bin, BinSet
from training.errors import TrainingError
from training.models.config import PyramidConfig, grid_of
from training.models.pyramid import PyramidCounter
from training.models.shufflenet import SHUFFLENET, ShuffleNet
from training.models.start import start_counter

BINS = BinSet((Bin(0, 0), Bin(1, 1), Bin(2, None)), (0.0, 1.0, 2.5))


def config(**options):
    """A counter on this trunk."""
    return PyramidConfig(trunk=SHUFFLENET, grid=grid_of(8, BINS), width=16, **options)


def test_has_the_published_number_of_weights():
    """The file that FastestDet passes on holds 149,095 numbers in 330 tensors."""
    state = ShuffleNet().state_dict()

    assert len(state) == 330
    assert sum(one.numel() for one in state.values()) == 149_095


def test_maps_have_their_strides():
    """A picture of 64 × 96 gives maps a fourth to a thirty-second of it."""
    maps = ShuffleNet().eval()(torch.zeros(1, 3, 64, 96))

    assert [tuple(one.shape[1:]) for one in maps] == [
        (24, 16, 24), (48, 8, 12), (96, 4, 6), (192, 2, 3),
    ]  # fmt: skip


def test_half_of_the_channels_pass_a_unit_untouched():
    """What comes out first are the even channels of what went in, one by one."""
    unit = ShuffleNet().eval().stage2[1]
    features = torch.randn(1, 48, 4, 4)

    assert torch.equal(unit(features)[:, :24], features[:, ::2])


def test_first_weights_come_from_a_file_learned_from_bgr(tmp_path):
    """Swapping red and blue back: the counter sees in RGB what the file's trunk saw in BGR."""
    torch.manual_seed(3)
    published = ShuffleNet().eval()
    file = tmp_path / "trunk.pth"
    torch.save(published.state_dict(), file)
    picture = torch.rand(1, 3, 64, 64)

    counter = start_counter(config(), weights=str(file)).eval()

    ours, theirs = counter.trunk(picture), published(picture.flip(1))
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize(
    ("trunk", "weights", "sentence"),
    [
        (SHUFFLENET, "published", "no hub serves weights of shufflenetv2_x0_5"),
        (SHUFFLENET, "missing.pth", "missing.pth: cannot be read"),
        (SHUFFLENET, "junk.pth", "junk.pth: holds no weights of shufflenetv2_x0_5"),
        (
            "mobilenetv4_conv_small_050",
            "junk.pth",
            "only shufflenetv2_x0_5 and EfficientNet-Lite take their first",
        ),
    ],
)
def test_what_cannot_be_loaded_is_told(tmp_path, monkeypatch, trunk, weights, sentence):
    """One sentence, and never half-loaded weights."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "junk.pth").write_bytes(b"junk")

    with pytest.raises(TrainingError, match=sentence):
        start_counter(config().model_copy(update={"trunk": trunk}), weights=weights)


def test_refinement_begins_as_the_identity():
    """A refined counter with the weights of a plain one counts the same until it learns."""
    torch.manual_seed(4)
    plain = PyramidCounter(config()).eval()
    refined = PyramidCounter(config(is_refined=True)).eval()
    moved = {
        key.replace("context.", "context.0.").replace("join_16.", "join_16.0."): value
        for key, value in plain.state_dict().items()
    }
    moved = {
        (key.replace("head.2.", "head.3.").replace("head.1.", "head.2.")): value
        for key, value in moved.items()
    }
    missing, unexpected = refined.load_state_dict(moved, strict=False)
    picture = torch.rand(1, 3, 64, 96)

    assert not unexpected
    assert all(".body." in key for key in missing)
    assert torch.allclose(plain(picture).density, refined(picture).density, atol=1e-6)


def test_refinement_learns():
    """Every block of it gets a gradient once its last scale has moved."""
    refined = PyramidCounter(config(is_refined=True))
    for name, one in refined.named_parameters():
        if name.endswith("body.7.weight"):
            nn.init.ones_(one)
    refined(torch.rand(2, 3, 64, 64)).density.sum().backward()

    assert all(
        one.grad is not None and one.grad.abs().sum() > 0
        for name, one in refined.named_parameters()
        if ".body." in name and name.endswith("weight") and one.ndim == 4
    )


def test_branch_for_details_learns():
    """Begins as nothing; once its last weights have moved, all of it learns."""
    torch.manual_seed(6)
    counter = PyramidCounter(config(detail=12))
    assert counter.detail is not None
    pictures = torch.rand(2, 3, 64, 64)
    nothing = counter.detail(counter.trunk(pictures)[0])
    assert tuple(nothing.shape) == (2, 16, 8, 8)
    assert not nothing.any()

    nn.init.ones_(counter.detail[-2].weight)
    counter(pictures).density.sum().backward()

    assert all(one.grad is not None and one.grad.any() for one in counter.detail.parameters())
