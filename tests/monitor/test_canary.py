"""Canary: passwords and tokens are planted everywhere, and no output of the program holds one.

The real commands run as their own processes, with the log at its most talkative; then everything
that they wrote is searched: both streams, the page, the metrics, the history, the bundle, the log.
"""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.core.errors import MonitorError
from monitor.engine.engine import Engine
from monitor.engine.outputs import Outputs
from monitor.engine.sources import open_camera
from monitor.settings import CameraSettings, SiteSettings
from monitor.video.address import parse_address
from monitor.video.label import redact
from tests.rigs.counters import FixedCounter
from tests.rigs.load import scaled_s
from tests.rigs.mosquitto import listening, running_mosquitto
from tests.rigs.tiny_model import write_tiny_model
from tests.rigs.waiting import wait_until

CANARY = "KaNaRi"
"""Part of every planted secret; whoever shows it has shown a secret."""
CLOSED = "127.0.0.1:1"
"""Nothing listens on port 1."""

ADDRESSES = {
    "user": f"rtsp://op:{CANARY}1@{CLOSED}/live",
    "dot-user": f"rtsp://op.user:{CANARY}2@{CLOSED}/live",
    "encoded-user": f"rtsp://us%40er:{CANARY}3@{CLOSED}/live",
    "at": f"rtsp://op:p@{CANARY}4@{CLOSED}/live",
    "colon": f"rtsp://op:p:{CANARY}5@{CLOSED}/live",
    "encoded": f"rtsp://op:p%40%3A%2F{CANARY}6@{CLOSED}/live",
    "no-user": f"rtsp://:{CANARY}7@{CLOSED}/live",
    "ipv6": f"rtsp://op:{CANARY}8@[::1]:1/live",
    "query": f"rtsp://{CLOSED}/live?user=op&password={CANARY}9",
    "http-query": f"http://{CLOSED}/video.mjpg?usr=op&pwd={CANARY}10&x=1",
    "semicolon": f"http://{CLOSED}/video;token={CANARY}11",
    "path": f"rtsp://{CLOSED}/user=op&password={CANARY}12&channel=1",
    "key": f"rtmp://{CLOSED}/app/{CANARY}13",
    "srt": f"srt://{CLOSED}?passphrase={CANARY}14-long-enough",
    "fragment": f"rtsp://op:{CANARY}15@{CLOSED}/live#{CANARY}16",
    "tls": f"rtsps://op:{CANARY}17@{CLOSED}/live",
}
UNREADABLE = {
    "slash": f"rtsp://op:p/{CANARY}20@cam/live",
    "question": f"rtsp://op:p?{CANARY}21@cam/live",
    "hash": f"rtsp://op:p#{CANARY}22@cam/live",
    "no-scheme": f"op:{CANARY}23@cam/live",
    "wrong-scheme": f"rtps://op:{CANARY}24@cam/live",
    "no-host": f"rtsp://op:{CANARY}25@/live",
}


def assert_clean(text: object, where: str) -> None:
    """Fail where a secret is shown, telling where without showing all of it."""
    found = re.search(f".{{0,80}}{CANARY}", str(text), re.IGNORECASE | re.DOTALL)
    assert found is None, f"{where} holds a secret after: {found[0] if found else ''}"


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """Give an error and everything that hangs on it."""
    shown: BaseException | None = error
    while shown is not None:
        yield shown
        shown = shown.__cause__ or shown.__context__


@pytest.mark.parametrize("address", [*ADDRESSES.values(), *UNREADABLE.values()],
                         ids=[*ADDRESSES, *UNREADABLE])  # fmt: skip
def test_no_label_and_no_error_shows_a_secret(address: str) -> None:
    """Neither what is shown of an address nor why it cannot be read."""
    assert_clean(redact(address), "the label")
    assert_clean(repr(CameraSettings(name="x", source=address)), "the settings")
    try:
        parsed = parse_address(address)
    except MonitorError as error:
        for one in chain_of(error):
            assert_clean(f"{one!r} {one}", "the error")
    else:
        assert_clean(f"{parsed!r} {parsed}", "the record")


def test_no_snapshot_and_no_event_of_a_failing_camera_shows_a_secret() -> None:
    """What the window, the broker and the database are given."""
    cameras = [CameraSettings(name=name, source=address) for name, address in ADDRESSES.items()]
    engine = Engine(cameras, FixedCounter(1), open_source=open_camera)
    told: list[Any] = []
    engine.subscribe("canary", on_reading=told.append, on_event=told.append)

    engine.start()
    try:
        wait_until(
            lambda: all(one.health.message for one in engine.snapshots()),
            "every camera has failed",
            within_s=60,
        )
        for camera in engine.snapshots():
            assert_clean(repr(camera), camera.name)
        assert_clean(repr(engine.status()), "the status")
    finally:
        engine.stop()
    assert_clean(repr(told), "the events")


