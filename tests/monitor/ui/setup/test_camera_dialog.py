"""A camera is tried, named and saved in its dialog."""

import os
from pathlib import Path

import numpy as np
import pytest

from monitor.core.secret import Secret
from monitor.engine.camera_trial import CameraTrial
from monitor.settings import CameraSettings
from monitor.settings.passwords import camera_place, look_up
from monitor.ui.setup.camera_dialog import CameraDialog, trial_words
from monitor.ui.setup.camera_form import Kind
from monitor.ui.setup.tools import ModelCard, SetUpTools
from tests.rigs.encoded import numbered_pictures
from tests.rigs.onvif import onvif_camera
from tests.rigs.rtsp import serving

PASSWORD = "S3cret & more"
LIMIT_MS = 30_000
MODELS = (
    ModelCard(Path("/m/small.onnx"), "small", "Learned from little."),
    ModelCard(Path("/m/large.onnx"), "large", "Learned from much."),
)


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch):
    """A keyring that keeps nothing, as on a machine without a desktop."""
    import keyring
    from keyring.backends.null import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def open_dialog(qtbot, dark, tmp_path):
    """Open dialogs that are closed with the test."""

    def open_one(*, ask=("127.0.0.1", 9), models=(), **options):
        tools = SetUpTools(tmp_path / "site", list_models=lambda: models, ask_network=ask)
        dialog = CameraDialog(tools, **options)
        qtbot.addWidget(dialog)
        opened.append(dialog)
        dialog.show()
        return dialog

    opened = []
    yield open_one
    for dialog in opened:
        dialog.reject()


@pytest.fixture(scope="module")
def camera_server(tmp_path_factory):
    """An RTSP server that asks for a password, digested."""
    folder = tmp_path_factory.mktemp("rtsp")
    with serving(folder, numbered_pictures(20), user="op", password=PASSWORD) as server:
        yield server


def type_in(dialog, server, password=PASSWORD):
    dialog.form.address.setText(server.url())
    dialog.form.user.setText("op")
    dialog.form.password.setText(password)


def tried(dialog):
    words = dialog.panel.verdict.text()
    return dialog.panel.picture.words != "Connecting …" and "see the camera picture" not in words


def test_a_camera_is_tried_named_and_kept(open_dialog, qtbot, camera_server):
    """Its picture and facts are shown; the password goes into a private file and nowhere else."""
    dialog = open_dialog()
    type_in(dialog, camera_server)
    dialog.test_connection()
    qtbot.waitUntil(lambda: tried(dialog), timeout=LIMIT_MS)
    words, image = dialog.panel.verdict.text(), dialog.panel.picture.image
    dialog.form.name.setText("North gate")
    dialog.form.place.setText("on the mast")
    with qtbot.waitSignal(dialog.accepted, timeout=LIMIT_MS):
        dialog.save_button.click()
    camera = dialog.camera

    assert words.startswith("Connected: 320 × 240, ")
    assert "h264" in words
    assert (image.width(), image.height()) == (320, 240)
    assert (camera.name, camera.place) == ("North gate", "on the mast")
    assert camera.source == camera_server.url(user="op")
    assert look_up(camera_place(camera)) == Secret(PASSWORD)
    assert "S3cret" not in camera.model_dump_json()
    assert dialog.form.password.text() == ""


def test_a_wrong_password_is_told_in_plain_words(open_dialog, qtbot, camera_server):
    """Told apart from a camera that is not there; without the password."""
    dialog = open_dialog()
    type_in(dialog, camera_server, "wr0ng")
    dialog.test_connection()
    qtbot.waitUntil(lambda: tried(dialog), timeout=LIMIT_MS)

    words = dialog.panel.verdict.text()
    assert "refused the user name or the password" in words
    assert "wr0ng" not in words
    assert dialog.panel.picture.image is None


def test_a_camera_is_found_and_asked(open_dialog, qtbot, camera_server):
    """Found on the network, asked with the password, tried: nobody types an address."""
    options = {"user": "op", "password": PASSWORD}
    with onvif_camera(camera_server.url(), **options) as camera:
        dialog = open_dialog(ask=camera.ask)
        dialog.finder.search.click()
        qtbot.waitUntil(lambda: dialog.finder.devices.count() == 1, timeout=LIMIT_MS)
        dialog.finder.ask.click()
        qtbot.waitUntil(lambda: "refused" in dialog.finder.words.text(), timeout=LIMIT_MS)
        dialog.form.user.setText("op")
        dialog.form.password.setText(PASSWORD)
        dialog.finder.ask.click()
        qtbot.waitUntil(lambda: tried(dialog), timeout=LIMIT_MS)

    assert dialog.form.address.text() == camera_server.url()
    assert (dialog.form.name.text(), dialog.form.place.text()) == ("River cam", "north")
    assert dialog.panel.verdict.text().startswith("Connected: 320 × 240")


