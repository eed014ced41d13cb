"""How closely people stand, and how many are in each zone, in words."""

from monitor.analysis.levels import Scale
from monitor.records.reading import Reading
from monitor.records.zone import Crowding, ZoneReading
from monitor.ui.text import count_text, short_interval_text
from monitor.ui.trend import Trend, trend_of, trend_words

_FEW_UNSURE = 0.05  # of the people: fewer change no decision


def crowding_text(crowding: Crowding | None) -> str:
    """Say how closely people stand.

    Args:
        crowding: What is known; None: there is no ground plane.

    Returns:
        For example `2.1 people/m², fullest 3.4, level D`; empty where nothing is known.
    """
    if crowding is None:
        return ""
    words = f"{crowding.mean_m2:.1f} people/m²"
    if crowding.peak_m2 is not None:
        words += f", fullest {crowding.peak_m2:.1f}"
    words += f", level {crowding.level}"
    if crowding.unsure_share > _FEW_UNSURE:
        words += f"; {crowding.unsure_share:.0%} stand too far away to say"
    return words


def scale_tip(scale: Scale) -> str:
    """Give the levels of a scale with what they mean, and where they come from."""
    lines = [scale.source] if scale.source else []
    halves = [("standing", scale.standing), ("moving", scale.moving)]
    if scale.standing == scale.moving:
        halves = [("standing and moving", scale.standing)]
    for heading, bands in halves:
        lines.append(f"{heading}:")
        for one in bands:
            meaning = f": {one.meaning}" if one.meaning else ""
            lines.append(f"  {one.name} from {one.from_m2:.2f}/m²{meaning}")
    return "\n".join(lines)


def trend_text(reading: Reading | None) -> str:
    """Say where the count is going; empty where it is not known."""
    if reading is None or reading.per_minute is None:
        return ""
    trend = trend_of(reading.smoothed, reading.per_minute)
    if trend is Trend.STEADY:
        return trend_words(trend)
    return f"{trend_words(trend)}, {round(reading.per_minute):+,} in a minute"


def zones_text(zones: tuple[ZoneReading, ...]) -> str:
    """Say how many are in each zone, one line each; empty where there are no zones."""
    return "\n".join(_zone_line(one) for one in zones)


def _zone_line(zone: ZoneReading) -> str:
    bounds = short_interval_text(zone.low, zone.high)
    words = f"{zone.name}: {count_text(zone.count)}" + (f" ({bounds})" if bounds else "")
    crowding = zone.crowding
    if crowding is None:
        return words
    words += f", {crowding.mean_m2:.1f}/m²"
    if crowding.peak_m2 is not None:
        words += f", fullest {crowding.peak_m2:.1f}"
    return f"{words}, {crowding.level} {'moving' if zone.is_moving else 'standing'}"
