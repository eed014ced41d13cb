"""`crowd-monitor count`: pictures, folders, videos and streams into numbers."""

from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from monitor.cli.count_outputs import (
    Annotations,
    CountedRow,
    CsvTable,
    Tally,
    count_row,
    json_line,
    text_line,
)
from monitor.cli.exit_codes import DONE, INPUT_FAILED, INTERRUPTED
from monitor.cli.inputs import Job, frames_of, plan_jobs
from monitor.cli.screen import notes, results, tell_failure
from monitor.core.clock import SystemClock
from monitor.core.errors import MonitorError, OutputError, SettingsError
from monitor.core.secret import Secret
from monitor.inference.model import Model
from monitor.video.frame import Frame


@dataclass(frozen=True, slots=True)
class CountOptions:
    """What to count and where to put it."""

    inputs: Sequence[str]
    csv: Path | None = None
    overlay: Path | None = None
    is_json: bool = False
    """Whether results are JSON lines rather than text."""
    most_frames: int | None = None
    """Frames of each video or stream; None: all."""
    most_s: float | None = None
    """Seconds of each video or stream; None: all."""
    password: Secret | None = None
    """Password for streams whose address names a user."""


def count_inputs(options: CountOptions, model: Model) -> int:
    """Count everything that was named and report each failure in one sentence.

    Args:
        options: What to count and where to put it.
        model: What counts.

    Returns:
        Exit code; Ctrl-C keeps all that was counted.

    Raises:
        OutputError: If results cannot be written; nothing is counted then.
        SettingsError: If an output is also an input, or does not suit the inputs.
    """
    jobs, faults = plan_jobs(options.inputs)
    for fault in faults:
        tell_failure(fault)
    _refuse_overwriting(options, jobs)
    if options.overlay is not None and len(model.counts) > 1:
        raise SettingsError(
            f"--overlay draws one thing, and {', '.join(model.counts)} are counted; ask for one"
        )
    stop = Event()
    with ExitStack() as stack:
        table = stack.enter_context(CsvTable(options.csv)) if options.csv else None
        annotations = (
            Annotations(options.overlay, jobs, counted=model.manifest.counts)
            if options.overlay and jobs
            else None
        )
        work = _Counting(options, model, table, annotations, stop)
        try:
            failures = stack.enter_context(work).run(jobs)
        except OutputError as error:
            tell_failure(error)
            return INPUT_FAILED
        except KeyboardInterrupt:
            stop.set()
            notes().print(f"crowd-monitor: interrupted; {work.rows} counts are kept")
            return INTERRUPTED
    return INPUT_FAILED if faults or failures else DONE


def _refuse_overwriting(options: CountOptions, jobs: Sequence[Job]) -> None:
    inputs = {(job.picture or Path(job.label)).resolve() for job in jobs if not job.is_live}
    outputs = [one for one in (options.csv, options.overlay) if one is not None]
    for output in outputs:
        clashes = output.resolve() in inputs
        if output is options.overlay and not clashes:
            clashes = any(one.parent == output.resolve() for one in inputs)
        if clashes:
            raise SettingsError(f"{output}: is counted itself; name another place for results")


class _Counting:
    """The counting of one call; shows progress while its context is open, on a terminal only."""

    def __init__(
        self,
        options: CountOptions,
        model: Model,
        table: CsvTable | None,
        annotations: Annotations | None,
        stop: Event,
    ) -> None:
        self.rows = 0
        self._options = options
        self._model = model
        self._table = table
        self._annotations = annotations
        self._stop = stop
        self._results = results()
        self._notes = notes()
        self._progress = _progress(self._results, self._notes)
        self._bar = self._progress.add_task("", total=None)

    def __enter__(self) -> "_Counting":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def run(self, jobs: Sequence[Job]) -> int:
        """Count job by job; gives the number of those that failed."""
        self._progress.update(self._bar, total=len(jobs))
        failures = 0
        for position, job in enumerate(jobs):
            self._progress.update(self._bar, description=Path(job.label).name)
            try:
                self._count(position, job)
            except OutputError:
                raise
            except MonitorError as error:
                failures += 1
                self._notes.print(f"crowd-monitor: {error}")
            self._progress.advance(self._bar)
        return failures

    def _count(self, position: int, job: Job) -> None:
        tallies = {thing: Tally() for thing in self._model.counts}
        if self._annotations is not None:
            self._annotations.open(position, job)
        try:
            with closing(self._frames(job)) as frames:
                for frame in frames:
                    for thing, row in self._count_frame(job, frame).items():
                        tallies[thing].take(row)
                    if job.picture is None:
                        shown = f"{Path(job.label).name}, frame {frame.index}"
                        self._progress.update(self._bar, description=shown)
        finally:
            if self._annotations is not None:
                self._annotations.close()
            if job.picture is None and not self._options.is_json:
                for thing, tally in tallies.items():
                    if tally.last is not None:
                        self._results.print(tally.text(job.label, thing))

    def _frames(self, job: Job) -> Generator[Frame]:
        all_frames = frames_of(
            job, self._stop, password=self._options.password, clock=SystemClock()
        )
        most_frames, most_s = self._options.most_frames, self._options.most_s
        with closing(all_frames) as frames:
            for taken, frame in enumerate(frames, start=1):
                if most_s is not None and frame.time_s >= most_s:
                    break
                yield frame
                if taken == most_frames:
                    break

    def _count_frame(self, job: Job, frame: Frame) -> dict[str, CountedRow]:
        """Count everything that is counted in a frame; rows by thing."""
        image = frame.picture.to_rgb()
        (predictions,) = self._model.predict_things([image], self._model.counts)
        rows = {one.counts: count_row(job.label, frame, one) for one in predictions}
        if self._annotations is not None:
            self._annotations.write(frame, image, predictions[0])
        for thing, row in rows.items():
            if self._table is not None:
                self._table.write(row)
            if self._options.is_json:
                self._results.print(json_line(row))
            elif job.picture is not None:
                self._results.print(text_line(row, thing))
            self.rows += 1
        return rows


def _progress(out: Console, err: Console) -> Progress:
    """Make a bar where somebody sees it: never in a file or a pipe."""
    console = out if out.is_terminal else err
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
