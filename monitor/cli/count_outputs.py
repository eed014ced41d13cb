"""What `crowd-monitor count` writes: CSV, JSON lines, text, annotated pictures and clips."""

import contextlib
import csv
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2

from monitor.cli.inputs import Job
from monitor.core.arrays import RgbImage
from monitor.core.errors import OutputError, SettingsError
from monitor.core.prediction import Prediction
from monitor.core.series import series_name
from monitor.scene.overlay import draw_prediction
from monitor.video.frame import Frame
from monitor.video.recorder import ClipRecorder


@dataclass(frozen=True, slots=True)
class CountedRow:
    """The count of one frame; numbers are not rounded."""

    source: str
    """What was counted, without a password: `street.mp4`, of other things than people
    `street.mp4 · bicycles`."""
    frame: int
    """Number of the frame, from 0."""
    time_s: float
    """Seconds from the first frame."""
    count: float
    low: float | None
    """Lower bound of the 90 % interval; None where the model gives none."""
    high: float | None


def count_row(label: str, frame: Frame, prediction: Prediction) -> CountedRow:
    """Put the count of a frame into a row."""
    bounds = prediction.interval()
    low, high = (None, None) if bounds is None else bounds
    source = series_name(label, prediction.counts)
    return CountedRow(source, frame.index, frame.time_s, prediction.count, low, high)


def json_line(row: CountedRow) -> str:
    """Give a row as one line of JSON."""
    return json.dumps(asdict(row), ensure_ascii=False, allow_nan=False)


def text_line(row: CountedRow, counted: str) -> str:
    """Give the count of a picture as a line for people."""
    return f"{row.source}: {numbers_text(row.count, row.low, row.high)} {counted}"


def numbers_text(count: float, low: float | None, high: float | None) -> str:
    """Give a count with its interval for people, as `31.4 (27.0 to 36.1)`."""
    return (
        f"{count:.1f}" if low is None or high is None else f"{count:.1f} ({low:.1f} to {high:.1f})"
    )


class Tally:
    """What the counts of a video come to; keeps no rows, so that a stream may run for weeks."""

    def __init__(self) -> None:
        self.last: CountedRow | None = None
        self._rows = 0
        self._total = 0.0
        self._least = math.inf
        self._most = 0.0

    def take(self, row: CountedRow) -> None:
        """Add a row."""
        self.last = row
        self._rows += 1
        self._total += row.count
        self._least, self._most = min(self._least, row.count), max(self._most, row.count)

    def text(self, label: str, counted: str) -> str:
        """Give it as a line for people.

        Args:
            label: What was counted in.
            counted: What was counted, in the plural.

        Returns:
            One line; says so where there was no frame.
        """
        if self.last is None:
            return f"{label}: no frames"
        frames = "1 frame" if self._rows == 1 else f"{self._rows} frames"
        last = numbers_text(self.last.count, self.last.low, self.last.high)
        return (
            f"{label}: {frames}, {counted} on average {self._total / self._rows:.1f}, "
            f"least {self._least:.1f}, most {self._most:.1f}, at the end {last}"
        )


class CsvTable:
    """A CSV file of rows, written row by row so that an interruption loses none of them."""

    def __init__(self, path: Path) -> None:
        """Open the file, in place of one that is there.

        Args:
            path: Where to write.

        Raises:
            OutputError: If it cannot be written.
        """
        self._path = path
        try:
            self._file = path.open("w", encoding="utf-8", newline="", buffering=1)
        except OSError as error:
            raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
        self._writer = csv.writer(self._file, lineterminator="\n")
        try:
            self._put([field.name for field in fields(CountedRow)])
        except OutputError:
            with contextlib.suppress(OSError):  # what could not be written is lost once more
                self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._guard(self._file.close)

    def write(self, row: CountedRow) -> None:
        """Add a row.

        Args:
            row: What was counted; unknown bounds become empty fields.

        Raises:
            OutputError: If the disk is full.
        """
        self._put([row.source, row.frame, row.time_s, row.count, row.low, row.high])

    def _put(self, values: list[str] | list[str | int | float | None]) -> None:
        self._guard(lambda: self._writer.writerow(values))

    def _guard(self, work: Callable[[], object]) -> None:
        try:
            work()
        except OSError as error:
            raise OutputError(f"{self._path}: cannot be written: {error.strerror}") from error


