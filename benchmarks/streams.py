"""Threads or processes for reading cameras: frames a second, processor time, and who must wait.

The same cameras are read both ways in turn, in one run, so that the two can be compared on a
machine that does other things too. A beat every 10 ms on the main thread tells how late a window
would be. Run from the top of the repository:

    python -m benchmarks.streams --cameras 12 --seconds 20
"""

import argparse
import math
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from monitor.core.arrays import RgbImage, read_only
from monitor.core.clock import Clock
from monitor.core.prediction import Prediction
from monitor.engine.engine import Engine
from monitor.engine.reading_pool import ReadingPool
from monitor.engine.sources import open_camera
from monitor.settings import CameraSettings
from monitor.video.frame import FrameSource

RATE_HZ = 25
BEAT_S = 0.01
START_WITHIN_S = 120.0


class NoCounter:
    """Counts nobody at no cost: only reading is measured."""

    def predict(self, image: RgbImage) -> Prediction:
        """Count."""
        density = read_only(np.zeros((1, 1), dtype=np.float32))
        return Prediction(density, 8, (image.shape[0], image.shape[1]), None, 0.0)


@dataclass(frozen=True, slots=True)
class Measured:
    """One way of reading, for some seconds."""

    decoded_hz: float
    """Frames a second that were decoded, all cameras together."""
    frames_hz: float
    """Frames a second that the engine took; of several that wait it takes the newest."""
    engine_share: float
    """Share of a core that the engine's own process took."""
    total_share: float
    """The same with its workers."""
    late_ms: tuple[float, ...]
    """How late each beat of the main thread was."""


def write_film(path: Path, size_wh: tuple[int, int]) -> Path:
    """Encode four seconds of a moving pattern."""
    width, height = size_wh
    noise = np.random.default_rng(1).integers(0, 256, (height // 8, width // 8 + 100, 3))
    pattern = np.kron(noise, np.ones((8, 8, 1))).astype(np.uint8)
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=RATE_HZ)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "veryfast", "g": "50", "bf": "0"}
        for number in range(4 * RATE_HZ):
            picture = np.ascontiguousarray(pattern[:height, 4 * number : 4 * number + width])
            film.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        film.mux(stream.encode(None))
    return path


def measure(
    cameras: list[CameraSettings],
    seconds: float,
    open_source: Callable[[CameraSettings, Clock], FrameSource],
    workers: Callable[[], tuple[int, ...]],
) -> Measured:
    """Read cameras for some seconds, counted from when all of them give frames."""
    engine = Engine(cameras, NoCounter(), open_source=open_source)
    engine.start()
    began_s = time.monotonic()
    while not all(one.health.rate_hz > 0 for one in engine.snapshots()):
        if time.monotonic() - began_s > START_WITHIN_S:
            raise SystemExit("the cameras did not start")
        time.sleep(BEAT_S)
    time.sleep(2.0)
    decoded, frames = progress(engine)
    ids = workers()
    workers_s = sum(cpu_seconds(one) for one in ids)
    began_s, cpu_s = time.monotonic(), time.process_time()
    late_ms = []
    while (now_s := time.monotonic()) - began_s < seconds:
        time.sleep(BEAT_S)
        late_ms.append(1000 * (time.monotonic() - now_s - BEAT_S))
    elapsed_s, cpu_s = time.monotonic() - began_s, time.process_time() - cpu_s
    decoded, frames = (
        now - then for now, then in zip(progress(engine), (decoded, frames), strict=True)
    )
    workers_s = sum(cpu_seconds(one) for one in ids) - workers_s
    engine.stop()
    return Measured(
        decoded / elapsed_s,
        frames / elapsed_s,
        cpu_s / elapsed_s,
        (cpu_s + workers_s) / elapsed_s,
        tuple(late_ms),
    )


def progress(engine: Engine) -> tuple[int, int]:
    """Give the frames that were decoded and those that the engine took, since the start."""
    shown = engine.snapshots()
    return (
        sum(one.frame.index for one in shown if one.frame is not None),
        sum(one.health.frames_received for one in shown),
    )


def measure_pool(cameras: list[CameraSettings], seconds: float, per_process: int) -> Measured:
    """Read cameras in processes; see `measure`."""
    pool = ReadingPool(per_process)
    try:
        return measure(cameras, seconds, pool.open_camera, lambda: pool.process_ids)
    finally:
        pool.close()


def cpu_seconds(process_id: int) -> float:
    """Give the processor time that a process has taken; 0 where the system does not tell."""
    path = Path(f"/proc/{process_id}/stat")
    if not path.exists():
        return 0.0
    fields = path.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def compute() -> None:
    """Keep the interpreter's lock as busy as Python code can."""
    while True:
        sum(range(1000))


def percentile(values: list[float], share: float) -> float:
    """Give the smallest value that a share of all values does not exceed."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


def main() -> None:
    """Measure both ways in turn and print them side by side."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cameras", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--per-process", type=int, default=6)
    parser.add_argument("--busy", action="store_true", help="a thread that computes in Python")
    parser.add_argument("--switch-ms", type=float, default=1000 * sys.getswitchinterval())
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    sys.setswitchinterval(options.switch_ms / 1000)
    if options.busy:
        threading.Thread(target=compute, daemon=True).start()
    width, height = map(int, options.size.split("x"))
    found: dict[str, list[Measured]] = {"threads": [], "processes": []}
    with tempfile.TemporaryDirectory() as folder:
        film = write_film(Path(folder) / "film.mp4", (width, height))
        cameras = [
            CameraSettings(name=str(number), source=f"{film}?loop=1", count_hz=2)
            for number in range(options.cameras)
        ]
        for _ in range(options.rounds):
            found["threads"].append(measure(cameras, options.seconds, open_camera, lambda: ()))
            found["processes"].append(measure_pool(cameras, options.seconds, options.per_process))
    print(f"{options.cameras} cameras of {options.size} at {RATE_HZ} Hz, {options.rounds} rounds")
    print("             decoded/s  taken/s  engine's cores  all cores  beat late p95 ms  worst ms")
    rows = {}
    for way, rounds in found.items():
        late_ms = [value for one in rounds for value in one.late_ms]
        rows[way] = (
            statistics.mean(one.decoded_hz for one in rounds),
            statistics.mean(one.frames_hz for one in rounds),
            statistics.mean(one.engine_share for one in rounds),
            statistics.mean(one.total_share for one in rounds),
            percentile(late_ms, 0.95),
            max(late_ms),
        )
        print(f"{way:10s}", "  ".join(f"{value:12.2f}" for value in rows[way]))
    ratios = [b / a if a else math.nan for a, b in zip(*rows.values(), strict=True)]
    print("ratio     ", "  ".join(f"{value:12.2f}" for value in ratios))


if __name__ == "__main__":
    main()
