"""The command line itself: what is quick, what is loaded, how it ends."""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import monitor
from monitor.cli.app import app
from tests.rigs.load import scaled_s
from tests.rigs.tiny_model import write_tiny_model
from tests.rigs.waiting import wait_until

HEAVY = ("PyQt6", "cv2", "av", "onnxruntime", "numpy", "sqlalchemy")


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


COMMANDS = ["demo", "run", "serve", "count", "bench", "check", "journal", "models", "site"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    """Help is exit code 0."""
    result = call(command, "--help")

    assert result.exit_code == 0
    assert "Usage" in result.stdout


def test_help_loads_nothing_heavy() -> None:
    """Reading the options of a command needs no model, no video and no window."""
    code = (
        "import sys; from typer.testing import CliRunner; from monitor.cli.app import app; "
        "assert CliRunner().invoke(app, ['count', '--help']).exit_code == 0; "
        f"print(*[one for one in {HEAVY!r} if one in sys.modules])"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert loaded.stdout.split() == []


def test_counting_needs_no_window(tmp_path: Path) -> None:
    """Pictures are counted where Qt is not installed."""
    model = write_tiny_model(tmp_path / "m.onnx")
    code = (
        "import sys; sys.modules['PyQt6'] = None; sys.modules['pyqtgraph'] = None; "
        "from monitor.cli.app import app; app()"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, "count", "synthetic:plaza?people=2", "--frames", "1",
         "-m", model],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr


def test_version() -> None:
    """The version is that of the package."""
    result = call("--version")

    assert result.exit_code == 0
    assert result.stdout.strip() == f"crowd-monitor {monitor.__version__}"


def test_python_dash_m_is_the_same_program() -> None:
    """`python -m monitor` runs the command line."""
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "--version"], capture_output=True, text=True, check=True
    )

    assert monitor.__version__ in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["count", "x.png", "--frames", "0"],
        ["count", "x.png", "--seconds", "-1"],
        ["serve"],
        ["serve", "--config", "nowhere.toml"],
        ["serve", "--config", "a.toml", "--source", "webcam:0"],
        ["serve", "--source", "rtps://x/"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_exit_code_2(arguments: list[str]) -> None:
    """What cannot work is told in words, without a trace of the program's inside."""
    result = call(*arguments)

    assert result.exit_code == 2
    assert result.stderr
    assert "Traceback" not in result.output


def test_a_window_without_a_display_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no screen, `run` says what to use instead of crashing."""
    if sys.platform in {"win32", "darwin"}:
        pytest.skip("these systems always have a display")
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(variable, raising=False)

    result = call("run", "--source", "webcam:0")

    assert result.exit_code == 2
    assert "crowd-monitor serve" in result.stderr


@pytest.fixture
def serving(tmp_path: Path) -> Callable[[str], "subprocess.Popen[str]"]:
    """Start the headless program on a drawn square."""
    model = write_tiny_model(tmp_path / "m.onnx")
    site = tmp_path / "site.toml"
    site.write_text(
        f'[[camera]]\nname = "Square"\nsource = "synthetic:plaza?people=2"\n'
        f'[model]\npath = "{model.as_posix()}"\n[status]\nport = 0\n'
        f'[store]\nurl = "sqlite:///{(tmp_path / "h.sqlite").as_posix()}"\n'
    )

    def start(_: str = "") -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-u", "-m", "monitor", "serve", "--config", site],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    return start


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM for another process")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serving_ends_cleanly_on_a_signal(
    serving: Callable[[], "subprocess.Popen[str]"], number: signal.Signals
) -> None:
    """It counts, tells it on its page, and ends with exit code 0 when asked to."""
    process = serving()
    assert process.stdout is not None
    address = process.stdout.readline().strip().removeprefix("status: ")

    def has_counted() -> bool:
        with urllib.request.urlopen(address, timeout=scaled_s(10)) as answer:
            return b'"count": null' not in answer.read()

    wait_until(has_counted, "a count on the page", within_s=60)
    process.send_signal(number)
    _, notes = process.communicate(timeout=scaled_s(30))

    assert process.returncode == 0
    assert "Stopping on" in notes
    assert "Traceback" not in notes


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a screen")
def test_the_first_page_needs_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one the sentence names both other ways, and nothing waits for a click."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)

    result = CliRunner().invoke(app, ["run"])

    assert result.exit_code == 2
    assert "--config" in result.output
    assert "--source" in result.output
