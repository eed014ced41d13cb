"""How long the window keeps a person waiting while many cameras run.

A beat every 10 ms on the GUI thread tells how late the event loop is. The same beat runs at the
same time in two other processes: in an empty window, and in one that does nothing but spend as
much processor time every 33 ms as the real one. What the real window is later than the second of
them, it owes to its own threads and not to the machine. Run from the top of the repository:

    QT_QPA_PLATFORM=offscreen python -m benchmarks.window --cameras 9 --seconds 60

On a screen in memory (xvfb) the time of its X server is measured, too.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

import numpy as np
from PyQt6.QtCore import QEventLoop, Qt, QTimer
from PyQt6.QtWidgets import QApplication, QWidget

from monitor.cli.bench import encode
from monitor.cli.site import model_note
from monitor.core.clock import SystemClock
from monitor.engine.engine import Engine
from monitor.engine.reading_pool import ReadingPool
from monitor.engine.sources import open_camera
from monitor.inference.files import default_model
from monitor.inference.model import load_model
from monitor.plaza import Plaza
from monitor.settings import CameraSettings
from monitor.ui.app import SWITCH_EVERY_S, give_way
from monitor.ui.bell import Beeper, Bell
from monitor.ui.main_window import MonitorWindow, WindowSettings
from monitor.ui.refresh import TICK_MS, RefreshLoop
from monitor.ui.theme import DARK, apply_theme

BEAT_MS = 10
STALL_MS = 50.0
"""Longer than this, a person notices."""
WORK_MS = 3.0
"""Processor time of one refresh with its painting, measured with nine tiles on a Xeon core."""
WARM_UP_S = 5.0
_ANSWER_WITHIN_S = 300.0  # a busy machine takes a while to start a process
CLIP_S = 6
PEOPLE = 120


class Beat:
    """Tells how late the event loop of this thread is."""

    def __init__(self) -> None:
        self.late_ms: list[float] = []
        self._due_s: float | None = None
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._on_beat)

    def start(self) -> None:
        """Forget what was and begin."""
        self.late_ms.clear()
        self._due_s = None
        self._timer.start()

    def _on_beat(self) -> None:
        now_s = time.perf_counter()
        if self._due_s is not None:
            self.late_ms.append(max(0.0, 1000 * (now_s - self._due_s)))
        self._due_s = now_s + BEAT_MS / 1000


class WatchedLoop(RefreshLoop):
    """The window's refresh loop, with a watch on how long each refresh takes."""

    def refresh(self) -> None:
        """Refresh, and note how long it took by the clock and by the processor."""
        began_s, began_cpu_s = time.perf_counter(), time.thread_time()
        super().refresh()
        REFRESH_MS.append(1000 * (time.perf_counter() - began_s))
        REFRESH_CPU_MS.append(1000 * (time.thread_time() - began_cpu_s))


REFRESH_MS: list[float] = []
REFRESH_CPU_MS: list[float] = []


def wait(seconds: float) -> None:
    """Let the event loop run."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Give what a distribution looks like, milliseconds."""
    if not values:
        return {}
    found = np.percentile(values, (50, 95, 99, 100))
    names = ("p50", "p95", "p99", "max")
    return {name: round(float(one), 2) for name, one in zip(names, found, strict=True)}


def make_clips(folder: Path, cameras: int, size_wh: tuple[int, int], rate_hz: int) -> list[Path]:
    """Encode a short clip of the drawn square for each camera; some cameras share one."""
    clips = []
    for seed in range(min(cameras, 4)):
        plaza = Plaza(PEOPLE, seed + 1, size_wh)
        path = folder / f"square-{size_wh[0]}x{size_wh[1]}-{rate_hz}hz-{seed}.mp4"
        clips.append(path)
        if path.exists():
            continue
        frames = [plaza.render(i / rate_hz).image for i in range(CLIP_S * rate_hz)]
        path.write_bytes(encode(frames, rate_hz))
    return [clips[index % len(clips)] for index in range(cameras)]


def processor_seconds() -> dict[str, float]:
    """Give the processor time of each of our threads, seconds; only on Linux."""
    used: dict[str, float] = {}
    ticks = os.sysconf("SC_CLK_TCK")
    for thread in threading.enumerate():
        stat = Path(f"/proc/self/task/{thread.native_id}/stat")
        if stat.exists():
            fields = stat.read_text().rpartition(")")[2].split()
            name = thread.name.split("-Camera")[0]
            used[name] = used.get(name, 0.0) + (int(fields[11]) + int(fields[12])) / ticks
    return used


def spend(milliseconds: float) -> None:
    """Use the processor for a while, without waiting for anything."""
    end_s = time.thread_time() + milliseconds / 1000
    while time.thread_time() < end_s:
        pass


def run_companion(seconds: float, work_ms: float) -> int:
    """Beat in an empty window, and print what was found."""
    application = QApplication(sys.argv[:1])
    window = QWidget()
    window.resize(200, 100)
    window.show()
    beat = Beat()
    tick = QTimer()
    tick.setInterval(TICK_MS)
    tick.timeout.connect(lambda: spend(work_ms))
    if work_ms:
        tick.start()
    beat.start()
    wait(seconds)
    print(json.dumps(beat.late_ms))
    window.close()
    application.processEvents()
    return 0


