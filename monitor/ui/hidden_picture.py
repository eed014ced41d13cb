"""A picture as it may be stored: with the people in it made unrecognisable where that is wished."""

from dataclasses import dataclass

from monitor.core.arrays import RgbImage
from monitor.core.prediction import Prediction
from monitor.core.privacy import Privacy
from monitor.scene.blur import hidden
from monitor.ui.developing import Drawable


@dataclass(frozen=True, eq=False, slots=True)
class HiddenPicture:
    """Draws as the picture that it stands for, but for the people in it."""

    picture: Drawable
    prediction: Prediction | None
    """Where people are in it; None: not known, so all of it may be people."""
    privacy: Privacy
    """Not that no picture may be stored: then there is nothing to draw."""

    def to_rgb(self, *, max_wh: tuple[int, int] | None = None) -> RgbImage:
        """Give the picture as it may be stored."""
        image = hidden(self.picture.to_rgb(max_wh=max_wh), self.prediction, self.privacy)
        if image is None:
            raise ValueError("no picture may be stored")
        return image
