"""The thread that counts: takes the newest pictures of the cameras in turn and asks the model."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event

from monitor.core.clock import Clock
from monitor.core.errors import MonitorError
from monitor.core.prediction import Prediction
from monitor.core.reading import Stages
from monitor.engine.camera import Camera
from monitor.engine.prompted_counter import (
    BatchCounter,
    Counter,
    count_things,
    make_ready,
    usual_things,
)
from monitor.video.frame import Frame

logger = logging.getLogger(__name__)

__all__ = ["BATCH_MAX", "LONGEST_WAIT_S", "BatchCounter", "Counter", "Counting", "Turn"]

LONGEST_WAIT_S = 0.5
"""How long the thread sleeps at most; news wakes it at once, so this is only a safety net."""
BATCH_MAX = 32
"""Pictures in one run at most, whatever a counter wants; fewer after a run was too large."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What decides whose turn it is."""

    due_s: float
    """When the camera should be counted again, monotonic clock."""
    waiting_since_s: float | None
    """Since when a frame waits in its mailbox; None: none does."""

    @property
    def ready_s(self) -> float | None:
        """From when the camera could be counted; None: there is nothing to count."""
        return None if self.waiting_since_s is None else max(self.due_s, self.waiting_since_s)


def in_turn(turns: Sequence[Turn], *, now_s: float) -> list[int]:
    """Put the cameras that can be counted into a row, longest waiting first.

    Every camera that has been counted goes behind those that wait, so none starves.

    Args:
        turns: One for each camera.
        now_s: Monotonic clock.

    Returns:
        Positions in `turns`; empty: no camera is ready.
    """
    ready = [
        (turn.ready_s, position)
        for position, turn in enumerate(turns)
        if turn.ready_s is not None and turn.ready_s <= now_s
    ]
    return [position for _, position in sorted(ready)]


def wait_until_turn_s(turns: Sequence[Turn], *, now_s: float) -> float:
    """Give the seconds until the next camera with a waiting frame is due; at most half a second."""
    ready_s = [turn.ready_s for turn in turns if turn.ready_s is not None]
    return max(0.0, min([LONGEST_WAIT_S, *(moment_s - now_s for moment_s in ready_s)]))


def next_due_s(due_s: float, *, now_s: float, period_s: float) -> float:
    """Give the time of the next count: in step with the last, without catching up on missed ones.

    Args:
        due_s: When the count that is being made was due.
        now_s: When it is being made; not before `due_s`.
        period_s: Seconds between two counts.

    Returns:
        One period after `due_s`, or after `now_s` where that is already past.
    """
    in_step_s = due_s + period_s
    return in_step_s if in_step_s > now_s else now_s + period_s


@dataclass(slots=True, eq=False)
class _Post:
    """A camera in the row of those to be counted."""

    camera: Camera
    due_s: float
    """When it should be counted again; changed by the counting thread alone."""

    @property
    def turn(self) -> Turn:
        """What decides whether it is next."""
        return Turn(self.due_s, self.camera.mailbox.waiting_since_s)


