"""The methods learn: eight real pictures by heart, and nothing from what is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
import scipy.io
import torch
from torch import Tensor

from monitor.core.density import points_to_blocks
from tests.rigs.tiny_clip import RESNET, TEXT
from training.losses.total import PUBLISHED, LossWeights, block_loss
from training.models.config import (
    ClipEbcConfig,
    CounterConfig,
    EbcConfig,
    Tower,
    ZipConfig,
    grid_of,
)
from training.models.output import BlockTarget, Counter
from training.models.published_bins import bins_by_name
from training.models.sentences import bin_sentences
from training.models.start import start_counter

MALL = Path(__file__).resolve().parents[3] / "shared" / "data" / "mall"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.data,
    pytest.mark.skipif(not MALL.is_dir(), reason="needs the Mall set in ../shared/data"),
]

SIZE_HW, BLOCK_PX = (128, 160), 16
BINS = bins_by_name("zip-sha-16")
GRID = grid_of(BLOCK_PX, BINS)
LEARNED_MAE = 2.0
SETTLING_PASSES = 60

# Enough of both that sentences differ to the random text half and features to the image half.
TOWER = RESNET | {
    "embed_dim": 64,
    "vision_cfg": RESNET["vision_cfg"] | {"width": 12, "head_width": 24},
    "text_cfg": TEXT | {"width": 64, "layers": 4},
}


@dataclass(frozen=True)
class Lesson:
    """A method, and how long it takes to learn eight pictures by heart."""

    config: CounterConfig
    weights: LossWeights
    steps: int
    learning_rate: float


LESSONS = {
    "ebc": Lesson(
        EbcConfig(backbone="mobilenetv4_conv_small_050", grid=GRID),
        LossWeights(classes=1, scales=1, count=1),
        50,
        2e-3,
    ),
    "clip-ebc": Lesson(
        ClipEbcConfig(
            tower=Tower(name="small", architecture=TOWER),
            grid=GRID,
            sentences=bin_sentences(BINS.bins, "word"),
        ),
        LossWeights(classes=1, scales=1, count=1),
        60,
        6e-3,
    ),
    "zip": Lesson(
        ZipConfig(backbone="mobilenetv4_conv_small_050", grid=GRID), PUBLISHED["zip"], 60, 2e-3
    ),
}
WITHOUT_COUNT = LossWeights(variation=1)


@dataclass(frozen=True)
class Crowd:
    """Eight pictures from the emptiest to the fullest, and their truth."""

    pictures: Tensor
    """Shape (8, 3, H, W), in [0, 1]."""
    target: BlockTarget


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small networks gain nothing from a second thread, and lose much where it has to wait."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def crowd() -> Crowd:
    """Frames of the Mall set, made smaller, spread evenly by their number of people."""
    marks = scipy.io.loadmat(MALL / "mall_gt.mat")
    counts = marks["count"].ravel()
    there = sorted((MALL / "frames").glob("seq_*.jpg"), key=lambda path: counts[_index(path)])
    chosen = [there[round(place)] for place in np.linspace(0, len(there) - 1, 8)]
    height, width = SIZE_HW
    pictures, points = [], []
    for path in chosen:
        image = cv2.imread(str(path))
        assert image is not None
        scale = np.array([width / image.shape[1], height / image.shape[0]])
        located = marks["frame"].ravel()[_index(path)]["loc"][0, 0]
        points.append((located * scale).astype(np.float32))
        smaller = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        pictures.append(torch.from_numpy(smaller[..., ::-1].copy()).permute(2, 0, 1) / 255)
    blocks = np.stack([points_to_blocks(one, SIZE_HW, BLOCK_PX) for one in points])
    target = BlockTarget(torch.from_numpy(blocks), tuple(map(torch.from_numpy, points)))
    return Crowd(torch.stack(pictures), target)


@pytest.mark.parametrize("method", LESSONS)
def test_eight_pictures_are_learned_by_heart(method: str, crowd: Crowd) -> None:
    """The mean error of the count falls below two people."""
    assert _error_after(LESSONS[method], crowd, crowd.target) < LEARNED_MAE


@pytest.mark.parametrize("method", LESSONS)
def test_labels_of_other_pictures_teach_nothing(method: str, crowd: Crowd) -> None:
    """With each picture's truth given to another, the same time of learning does not help."""
    blocks, points = crowd.target.blocks.flip(0), crowd.target.points[::-1]

    assert _error_after(LESSONS[method], crowd, BlockTarget(blocks, points)) > 2 * LEARNED_MAE


@pytest.mark.parametrize("method", LESSONS)
def test_a_loss_without_counts_teaches_none(method: str, crowd: Crowd) -> None:
    """Total variation of shares alone says where people are, not how many."""
    lesson = LESSONS[method]
    blind = Lesson(lesson.config, WITHOUT_COUNT, lesson.steps, lesson.learning_rate)

    assert _error_after(blind, crowd, crowd.target) > 2 * LEARNED_MAE


def _error_after(lesson: Lesson, crowd: Crowd, taught: BlockTarget) -> float:
    torch.manual_seed(0)
    counter = start_counter(lesson.config, weights=None)
    mean, std = (torch.tensor(one).view(3, 1, 1) for one in (counter.mean, counter.std))
    pictures = (crowd.pictures - mean) / std
    optimizer = torch.optim.Adam(counter.parameters(), lr=lesson.learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, lesson.learning_rate, total_steps=lesson.steps, pct_start=0.2
    )
    counter.train()
    for _ in range(lesson.steps):
        output = counter(pictures)
        terms = block_loss(output, taught, lesson.weights, bins=BINS, block_px=BLOCK_PX)
        optimizer.zero_grad()
        terms.total.backward()
        optimizer.step()
        schedule.step()
    return _mean_error(counter, pictures, crowd.target)


def _mean_error(counter: Counter, pictures: Tensor, target: BlockTarget) -> float:
    with torch.inference_mode():
        for _ in range(SETTLING_PASSES):  # running statistics catch up with the last weights
            counter(pictures)
        counts = counter.eval()(pictures).density.sum(dim=(1, 2))
    truth = torch.tensor([float(len(one)) for one in target.points])
    return float((counts - truth).abs().mean())


def _index(path: Path) -> int:
    return int(path.stem.removeprefix("seq_")) - 1
