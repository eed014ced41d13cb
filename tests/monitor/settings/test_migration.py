"""Site files of older versions."""

import pytest

from monitor.settings.site_file import CURRENT_VERSION, STEPS, Document, migrate


def rename_gate(document: Document) -> Document:
    """1 to 2: the key `gate` becomes `door`."""
    return {"door" if key == "gate" else key: value for key, value in document.items()}


def double_door(document: Document) -> Document:
    """2 to 3: the number is given in halves."""
    return document | {"door": document["door"] * 2}


TEST_STEPS = {1: rename_gate, 2: double_door}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"version": 1, "gate": 4}, {"version": 3, "door": 8}),
        ({"version": 2, "door": 4}, {"version": 3, "door": 8}),
        ({"version": 3, "door": 4}, {"version": 3, "door": 4}),
        ({"door": 4}, {"door": 4}),
        ({"version": 4, "door": 4}, {"version": 4, "door": 4}),
        ({"version": 0}, {"version": 0}),
        ({"version": "1"}, {"version": "1"}),
        ({"version": True}, {"version": True}),
        ({"version": [1]}, {"version": [1]}),
    ],
)
def test_steps_are_taken_in_turn(document: Document, expected: Document) -> None:
    """From any older version to the newest; what is no older version stays as it is."""
    before = dict(document)

    assert migrate(document, steps=TEST_STEPS, current=3) == expected
    assert document == before


def test_every_older_version_has_its_step() -> None:
    """No site file that was ever valid is left behind."""
    assert sorted(STEPS) == list(range(1, CURRENT_VERSION))
