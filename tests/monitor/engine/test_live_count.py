"""The shipped model on a live camera: real pictures, a real RTSP server, counts against the truth.

The frames are the last ones of the Mall set, which the model was not trained on; the camera it
was. Their number is burned into a strip below the picture, so every live count finds its truth.
"""

import sys
from pathlib import Path
from threading import Lock

import numpy as np
import pytest

from monitor.core.arrays import RgbImage
from monitor.core.prediction import Prediction
from monitor.engine.engine import Engine
from monitor.inference.files import default_model
from monitor.inference.model import load_model
from monitor.settings import CameraSettings
from monitor.video.pictures import read_picture
from tests.rigs.encoded import burn_number, read_number
from tests.rigs.rtsp import serving
from tests.rigs.waiting import wait_until
from training.data.marked import read_matlab

MALL = Path(__file__).parents[4] / "shared" / "data" / "mall"
FIRST, LAST = 741, 800
STRIP_PX = 16
COUNTS_WANTED = 15
LARGEST_MAE_PEOPLE = 5.0
"""The Mall has 30 people on average; measured when the model was made: 2 to 3."""


def truth_of(number: int) -> float:
    """People marked in a frame of the Mall set, numbered from 1."""
    return float(_marks()[number - 1])


def _marks() -> list[float]:
    return [float(one) for one in read_matlab(MALL / "mall_gt.mat")["count"].ravel()]


class NotingModel:
    """The shipped model without the strip, noting what it counted in which frame."""

    def __init__(self) -> None:
        self._model = load_model(default_model(), provider="cpu")
        self._lock = Lock()
        self._noted: list[tuple[int, float]] = []

    def predict(self, image: RgbImage) -> Prediction:
        """Count the picture above the strip."""
        number = read_number(image[-STRIP_PX:])
        prediction = self._model.predict(np.ascontiguousarray(image[:-STRIP_PX]))
        with self._lock:
            self._noted.append((number, prediction.count))
        return prediction

    def noted(self) -> list[tuple[int, float]]:
        """What was counted so far: number of the frame, people."""
        with self._lock:
            return list(self._noted)


@pytest.mark.skipif(not MALL.is_dir(), reason="the Mall pictures are not on this disk")
@pytest.mark.data
@pytest.mark.weights
@pytest.mark.slow
def test_live_counts_are_near_the_truth(tmp_path: Path) -> None:
    """Counted live over RTSP, frames that it never saw are off by few people on average."""
    pictures = []
    for number in range(FIRST, LAST + 1):
        picture = read_picture(MALL / "frames" / f"seq_{number:06d}.jpg")
        strip = burn_number(np.zeros((STRIP_PX, picture.shape[1], 3), np.uint8), number)
        pictures.append(np.concatenate([picture, strip]))
    model = NotingModel()
    with serving(tmp_path, pictures, rate_hz=5) as server:
        camera = CameraSettings(name="Mall", source=server.url(), count_hz=5)
        engine = Engine([camera], model)
        engine.start()
        try:
            wait_until(lambda: len(model.noted()) >= COUNTS_WANTED, "enough counts", within_s=60.0)
        finally:
            assert engine.stop(10)

    errors = [abs(count - truth_of(number)) for number, count in model.noted()]
    mae = sum(errors) / len(errors)
    sys.stdout.write(f"live mean absolute error {mae:.2f} over {len(errors)} counts\n")
    assert {number for number, _ in model.noted()} <= set(range(FIRST, LAST + 1))
    assert mae <= LARGEST_MAE_PEOPLE
