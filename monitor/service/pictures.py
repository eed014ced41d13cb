"""A camera's newest picture as JPEG, with the count drawn onto it and its age where it is old.

An old picture must never pass for a new one: where no picture comes, the view says so in large
letters, and the snapshot is refused.
"""

from dataclasses import dataclass

import cv2

from monitor.core.arrays import RgbImage
from monitor.engine.health import StreamState
from monitor.engine.snapshot import CameraSnapshot
from monitor.scene.overlay import draw_lines, draw_prediction

LARGEST_WH = (1920, 1080)
"""Pictures are shrunk to fit into this: a view is looked at, not measured."""
_JPEG_QUALITY = 80
_DIM = 0.35
_FRESH_STATES = frozenset({StreamState.LIVE, StreamState.ENDED})


@dataclass(frozen=True, slots=True)
class PictureOptions:
    """How a picture is wanted."""

    has_overlay: bool = True
    """Whether heat map and count are drawn onto it; the picture is then the counted one."""
    max_wh: tuple[int, int] = LARGEST_WH


def is_fresh(camera: CameraSnapshot) -> bool:
    """Say whether the newest picture may be shown as one of now."""
    return camera.frame is not None and camera.health.state in _FRESH_STATES


def draw_view(camera: CameraSnapshot, view: PictureOptions) -> RgbImage | None:
    """Draw what a camera shows now.

    Args:
        camera: The camera.
        view: How it is wanted.

    Returns:
        Shape (H, W, 3), uint8, RGB; None before the first picture.
    """
    counted, prediction = camera.counted_frame, camera.prediction
    frame = camera.frame
    if view.has_overlay and counted is not None and prediction is not None:
        image = counted.picture.to_rgb(max_wh=view.max_wh)
        drawn = draw_prediction(image, prediction, title=camera.name, truth=counted.truth_count)
    elif frame is not None:
        drawn = frame.picture.to_rgb(max_wh=view.max_wh)
    else:
        return None
    if is_fresh(camera):
        return drawn
    dimmed: RgbImage = (drawn * _DIM).astype(drawn.dtype)
    age = "" if camera.picture_age_s is None else f", picture {camera.picture_age_s:.0f} s old"
    state = camera.health.state.value
    draw_lines(dimmed, [(f"{camera.name}: {state}{age}", f"{state}{age}", state)])
    return dimmed


def encode_jpeg(image: RgbImage) -> bytes:
    """Encode a picture, shape (H, W, 3), uint8, RGB, as JPEG."""
    _, encoded = cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return bytes(encoded)
