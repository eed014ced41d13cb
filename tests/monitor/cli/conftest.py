"""What the tests of the commands share: a whole model, pictures and a video to count."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from monitor.cli.app import app
from tests.rigs.encoded import write_video
from tests.rigs.tiny_model import BLOCK_PX, write_tiny_model


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that finds 2 people in each white block of 8 px."""
    return write_tiny_model(tmp_path_factory.mktemp("model") / "tiny.onnx")


@pytest.fixture
def call(tiny_model: Path) -> Callable[..., Result]:
    """Call the program with the tiny model; gives exit code and what it wrote."""

    def run(*arguments: object) -> Result:
        texts = [str(one) for one in arguments]
        if texts[0] in {"count", "bench", "demo"}:
            texts += ["--model", str(tiny_model)]
        return CliRunner().invoke(app, texts)

    return run


def blocks_picture(white_blocks: int) -> np.ndarray:
    """Make a black picture of 128x64 px with so many white blocks in it."""
    image = np.zeros((64, 128, 3), dtype=np.uint8)
    for block in range(white_blocks):
        row, column = divmod(block, 16)
        place = np.s_[row * BLOCK_PX : (row + 1) * BLOCK_PX, column * BLOCK_PX :][:2]
        image[place[0], column * BLOCK_PX : (column + 1) * BLOCK_PX] = 255
    return image


@pytest.fixture
def make_picture(tmp_path: Path) -> Callable[[str, int], Path]:
    """Write a picture with a number of white blocks under a name."""

    def make(name: str, white_blocks: int) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        assert cv2.imwrite(str(path), blocks_picture(white_blocks))
        return path

    return make


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A video of 12 frames at 10 a second; frame n has n white blocks."""
    frames = [blocks_picture(number) for number in range(12)]
    return write_video(tmp_path / "video.mp4", frames, rate_hz=10)
