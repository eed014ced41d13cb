"""Picture and heads stay together, whatever happens to them."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision import tv_tensors

from monitor.core.density import points_to_blocks
from training.data.augment import (
    CropSettings,
    RandomScaledCrop,
    blocks_of,
    build_augmentation,
    normalize,
    pad_to_multiple,
)

CALM = dict.fromkeys(
    ("grey", "blur", "noise", "jpeg", "coarse", "video", "night", "rain"),
    0.0,
)
"""Nothing that changes pixels, but for colors."""


def spotted(size_hw, places):
    """Give a black picture with white squares of 5 px around the heads, and the heads."""
    image = torch.zeros(3, *size_hw, dtype=torch.uint8)
    for x, y in places:
        image[:, max(0, y - 2) : y + 3, max(0, x - 2) : x + 3] = 255
    heads = torch.tensor([[x + 0.5, y + 0.5] for x, y in places], dtype=torch.float32)
    return tv_tensors.Image(image), tv_tensors.KeyPoints(heads.view(-1, 2), canvas_size=size_hw)


def noisy(seed, size_hw):
    """Give a picture of noise without black, and twenty heads anywhere in it."""
    draw = np.random.default_rng(seed)
    image = torch.from_numpy(draw.integers(1, 255, (3, *size_hw), np.uint8))
    places = torch.from_numpy(draw.uniform(0, size_hw[::-1], (20, 2))).float()
    return tv_tensors.Image(image), tv_tensors.KeyPoints(places, canvas_size=size_hw)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.integers(40, 300), st.integers(40, 300))
def test_heads_stay_on_their_people(seed, height, width):
    """After scaling, stretching, cropping and mirroring, every head kept lies on a white square."""
    draw = np.random.default_rng(seed)
    places = [(int(x), int(y)) for x, y in draw.uniform((8, 8), (width - 8, height - 8), (6, 2))]
    image, heads = spotted((height, width), places)
    calm = CropSettings(side_px=96, stretch=0.6 * (seed % 2), **CALM)
    torch.manual_seed(seed)

    crop, inside = RandomScaledCrop(calm)(image, heads)

    assert crop.shape == (3, 96, 96)
    for x, y in inside.tolist():
        assert crop[0, min(95, math.floor(y)), min(95, math.floor(x))] > 60


def test_mirror_moves_heads_too():
    """The whole augmentation keeps heads on people, color changes and all."""
    image, heads = spotted((96, 96), [(20, 30), (70, 80)])
    augment = build_augmentation(
        CropSettings(side_px=96, smallest_scale=1.0, largest_scale=1.0, **CALM)
    )
    seen = set()
    for seed in range(12):
        torch.manual_seed(seed)
        crop, inside = augment(image, heads)
        assert len(inside) == 2
        for x, y in inside.tolist():
            assert crop[:, int(y), int(x)].float().mean() > 100
        seen.add(round(float(inside[0, 0])))

    assert len(seen) == 2  # mirrored and not


def test_nobody_is_invented_or_lost_by_a_crop_of_all():
    """At scale 1 a crop as large as the picture keeps everybody, also two in one pixel."""
    image, heads = spotted((64, 64), [(10, 10), (10, 10), (63, 63), (0, 0)])
    settings_all = CropSettings(side_px=64, smallest_scale=1.0, largest_scale=1.0)

    _, inside = RandomScaledCrop(settings_all)(image, heads)

    assert len(inside) == 4


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.integers(40, 300), st.integers(40, 300))
def test_crowded_crops_hold_somebody(seed, height, width):
    """Placed at a head, a crop is never empty, wherever the head is, and keeps people's places."""
    draw = np.random.default_rng(seed)
    place = [int(one) for one in draw.integers((0, 0), (width, height))]
    image, heads = spotted((height, width), [place])
    torch.manual_seed(seed)

    crop, inside = RandomScaledCrop(
        CropSettings(side_px=64, smallest_scale=1.0, largest_scale=1.5, crowded=1.0)
    )(image, heads)

    assert len(inside) == 1
    x, y = inside[0].tolist()
    assert crop[0, min(63, math.floor(y)), min(63, math.floor(x))] > 60


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**31), st.integers(30, 200), st.integers(30, 200))
def test_margin_shows_what_lies_around_a_crop(seed, height, width):
    """Inside its margin a crop is the crop without margin; around it, picture and then black."""
    image, heads = noisy(seed, (height, width))
    plain = CropSettings(side_px=64, smallest_scale=1.0, largest_scale=1.0)

    torch.manual_seed(seed)
    narrow, few = RandomScaledCrop(plain)(image, heads)
    torch.manual_seed(seed)
    broad, more = RandomScaledCrop(replace(plain, side_px=96, margin_px=16))(image, heads)

    assert torch.equal(broad[:, 16:80, 16:80], narrow)
    moved = more.as_subclass(torch.Tensor) - 16
    inner = ((moved >= 0) & (moved < 64)).all(dim=1)
    assert torch.allclose(moved[inner], few.as_subclass(torch.Tensor), atol=1e-4)
    # Where the crop lies in the picture, found by its first pixels: the rest follows from that.
    assert (broad > 0).all(dim=0).sum() == _pixels_shown(image, broad)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**31), st.integers(30, 200), st.integers(30, 200))
