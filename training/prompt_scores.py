"""How well a network listens: its errors when asked rightly, its counts when asked wrongly."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from training.scoring import PictureScore, SetScore, score_set


@dataclass(frozen=True)
class Answer:
    """What a network said to one question."""

    picture: str
    prompt: str
    truth: float
    """Things of that name in the picture."""
    count: float
    """Things counted."""
    is_wrong: bool = False
    """The question was for something that is not in the picture."""

    def score(self) -> PictureScore:
        """Give the answer as a score of the picture."""
        return PictureScore(f"{self.picture}: {self.prompt}", self.truth, self.count, variance=None)


@dataclass(frozen=True)
class PromptScore:
    """How well a network answers a set of questions."""

    right: SetScore
    """Errors when asked for what is there."""
    rmse_without_outliers: float
    """Root mean squared error without the pictures known to decide it alone."""
    absent_count: float
    """Mean number of things counted that are not there; NaN if nothing absent was asked for."""
    sensitivity: float
    """From -1 to 1: see `sensitivity`; NaN if nothing absent was asked for."""


def score_answers(answers: Sequence[Answer], *, outliers: Collection[str] = ()) -> PromptScore:
    """Sum answers up.

    Args:
        answers: One right question at least.
        outliers: Names of pictures left out of one of the measures.

    Returns:
        The measures.

    Raises:
        ValueError: If no question is right.
    """
    right = [one for one in answers if not one.is_wrong]
    wrong = [one for one in answers if one.is_wrong]
    usual = [one for one in right if one.picture not in outliers] or right
    return PromptScore(
        right=score_set([one.score() for one in right]),
        rmse_without_outliers=score_set([one.score() for one in usual]).rmse,
        absent_count=sum(one.count for one in wrong) / len(wrong) if wrong else math.nan,
        sensitivity=sensitivity(answers),
    )


def sensitivity(answers: Sequence[Answer]) -> float:
    """Say how much a count depends on the prompt, the picture being the same.

    Args:
        answers: To right and to wrong questions.

    Returns:
        Mean over pictures that were asked both of (right − wrong) / (right + wrong), each the
        mean count of the picture's answers: 1 if wrong prompts count nothing, 0 if prompts do not
        matter (or nothing is ever counted), below 0 if wrong ones count more. NaN without such
        pictures.
    """
    shares: list[float] = []
    for picture in dict.fromkeys(one.picture for one in answers):
        its = [one for one in answers if one.picture == picture]
        right = [one.count for one in its if not one.is_wrong]
        wrong = [one.count for one in its if one.is_wrong]
        if right and wrong:
            high, low = sum(right) / len(right), sum(wrong) / len(wrong)
            shares.append((high - low) / (high + low) if high + low > 0 else 0.0)
    return sum(shares) / len(shares) if shares else math.nan
