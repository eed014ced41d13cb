"""The fault campaign in its long form, with a report: `make faults`.

Usage: python -m tests.faults [--rounds N] [--examples N] [--report FILE]
"""

import argparse
import math
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.faults.campaign import secrets_in, try_machine, try_streams
from tests.faults.footprint import Footprint, baseline, leaks_between, settle
from tests.faults.machine import TRIALS
from tests.faults.mutations import Edit, MutatedStreams, edits, read_site, site_texts
from tests.faults.scene import Outcome
from tests.faults.streams import FAULTS

ROUNDS = 5
EXAMPLES = 10_000
_SLOPE_MIB = 5.0  # a round keeps its log; one leaked connection in each fault would take 25
_WARM_UP_ROUNDS = 2  # the first rounds load libraries and fill caches


@dataclass(frozen=True, slots=True)
class Campaign:
    """What was found."""

    outcomes: tuple[Outcome, ...]
    examples: dict[str, int]
    """Random inputs by kind; every one was survived, or the campaign would have ended."""
    footprints: tuple[Footprint, ...]
    """What the process held after each round."""
    leaks: tuple[str, ...]
    seconds: float

    @property
    def slope_mib(self) -> float:
        """Memory that each round after the first ones added, by least squares; 0 for too few."""
        held = [one.memory_mib for one in self.footprints[_WARM_UP_ROUNDS:]]
        if len(held) < 2:
            return 0.0
        middle = (len(held) - 1) / 2
        mean = sum(held) / len(held)
        rise = sum((place - middle) * (value - mean) for place, value in enumerate(held))
        return rise / sum((place - middle) ** 2 for place in range(len(held)))

    @property
    def is_passed(self) -> bool:
        """Whether all was survived and nothing was left behind."""
        return (
            all(one.is_survived for one in self.outcomes)
            and not secrets_in(self.outcomes)
            and not self.leaks
            and self.slope_mib < _SLOPE_MIB
        )


def percentile(values: Sequence[float], share: float) -> float:
    """Give the smallest value that a share of all values does not exceed; nan for none."""
    ordered = sorted(values)
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else math.nan


def report_of(campaign: Campaign) -> str:
    """Write down what was found, as Markdown."""
    recoveries = [value for one in campaign.outcomes for value in one.recovery_s]
    tried = [one for one in campaign.outcomes if not one.skipped]
    survived = sum(one.is_survived for one in tried)
    lines = [
        "# Fault campaign",
        "",
        f"- {'Passed' if campaign.is_passed else 'FAILED'} in {campaign.seconds:.0f} s.",
        f"- Faults tried: {len(tried)}; survived: {survived}.",
        f"- Recovery: {len(recoveries)} times, median {percentile(recoveries, 0.5):.1f} s, "
        f"95 % within {percentile(recoveries, 0.95):.1f} s.",
        f"- Memory: {campaign.slope_mib:+.2f} MiB a round after the first {_WARM_UP_ROUNDS} "
        f"({', '.join(f'{one.memory_mib:.0f}' for one in campaign.footprints)} MiB).",
        f"- Left behind: {', '.join(campaign.leaks) or 'nothing'}.",
        f"- Secrets found: {len(secrets_in(campaign.outcomes))}.",
        *(f"- {kind}: {count} tried, all survived." for kind, count in campaign.examples.items()),
        "",
        "| fault | tried | survived | harmed pictures, none called good | slowest recovery |",
        "|---|---|---|---|---|",
    ]
    for fault in dict.fromkeys(one.fault for one in tried):
        same = [one for one in tried if one.fault == fault]
        recovery_s = [value for one in same for value in one.recovery_s]
        slowest = f"{max(recovery_s):.1f} s" if recovery_s else "–"
        harmed = sum(one.harmed for one in same) or "–"
        name = fault.replace("_", " ")
        lines.append(
            f"| {name} | {len(same)} | {sum(one.is_survived for one in same)} | {harmed} "
            f"| {slowest} |"
        )
    for fault, reason in dict.fromkeys((one.fault, one.skipped) for one in campaign.outcomes):
        if reason:
            lines += ["", f"Not tried here: {fault.replace('_', ' ')}: {reason}"]
    for one in campaign.outcomes:
        if not one.is_survived:
            lines += ["", f"**{one.fault}**: {one.error} {'; '.join(sorted(set(one.lies)))}"]
    return "\n".join(lines) + "\n"


def run(*, rounds: int, examples: int) -> Campaign:
    """Try every fault so many times, and so many random inputs of each kind."""
    began_s = time.monotonic()
    outcomes: list[Outcome] = []
    footprints: list[Footprint] = []
    leaks: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        tried = _try_random(Path(name), examples)
        before = baseline()
        for number in range(rounds):
            folder = Path(name) / str(number)
            folder.mkdir()
            outcomes += try_streams(FAULTS, folder)
            outcomes += try_machine(TRIALS, folder)
            footprints.append(settle(before))
            leaks += [f"{what} in round {number}" for what in leaks_between(before, footprints[-1])]
            print(f"round {number + 1} of {rounds}: {footprints[-1]}", flush=True)  # noqa: T201
    seconds = time.monotonic() - began_s
    return Campaign(tuple(outcomes), tried, tuple(footprints), tuple(leaks), seconds)


def _try_random(folder: Path, examples: int) -> dict[str, int]:
    films = MutatedStreams(folder)
    many = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    tried = {"Broken films": 0, "Broken packets": 0, "Random site files": 0}

    @many
    @given(st.integers(0, len(films.films) - 1), edits)
    def play(film: int, wounds: list[Edit]) -> None:
        tried["Broken films"] += 1
        films.play(film, wounds)

    @many
    @given(st.integers(0, 5), edits)
    def decode_packets(broken: int, wounds: list[Edit]) -> None:
        tried["Broken packets"] += 1
        films.decode_packets(broken, wounds)

    @many
    @given(site_texts)
    def read_sites(text: str) -> None:
        tried["Random site files"] += 1
        read_site(folder / "site.toml", text)

    bodies: tuple[Callable[[], None], ...] = (play, decode_packets, read_sites)
    for body in bodies:
        body()
        print(tried, flush=True)  # noqa: T201
    return tried


def main() -> None:
    """Run the campaign, print and write the report; exit code 1 where anything failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--examples", type=int, default=EXAMPLES)
    parser.add_argument("--report", type=Path, default=Path("fault-report.md"))
    options = parser.parse_args()
    campaign = run(rounds=options.rounds, examples=options.examples)
    report = report_of(campaign)
    options.report.write_text(report, encoding="utf-8")
    print(report)  # noqa: T201
    raise SystemExit(not campaign.is_passed)


if __name__ == "__main__":
    main()
