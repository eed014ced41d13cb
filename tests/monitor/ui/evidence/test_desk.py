"""Evidence in the window: the journal names a pack, and a key opens its folder."""

from datetime import UTC, datetime

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QWidget

from monitor.core.alarm import AlarmState
from monitor.core.privacy import Privacy
from monitor.outputs.evidence.notes import NOTE_BEGINS
from monitor.ui.alarms.entries import AlarmEntry, AlarmLists
from monitor.ui.alarms.panel import AlarmPanel
from monitor.ui.background import BackgroundTasks
from monitor.ui.evidence.desk import EvidenceDesk
from monitor.ui.render import RenderRequest
from monitor.ui.saving import Saving
from tests.rigs.history import ring_of
from tests.rigs.snapshots import frame_of, prediction_of, snapshot_of, status_of

PACK = "20300501T120000Z Gate-1-limit"
LIMIT_MS = 10_000


class Rig:
    """A panel with one alarm that rings, and what was opened and told."""

    def __init__(self, qtbot, theme, folder):
        self.told, self.opened = [], []
        self.panel = AlarmPanel(QWidget(), theme)
        qtbot.addWidget(self.panel)
        self.desk = EvidenceDesk(self.panel, self.told.append, self.panel)
        self.desk.open_folder = lambda path: bool(self.opened.append(path)) or True
        entry = AlarmEntry("Gate 1", status_of(AlarmState.UNACKNOWLEDGED))
        self.panel.show_lists(AlarmLists(active=(entry,)))
        self.panel.focus_alarms()
        if folder is not None:
            self.folder = folder
            self.desk.keep_in(lambda: self.folder)
        self.panel.show()

    def note(self):
        """The keeper notes a pack in the journal."""
        note = f"{NOTE_BEGINS}{PACK}, manifest SHA-256 {'ab' * 32}"
        self.desk.take(ring_of(0, before=AlarmState.UNACKNOWLEDGED, note=note))

    def run(self, place):
        """Do what the first or second key does."""
        self.desk.commands()[place].run()


@pytest.fixture
def rig(qtbot, dark):
    return lambda folder: Rig(qtbot, dark, folder)


def test_a_pack_that_the_journal_names_is_opened(rig, qtbot, tmp_path):
    """By button and by key, in the folder that the site names."""
    (tmp_path / PACK).mkdir()
    one = rig(tmp_path)
    assert not one.panel.evidence_button.isEnabled()

    one.note()
    qtbot.mouseClick(one.panel.evidence_button, Qt.MouseButton.LeftButton)
    one.run(0)

    assert one.opened == [tmp_path / PACK] * 2
    assert PACK in one.panel.evidence_button.toolTip()


def test_packs_are_found_where_they_were_written(rig, tmp_path):
    """Another folder is named while the window is open: older packs stay where they are."""
    (tmp_path / PACK).mkdir()
    one = rig(tmp_path)
    one.note()
    one.folder = tmp_path / "elsewhere"
    one.folder.mkdir()

    one.run(0)
    one.run(1)

    assert one.opened == [tmp_path / PACK, tmp_path / "elsewhere"]


def test_a_pack_that_was_thrown_away_is_told(rig, tmp_path):
    """It was too old, or the disk too full."""
    one = rig(tmp_path)
    one.note()

    one.run(0)

    assert one.opened == []
    assert PACK in one.told[0]


def test_where_nobody_opens_folders_the_place_is_told(rig, tmp_path):
    """A kiosk has no program for files."""
    one = rig(tmp_path)
    one.desk.open_folder = lambda _path: False

    one.run(1)

    assert str(tmp_path) in one.told[0]


def test_a_site_without_evidence_offers_none(rig):
    """No button; the key says how to have it."""
    one = rig(None)
    one.note()

    one.run(1)

    assert not one.panel.evidence_button.isVisible()
    assert "[evidence]" in one.told[0]


@pytest.fixture
def saving(qtbot, tmp_path):
    errands, window, told = BackgroundTasks(), QWidget(), []
    qtbot.addWidget(window)
    errands.start()
    one = Saving(errands, window, told.append)
    one.choose_path = lambda _proposed, _kinds: str(tmp_path / "saved.png")

    def save(privacy):
        one.privacy = lambda: privacy
        image = np.zeros((160, 320, 3), dtype=np.uint8)
        image[:, ::2] = 255
        density = np.zeros((10, 20), dtype=np.float32)
        density[5, 10] = 3.0
        prediction = prediction_of(density)
        order = RenderRequest(frame_of(image).picture, (320, 160))
        snapshot = snapshot_of(prediction=prediction, counted_frame=frame_of(image))
        one.save_picture(snapshot, order)
        qtbot.waitUntil(lambda: bool(errands.collect() or told), timeout=LIMIT_MS)
        return tmp_path / "saved.png"

    yield save, told
    assert errands.stop(5)


@pytest.mark.parametrize("privacy", [Privacy.AS_THEY_ARE, Privacy.BLUR_PEOPLE, Privacy.BLUR_ALL])
def test_saved_pictures_hide_what_the_site_wishes(saving, privacy):
    """The fine pattern: where the person is, and where nobody is."""
    save, _told = saving

    image = QImage(str(save(privacy)))

    def is_clear(left, top):
        grays = {image.pixelColor(left + step, top).red() for step in range(6)}
        return max(grays) - min(grays) > 100

    assert is_clear(164, 88) is (privacy is Privacy.AS_THEY_ARE)
    assert is_clear(300, 8) is (privacy is not Privacy.BLUR_ALL)


def test_a_site_that_stores_no_pictures_saves_none(saving):
    """And says who decided that."""
    save, told = saving

    path = save(Privacy.NO_PICTURES)

    assert "[privacy]" in told[0]
    assert not path.exists()


def test_moments_of_packs_are_in_utc():
    """The name in the journal is the name on the disk wherever the window stands."""
    assert datetime(2030, 5, 1, 12, tzinfo=UTC).strftime("%Y%m%dT%H%M%SZ") == PACK.split()[0]
