"""The first page of all."""

import pytest
from PyQt6.QtWidgets import QFileDialog

from monitor.ui.setup.camera_form import Kind
from monitor.ui.setup.first_start import Beginning, Begun, FirstStart
from monitor.ui.setup.tools import SetUpTools

LIMIT_MS = 30_000


@pytest.fixture
def page(qtbot, dark, tmp_path):
    """The page on a machine where nothing is set up."""
    shown = FirstStart(SetUpTools(tmp_path))
    qtbot.addWidget(shown)
    shown.show()
    yield shown
    if shown.camera_dialog is not None:
        shown.camera_dialog.reject()


def test_the_demo_is_one_click_away(page):
    """And needs nothing else."""
    page.demo_button.click()

    assert page.begun == Begun(Beginning.DEMO)


def test_a_camera_is_added_first(page, qtbot):
    """The page waits for the dialog; given up, everything else can still be chosen."""
    page.add_button.click()
    page.camera_dialog.reject()
    after_giving_up = (page.begun, page.isVisible())
    page.add_button.click()
    form = page.camera_dialog.form
    form.choose_kind(Kind.PLAZA)
    form.name.setText("Square")
    with qtbot.waitSignal(page.accepted, timeout=LIMIT_MS):
        page.camera_dialog.save_button.click()

    assert after_giving_up == (None, True)
    assert page.begun.beginning is Beginning.CAMERA
    assert page.begun.camera.source.startswith("synthetic:plaza")


def test_the_webcam_is_tried_at_once(page):
    """Who has one sees a picture; who has none reads why."""
    page.webcam_button.click()

    assert page.camera_dialog.form.chosen_kind is Kind.WEBCAM
    assert page.camera_dialog.panel.picture.words == "Connecting …"


def test_a_site_file_is_opened(page, monkeypatch, tmp_path):
    """Nothing is begun where no file is chosen."""
    answers = ["", str(tmp_path / "site.toml")]
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (answers.pop(0), ""))
    page.file_button.click()
    at_first = page.begun
    page.file_button.click()

    assert at_first is None
    assert page.begun == Begun(Beginning.FILE, file=tmp_path / "site.toml")
