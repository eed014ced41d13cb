"""Where words stand beside marks, so that none hides another: plain geometry."""

from collections.abc import Sequence

from PyQt6.QtCore import QPointF, QRectF, QSizeF

_ROOM_PX = 8.0
"""Between a mark and its words."""
_RINGS = 6
_LEFT, _RIGHT, _ABOVE, _BELOW = -1, 1, -1, 1
_SIDES = ((_RIGHT, _ABOVE), (_RIGHT, _BELOW), (_LEFT, _ABOVE), (_LEFT, _BELOW))


def place_captions(
    marks: Sequence[tuple[QPointF, QSizeF]], obstacles: Sequence[QRectF] = ()
) -> list[QRectF]:
    """Find a box for the words of each mark.

    Right above the mark if there is room, else to another side of it, else farther away; where
    marks are so dense that all of that is taken, boxes may overlap again.

    Args:
        marks: Where each is, and how large its words are.
        obstacles: What words should not hide, as the marks themselves.

    Returns:
        A box for each mark, in their order.
    """
    taken = list(obstacles)
    boxes: list[QRectF] = []
    for place, size in marks:
        candidates = _candidates(place, size)
        box = next(
            (one for one in candidates if not any(one.intersects(other) for other in taken)),
            candidates[0],
        )
        taken.append(box)
        boxes.append(box)
    return boxes


def _candidates(place: QPointF, size: QSizeF) -> list[QRectF]:
    """Give boxes beside a place, the best first."""
    found = []
    for ring in range(_RINGS):
        for right, down in _SIDES:
            x = _ROOM_PX if right == _RIGHT else -_ROOM_PX - size.width()
            lift = 2 + ring * size.height()
            y = -lift - size.height() if down == _ABOVE else lift
            found.append(QRectF(place + QPointF(x, y), size))
    return found