class Counting:
    """Counts the newest frames of several cameras in turn; `step` is that of a worker."""

    def __init__(
        self, cameras: Sequence[Camera], counter: Counter, *, clock: Clock, bell: Event
    ) -> None:
        self._counter = counter
        self._clock = clock
        self._bell = bell
        self._posts: tuple[_Post, ...] = ()
        self._began_s: float | None = None
        self._batch_max = BATCH_MAX
        self.watch(cameras)

    @property
    def busy_s(self) -> float:
        """Seconds for which the picture that is being counted has been with the model; 0: none."""
        began_s = self._began_s
        return 0.0 if began_s is None else self._clock.monotonic_s() - began_s

    def watch(self, cameras: Sequence[Camera]) -> None:
        """Count these cameras from now on; on any thread. Those that stay keep their turn."""
        now_s = self._clock.monotonic_s()
        former = {post.camera: post for post in self._posts}
        self._posts = tuple(former.get(one) or _Post(one, now_s) for one in cameras)
        self._bell.set()

    def use(self, counter: Counter) -> None:
        """Count with something else from the next picture on; on any thread."""
        self._counter = counter
        self._batch_max = BATCH_MAX

    @property
    def counter(self) -> Counter:
        """What counts now."""
        return self._counter

    @property
    def usual(self) -> tuple[str, ...]:
        """What is counted where nobody asks for something else."""
        return usual_things(self._counter)

    def ask(self, things: Sequence[str]) -> None:
        """Make the counter ready to count things; on any thread.

        Raises:
            ModelError: If it cannot count them; the text says what it can.
        """
        make_ready(self._counter, tuple(things) or self.usual)

    def step(self, stop: Event) -> None:
        """Count once, or wait until a camera is due, the bell is rung, or `stop` was set."""
        self._bell.clear()
        if not stop.is_set() and not self.count_one():
            self._bell.wait(wait_until_turn_s(self._turns(), now_s=self._clock.monotonic_s()))

    def count_one(self) -> bool:
        """Count the camera whose turn it is, with those that fit into the same run.

        Returns:
            False where no camera is ready.
        """
        now_s = self._clock.monotonic_s()
        posts = self._posts
        turns = [post.turn for post in posts]
        order = in_turn(turns, now_s=now_s)
        if not order:
            return False
        jobs: list[_Job] = []
        for position in order[: self._batch_size()]:
            waited_s = now_s - (turns[position].ready_s or now_s)
            job = self._take(posts[position], like=jobs, now_s=now_s, waited_s=waited_s)
            if job is not None:
                jobs.append(job)
        self._run(jobs)
        return True

    def _batch_size(self) -> int:
        counter = self._counter
        best = counter.best_batch if isinstance(counter, BatchCounter) else 1
        return max(1, min(best, self._batch_max))

    def _take(
        self, post: _Post, *, like: Sequence["_Job"], now_s: float, waited_s: float
    ) -> "_Job | None":
        """Take a camera's frame if it fits to those that were taken; its next turn follows."""
        camera, things = post.camera, post.camera.things
        waiting = camera.mailbox.peek() if like else None
        if like and (waiting is None or (waiting.picture.size_hw, things) != like[0].kind):
            return None
        period_s = 1 / camera.settings.count_hz
        post.due_s = next_due_s(post.due_s, now_s=now_s, period_s=period_s)
        frame = camera.mailbox.take()
        return None if frame is None else _Job(camera, frame, things, waited_s)

    def _turns(self) -> list[Turn]:
        return [post.turn for post in self._posts]

    def _run(self, jobs: Sequence["_Job"]) -> None:
        """Count frames together if there are several of one size, else one by one."""
        counter = self._counter
        self._began_s = self._clock.monotonic_s()
        # A newer frame of another size may have come between the look and the take.
        is_batch = len(jobs) > 1 and len({job.kind for job in jobs}) == 1
        try:
            if not is_batch or not isinstance(counter, BatchCounter):
                self._run_each(jobs)
                return
            try:
                began_s = self._clock.monotonic_s()
                images = [job.frame.picture.to_rgb() for job in jobs]
                share_s = (self._clock.monotonic_s() - began_s) / len(jobs)
                found = count_things(counter, images, jobs[0].things)
            except Exception as error:  # noqa: BLE001 - each is then tried, and told, alone
                self._batch_max = len(jobs) // 2
                logger.warning("%d pictures at once are too many: %s", len(jobs), error)
                self._run_each(jobs)
                return
            for job, predictions in zip(jobs, found, strict=True):
                stages = job.stages(began_s, share_s, batch_size=len(jobs))
                self._record(job, predictions, stages)
        finally:
            self._began_s = None

    def _run_each(self, jobs: Sequence["_Job"]) -> None:
        for job in jobs:
            self._count(job)

    def _count(self, job: "_Job") -> None:
        def count() -> None:
            began_s = self._clock.monotonic_s()
            image = job.frame.picture.to_rgb()
            stages = job.stages(began_s, self._clock.monotonic_s() - began_s)
            (found,) = count_things(self._counter, [image], job.things)
            job.camera.record(job.frame, *found, waited_s=job.waited_s, stages=stages)

        self._guard(job.camera, count)

    def _record(self, job: "_Job", found: Sequence[Prediction], stages: Stages) -> None:
        def record() -> None:
            job.camera.record(job.frame, *found, waited_s=job.waited_s, stages=stages)

        self._guard(job.camera, record)

    def _guard(self, camera: Camera, work: Callable[[], None]) -> None:
        """Do what concerns one camera; whatever fails there costs the others nothing."""
        try:
            work()
        except MonitorError as error:
            if camera.count_failed(str(error)):
                logger.warning("Counting %s failed: %s", camera.name, error)
        except Exception as error:  # one bad picture must not end all counting
            if camera.count_failed(f"The model failed ({type(error).__name__}: {error})."):
                logger.exception("Counting %s failed", camera.name)


@dataclass(frozen=True, slots=True)
class _Job:
    """A frame that was taken to be counted."""

    camera: Camera
    frame: Frame
    things: tuple[str, ...]
    """What is counted in it."""
    waited_s: float
    """Seconds for which it could have been counted."""

    @property
    def kind(self) -> tuple[tuple[int, int], tuple[str, ...]]:
        """Size of its picture and what is counted in it: what jobs of one run have in common."""
        return self.frame.picture.size_hw, self.things

    def stages(self, began_s: float, preprocess_s: float, *, batch_size: int = 1) -> Stages:
        """Give what became of the frame until the model had it.

        Args:
            began_s: When its turn began, monotonic clock.
            preprocess_s: Seconds that turning it into RGB took.
            batch_size: Pictures in the run.

        Returns:
            The stages; those that follow are still 0.
        """
        frame = self.frame
        return Stages(
            decode_s=frame.decode_s,
            queue_s=max(0.0, began_s - frame.captured_s),
            preprocess_s=preprocess_s,
            batch_size=batch_size,
        )