CLIP_SUFFIX = ".mp4"
_CLIP_RATE_HZ = 25.0  # only said in the file's header: every frame has its own moment
_KEPT_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})


class Annotations:
    """Writes what was counted with heat map and count drawn on it; one thread.

    Pictures go into a folder under their own names. A video becomes a clip: in the folder, or
    under the very name that was given if there is nothing else.
    """

    def __init__(self, place: Path, jobs: Sequence[Job], *, counted: str) -> None:
        """Prepare the folder or the clip.

        Args:
            place: A folder, made if it is not there, or the name of a clip.
            jobs: What will be counted, to give each its name.
            counted: What is counted, in the plural.

        Raises:
            OutputError: If nothing can be written there.
            SettingsError: If a clip is named but there is more than one video to write.
        """
        self._counted = counted
        self._clip: ClipRecorder | None = None
        is_clip = place.suffix.lower() == CLIP_SUFFIX and not place.is_dir()
        if is_clip and (len(jobs) != 1 or jobs[0].picture is not None):
            raise SettingsError(
                f"{place}: one clip holds one video; give --overlay a folder for pictures or for "
                "several inputs"
            )
        _make_folder(place.parent if is_clip else place)
        self._places = [place] if is_clip else [place / name for name in _names(jobs)]

    def open(self, position: int, job: Job) -> None:
        """Begin with a job.

        Args:
            position: Its place among the jobs.
            job: The job.

        Raises:
            OutputError: If its clip cannot be written.
        """
        self._place = self._places[position]
        if job.picture is None:
            self._clip = ClipRecorder(self._place, rate_hz=_CLIP_RATE_HZ)

    def write(self, frame: Frame, image: RgbImage, prediction: Prediction) -> None:
        """Draw what was counted and write it.

        Args:
            frame: The frame.
            image: Its picture.
            prediction: What the model says of it.

        Raises:
            OutputError: If it cannot be written.
        """
        drawn = draw_prediction(image, prediction, truth=frame.truth_count, counted=self._counted)
        if self._clip is not None:
            self._clip.write(drawn, frame.time_s)
        else:
            _write_picture(self._place, drawn)

    def close(self) -> None:
        """End the job; what was written of it is kept.

        Raises:
            OutputError: If its clip cannot be finished.
        """
        clip, self._clip = self._clip, None
        if clip is not None:
            clip.close()


def _make_folder(place: Path) -> None:
    try:
        place.mkdir(parents=True, exist_ok=True)
        probe = place / ".crowd-monitor-probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        reason = "is a file, not a folder" if place.is_file() else error.strerror
        raise OutputError(f"{place}: cannot be written: {reason}") from error


def _names(jobs: Sequence[Job]) -> list[str]:
    """Give each job a file name of its own; a second `gate.jpg` becomes `gate-2.jpg`."""
    taken: dict[str, int] = {}
    names = []
    for job in jobs:
        if job.picture is not None:
            suffix = job.picture.suffix.lower()
            stem, suffix = job.picture.stem, suffix if suffix in _KEPT_SUFFIXES else ".png"
        else:
            is_file = Path(job.label).is_file()
            stem, suffix = Path(job.label).stem if is_file else _stem(job.label), CLIP_SUFFIX
        key = f"{stem}{suffix}".lower()
        taken[key] = taken.get(key, 0) + 1
        number = "" if taken[key] == 1 else f"-{taken[key]}"
        names.append(f"{stem}{number}{suffix}")
    return names


def _stem(label: str) -> str:
    """Turn an address into a file name that every file system takes."""
    kept = "".join(letter if letter.isalnum() or letter in "-." else "-" for letter in label)
    return kept.strip("-.") or "stream"


def _write_picture(path: Path, image: RgbImage) -> None:
    encoded, data = cv2.imencode(path.suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    if not encoded:
        raise OutputError(f"{path}: a picture of this size cannot be written as {path.suffix}")
    try:
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
