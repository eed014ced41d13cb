"""What is said of areas, as pure functions."""

from collections.abc import Sequence

from PyQt6.QtCore import QCoreApplication

from monitor.core.area import Combine
from monitor.core.reading import Quality
from monitor.engine.area import AreaSnapshot
from monitor.ui.text import UNKNOWN, count_text, crowding_text, quality_word, short_interval_text


def area_line(area: AreaSnapshot) -> str:
    """Say how many people are in an area.

    Args:
        area: The area now.

    Returns:
        For example `Square: 240 (200–280), 1.2 people/m², fullest 2.0, level D`; a dash where it
        cannot be counted, and the quality where it is not good.
    """
    reading = None if area.quality is Quality.LOST else area.reading
    words = f"{area.name}: {UNKNOWN if reading is None else count_text(reading.count)}"
    if reading is not None:
        bounds = short_interval_text(reading.low, reading.high)
        crowding = crowding_text(reading.crowding)
        words += (f" ({bounds})" if bounds else "") + (f", {crowding}" if crowding else "")
    return words if area.quality is Quality.GOOD else f"{words}, {quality_word(area.quality)}"


def areas_text(areas: Sequence[AreaSnapshot]) -> str:
    """Say it of all areas, one line each."""
    return "\n".join(map(area_line, areas))


def combine_words(combine: Combine) -> str:
    """Say how the members of an area make the whole, for whoever has to choose."""
    if combine is Combine.SUM:
        return _tr("sum: the cameras see different ground")
    return _tr("largest: the cameras see the same ground")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Areas", text)
