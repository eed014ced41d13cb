"""Pictures of any size are asked whole.

The measures of listening are what their words say.
"""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.rigs.tiny_count import tiny_counter
from training.clip_count.scoring import Answer, Asking, absent_names, score_answers, sensitivity
from training.data.augment import normalize
from training.data.labelled import LabelledPicture


@pytest.mark.parametrize("size_hw", [(64, 64), (40, 30), (200, 70), (65, 131)])
def test_any_size(size_hw):
    """Smaller than a window, portrait, odd: one block for every 8 pixels begun."""
    asking = Asking(tiny_counter())

    found = asking.count(np.zeros((*size_hw, 3), np.uint8), "cars")

    assert found.shape == (-(-size_hw[0] // 8), -(-size_hw[1] // 8))


def test_one_window_is_the_network_itself():
    """Nothing is added around a picture that fits."""
    counter = tiny_counter()
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    picture = normalize(torch.from_numpy(image).permute(2, 0, 1)[None], counter.mean, counter.std)

    found = Asking(counter).count(image, "people")

    with torch.no_grad():
        np.testing.assert_allclose(found, counter(picture).density[0].numpy(), rtol=1e-5)


def test_prompts_are_encoded_once():
    """However many windows a picture has."""
    counter = tiny_counter()
    calls: list[int] = []
    counter.text.register_forward_hook(lambda *_: calls.append(1))

    asking = Asking(counter)
    for _ in range(3):
        asking.count(np.zeros((150, 150, 3), np.uint8), "cars")

    assert len(calls) == 1


def test_absent_names_are_absent_and_stay_the_same():
    """Another order of names, the same choice."""
    picture = LabelledPicture(Path("a.png"), (9, 9), np.zeros((1, 2), np.float32), labels=("cars",))
    names = ["apples", "birds", "cars", "dogs", "eggs"]

    found = absent_names(picture, names, most=2)

    assert len(set(found)) == 2
    assert "cars" not in found
    assert absent_names(picture, names[::-1], most=2) == found


ANSWERS = [
    Answer("1.jpg", "cars", 10, 12),
    Answer("1.jpg", "apples", 0, 3, is_wrong=True),
    Answer("1.jpg", "birds", 0, 1, is_wrong=True),
    Answer("1123.jpg", "beads", 4000, 1000),
]


def test_errors_with_and_without_the_outlier():
    """One picture decides the root mean square; without it the other's error is left."""
    found = score_answers(ANSWERS, outliers=("1123.jpg",))

    assert found.right.mae == pytest.approx((2 + 3000) / 2)
    assert found.right.rmse == pytest.approx(math.sqrt((4 + 9e6) / 2))
    assert found.rmse_without_outliers == pytest.approx(2)
    assert found.right.nae == pytest.approx((0.2 + 0.75) / 2)
    assert found.absent_count == pytest.approx(2)


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        pytest.param(8, 0, 1.0, id="listens"),
        pytest.param(8, 8, 0.0, id="deaf"),
        pytest.param(2, 6, -0.5, id="contrary"),
        pytest.param(0, 0, 0.0, id="never counts"),
    ],
)
def test_sensitivity(right, wrong, expected):
    """Right over wrong, the picture being the same."""
    answers = [
        Answer("a", "cars", 8, right),
        Answer("a", "birds", 0, wrong, is_wrong=True),
        Answer("b", "never asked wrongly", 8, 1),
    ]

    assert sensitivity(answers) == pytest.approx(expected)


def test_without_wrong_questions_nothing_is_said_about_listening():
    """A number would claim what was not measured."""
    found = score_answers(ANSWERS[:1])

    assert math.isnan(found.sensitivity)
    assert math.isnan(found.absent_count)
