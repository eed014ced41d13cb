"""Trunks of timm and torchvision.

From trunks to features of blocks.

Trunks and decoders of the VGG family.
"""

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import nn

from training.models.backbones import Resize, common_multiple, narrowing_decoder, refiner
from training.models.blocks import CLASSICAL
from training.models.trunks import (
    ContextModule,
    TimmTrunk,
    TorchvisionVit,
    average_cells,
    csrnet_decoder,
    csrnet_trunk,
    vgg_trunk,
)


@pytest.mark.parametrize(
    ("name", "channels"),
    [("resnet18", 512), ("resnet50", 2048), ("mobilenetv2_050", 160), ("densenet121", 1024)],
)
def test_last_stride_is_removed_where_it_is_known_how(name: str, channels: int) -> None:
    """Half the stride and the same weights; features change in size alone."""
    whole, fine = TimmTrunk(name), TimmTrunk(name, last_stride_removed=True)

    assert (whole.stride_px, fine.stride_px) == (32, 16)
    assert whole.state_dict().keys() == fine.state_dict().keys()
    pictures = torch.zeros(1, 3, 64, 96)
    with torch.inference_mode():
        assert whole.eval()(pictures).shape == (1, channels, 2, 3)
        assert fine.eval()(pictures).shape == (1, channels, 4, 6)


def test_other_models_keep_their_stride() -> None:
    """A trunk for which it is not known how stays as it is."""
    assert TimmTrunk("mobilenetv3_small_050", last_stride_removed=True).stride_px == 32


