"""What really gets loaded, asked of a fresh interpreter: rules on paper do not see every import."""

import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import monitor

HEAVY = {"torch", "torchvision", "lightning", "open_clip", "timm", "onnx", "training", "exports"}
QT = {"PyQt6", "pyqtgraph"}
MODULES = sorted(
    one.name
    for one in pkgutil.walk_packages(monitor.__path__, "monitor.")
    if not one.name.endswith("__main__")
)
WITHOUT_QT = [name for name in MODULES if not name.startswith("monitor.ui")]

_PROBE = """
import importlib, json, sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in set(json.loads(sys.argv[2])):
            raise ImportError(f"{name} is not installed here")
sys.meta_path.insert(0, Refuse())
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def loaded_by(names, *, missing=()):
    """Import modules in a fresh interpreter in which some packages cannot be had."""
    ran = subprocess.run(
        [sys.executable, "-c", _PROBE, json.dumps(list(names)), json.dumps(sorted(missing))],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
        env={"QT_QPA_PLATFORM": "offscreen", "PATH": "/usr/bin:/bin", "PYTHONPATH": "."},
    )
    assert ran.returncode == 0, ran.stderr
    return set(json.loads(ran.stdout))


def test_all_of_the_app_runs_without_torch():
    """Every module of the app can be imported where the training extra is not installed."""
    assert not HEAVY & loaded_by(MODULES, missing=HEAVY)


def test_everything_but_the_window_runs_without_qt():
    """The headless service needs no screen and no Qt."""
    assert not QT & loaded_by(WITHOUT_QT, missing=QT | HEAVY)


def test_the_command_line_loads_nothing_heavy():
    """`--help` is quick: no numpy, no OpenCV, no FFmpeg, no ONNX Runtime, no Qt."""
    heavy = {"numpy", "cv2", "av", "onnxruntime", "sqlalchemy"} | QT | HEAVY

    assert not heavy & loaded_by(["monitor.cli.app"])


def test_the_contract_needs_numpy_and_pydantic_alone():
    """A third program can read our manifests without our video and our models."""
    contract = [name for name in MODULES if name.startswith("monitor.core")]

    assert not {"cv2", "av", "onnxruntime"} & loaded_by(contract, missing={"cv2", "av"})


@pytest.mark.parametrize("package", ["training", "exports"])
def test_training_imports_start_nothing(package):
    """Importing a command runs no command; every module of both programs can be imported."""
    root = Path(__file__).parents[2]
    names = [
        ".".join(path.relative_to(root).with_suffix("").parts)
        for path in sorted((root / package).rglob("*.py"))
        if path.name not in ("__init__.py", "__main__.py")
    ]

    assert package in loaded_by(names)
    assert not QT & loaded_by(names[:1])
