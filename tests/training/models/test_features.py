"""From trunks to features of blocks."""

import pytest
import torch
from torch import nn

from training.models.blocks import CLASSICAL
from training.models.features import Resize, common_multiple, narrowing_decoder, refiner


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
