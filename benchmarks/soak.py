"""Whether the headless program grows: memory, threads and open files over time, with their slope.

Run from the top of the repository: `python -m benchmarks.soak --seconds 3600`.

A real `crowd-monitor serve` counts drawn squares and a real RTSP stream that is cut now and then,
fails on a camera that is not there, is asked for its state and its pictures, and has its site file
changed every so often: all that opens and closes things. A week's leak shows in an hour as a slope.
The first part is left out of the fit, because buffers fill and models warm up; what remains is
fitted by least squares, with the interval in which the slope lies for 95 %. Exit code 1: something
grows for sure, and by more than it may.
"""

import argparse
import contextlib
import csv
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from tests.rigs.encoded import numbered_pictures
from tests.rigs.rtsp import RtspServer, serving

SETTLING_SHARE = 0.3
"""Part of the run that is left out of the fit."""
SAMPLE_EVERY_S = 2.0
RELOAD_EVERY_S = 30.0
CUT_EVERY_S = 120.0
CUT_FOR_S = 15.0
STREAM_HZ = 10
_SURE = 1.96
_HOUR_S = 3600.0
_TAIL_LETTERS = 3000
_LIMITS = {"memory MB": 1.0, "threads": 0.5, "files": 0.5}
"""Growth in an hour that is borne."""


@dataclass(frozen=True, slots=True)
class Slope:
    """A straight line through samples."""

    per_hour: float
    error_per_hour: float
    """Half the width of the interval in which the slope lies for 95 %."""

    def grows_beyond(self, limit: float) -> bool:
        """Say whether it grows for sure, and by more than it may."""
        return self.per_hour - self.error_per_hour > limit


def fit_slope(times_s: list[float], values: list[float], groups: list[int]) -> Slope:
    """Fit lines of one slope by least squares, each group at a height of its own.

    The error assumes independent samples, so it is a lower bound.

    Args:
        times_s: When the samples were taken.
        values: The samples.
        groups: What is alike among them, here the number of processes.

    Returns:
        The slope in an hour and its error.

    Raises:
        ValueError: If no group has samples of two moments.
    """
    hours, heights = np.asarray(times_s) / _HOUR_S, np.asarray(values, dtype=float)
    kinds = np.asarray(groups)
    for kind in set(groups):
        hours[kinds == kind] -= hours[kinds == kind].mean()
        heights[kinds == kind] -= heights[kinds == kind].mean()
    spread = float((hours**2).sum())
    if not spread:
        raise ValueError("too few samples; let it run for ten minutes or longer")
    slope = float((hours * heights).sum() / spread)
    residues = heights - slope * hours
    variance = float((residues**2).sum()) / max(1, len(values) - 1 - len(set(groups)))
    return Slope(slope, _SURE * math.sqrt(variance / spread))


def site_text(cameras: int, stream: str, *, has_guest: bool) -> str:
    """Write a site file: squares, a stream, a camera that is not there, now and then a guest.

    Args:
        cameras: Squares.
        stream: Address of the stream.
        has_guest: Whether there is a camera more; it is read in a process, the history moves
            elsewhere meanwhile, and there are no metrics.

    Returns:
        TOML.
    """
    names = [f"square {number}" for number in range(cameras)] + ["guest"] * has_guest
    squares = "".join(
        f'[[camera]]\nname = "{name}"\nsource = "synthetic:plaza?people=40&seed={number}"\n'
        for number, name in enumerate(names)
    )
    live = f'[[camera]]\nname = "stream"\nsource = "{stream}"\n'
    lost = '[[camera]]\nname = "lost"\nsource = "rtsp://127.0.0.1:1/live"\n'
    store = f'[store]\nurl = "sqlite:///{"other" if has_guest else "history"}.sqlite"\n'
    guest = '[streams]\nprocesses = "always"\n[metrics]\nenabled = false\n' if has_guest else ""
    return f"{squares}{live}{lost}[status]\nport = 0\n{store}{guest}[model]\nthreads = 1\n"


def refused_text(text: str) -> str:
    """Ask for what no model of this program's counts: an edit that is refused as a whole."""
    return text.replace("[[camera]]", '[[camera]]\ncount = ["unicorns"]', 1)


def sample(process: psutil.Process) -> dict[str, float]:
    """Measure the program now, with the processes that it started."""
    every = [process, *process.children(recursive=True)]
    return {
        "processes": float(len(every)),
        "memory MB": sum(one.memory_info().rss for one in every) / 1e6,
        "threads": float(sum(one.num_threads() for one in every)),
        "files": float(sum(one.num_fds() for one in every)),
    }


def ask(address: str, place: str) -> None:
    """Ask for a page and throw it away; what cannot be answered now is no fault here."""
    with contextlib.suppress(OSError):
        url = address.removesuffix("/status") + place
        with urllib.request.urlopen(url, timeout=10) as answer:
            answer.read()


