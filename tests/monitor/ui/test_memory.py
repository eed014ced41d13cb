"""What outlives the window."""

import pytest
from PyQt6.QtCore import QByteArray, QSettings

from monitor.ui.memory import WindowMemory


@pytest.fixture
def path(tmp_path):
    """A file of settings."""
    return str(tmp_path / "window.ini")


def memory_at(path):
    return WindowMemory(QSettings(path, QSettings.Format.IniFormat))


@pytest.mark.parametrize("value", [True, False, 7, 0.25, "dark"])
def test_values_come_back_as_what_they_were(qapp, path, value):
    """Also from a file, where everything is words."""
    settings = QSettings(path, QSettings.Format.IniFormat)
    WindowMemory(settings).put("name", value)
    settings.sync()
    del settings

    back = memory_at(path).get("name", type(value)())

    assert (type(back), back) == (type(value), value)


def test_states_of_qt_come_back(qapp, path):
    """Bytes for bytes."""
    memory = memory_at(path)
    memory.put_bytes("place", QByteArray(b"\x00\x01here"))

    assert memory.get_bytes("place") == QByteArray(b"\x00\x01here")
    assert memory.get_bytes("other") is None


def test_nonsense_is_as_good_as_nothing(qapp, path):
    """Somebody wrote into the file by hand."""
    memory = memory_at(path)
    memory.put("columns", "many")

    assert memory.get("columns", 3) == 3
