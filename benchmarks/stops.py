"""Whether the headless program ends cleanly and in time, whatever it is doing: many ends in a row.

Run from the top of the repository: `python -m benchmarks.stops --runs 100`. Exit code 1: a run
ended with another code than 0, or later than promised. On a laden machine the seconds are those of
the machine, too: its load is printed beside them.
"""

import argparse
import itertools
import os
import random
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.rigs.stopping import ENDS_WITHIN_S, MOMENTS, SITUATIONS, Stopped, stop_once, world

_TAIL_LETTERS = 3000


def main() -> int:
    """Stop it over and over and print what was found; gives the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--situation", choices=sorted(SITUATIONS))
    parser.add_argument("--moment", choices=MOMENTS)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    pairs = itertools.cycle(
        (situation, moment)
        for situation in SITUATIONS
        for moment in MOMENTS
        if options.situation in {None, situation} and options.moment in {None, moment}
    )
    found: list[Stopped] = []
    with tempfile.TemporaryDirectory() as name, world(Path(name)) as all_:
        for situation, moment in itertools.islice(pairs, options.runs):
            number = chance.choice((signal.SIGTERM, signal.SIGINT))
            one = stop_once(all_, situation, moment, number=number, wait_s=chance.uniform(0, 3))
            found.append(one)
            print(f"{one.situation:28} {one.code:4} {one.seconds:6.2f} s", flush=True)
            if one.code or one.seconds > ENDS_WITHIN_S:
                print(one.log[-_TAIL_LETTERS:], flush=True)
    longest = max(found, key=lambda one: one.seconds)
    print(f"{len(found)} runs, exit codes {dict(Counter(one.code for one in found))}")
    load = os.getloadavg()[0]
    print(f"longest end {longest.seconds:.2f} s ({longest.situation}); load {load:.1f}")
    return int(any(one.code or one.seconds > ENDS_WITHIN_S for one in found))


if __name__ == "__main__":
    sys.exit(main())
