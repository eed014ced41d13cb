"""`crowd-monitor demo`: the drawn square with the shipped model, in a window or without one."""

from dataclasses import dataclass
from pathlib import Path
from threading import Event

from rich.live import Live
from rich.table import Table

from monitor.cli.exit_codes import DONE, INPUT_FAILED, INTERRUPTED
from monitor.cli.screen import notes, results
from monitor.cli.site import model_note, running_site
from monitor.cli.watch import OpenedSite, outside_of
from monitor.cli.window import open_window
from monitor.core.clock import Clock, SystemClock
from monitor.core.errors import OutputError
from monitor.core.reading import Reading
from monitor.engine.engine import Engine
from monitor.engine.snapshot import CameraSnapshot
from monitor.inference.model import Model
from monitor.scene.overlay import draw_prediction
from monitor.settings import CameraSettings, LimitSettings, SiteSettings
from monitor.video.recorder import ClipRecorder

COUNT_HZ = 5.0
_LOOK_EVERY_S = 0.05
_LINE_EVERY_S = 2.0
_LIMIT_SHARE = 0.9  # of those who walk about: reached now and then, so that the alarm is seen
_CAMERA = "Plaza"


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the demo shows."""

    people: int
    seed: int
    seconds: float
    """How long it runs without a window."""
    clip: Path
    """Where the clip of a run without a window goes."""


def demo_site(options: DemoOptions) -> SiteSettings:
    """Give the site of the demo: one drawn camera with a limit that is reached now and then."""
    limit = None
    if options.people:
        limit = LimitSettings(
            high=max(1.0, _LIMIT_SHARE * options.people), on_delay_s=3.0, off_delay_s=5.0
        )
    source = f"synthetic:plaza?people={options.people}&seed={options.seed}"
    camera = CameraSettings(name=_CAMERA, source=source, count_hz=COUNT_HZ, limit=limit)
    return SiteSettings(camera=(camera,))


def run_demo(options: DemoOptions, model: Model, *, in_window: bool) -> int:
    """Show the drawn square.

    Args:
        options: What to show.
        model: What counts.
        in_window: Whether to open the window; without one it runs for a while and saves a clip.

    Returns:
        Exit code.

    Raises:
        OutputError: If the clip cannot be written.
    """
    console = results()
    console.print("A drawn square whose number of people is known exactly.")
    console.print(model_note(model))
    if in_window:
        site = OpenedSite(demo_site(options), "Demo: a drawn square", keeps_history=False)
        with running_site(site.settings, model, keeps_history=False) as running:
            return open_window(
                running.engine,
                title=site.title,
                model_note=model_note(model),
                outside=outside_of(running, site),
            )
    return _run_headless(options, model)


def _run_headless(options: DemoOptions, model: Model) -> int:
    console = results()
    try:
        options.clip.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{options.clip}: cannot be written: {error.strerror}") from error
    console.print(f"No window: counting for {options.seconds:g} s and recording a clip.")
    score = Score()
    with (
        ClipRecorder(options.clip, rate_hz=COUNT_HZ) as clip,
        running_site(demo_site(options), model, keeps_history=False) as running,
    ):
        was_interrupted = _watch(running.engine, clip, score, options.seconds, SystemClock())
    if not score.counts:
        notes().print("crowd-monitor: not one picture was counted; is the machine overloaded?")
        return INPUT_FAILED
    console.print(score.text())
    console.print(f"Clip: {options.clip.resolve()}")
    return INTERRUPTED if was_interrupted else DONE


def _watch(
    engine: Engine, clip: ClipRecorder, score: "Score", seconds: float, clock: Clock
) -> bool:
    """Record and show each count until the time is over; True if Ctrl-C came before."""
    console = results()
    never = Event()
    began_s = line_s = clock.monotonic_s()
    live = Live(console=console, refresh_per_second=4) if console.is_terminal else None
    try:
        if live is not None:
            live.start()
        while (now_s := clock.monotonic_s()) < began_s + seconds:
            camera = engine.snapshots()[0]
            if _record(camera, clip, score):
                if live is not None:
                    live.update(live_table(camera))
                elif now_s - line_s >= _LINE_EVERY_S:
                    line_s = now_s
                    console.print(live_line(camera))
            never.wait(_LOOK_EVERY_S)
    except KeyboardInterrupt:
        return True
    finally:
        if live is not None:
            live.stop()
    return False


def _record(camera: CameraSnapshot, clip: ClipRecorder, score: "Score") -> bool:
    """Write the newest count into the clip, unless it is there already."""
    frame, prediction, reading = camera.counted_frame, camera.prediction, camera.reading
    if frame is None or prediction is None or reading is None or not score.take(reading):
        return False
    image = frame.picture.to_rgb()
    drawn = draw_prediction(image, prediction, title=camera.name, truth=frame.truth_count)
    clip.write(drawn, frame.time_s)
    return True


class Score:
    """How near the counts of a run come to the truth."""

    def __init__(self) -> None:
        self.counts = 0
        self._last_s: float | None = None
        self._truths: list[float] = []
        self._errors: list[float] = []
        self._holds: list[bool] = []

    def take(self, reading: Reading) -> bool:
        """Add a reading; False if it is the one before."""
        if reading.captured_s == self._last_s:
            return False
        self._last_s = reading.captured_s
        self.counts += 1
        if reading.truth is not None:
            self._truths.append(reading.truth)
            self._errors.append(abs(reading.count - reading.truth))
            if reading.low is not None and reading.high is not None:
                self._holds.append(reading.low <= reading.truth <= reading.high)
        return True

    def text(self) -> str:
        """Give the result in one sentence or two."""
        if not self._errors:
            return f"{self.counts} pictures counted."
        mean_truth = sum(self._truths) / len(self._truths)
        mean_error = sum(self._errors) / len(self._errors)
        text = (
            f"{self.counts} pictures counted; {mean_truth:.1f} people were there on average, and "
            f"the counts were off by {mean_error:.1f} on average."
        )
        if self._holds:
            share = 100 * sum(self._holds) / len(self._holds)
            text += f" The 90 % interval held the true number in {share:.0f} % of them."
        return text


def live_table(camera: CameraSnapshot) -> Table:
    """Put a camera into a table for a terminal."""
    table = Table(box=None, pad_edge=False)
    for name, value in live_facts(camera):
        table.add_column(name, justify="right", min_width=max(len(name), len(value)))
    table.add_row(*(value for _, value in live_facts(camera)))
    return table


def live_line(camera: CameraSnapshot) -> str:
    """Put a camera into a line for a file or a pipe."""
    return ", ".join(f"{name} {value}" for name, value in live_facts(camera))


def live_facts(camera: CameraSnapshot) -> list[tuple[str, str]]:
    """Give what is shown of a camera: names and values; a dash where nothing is known."""
    reading = camera.reading
    count = interval = truth = "–"
    if reading is not None:
        count = f"{reading.count:.0f}"
        if reading.low is not None and reading.high is not None:
            interval = f"{reading.low:.0f} to {reading.high:.0f}"
        if reading.truth is not None:
            truth = f"{reading.truth:.0f}"
    age = "–" if camera.reading_age_s is None else f"{camera.reading_age_s:.1f} s"
    alarm = "–" if camera.alarm is None else camera.alarm.state.value
    return [
        ("count", count),
        ("90 % interval", interval),
        ("truth", truth),
        ("age", age),
        ("counts per second", f"{camera.counts_hz:.1f}"),
        ("alarm", alarm),
    ]
