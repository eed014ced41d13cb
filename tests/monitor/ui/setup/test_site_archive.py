"""Export and import in the window."""

import zipfile

import pytest
from PyQt6.QtWidgets import QWidget

from monitor.engine.engine import Engine
from monitor.engine.site_session import SiteSession
from monitor.settings import CameraSettings, SiteSettings
from monitor.settings.site_file import read_site
from monitor.ui.background import BackgroundTasks
from monitor.ui.setup.site_archive import SiteArchiveController
from monitor.ui.setup.tools import SetUpTools, Surroundings
from tests.rigs.counters import FixedCounter

LIMIT_MS = 20_000
SITE = SiteSettings(camera=(CameraSettings(name="Gate", source="rtsp://op@192.0.2.7/1"),))


@pytest.fixture
def desk(qtbot, tmp_path):
    """A desk, what it told, and what opens next."""
    window, errands = QWidget(), BackgroundTasks()
    told, remembered, opened = [], [], []
    qtbot.addWidget(window)
    engine = Engine(SITE.camera, FixedCounter(1))
    tools = SetUpTools(tmp_path / "sites", remember=remembered.append, open_next=opened.append)
    keeper = SiteSession(engine, SITE)
    one = SiteArchiveController(Surroundings(keeper, tools, errands.send, told.append, window))
    one.told, one.remembered, one.opened, one.errands = told, remembered, opened, errands
    errands.start()
    yield one
    assert errands.stop(5)


def until(qtbot, desk, condition):
    def look():
        desk.errands.collect()
        return condition()

    qtbot.waitUntil(look, timeout=LIMIT_MS)


def test_a_site_is_exported_and_comes_back(desk, qtbot, tmp_path):
    """What must be done by hand is listed; what was imported opens with the next start."""
    desk.choose_target = lambda _: str(tmp_path / "stadium")
    desk.export()
    until(qtbot, desk, lambda: desk.page is not None)
    by_hand = desk.page.browser.toPlainText()
    desk.choose_source = lambda: str(tmp_path / "stadium.zip")
    desk.import_()
    until(qtbot, desk, lambda: len(desk.remembered) == 1)
    desk.import_()
    until(qtbot, desk, lambda: len(desk.remembered) == 2)

    assert "its password is not carried" in by_hand
    assert read_site(desk.remembered[0]).camera == SITE.camera
    assert [one.parent.name for one in desk.remembered] == ["stadium", "stadium-2"]


def test_what_is_wrong_is_shown_whole(desk, qtbot, tmp_path):
    """Every mistake, to be read in peace."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("run.sh", "x")
    desk.choose_source = lambda: str(tmp_path / "a.zip")
    desk.import_()
    until(qtbot, desk, lambda: desk.page is not None)

    text = desk.page.browser.toPlainText()
    assert "no site.toml" in text
    assert "run.sh" in text
    assert desk.remembered == []
    assert not (tmp_path / "sites").exists() or not any((tmp_path / "sites").iterdir())


def test_nothing_is_done_where_nothing_is_chosen(desk):
    """Escape is an answer."""
    desk.choose_target = lambda _: ""
    desk.choose_source = desk.choose_site = lambda: ""
    desk.export()
    desk.import_()
    desk.open_other()

    assert desk.told == []
    assert desk.opened == []


def test_another_site_is_shown_when_this_one_is_closed(desk, tmp_path):
    """One window at a time: two would ring for the same crowd."""
    window = desk.parent()
    window.show()
    desk.choose_site = lambda: str(tmp_path / "other.toml")
    desk.open_other()

    assert desk.opened == [tmp_path / "other.toml"]
    assert not window.isVisible()