def test_a_small_picture_is_cropped_as_if_it_had_been_enlarged(seed, height, width):
    """Twice as large along each side is the same as four times as many pixels."""
    image, heads = noisy(seed, (height, width))
    twice = CropSettings(side_px=64, smallest_scale=2.0, largest_scale=2.0)
    small = replace(twice, smallest_scale=1, largest_scale=1, least_pixels=4 * height * width)

    torch.manual_seed(seed)
    wanted, there = RandomScaledCrop(twice)(image, heads)
    torch.manual_seed(seed)
    found, here = RandomScaledCrop(small)(image, heads)

    assert torch.equal(found, wanted)
    assert torch.equal(here.as_subclass(torch.Tensor), there.as_subclass(torch.Tensor))


def _pixels_shown(image, broad):
    # The crop is somewhere: try every place and take the one where all pixels agree.
    height, width = image.shape[-2:]
    canvas = torch.zeros(3, height + 192, width + 192, dtype=torch.uint8)
    canvas[:, 96 : 96 + height, 96 : 96 + width] = image
    for top in range(height + 96):
        for left in range(width + 96):
            if torch.equal(
                canvas[:, top : top + 96 : 31, left : left + 96 : 31], broad[:, ::31, ::31]
            ):
                found = canvas[:, top : top + 96, left : left + 96]
                if torch.equal(found, broad):
                    return (found > 0).all(dim=0).sum()
    raise AssertionError("no such place in the picture")


def test_stretched_crops_show_as_much_of_the_picture():
    """A square of 40 px becomes a rectangle of the same area, within a pixel along each side."""
    image, heads = spotted((400, 400), [(200, 200)])
    image[:, 180:220, 180:220] = 255
    crop = RandomScaledCrop(
        CropSettings(side_px=96, smallest_scale=1.0, largest_scale=1.0, stretch=0.8, crowded=1.0)
    )
    torch.manual_seed(2)

    ratios = set()
    for _ in range(60):
        white = crop(image, heads)[0][0] > 127
        high, wide = int(white.any(dim=1).sum()), int(white.any(dim=0).sum())
        if white[[0, -1]].any() or white[:, [0, -1]].any():
            continue  # the square is cut off
        assert high * wide == pytest.approx(1600, abs=2 * (high + wide))
        ratios.add(round(wide / high, 1))

    assert min(ratios) < 0.75
    assert max(ratios) > 1.35


def test_tones_change_colors_and_leave_people_where_they_are():
    """Each of four changes at its chance: more often than not, something is done to a picture."""
    torch.manual_seed(7)
    image = tv_tensors.Image(torch.randint(60, 180, (3, 96, 96), dtype=torch.uint8))
    heads = tv_tensors.KeyPoints(torch.tensor([[20.5, 30.5]]), canvas_size=(96, 96))

    def with_tones(chance, seed):
        settings = CropSettings(
            side_px=96, smallest_scale=1.0, largest_scale=1.0, tones=chance, **CALM
        )
        torch.manual_seed(seed)
        return build_augmentation(settings)(image, heads)

    for seed in range(8):
        full = with_tones(1.0, seed)[0].float()
        assert full.flatten(1).std(dim=1).min() > 60  # the histogram is even: 255 / √12 = 74
    for seed in range(8):
        crop, inside = with_tones(0.3, seed)
        assert crop.shape == (3, 96, 96)
        assert len(inside) == 1
        assert float(inside[0, 1]) == pytest.approx(30.5)


def test_crowded_is_a_chance():
    """One person in a large place: crops with somebody are as common as asked for."""
    image, heads = spotted((1000, 1000), [(500, 500)])

    def share(crowded):
        crop = RandomScaledCrop(
            CropSettings(side_px=32, smallest_scale=1.0, largest_scale=1.0, crowded=crowded)
        )
        torch.manual_seed(3)
        return sum(len(crop(image, heads)[1]) for _ in range(400)) / 400

    # By chance alone (32 / 969)² = 0.1 %; of 400 draws at 0.5 the share has a deviation of 2.5 %.
    assert share(0.0) < 0.02
    assert share(0.5) == pytest.approx(0.5, abs=0.1)
    assert share(0.5) == share(0.5)


