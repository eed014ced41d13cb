"""What counts, and counters that can be asked by a prompt what to count.

A model for crowds counts people and nothing else. One that was taught with words counts several
things in one run: those that its file names, or whatever somebody types.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from monitor.core.arrays import RgbImage
from monitor.core.errors import ModelError
from monitor.core.prediction import Prediction
from monitor.core.series import PEOPLE


class Counter(Protocol):
    """Something that counts people in a picture: a model, or a stand-in for one."""

    def predict(self, image: RgbImage) -> Prediction:
        """Count the people in one picture.

        Args:
            image: Shape (H, W, 3), uint8, RGB, read-only, any size.

        Returns:
            People by block, and how sure that is.
        """
        ...


@runtime_checkable
class BatchCounter(Counter, Protocol):
    """A counter that counts several pictures in one run for less than one run each.

    That pays on graphics cards. On processors it does not (measured with `crowd-small` on one
    thread: 20 ms a picture alone, 20 ms in a run of two, 21 ms in a run of four), so a counter
    says itself how many it wants.
    """

    @property
    def best_batch(self) -> int:
        """Pictures in one run that are worth gathering; 1: none."""
        ...

    def predict_many(self, images: Sequence[RgbImage]) -> Sequence[Prediction]:
        """Count the people in pictures of one size.

        Args:
            images: Each of shape (H, W, 3), uint8, RGB, read-only; all of one size.

        Returns:
            One prediction a picture, in order, as `predict` gives it.
        """
        ...


@runtime_checkable
class AskableCounter(Counter, Protocol):
    """A counter that says what it counts, and counts several things in one look."""

    @property
    def counts(self) -> tuple[str, ...]:
        """What it counts where nobody asks for something else; one thing at least."""
        ...

    def ask(self, things: Sequence[str]) -> None:
        """Make ready to count things, so that the first picture need not wait; on any thread.

        Raises:
            ModelError: If it cannot count them; the text says what it can.
        """
        ...

    def predict_things(
        self, images: Sequence[RgbImage], things: Sequence[str]
    ) -> Sequence[Sequence[Prediction]]:
        """Count things in pictures of one size.

        Args:
            images: Each of shape (H, W, 3), uint8, RGB, read-only; all of one size.
            things: What to count, in the plural; one or more.

        Returns:
            For each picture one prediction a thing, in order.

        Raises:
            ModelError: If it cannot count them, or counting fails.
        """
        ...


def usual_things(counter: Counter) -> tuple[str, ...]:
    """Give what a counter counts where nobody asks for something else."""
    return counter.counts if isinstance(counter, AskableCounter) else (PEOPLE,)


def make_ready(counter: Counter, things: Sequence[str]) -> None:
    """Make a counter ready to count things.

    Args:
        counter: What counts.
        things: What shall be counted.

    Raises:
        ModelError: If it cannot count them; the text says what it can.
    """
    if isinstance(counter, AskableCounter):
        counter.ask(things)
    elif tuple(things) != (PEOPLE,):
        raise ModelError(f"what counts here counts people only, not {', '.join(things)}")


def check_countable(asked: Mapping[str, Sequence[str]], counter: Counter) -> None:
    """Make sure that a counter can count what a site asks for.

    Args:
        asked: What each camera counts, by its name; nothing: what the counter counts by itself.
        counter: What counts; it is made ready.

    Raises:
        ModelError: If it cannot; every camera that it cannot serve is named.
    """
    faults = []
    for camera, things in asked.items():
        try:
            make_ready(counter, tuple(things) or usual_things(counter))
        except ModelError as error:
            faults.append(f"camera {camera}: {error}")
    if faults:
        raise ModelError("; ".join(faults))


def count_things(
    counter: Counter, images: Sequence[RgbImage], things: Sequence[str]
) -> Sequence[Sequence[Prediction]]:
    """Count things in pictures of one size with any counter, in as few runs as it can.

    Args:
        counter: What counts.
        images: Each of shape (H, W, 3), uint8, RGB, read-only; all of one size.
        things: What to count.

    Returns:
        For each picture one prediction a thing, in order.

    Raises:
        ModelError: If it cannot count them, or counting fails.
    """
    if isinstance(counter, AskableCounter):
        return counter.predict_things(images, things)
    make_ready(counter, things)
    if isinstance(counter, BatchCounter) and len(images) > 1:
        return [(one,) for one in counter.predict_many(images)]
    return [(counter.predict(one),) for one in images]
