"""A camera's picture on the screen, honest about its age."""

from PyQt6.QtCore import QPoint, QRect, Qt
from PyQt6.QtGui import QColor, QImage, QPainter

_DIMMED = 0.62  # a picture of the past must not be taken for now, yet show what was there
_BEHIND = "#000000"


def draw_picture(painter: QPainter, box: QRect, image: QImage | None, *, is_dimmed: bool) -> None:
    """Draw an image in the middle of a box, black around it.

    Args:
        painter: Where to draw.
        box: Room for it, in the painter's units.
        image: Made for this box, drawn as large as it is; None: none has come yet.
        is_dimmed: Whether it is of the past.
    """
    painter.fillRect(box, QColor(_BEHIND))
    if image is None:
        return
    place = picture_place(box, image)
    painter.drawImage(place, image)
    if is_dimmed:
        veil = QColor(_BEHIND)
        veil.setAlphaF(_DIMMED)
        painter.fillRect(place, veil)


def picture_place(box: QRect, image: QImage | None) -> QRect:
    """Give where in a box an image is drawn: as large as can be, in the middle."""
    if image is None:
        return box
    whole = image.deviceIndependentSize().toSize()
    place = QRect(QPoint(0, 0), whole.scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio))
    place.moveCenter(box.center())
    return place


def draw_signal(painter: QPainter, box: QRect, signal: tuple[str, str]) -> None:
    """Write across a picture that it is not of now.

    Args:
        painter: Where to write.
        box: Where the picture is.
        signal: Headline and sentence; the sentence is left out where there is no room.
    """
    painter.save()
    painter.setPen(QColor("#ffffff"))
    font = painter.font()
    font.setBold(True)
    font.setPixelSize(max(11, min(34, box.width() // 18)))
    painter.setFont(font)
    line = painter.fontMetrics().height()
    middle = box.center().y()
    painter.drawText(
        QRect(box.left(), middle - line, box.width(), line),
        Qt.AlignmentFlag.AlignCenter,
        signal[0],
    )
    font.setBold(False)
    font.setPixelSize(max(10, font.pixelSize() // 2))
    painter.setFont(font)
    below = QRect(box.left() + 8, middle + 4, box.width() - 16, box.bottom() - middle - 4)
    flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
    if painter.boundingRect(below, flags, signal[1]).height() <= below.height():
        painter.drawText(below, flags, signal[1])
    painter.restore()
