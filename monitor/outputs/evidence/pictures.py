"""The pictures and maps of a pack, as files."""

import io

import cv2
import numpy as np

from monitor.core.arrays import RgbImage
from monitor.core.errors import OutputError
from monitor.core.prediction import Prediction
from monitor.core.privacy import Privacy
from monitor.outputs.evidence.facts import SeenCamera
from monitor.scene.blur import hidden
from monitor.scene.heatmap import full_people_of, heat_colours
from monitor.scene.overlay import draw_prediction

_JPEG_QUALITY = 95
"""Small against a PNG, and no loss that an eye finds."""


def picture_files(camera: SeenCamera, privacy: Privacy, *, prefix: str = "") -> dict[str, bytes]:
    """Give what a camera saw when it was counted last.

    Args:
        camera: The camera.
        privacy: What may be stored of its picture.
        prefix: What the names of the files begin with.

    Returns:
        Contents by name: `picture.jpg`, `overlay.jpg` (with the heat map), `heat.png` (the map
        alone) and `people.csv` (people in each block); without pictures the last two alone, and
        nothing where nothing was counted.
    """
    frame, prediction = camera.counted_frame, camera.prediction
    if frame is None or prediction is None:
        return {}
    files = {
        f"{prefix}heat.png": _heat_png(prediction),
        f"{prefix}people.csv": _people_csv(prediction),
    }
    if privacy is Privacy.NO_PICTURES:
        return files
    picture = hidden(frame.picture.to_rgb(), prediction, privacy)
    assert picture is not None, "pictures may be stored"
    truth = None if camera.reading is None else camera.reading.truth
    overlay = draw_prediction(picture, prediction, title=camera.name, truth=truth)
    files[f"{prefix}picture.jpg"] = _jpeg(picture)
    files[f"{prefix}overlay.jpg"] = _jpeg(overlay)
    return files


def _jpeg(image: RgbImage) -> bytes:
    return _encoded(
        ".jpg",
        cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2BGR),
        [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY],
    )


def _heat_png(prediction: Prediction) -> bytes:
    height, width = prediction.size_hw
    rows, columns = prediction.density.shape
    block = prediction.block_px
    # Blocks at the right and lower edge may hang over the picture: draw them whole, then cut.
    size_hw = max(height, rows * block), max(width, columns * block)
    heat = heat_colours(prediction.density, size_hw, full_people=full_people_of(block))
    cut = np.ascontiguousarray(heat[:height, :width])
    return _encoded(".png", cv2.cvtColor(cut, cv2.COLOR_RGBA2BGRA), [])


def _people_csv(prediction: Prediction) -> bytes:
    text = io.StringIO(newline="")
    np.savetxt(text, prediction.density, fmt="%.5g", delimiter=",", newline="\r\n")
    return text.getvalue().encode()


def _encoded(
    kind: str, image: "np.typing.NDArray[np.uint8] | cv2.typing.MatLike", options: list[int]
) -> bytes:
    is_done, data = cv2.imencode(kind, image, options)
    if not is_done:
        raise OutputError(f"evidence: a picture of {image.shape} cannot be encoded")
    return data.tobytes()
