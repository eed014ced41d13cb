"""The measures of listening are what their words say."""

import math

import pytest

from training.prompt_scores import Answer, score_answers, sensitivity

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