def start_companion(seconds: float, work_ms: float) -> "subprocess.Popen[bytes]":
    """Start a process that beats while the window runs."""
    arguments = ("--companion", str(seconds), "--work-ms", str(work_ms))
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.window", *arguments], stdout=subprocess.PIPE
    )


def run_window(options: argparse.Namespace, clips: list[Path]) -> dict[str, object]:
    """Run the window for a while; gives what was measured."""
    application = QApplication(sys.argv[:1])
    apply_theme(application, DARK)
    model, clock = load_model(default_model()), SystemClock()
    cameras = [
        CameraSettings(name=f"Camera {i + 1}", source=f"{clip}?loop=1", count_hz=options.count_hz)
        for i, clip in enumerate(clips)
    ]
    pool = ReadingPool() if options.processes else None
    opener = open_camera if pool is None else pool.open_camera
    engine = Engine(cameras, model, clock=clock, open_source=opener)
    settings = WindowSettings("Benchmark", model_note(model), "nobody", DARK)
    with mock.patch("monitor.ui.main_window.RefreshLoop", WatchedLoop):
        window = MonitorWindow(engine, settings, bell=Bell(Beeper("silent")), clock=clock)
    window.resize(1920, 1080)
    give_way(options.switch_ms / 1000)
    engine.start()
    window.begin()
    window.show()
    wait(WARM_UP_S)
    beat = Beat()
    companions = [start_companion(options.seconds, work_ms) for work_ms in (0.0, WORK_MS)]
    REFRESH_MS.clear()
    REFRESH_CPU_MS.clear()
    before = processor_seconds()
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    beat.start()
    wait(options.seconds)
    seconds = time.perf_counter() - began_s
    late_ms = list(beat.late_ms)
    cores = (time.process_time() - began_cpu_s) / seconds
    used = {k: round((v - before.get(k, 0)) / seconds, 3) for k, v in processor_seconds().items()}
    rates = [one.health.rate_hz for one in engine.snapshots()]
    counts = [one.counts_hz for one in engine.snapshots()]
    window.close()
    engine.stop()
    if pool is not None:
        pool.close()
    idle_ms, busy_ms = (
        json.loads(one.communicate(timeout=_ANSWER_WITHIN_S)[0]) for one in companions
    )
    own, busy = percentiles(late_ms), percentiles(busy_ms)
    return {
        "seconds": round(seconds, 1),
        "cores_used": round(cores, 2),
        "cores_used_by_thread": {k: v for k, v in used.items() if v > 0},
        "pictures_hz": [round(min(rates), 1), round(max(rates), 1)],
        "counts_hz": [round(min(counts), 2), round(max(counts), 2)],
        "look_ms": percentiles(REFRESH_MS),
        "look_processor_ms": percentiles(REFRESH_CPU_MS),
        "looks_hz": round(len(REFRESH_MS) / seconds, 1),
        "late_ms": own,
        "stalls_over_50_ms": sum(one > STALL_MS for one in late_ms),
        "idle_late_ms": percentiles(idle_ms),
        "idle_stalls_over_50_ms": sum(one > STALL_MS for one in idle_ms),
        "equally_busy_late_ms": busy,
        "equally_busy_stalls_over_50_ms": sum(one > STALL_MS for one in busy_ms),
        "late_against_equally_busy": {k: round(own[k] / max(busy[k], 0.1), 1) for k in own},
    }


def main() -> int:
    """Measure and print JSON; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--size", default="1920x1080", help="of the pictures, for example 1280x720")
    parser.add_argument("--rate", type=int, default=25, help="pictures a second")
    parser.add_argument("--count-hz", type=float, default=0.5)
    parser.add_argument("--processes", action="store_true", help="read in processes of their own")
    parser.add_argument("--clips", type=Path, help="where clips are kept for the next time")
    parser.add_argument("--companion", type=float, help=argparse.SUPPRESS)
    parser.add_argument(
        "--switch-ms",
        type=float,
        default=1000 * SWITCH_EVERY_S,
        help="how long a thread may run Python before another gets its turn",
    )
    parser.add_argument("--work-ms", type=float, default=0.0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.companion:
        return run_companion(options.companion, options.work_ms)
    width, _, height = options.size.partition("x")
    size_wh = (int(width), int(height))
    with tempfile.TemporaryDirectory() as made:
        folder = options.clips or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        clips = make_clips(folder, options.cameras, size_wh, options.rate)
        load_before = os.getloadavg()[0]
        found = run_window(options, clips)
    record = {
        "cameras": options.cameras,
        "size": options.size,
        "rate_hz": options.rate,
        "count_hz": options.count_hz,
        "processes": options.processes,
        "switch_ms": options.switch_ms,
        "cores": os.cpu_count(),
        "load_before": round(load_before, 2),
        "load_after": round(os.getloadavg()[0], 2),
        **found,
    }
    print(json.dumps(record, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
