"""Trunks and decoders of the VGG family."""

import pytest
import torch
import torch.nn.functional as F

from training.models.vgg import (
    ContextModule,
    average_cells,
    csrnet_decoder,
    csrnet_trunk,
    vgg_trunk,
)


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
