"""Annotated pictures and clips of what was counted."""

from collections.abc import Sequence
from pathlib import Path

import cv2

from monitor.cli.inputs import Job
from monitor.core.arrays import RgbImage
from monitor.core.errors import OutputError, SettingsError
from monitor.core.prediction import Prediction
from monitor.scene.overlay import draw_prediction
from monitor.video.frame import Frame
from monitor.video.recorder import ClipRecorder

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