@pytest.mark.parametrize(
    ("name", "stride_px", "window_px"),
    [
        ("resnetv2_50", 32, None),
        ("hrnet_w18_small", 32, None),
        ("efficientnet_b0", 32, None),
        ("convnext_atto", 32, None),
        ("pvt_v2_b0", 32, None),
        ("selecsls42", 64, None),
        ("vit_tiny_patch16_224", 16, 224),
        ("swin_tiny_patch4_window7_224", 32, 224),
        ("maxvit_pico_rw_256", 32, 256),
        ("sequencer2d_s", 14, 224),
    ],
)
def test_any_family_of_timm_is_a_trunk(name: str, stride_px: int, window_px: int | None) -> None:
    """Channels first and one feature a stride, also where timm itself takes one size alone."""
    with torch.device("meta"):
        trunk = TimmTrunk(name, last_stride_removed=True).eval()
        side = window_px or 2 * trunk.stride_px
        found = trunk(torch.empty(2, 3, side, side)).shape

    assert (trunk.stride_px, trunk.window_px) == (stride_px, window_px)
    assert found == (2, trunk.channels, side // stride_px, side // stride_px)


def test_channels_come_first() -> None:
    """Swin gives its channels last; the trunk's map is its own, turned."""
    torch.manual_seed(0)
    trunk = TimmTrunk("swin_tiny_patch4_window7_224").eval()
    pictures = torch.randn(1, 3, 224, 224)

    with torch.inference_mode():
        expected = trunk.encoder(pictures)[-1]
        features = trunk(pictures)

    assert expected.shape == (1, 7, 7, 768)
    assert torch.equal(features[0, :, 2, 5], expected[0, 2, 5])


def test_windows_of_another_size() -> None:
    """A model of one size can be made for another; what takes any size has no window."""
    with torch.device("meta"):
        wide = TimmTrunk("vit_tiny_patch16_224", window_px=448).eval()
        assert wide(torch.empty(1, 3, 448, 448)).shape == (1, 192, 28, 28)
    with pytest.raises(ValueError, match="takes pictures whole"):
        TimmTrunk("resnet18", window_px=224)


@pytest.mark.parametrize(
    ("name", "window_px"),
    [("inception_v3", None), ("levit_128s", None), ("efficientformer_l1", 448)],
)
def test_models_without_a_map_are_refused(name: str, window_px: int | None) -> None:
    """Features that do not lie one to so many pixels cannot be laid over blocks."""
    with torch.device("meta"), pytest.raises(ValueError, match=rf"{name} (gives|cannot)"):
        TimmTrunk(name, window_px=window_px)


def test_unknown_models_are_refused() -> None:
    """A name that neither this project nor timm knows is a mistake that is told."""
    with pytest.raises(ValueError, match="'vgg20_ae' is no backbone"):
        TimmTrunk("vgg20_ae")


def test_vit_features_are_torchvisions() -> None:
    """Features are the tokens that torchvision's own encoder gives for the patches."""
    torch.manual_seed(0)
    trunk = TorchvisionVit("vit_b_32", window_px=64).eval()
    whole = torchvision.models.vit_b_32(image_size=64).eval()
    weights = {key: trunk.state_dict().get(key, one) for key, one in whole.state_dict().items()}
    whole.load_state_dict(weights)
    pictures = torch.randn(2, 3, 64, 64)

    with torch.inference_mode():
        patches = whole._process_input(pictures)
        tokens = torch.cat([whole.class_token.expand(2, -1, -1), patches], dim=1)
        expected = whole.encoder(tokens)[:, 1:]
        features = trunk(pictures)

    assert features.shape == (2, 768, 2, 2)
    torch.testing.assert_close(features.flatten(2).transpose(1, 2), expected, atol=1e-4, rtol=1e-4)


def test_vit_takes_other_sizes_than_its_window() -> None:
    """Positions are fitted to the grid that comes."""
    trunk = TorchvisionVit("vit_b_32", window_px=64).eval()

    with torch.inference_mode():
        assert trunk(torch.zeros(1, 3, 96, 128)).shape == (1, 768, 3, 4)


@pytest.mark.parametrize(
    ("stride_px", "block_px", "blocks", "size"),
    [(32, 8, 2, 16), (32, 16, 1, 8), (32, 32, 0, 4), (16, 32, 1, 2)],
)
def test_refiner_takes_one_block_an_octave(
    stride_px: int, block_px: int, blocks: int, size: int
) -> None:
    """Each doubling is followed by a block; halving is a block by itself."""
    made = refiner(6, CLASSICAL, stride_px=stride_px, block_px=block_px, refines_always=False)

    assert len(made) == blocks
    assert made(torch.zeros(1, 6, 4, 4)).shape == (1, 6, size, size)


def test_refiner_may_refine_at_its_own_size() -> None:
    """CLIP towers get a block even where nothing is resized."""
    assert len(refiner(6, CLASSICAL, stride_px=16, block_px=16, refines_always=True)) == 1


@pytest.mark.parametrize("block_px", [4, 24, 128])
def test_other_blocks_are_refused(block_px: int) -> None:
    """More than two octaves apart, or no power of two, is a mistake."""
    with pytest.raises(ValueError, match="they may be 8, 16, 32 or 64 px"):
        refiner(6, CLASSICAL, stride_px=32, block_px=block_px, refines_always=False)


@pytest.mark.parametrize(
    ("channels", "widths"),
    [(128, []), (480, [240]), (960, [480, 240]), (2048, [1024, 512, 256])],
)
def test_decoder_halves_channels(channels: int, widths: list[int]) -> None:
    """Until at most 256 are left, three times at most."""
    decoder, last = narrowing_decoder(channels, CLASSICAL)

    assert last == (widths[-1] if widths else channels)
    found = [block.get_submodule("shortcut.conv") for block in decoder]
    assert [one.out_channels for one in found if isinstance(one, nn.Conv2d)] == widths


def test_resize_and_multiple() -> None:
    """A patch of 14 pixels on blocks of 8: factor 1.75, sides in multiples of 56."""
    assert Resize(14 / 8)(torch.zeros(1, 2, 16, 4)).shape == (1, 2, 28, 7)
    assert common_multiple(14, 8) == 56
    features = torch.rand(1, 2, 3, 3)
    assert Resize(1.0)(features) is features


@pytest.mark.parametrize("side_cells", [1, 2, 3, 6])
@pytest.mark.parametrize("size", [(6, 6), (7, 13), (24, 32), (2, 5)])
def test_cells_are_averaged_as_in_torch(size: tuple[int, int], side_cells: int) -> None:
    """The products of matrices give what adaptive average pooling gives, at any size."""
    features = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(0))

    expected = F.adaptive_avg_pool2d(features, side_cells)

    torch.testing.assert_close(average_cells(features, side_cells), expected)


def test_context_by_its_equations() -> None:
    """Weights from contrast, weighted mean over the sizes, joined with the features."""
    torch.manual_seed(0)
    module = ContextModule(4).eval()
    features = torch.rand(1, 4, 9, 7)

    weighted, weights = torch.zeros_like(features), torch.zeros_like(features)
    for side, scale in zip((1, 2, 3, 6), module.scales, strict=True):
        pooled = scale(F.adaptive_avg_pool2d(features, side))
        near = F.interpolate(pooled, (9, 7), mode="bilinear")
        weight = torch.sigmoid(module.weight_net(features - near))
        weighted, weights = weighted + weight * near, weights + weight
    joined = torch.cat([weighted / (weights + 1e-6), features], dim=1)

    expected = F.relu(module.bottleneck(joined))
    torch.testing.assert_close(module(features), expected)


@pytest.mark.parametrize("has_norm", [False, True])
def test_strides(has_norm: bool) -> None:
    """VGG ends at a sixteenth, CSRNet at an eighth; its dilated decoder keeps the size."""
    pictures = torch.zeros(1, 3, 64, 48)

    assert vgg_trunk("vgg16", has_norm=has_norm)(pictures).shape == (1, 512, 4, 3)
    features = csrnet_trunk(has_norm=has_norm)(pictures)
    assert features.shape == (1, 512, 8, 6)
    assert csrnet_decoder(has_norm=has_norm)(features).shape == (1, 64, 8, 6)
