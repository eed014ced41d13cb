"""What the refresh loop says in the bottom line."""

from monitor.core.worker import WorkerHealth
from monitor.engine.delivery import DeliveryStatus
from monitor.outputs.outbox import OutboxHealth
from monitor.ui.refresh import calm_text, trouble_text

FULL = OutboxHealth(True, "history h.sqlite: the disk is full", written=5, waiting=1200, lost=3)
BROKEN = DeliveryStatus("csv", 1, 0, 0, 1, "KeyError: 'x'")
WELL = DeliveryStatus("history", 1, 0, 0, 0, "")


def test_nothing_wrong_is_no_trouble():
    """Calm says what is kept, and what the program is not."""
    assert trouble_text(kept=OutboxHealth(written=5), deliveries=[WELL]) == ""
    assert calm_text(OutboxHealth(written=1205)).startswith("1,205 readings and alarms saved.")
    assert calm_text(None) == "Decision support, not a safety system."


def test_a_full_disk_is_told_with_what_waits_and_what_is_lost():
    """Before anything is lost, somebody can free some space."""
    told = trouble_text(kept=FULL, deliveries=[BROKEN])

    assert told == "History not saved: history h.sqlite: the disk is full (1,200 waiting, 3 lost)"


def test_a_frozen_picture_is_told_first():
    """Old pictures that look live are the worst."""
    dead = {"Drawing pictures": WorkerHealth("crowd-render", False, False, 1, "no memory")}

    told = trouble_text(workers=dead, kept=FULL, deliveries=[])

    assert told.startswith("Drawing pictures is failing (no memory)")


def test_a_broken_receiver_is_named():
    """Whoever wrote it should hear of it."""
    told = trouble_text(kept=None, deliveries=[WELL, BROKEN])

    assert told == "csv: KeyError: 'x'"


def test_an_output_that_fails_is_told_and_named_once():
    """Evidence, broker, messages: each says its name itself or is given it."""
    mqtt = OutboxHealth(True, "the broker does not answer", waiting=7)
    evidence = OutboxHealth(True, "evidence: /x cannot be written: disk full", waiting=2, lost=1)

    def told(**outputs):
        return trouble_text(kept=None, deliveries=[BROKEN], outputs=outputs)

    assert told(mqtt=mqtt) == "mqtt: the broker does not answer (7 waiting)"
    assert told(evidence=evidence) == (
        "evidence: /x cannot be written: disk full (2 waiting, 1 lost)"
    )
    assert told(evidence=evidence, mqtt=mqtt).endswith("; 1 more failing")


def test_a_disk_that_grows_short_is_told_before_it_fails():
    """While all works: the history's own words; after everything that does not work."""
    short = OutboxHealth(message="history: its disk has 0.5 GB left; free some space")

    told = trouble_text(kept=short, deliveries=[], outputs={"history": short})

    assert told == "history: its disk has 0.5 GB left; free some space"


def test_what_was_lost_before_all_was_well_again_stays_told():
    """Nobody should have to have watched."""
    outputs = {"notify duty": OutboxHealth(lost=1300), "csv": OutboxHealth()}

    assert "Since the start: 1,300 lost by notify duty." in calm_text(None, outputs)
    assert "lost" not in calm_text(None, {"csv": OutboxHealth()})