@pytest.mark.parametrize(
    ("placement", "edge", "middle"), [("even", 51 / 201, 150 / 201), ("inside", 1 / 101, 100 / 101)]
)
def test_edges_are_seen(placement, edge, middle):
    """Even placement shows what lies at an edge a third as often as what lies in the middle."""
    # Crops of 100 px of a picture of 200 px: 101 places inside, of which one shows the edge. With
    # middles anywhere, 201 places, of which the first 51 are moved in to that one.
    share = edge * middle
    crop = RandomScaledCrop(
        CropSettings(side_px=100, smallest_scale=1.0, largest_scale=1.0, placement=placement)
    )
    torch.manual_seed(8)

    for place in ((0, 100), (100, 0), (199, 100), (100, 199)):
        image, heads = spotted((200, 200), [place])
        seen = sum(len(crop(image, heads)[1]) for _ in range(1200)) / 1200
        assert seen == pytest.approx(share, abs=4 * math.sqrt(share / 1200))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.integers(30, 200), st.integers(30, 200))
def test_crops_stay_in_the_picture_however_they_are_placed(seed, height, width):
    """Nothing black but where the picture is smaller than the crop."""
    image, heads = noisy(seed, (height, width))
    for placement in ("even", "inside"):
        torch.manual_seed(seed)
        crop, _ = RandomScaledCrop(
            CropSettings(side_px=64, smallest_scale=1.0, largest_scale=1.0, placement=placement)
        )(image, heads)

        shown = (crop > 0).all(dim=0)
        assert int(shown.sum()) == min(64, height) * min(64, width)
        assert bool(shown[0, 0])


def test_crowded_picture_without_people():
    """Where there is nobody, a crop is taken anywhere."""
    image, heads = spotted((100, 100), [])

    crop, inside = RandomScaledCrop(CropSettings(side_px=64, crowded=1.0))(image, heads)

    assert crop.shape == (3, 64, 64)
    assert len(inside) == 0


def test_artefacts_are_a_share_of_their_chances():
    """Half of the crops that would have been spoilt stay clear at 0.5, all of them at 0."""
    picture = tv_tensors.Image(torch.full((3, 64, 64), 128, dtype=torch.uint8))
    heads = tv_tensors.KeyPoints(torch.zeros(0, 2), canvas_size=(64, 64))

    def spoilt(artefacts):
        # A flat grey picture shows nothing but noise; color jitter keeps it flat.
        changed = build_augmentation(
            CropSettings(
                side_px=64,
                smallest_scale=1.0,
                largest_scale=1.0,
                noise=0.8,
                blur=0.0,
                jpeg=0.0,
                coarse=0.0,
                video=0.0,
                night=0.0,
                rain=0.0,
                artefacts=artefacts,
            )
        )
        torch.manual_seed(11)
        return sum(float(changed(picture, heads)[0].float().std()) > 0.5 for _ in range(300)) / 300

    # Deviation of a share of 300 draws: 2.3 % at 0.8, 2.8 % at 0.4.
    assert spoilt(1.0) == pytest.approx(0.8, abs=0.1)
    assert spoilt(0.5) == pytest.approx(0.4, abs=0.1)
    assert spoilt(0.0) == 0.0


@given(
    st.lists(st.tuples(st.floats(0, 63.875, width=32), st.floats(0, 63.875, width=32)), max_size=50)
)
def test_blocks_agree_with_the_contract(points):
    """Training counts heads per block exactly as the app's own arithmetic does."""
    marks = np.array([*points, *points[:2]], dtype=np.float32).reshape(-1, 2)

    blocks = blocks_of(torch.from_numpy(marks), 64, 8)

    np.testing.assert_array_equal(blocks.numpy(), points_to_blocks(marks, (64, 64), 8))


def test_normalize_by_hand():
    """White becomes (1 − mean) / std in every channel."""
    white = torch.full((1, 3, 2, 2), 255, dtype=torch.uint8)

    result = normalize(white, (0.5, 0.25, 0.0), (0.5, 0.25, 2.0))

    assert result[0, :, 0, 0].tolist() == pytest.approx([1.0, 3.0, 0.5])


def test_padding_is_black_and_at_the_end():
    """A picture is filled up to the multiple at the right and below."""
    padded = pad_to_multiple(torch.ones(3, 33, 64), 32)

    assert padded.shape == (3, 64, 64)
    assert padded[:, 33:].sum() == 0
    assert padded[:, :33].min() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"side_px": 8},
        {"smallest_scale": 0},
        {"smallest_scale": 2, "largest_scale": 1},
        {"crowded": 1.5},
        {"artefacts": -0.1},
        {"tones": 2.0},
        {"pasted": -1.0},
        {"stretch": -0.5},
        {"margin_px": 128},
    ],
)
def test_impossible_crops_are_refused(wrong):
    """Sides and scales must make sense."""
    with pytest.raises(ValueError, match="crops need"):
        CropSettings(**wrong)
