"""Choosing the time that a plot shows."""

from datetime import timedelta

import pytest
from PyQt6.QtCore import QDateTime

from monitor.ui.custom_range import CustomRange
from tests.rigs.snapshots import NOON


@pytest.fixture
def dialog(qtbot):
    """From noon for an hour."""
    one = CustomRange(NOON, NOON + timedelta(hours=1))
    qtbot.addWidget(one)
    return one


def test_what_was_shown_is_proposed(dialog):
    """In the time of the room, kept as UTC."""
    assert dialog.span().bounds(NOON) == (NOON, NOON + timedelta(hours=1))


def test_a_backward_time_is_refused_with_a_word(dialog):
    """The dialog stays open and says why."""
    dialog.stop_edit.setDateTime(QDateTime.fromSecsSinceEpoch(int(NOON.timestamp()) - 60))

    dialog.accept()

    assert dialog.result() == 0
    assert "after the beginning" in dialog.fault