@pytest.mark.gui
@pytest.mark.qt_log_ignore("does not support propagateSizeHints")
def test_no_title_and_no_word_of_the_window_shows_a_secret(qtbot: Any) -> None:
    """Cameras from the command line: their labels are names, tiles, hints, and the title."""
    # Qt is imported here: the rest of these tests needs none.
    from PyQt6.QtWidgets import QApplication, QWidget

    from monitor.cli.site import site_of
    from monitor.core.clock import SystemClock
    from monitor.settings import ModelSettings
    from monitor.ui.bell import Beeper, Bell
    from monitor.ui.main_window import MonitorWindow, WindowSettings
    from monitor.ui.theme import DARK

    site = site_of(list(ADDRESSES.values()), ModelSettings())
    engine = Engine(site.camera, FixedCounter(1), open_source=open_camera)
    title = ", ".join(one.name for one in site.camera)
    settings = WindowSettings(title, "a model", "nobody", DARK)
    window = MonitorWindow(engine, settings, bell=Bell(Beeper("silent")), clock=SystemClock())
    qtbot.addWidget(window)
    engine.start()
    try:
        window.begin()
        window.show()
        wait_until(
            lambda: all(one.health.message for one in engine.snapshots()),
            "every camera has failed",
            within_s=60,
        )
        window.refresh()
        QApplication.processEvents()
        widgets = [window, *window.findChildren(QWidget)]
        words = [
            getattr(one, name)()
            for one in widgets
            for name in ("windowTitle", "toolTip", "statusTip", "accessibleName", "text")
            if callable(getattr(one, name, None))
        ]
    finally:
        window.close()
        engine.stop()

    assert title == window.windowTitle()
    assert sum(CLOSED in str(one) for one in words) >= 1
    assert_clean("\n".join(map(str, words)), "the window")


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment in which everything that is written lies below one folder."""
    folders = ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
    places = {name: str(tmp_path / "home" / name) for name in folders}
    return os.environ | places | {"HOME": str(tmp_path / "home"), "PYTHONDEVMODE": "0"}


def run(home: dict[str, str], folder: Path, *arguments: object) -> tuple[int, str]:
    """Run the program; gives its exit code and everything that it said."""
    done = subprocess.run(
        [sys.executable, "-m", "monitor", *map(str, arguments)],
        cwd=folder, env=home, capture_output=True, text=True, check=False, timeout=scaled_s(120),
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def assert_folder_clean(folder: Path) -> int:
    """Search every file of a folder, and what is packed into zip files; gives their number."""
    searched = 0
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        searched += 1
        assert_clean(path.read_bytes().decode("latin-1"), str(path))
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as bundle:
                for name in bundle.namelist():
                    assert_clean(bundle.read(name).decode("latin-1"), f"{path}/{name}")
    return searched


@pytest.mark.slow
def test_no_command_shows_a_secret(home: dict[str, str], tmp_path: Path) -> None:
    """Counting, benching, pulling, checking: what fails, fails without a word too much."""
    folder = tmp_path / "work"
    folder.mkdir()
    model = write_tiny_model(folder / "m.onnx")
    site = tmp_path / "site.toml"
    secrets = [*ADDRESSES.values(), *UNREADABLE.values()]
    site.write_text(
        "".join(f'[[camera]]\nname = "{n}"\nsource = "{one}"\n' for n, one in enumerate(secrets))
        + f'[store]\nurl = "postgresql://op:{CANARY}@db/x"\n'
    )
    said = {
        "count": run(home, folder, "count", *secrets, "-m", model, "--csv", "out.csv"),
        "bench": run(home, folder, "bench", "-s", ADDRESSES["at"], "-m", model),
        "check": run(home, folder, "check", site),
        "serve": run(home, folder, "serve", "-s", UNREADABLE["slash"], "-m", model),
        "pull": run(home, folder, "models", "pull", f"https://op:{CANARY}@{CLOSED}/m2.onnx?"
                    f"token={CANARY}", "--sha256", "0" * 64),
        "diagnose": run(home, folder, "diagnose", "--config", site, "-o", "d.zip"),
    }  # fmt: skip

    for command, (_, text) in said.items():
        assert_clean(text, command)
        assert "Traceback" not in text, command
    assert {command: code for command, (code, _) in said.items()} == {
        "count": 1, "bench": 2, "check": 1, "serve": 2, "pull": 1, "diagnose": 0,
    }  # fmt: skip
    assert assert_folder_clean(folder) >= 2


def spoil_site_file(site: Path, page: Callable[[str], str]) -> None:
    """Write secrets into the site file of a running service, in several places, and look."""
    good = site.read_text()
    cameras = "".join(
        f'[[camera]]\nname = "{name}"\nsource = "{one}"\n' for name, one in ADDRESSES.items()
    )
    for text in (
        cameras + good,
        good.replace("sqlite:///", f"postgresql://op:{CANARY}@db/"),
        good.replace('token_env = "T"', f'token_env = "T"\ntoken = "{CANARY}"'),
    ):
        site.write_text(good)
        wait_until(lambda: not json.loads(page("/status"))["site"]["mistakes"], "it is well")
        site.write_text(text)
        wait_until(lambda: json.loads(page("/status"))["site"]["mistakes"], "it is refused")
        assert_clean(page("/status"), "the page after an edit")
    site.unlink()


def test_no_message_on_the_broker_shows_a_secret(tmp_path: Path) -> None:
    """Cameras that fail at addresses with passwords, told to a real broker: topics and texts."""
    cameras = [{"name": name, "source": address} for name, address in ADDRESSES.items()]
    with running_mosquitto(tmp_path) as broker, listening(broker.port) as listener:
        mqtt = {"host": "127.0.0.1", "port": broker.port, "user": "op", "password_env": "P",
                "every_s": 0.2}  # fmt: skip
        site = SiteSettings.model_validate({"camera": cameras, "mqtt": mqtt})
        engine = Engine(site.camera, FixedCounter(1), open_source=open_camera)
        outputs = Outputs(engine, site, environ={"P": f"p@ss:{CANARY}/?#"})
        outputs.start()
        engine.start()
        try:
            wait_until(
                lambda: all(one.health.message for one in engine.snapshots()),
                "every camera has failed",
                within_s=60,
            )
            wait_until(
                lambda: (
                    len([one for one in listener.newest if one.endswith("/state")]) == len(cameras)
                ),
                "every camera is told",
            )
            assert_clean(outputs.metrics(), "the metrics")
        finally:
            engine.stop()
            outputs.stop()
        told = dict(listener.newest)

    assert len(told) > len(cameras)
    assert_clean(told, "the broker")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM for another process")
def test_no_running_service_shows_a_secret(home: dict[str, str], tmp_path: Path) -> None:
    """Passwords in variables and files, a token, notifications: page, log, history and bundle.

    Then edits of the site file that hold some themselves, which are refused without showing them.
    """
    folder = tmp_path / "home"
    folder.mkdir()
    model = write_tiny_model(tmp_path / "m.onnx")
    private = tmp_path / "password"
    private.write_text(f"p@ss:{CANARY}/file\n")
    private.chmod(0o600)
    site = folder / "site.toml"
    site.write_text(
        f'[[camera]]\nname = "env"\nsource = "rtsp://op@{CLOSED}/live"\npassword_env = "P"\n'
        f'[[camera]]\nname = "file"\nsource = "http://op@{CLOSED}/v"\n'
        f'password_file = "{private}"\n'
        '[[camera]]\nname = "good"\nsource = "synthetic:plaza?people=2"\n'
        '[[camera.rule]]\nname = "some"\nlimit = 0.001\non_delay_s = 0\n'
        f'[model]\npath = "{model}"\n[status]\nport = 0\ntoken_env = "T"\n'
        f'[store]\nurl = "sqlite:///{folder / "h.sqlite"}"\n'
        f'[evidence]\nfolder = "{folder / "evidence"}"\nstream_alarms = true\n'
        "clip = true\nclip_after_s = 0\n"
        '[mqtt]\nhost = "127.0.0.1"\nport = 1\nuser = "op"\npassword_env = "P"\n'
        '[notify]\n[[notify.target]]\nname = "hook"\nurl_env = "U"\n'
    )
    token = f"{CANARY}-token-of-many-letters"
    environ = home | {
        "P": f"p@ss:{CANARY}/?#", "T": token, "U": f"json://op:{CANARY}@{CLOSED}/{CANARY}",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "monitor", "serve", "--config", site, "--verbose"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip().removeprefix("status: ")

        def page(place: str) -> str:
            url = f"{address.removesuffix('/status')}{place}?token={token}"
            with urllib.request.urlopen(url, timeout=scaled_s(10)) as answer:
                return str(answer.read().decode("latin-1"))

        def have_all_failed() -> bool:
            cameras = json.loads(page("/status"))["cameras"]
            return all(one["message"] or one["count"] is not None for one in cameras)

        wait_until(have_all_failed, "each camera has failed or counted", within_s=60)
        for place in ("/status", "/metrics", "/healthz"):
            assert_clean(page(place), place)
        code, said = run(environ, folder, "diagnose", "--config", site, "-o", "d.zip")
        assert (code, CANARY in said) == (0, False)
        spoil_site_file(site, page)
        process.send_signal(signal.SIGTERM)
        out, log = process.communicate(timeout=scaled_s(30))
    finally:
        process.kill()
        process.communicate()

    assert_clean(out + log, "the log")
    assert "DEBUG" in log
    assert process.returncode == 0
    assert assert_folder_clean(folder) >= 3


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    """In a file and in a packed one; or all that was found above would mean nothing."""
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("inner.txt", f"{'x' * 500} {CANARY.lower()}")
    with pytest.raises(AssertionError, match=r"inner\.txt"):
        assert_folder_clean(tmp_path)
    (tmp_path / "x.zip").write_bytes(f"pass {CANARY}".encode())
    with pytest.raises(AssertionError, match=r"x\.zip"):
        assert_folder_clean(tmp_path)
