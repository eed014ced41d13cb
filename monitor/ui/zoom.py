"""Which part of a picture is looked at: zooming and panning as arithmetic."""

from dataclasses import dataclass

MOST_ZOOM = 12.0
"""Beyond this there is nothing to see but pixels."""
STEP_ZOOM = 1.25
"""One notch of the wheel, or one press of a key."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """A part of a picture, in shares of its width and height; always inside the picture."""

    left: float = 0.0
    top: float = 0.0
    width: float = 1.0
    height: float = 1.0

    @property
    def zoom(self) -> float:
        """How many times larger than the whole picture things are."""
        return 1 / self.width

    def zoomed(self, factor: float, *, at: tuple[float, float] = (0.5, 0.5)) -> "Viewport":
        """Zoom in or out.

        Args:
            factor: More than 1 comes nearer.
            at: The place in this view that stays where it is, shares of its width and height.

        Returns:
            A view between the whole picture and `MOST_ZOOM`.
        """
        zoom = min(MOST_ZOOM, max(1.0, self.zoom * factor))
        side = 1 / zoom
        left = self.left + at[0] * (self.width - side)
        top = self.top + at[1] * (self.height - side)
        return _inside(left, top, side)

    def moved(self, right: float, down: float) -> "Viewport":
        """Look further right and down, in shares of this view's own width and height."""
        return _inside(self.left + right * self.width, self.top + down * self.height, self.width)

    def of_picture(self, x: float, y: float) -> tuple[float, float]:
        """Give the place in the picture of a place in this view; shares in, shares out."""
        return self.left + x * self.width, self.top + y * self.height

    def on_view(self, x: float, y: float) -> tuple[float, float]:
        """Give the place in this view of a place in the picture; may lie outside 0 to 1."""
        return (x - self.left) / self.width, (y - self.top) / self.height


WHOLE = Viewport()
"""All of the picture."""


def _inside(left: float, top: float, side: float) -> Viewport:
    """Give a view of the same share of width and height, pushed back into the picture."""
    if side >= 1:
        return WHOLE
    return Viewport(min(max(0.0, left), 1 - side), min(max(0.0, top), 1 - side), side, side)