def watch(
    address: str,
    site: Path,
    process: psutil.Process,
    server: RtspServer,
    *,
    seconds: float,
    cameras: int,
) -> tuple[list[float], list[dict[str, float]]]:
    """Use the program as people and machines do, and measure it meanwhile."""
    times_s: list[float] = []
    samples: list[dict[str, float]] = []
    began_s = time.monotonic()
    reloads = cuts = 0
    is_cut = False
    while (now_s := time.monotonic() - began_s) < seconds:
        for place in ("/status", "/metrics", "/cameras/square%200/snapshot.jpg", "/nothing"):
            ask(address, place)
        if now_s > (reloads + 1) * RELOAD_EVERY_S:
            reloads += 1
            text = site_text(cameras, server.url(), has_guest=reloads % 2 == 1)
            if reloads % 4 == 3:
                site.write_text(refused_text(text))
                time.sleep(SAMPLE_EVERY_S)
            site.write_text(text)
        if is_cut != (now_s > CUT_EVERY_S and now_s % CUT_EVERY_S < CUT_FOR_S):
            is_cut = not is_cut
            cuts += is_cut
            if is_cut:
                server.kill()
            else:
                server.start()
        # Between two reloads the guest comes and goes: only its absence is compared. A stream that
        # was lost meanwhile may go on in the guest's process: that is compared with its like.
        is_settled = now_s > reloads * RELOAD_EVERY_S + RELOAD_EVERY_S / 3
        if reloads % 2 == 0 and is_settled:
            times_s.append(now_s)
            samples.append(sample(process))
        time.sleep(SAMPLE_EVERY_S)
    print(f"{reloads} reloads, {cuts} cuts of the stream, {len(samples)} samples")
    return times_s, samples


def report(times_s: list[float], samples: list[dict[str, float]], *, seconds: float) -> bool:
    """Print the slopes; True if something grows beyond its limit."""
    settled = [place for place, at_s in enumerate(times_s) if at_s >= seconds * SETTLING_SHARE]
    groups = [round(samples[place]["processes"]) for place in settled]
    is_growing = False
    print(f"{'':12}{'first':>10}{'last':>10}{'per hour':>12}{'+-':>10}{'borne':>8}")
    for name, limit in _LIMITS.items():
        values = [samples[place][name] for place in settled]
        slope = fit_slope([times_s[place] for place in settled], values, groups)
        is_growing |= slope.grows_beyond(limit)
        print(
            f"{name:12}{values[0]:10.1f}{values[-1]:10.1f}"
            f"{slope.per_hour:12.2f}{slope.error_per_hour:10.2f}{limit:8.1f}"
        )
    return is_growing


def write_csv(path: Path, times_s: list[float], samples: list[dict[str, float]]) -> None:
    """Write every sample, to be plotted."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["time_s", *samples[0]] if samples else ["time_s"])
        for at_s, one in zip(times_s, samples, strict=True):
            writer.writerow([f"{at_s:.1f}", *one.values()])


def main() -> int:
    """Run the soak; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--cameras", type=int, default=3)
    parser.add_argument("--csv", type=Path, help="Write every sample here.")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        serving(Path(name) / "stream", numbered_pictures(4 * STREAM_HZ)) as server,
    ):
        folder = Path(name)
        site = folder / "site.toml"
        site.write_text(site_text(options.cameras, server.url(), has_guest=False))
        environ = os.environ | {"XDG_STATE_HOME": name, "XDG_DATA_HOME": name}
        repository = Path(__file__).resolve().parents[1]
        with (folder / "log.txt").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-u", "-m", "monitor", "serve", "--config", site],
                stdout=subprocess.PIPE, stderr=log, text=True, cwd=folder,
                env=environ | {"PYTHONPATH": str(repository)},
            )  # fmt: skip
            try:
                assert process.stdout is not None
                address = process.stdout.readline().strip().removeprefix("status: ")
                times_s, samples = watch(
                    address,
                    site,
                    psutil.Process(process.pid),
                    server,
                    seconds=options.seconds,
                    cameras=options.cameras,
                )
                began_s = time.monotonic()
                process.send_signal(signal.SIGTERM)
                code = process.wait(timeout=30)
                print(f"ended in {time.monotonic() - began_s:.1f} s with exit code {code}")
                if code != 0:
                    print((folder / "log.txt").read_text()[-_TAIL_LETTERS:])
            finally:
                process.kill()
        if options.csv is not None:
            write_csv(options.csv, times_s, samples)
        try:
            is_growing = report(times_s, samples, seconds=options.seconds)
        except ValueError as error:
            print(error)
            return 1
        return int(is_growing or code != 0)


if __name__ == "__main__":
    sys.exit(main())
