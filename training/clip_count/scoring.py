"""Ask a network for things by name in whole pictures, and score how well it listens.

It is scored by its errors when asked rightly and by its counts when asked wrongly; pictures are
counted by the app's own tile plan.
"""

import math
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from monitor.core.arrays import FloatMap, RgbImage
from training.clip_count.network import ClipCounter, Prompted
from training.counting import count_picture, plan_for
from training.data.crops import read_rgb
from training.data.labelled import LabelledPicture, names_in, points_named
from training.scoring import PictureScore, SetScore, score_set


class Asking:
    """Counts by name with one network; every prompt is encoded once.

    Args:
        counter: The network, in evaluation mode.
        stride_px: Distance between windows, pixels; None: half a window, so that whatever a
            window cuts in two lies whole in another.
    """

    def __init__(self, counter: ClipCounter, *, stride_px: int | None = None) -> None:
        self._counter = counter
        self._window_px = counter.config.window_px
        block_px = counter.block_px
        self._stride_px = stride_px or max(block_px, self._window_px // 2 // block_px * block_px)
        self._prompted: dict[str, Prompted] = {}

    def count(self, image: RgbImage, prompt: str) -> FloatMap:
        """Count what a prompt names.

        Args:
            image: Shape (H, W, 3), uint8, RGB, any size.
            prompt: What to count.

        Returns:
            Shape (ceil(H / block), ceil(W / block)), float32, objects per block.
        """
        if prompt not in self._prompted:
            self._prompted[prompt] = Prompted(self._counter, [prompt]).eval()
        plan = plan_for(
            self._counter,
            (image.shape[0], image.shape[1]),
            window_px=self._window_px,
            stride_px=self._stride_px,
        )
        return count_picture(self._prompted[prompt], image, plan)[0]

    def score(self, picture: LabelledPicture, names: Sequence[str]) -> list[PictureScore]:
        """Ask for everything in a picture and for one thing that is not in it.

        Args:
            picture: A labelled one.
            names: What may be asked for.

        Returns:
            One score a question, named `picture: prompt`.
        """
        image = read_rgb(picture)
        asked = [*names_in(picture), *absent_names(picture, names, most=1)]
        return [
            PictureScore(
                f"{picture.name}: {name}",
                truth=float(len(points_named(picture, name))),
                count=float(self.count(image, name).sum(dtype="float64")),
                variance=None,
            )
            for name in asked
        ]


def absent_names(picture: LabelledPicture, names: Sequence[str], *, most: int) -> tuple[str, ...]:
    """Choose names of things that are not in a picture, always the same for one picture.

    Args:
        picture: A labelled one.
        names: To choose from.
        most: How many at most.

    Returns:
        Names, spread over the whole choice.
    """
    there = set(names_in(picture))
    absent = [name for name in names if name not in there]
    absent.sort(key=lambda name: zlib.crc32(f"{picture.name}\n{name}".encode()))
    return tuple(absent[:most])


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
