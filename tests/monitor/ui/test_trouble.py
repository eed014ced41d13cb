"""The bottom line."""

from monitor.engine.delivery import DeliveryStatus
from monitor.outbox import OutboxHealth
from monitor.ui.trouble import calm_text, trouble_text

FULL = OutboxHealth(True, "history h.sqlite: the disk is full", written=5, waiting=1200, lost=3)
BROKEN = DeliveryStatus("csv", 1, 0, 0, 1, "KeyError: 'x'")
WELL = DeliveryStatus("history", 1, 0, 0, 0, "")


def test_nothing_wrong_is_no_trouble():
    """Calm says what is kept, and what the program is not."""
    assert trouble_text(is_drawing=True, kept=OutboxHealth(written=5), deliveries=[WELL]) == ""
    assert calm_text(OutboxHealth(written=1205)).startswith("1,205 readings and alarms kept.")
    assert calm_text(None) == "Decision support, not a safety system."


def test_a_full_disk_is_told_with_what_waits_and_what_is_lost():
    """Before anything is lost, somebody can free some space."""
    told = trouble_text(is_drawing=True, kept=FULL, deliveries=[BROKEN])

    assert told == "Not kept: history h.sqlite: the disk is full (1,200 waiting, 3 lost)"


def test_a_frozen_picture_is_told_first():
    """Old pictures that look live are the worst."""
    assert "no longer drawn" in trouble_text(is_drawing=False, kept=FULL, deliveries=[])


def test_a_broken_receiver_is_named():
    """Whoever wrote it should hear of it."""
    told = trouble_text(is_drawing=True, kept=None, deliveries=[WELL, BROKEN])

    assert told == "csv: KeyError: 'x'"
