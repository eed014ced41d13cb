"""Spoilt pictures are spoilt as promised, by the seed alone, and heads stay where they are."""

import cv2
import numpy as np
import pytest
import torch
from torchvision import tv_tensors

from training.data.artefacts import (
    FewPixels,
    JpegArtefacts,
    Night,
    Rain,
    SensorNoise,
    VideoArtefacts,
)
from training.robustness import CONDITIONS, under

EVERY = [FewPixels, JpegArtefacts, SensorNoise, VideoArtefacts, Night, Rain]


def scene(height=128, width=160):
    """Give a colored picture with edges everywhere, uint8 (3, H, W)."""
    y, x = np.mgrid[:height, :width]
    checks = ((x // 12 + y // 12) % 2) * 120 + 60
    image = np.stack([checks, (checks + x) % 256, 255 - checks]).astype(np.uint8)
    return tv_tensors.Image(torch.from_numpy(image))


def sharpness(picture):
    """Mean square of the Laplacian of the grey picture."""
    grey = picture.float().mean(0).numpy()
    return float(np.square(cv2.Laplacian(grey, cv2.CV_32F)).mean())


def spoilt(change, picture, seed=5):
    """Spoil a picture with a seed."""
    torch.manual_seed(seed)
    return change(picture)


@pytest.mark.parametrize("transform", EVERY)
def test_a_seed_decides_and_the_original_stays(transform):
    """The same seed gives the same picture, another one another; what was given is not written."""
    picture = scene()
    before = picture.clone()

    first, again, other = (spoilt(transform(), picture, seed) for seed in (1, 1, 2))

    assert first.shape == picture.shape
    assert first.dtype == torch.uint8
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(picture, before)


@pytest.mark.parametrize("transform", EVERY)
def test_heads_pass(transform):
    """Heads come out as they went in, bit by bit."""
    heads = tv_tensors.KeyPoints(torch.tensor([[3.25, 7.5]]), canvas_size=(128, 160))

    _, passed = transform()(scene(), heads)

    assert torch.equal(passed, heads)


@pytest.mark.parametrize("transform", [FewPixels, JpegArtefacts, VideoArtefacts])
def test_nothing_moves(transform):
    """People must stay under their heads: a spot's center of mass moves less than half a pixel."""
    picture = torch.zeros(3, 128, 160, dtype=torch.uint8)
    picture[:, 60:73, 90:103] = 255  # center at x = 96, y = 66

    for seed in range(8):
        bright = spoilt(transform(), tv_tensors.Image(picture), seed)[1].double()
        bright[bright < 64] = 0
        y, x = np.mgrid[:128, :160]
        center = [(float((bright * torch.from_numpy(one)).sum() / bright.sum())) for one in (x, y)]
        assert center == pytest.approx([96, 66], abs=0.5)


def test_few_pixels_blur():
    """Edges are lost, brightness is not."""
    picture = scene()
    for seed in range(6):
        changed = spoilt(FewPixels(), picture, seed)
        assert sharpness(changed) < 0.7 * sharpness(picture)
        assert changed.float().mean() == pytest.approx(float(picture.float().mean()), abs=3)


def test_video_is_close_and_blocky():
    """H.264 keeps the picture within 20 levels on average, and yet changes it."""
    picture = scene()
    for seed in range(6):
        error = (spoilt(VideoArtefacts(), picture, seed).float() - picture.float()).abs().mean()
        assert 0.2 < error < 20


def test_video_of_odd_sides():
    """Films have even sides, pictures need not."""
    picture = scene(67, 93)

    assert spoilt(VideoArtefacts(), picture).shape == (3, 67, 93)


def test_conditions_leave_chance_alone():
    """A condition is the seed's alone, and draws nothing from others' chance."""
    image = scene().permute(1, 2, 0).numpy()
    for condition in CONDITIONS:
        torch.manual_seed(1)
        before = torch.random.get_rng_state()
        first, again = (under(condition, image, seed=3) for _ in range(2))
        assert np.array_equal(first, again)
        assert first.shape == image.shape
        assert torch.equal(torch.random.get_rng_state(), before)


def test_night_is_dark():
    """Lamps give at most half the light, and red more than blue."""
    white = tv_tensors.Image(torch.full((3, 96, 96), 255, dtype=torch.uint8))
    for seed in range(8):
        night = spoilt(Night(), white, seed).float().mean(dim=(1, 2))
        assert 0.14 * 255 < night[0] < 0.51 * 255
        assert night[2] <= night[0] + 1


def test_rain_is_bright_and_thin():
    """Streaks lie over a part of a black picture only, taller than wide."""
    black = tv_tensors.Image(torch.zeros(3, 256, 256, dtype=torch.uint8))
    for seed in range(6):
        rain = spoilt(Rain(), black, seed)[0].float()
        above = (rain > rain.median() + 1).float()
        assert 0.0 < above.mean() < 0.5
        along, across = (float((above * above.roll(1, axis)).mean()) for axis in (0, 1))
        assert along > across
