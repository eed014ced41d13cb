"""How long a plot of the history takes: 16 cameras over 30 days, and shorter times of one.

Run from the top of the repository: `python benchmarks/history.py`.
Readings themselves are made for the last eight hours of one camera; a plot of a month does not
read them. The time of the processor is printed too; what else runs does not change it.
"""

import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, text

from monitor.core.reading import Quality, Reading
from monitor.outputs.history.database import open_database, writing
from monitor.outputs.history.history import History
from monitor.outputs.history.rollups import Sample, rolled_up
from monitor.outputs.history.rows import reading_row
from monitor.outputs.history.schema import readings, rollups, to_us
from monitor.settings.outputs import parse_address

CAMERAS = tuple(f"Camera {number}" for number in range(1, 17))
END = datetime(2030, 6, 1, tzinfo=UTC)
DAYS = 30
HOURS_OF_READINGS = 8
READINGS_HZ = 2
TIMES = 7


def main() -> None:
    """Make a history and print how long plots take."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.sqlite"
        history = History(parse_address(f"sqlite:///{path}", {}))
        began_s = time.perf_counter()
        fill(path)
        print(f"made in {time.perf_counter() - began_s:.0f} s, {path.stat().st_size / 1e6:.0f} MB")
        print(f"{'plot':42s} {'points':>7s} {'median':>9s} {'worst':>9s} {'processor':>9s}")
        month, shift, hour = timedelta(days=30), timedelta(hours=8), timedelta(hours=1)
        report(history, "16 cameras, 30 days, 1000 points", CAMERAS, month, 1000)
        report(history, "1 camera, 30 days, 1000 points", CAMERAS[:1], month, 1000)
        report(history, "1 camera, 30 days, 4000 points", CAMERAS[:1], month, 4000)
        report(history, "1 camera, 8 hours, 2000 points (readings)", CAMERAS[:1], shift, 2000)
        report(history, "1 camera, 1 hour, 2000 points (readings)", CAMERAS[:1], hour, 2000)
        history.stop()


def report(
    history: History, name: str, cameras: tuple[str, ...], span: timedelta, points_max: int
) -> None:
    """Print how long one plot takes."""
    times_ms, points = [], 0
    began_cpu_s = time.process_time()
    for _ in range(TIMES):
        began_s = time.perf_counter()
        points = sum(
            len(history.series(camera, None, END - span, END, points_max)) for camera in cameras
        )
        times_ms.append(1000 * (time.perf_counter() - began_s))
    cpu_ms = 1000 * (time.process_time() - began_cpu_s) / TIMES
    print(
        f"{name:42s} {points:7d} {statistics.median(times_ms):6.0f} ms {max(times_ms):6.0f} ms "
        f"{cpu_ms:6.0f} ms"
    )


def fill(path: Path) -> None:
    """Write a month of sums by minute and hour, and some hours of readings."""
    engine = open_database(parse_address(f"sqlite:///{path}", {}))
    columns = [column.name for column in rollups.columns]
    marks = ", ".join(f":{name}" for name in columns)
    statement = text(f"INSERT INTO crowd_rollups ({', '.join(columns)}) VALUES ({marks})")
    for camera in CAMERAS:
        moments = range(0, DAYS * 86_400, 60)
        sums = rolled_up(
            Sample(camera, "", to_us(END) - moment_s * 1_000_000 - 1, moment_s % 317, 1.0, 400.0,
                   Quality.GOOD)
            for moment_s in moments
        )  # fmt: skip
        with writing(engine) as connection:
            connection.execute(
                statement, [{name: getattr(one, name) for name in columns} for one in sums]
            )
    with writing(engine) as connection:
        rows = [reading_row(one) for one in readings_of(CAMERAS[0])]
        connection.execute(insert(readings), rows)
    engine.dispose()


def readings_of(camera: str) -> list[Reading]:
    """Make the readings of the last hours of a camera."""
    return [
        Reading(
            camera=camera,
            at_utc=END - timedelta(seconds=index / READINGS_HZ),
            captured_s=0.0,
            count=float(index % 317),
            low=1.0,
            high=400.0,
            variance=9.0,
            smoothed=float(index % 317),
            quality=Quality.GOOD,
        )
        for index in range(1, HOURS_OF_READINGS * 3600 * READINGS_HZ)
    ]


if __name__ == "__main__":
    main()
