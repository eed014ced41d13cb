"""Trunks of timm and torchvision."""

import pytest
import torch
import torchvision

from training.models.trunks import TimmTrunk, TorchvisionVit


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
