"""A program that writes readings to a history until it is killed; see `test_power_cut`.

Run as `python -m tests.rigs.history_writer FILE FIRST`: counts up from FIRST, one reading after
the other, and prints how many of them the history has confirmed.
"""

import sys
from datetime import timedelta
from itertools import count
from threading import Event

from monitor.outputs.history.history import History
from monitor.outputs.outbox import Pace
from monitor.settings.outputs import parse_address
from tests.rigs.history import NOON, read_of, zone_of

_PAUSE_S = 0.0005


def main() -> None:
    """Write for ever."""
    history = History(
        parse_address(f"sqlite:///{sys.argv[1]}", {}), pace=Pace(flush_s=0.01, retry_s=0.01)
    )
    history.start()
    first, never = int(sys.argv[2]), Event()
    for index in count(first):
        at_utc = NOON + timedelta(milliseconds=10 * index)
        zones = (zone_of("stairs", float(index)),)
        history.on_reading(read_of(index, at_utc=at_utc, zones=zones))
        sys.stdout.write(f"{history.health.written}\n")
        sys.stdout.flush()
        never.wait(_PAUSE_S)


if __name__ == "__main__":
    main()