def test_a_pasted_password_leaves_the_screen(open_dialog):
    """Out of the address into its field, where dots stand for it."""
    dialog = open_dialog()
    dialog.form.address.setText("rtsp://op:S3cret@192.0.2.7/1")
    dialog.form.address.editingFinished.emit()

    assert dialog.form.address.text() == "rtsp://192.0.2.7/1"
    assert dialog.form.user.text() == "op"
    assert dialog.form.password.text() == "S3cret"
    assert "S3" not in dialog.form.password.displayText()


@pytest.mark.parametrize(
    ("name", "address", "complaint"),
    [
        ("", "rtsp://192.0.2.7/1", "Enter a name for the camera"),
        ("Gate", "rtsp://192.0.2.7/1", "already in use"),
        ("a · b", "rtsp://192.0.2.7/1", "stands between"),
        ("Yard", "", "The address is empty"),
        ("Yard", "rtsp://", "names no host"),
    ],
    ids=["no-name", "taken", "separator", "no-address", "no-host"],
)
def test_what_cannot_be_is_said_in_one_sentence(open_dialog, name, address, complaint):
    """Nothing is kept, and the dialog stays."""
    dialog = open_dialog(taken=frozenset({"Gate"}))
    dialog.form.name.setText(name)
    dialog.form.address.setText(address)
    dialog.save_button.click()

    assert complaint in dialog.fault.text()
    assert "\n" not in dialog.fault.text()
    assert dialog.camera is None
    assert dialog.isVisible()


def test_a_changed_camera_keeps_what_is_not_asked_here(open_dialog, qtbot):
    """Rate, zones and the place of its password stay; another name is another name."""
    before = CameraSettings(
        name="Gate", source="rtsp://op@192.0.2.7/1", password_env="GATE", count_hz=4.0
    )
    dialog = open_dialog(camera=before, taken=frozenset({"Yard"}))
    dialog.form.name.setText("North gate")
    with qtbot.waitSignal(dialog.accepted, timeout=LIMIT_MS):
        dialog.save_button.click()

    assert dialog.camera == before.model_copy(update={"name": "North gate"})


def test_a_camera_that_no_longer_has_a_user_needs_no_password(open_dialog, qtbot):
    """A webcam in place of a network camera: a password would be a mistake in the site file."""
    before = CameraSettings(name="Gate", source="rtsp://op@192.0.2.7/1", password_env="GATE")
    dialog = open_dialog(camera=before)
    dialog.form.choose_kind(Kind.WEBCAM)
    with qtbot.waitSignal(dialog.accepted, timeout=LIMIT_MS):
        dialog.save_button.click()

    assert dialog.camera == CameraSettings(name="Gate", source="webcam:0")


def test_a_model_is_chosen_by_its_card(open_dialog, qtbot):
    """What counts stays unless another one is chosen."""
    dialog = open_dialog(models=MODELS, model=MODELS[1].path)
    choice = dialog.model_choice
    qtbot.waitUntil(lambda: choice.models.count() == 2, timeout=LIMIT_MS)
    at_first = (choice.card.toPlainText(), dialog.model)
    choice.models.setCurrentIndex(0)

    assert at_first == ("Learned from much.", None)
    assert dialog.model == MODELS[0].path
    assert "all cameras of the site" in choice.card.toPlainText()


@pytest.mark.skipif(os.name != "posix", reason="a device that nobody has")
def test_a_webcam_that_is_not_there_is_told(open_dialog, qtbot):
    """As is a video that is gone."""
    dialog = open_dialog()
    dialog.form.choose_kind(Kind.WEBCAM)
    dialog.form.address.setText("webcam:77")
    dialog.test_connection()
    qtbot.waitUntil(lambda: tried(dialog), timeout=LIMIT_MS)

    assert dialog.panel.verdict.text().startswith("webcam:77: ")


@pytest.mark.parametrize(
    ("rate_hz", "codec", "decoder", "said"),
    [
        (25.0, "h264", "CPU", "Connected: 4 × 2, 25.0 pictures/s, h264, decoded by CPU"),
        (0.4, "mjpeg", "", "Connected: 4 × 2, a picture every 2.5 s, mjpeg"),
        (None, "", "", "Connected: 4 × 2"),
    ],
    ids=["camera", "slow", "picture"],
)
def test_what_is_known_is_said(rate_hz, codec, decoder, said):
    """Size, rate, codec, decoder; a slow camera has not none."""
    trial = CameraTrial(np.zeros((2, 4, 3), np.uint8), rate_hz, codec, decoder, "Gate")

    assert trial_words(trial) == said
