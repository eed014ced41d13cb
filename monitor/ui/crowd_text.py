"""How closely people stand, and how many are in each zone, in words."""

from monitor.core.reading import Reading
from monitor.core.zone import Crowding, ZoneReading
from monitor.scene.levels import Scale
from monitor.ui.numbers import written
from monitor.ui.speech import translate
from monitor.ui.text import count_text, short_interval_text
from monitor.ui.trend import Trend, trend_of, trend_words

_HUNDREDTHS_UP_TO_M2 = 0.1  # below, a tenth would read 0.0 where somebody is
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
    words = [_tr("{mean} people/m²").format(mean=density_text(crowding.mean_m2))]
    if crowding.peak_m2 is not None:
        words.append(_tr("fullest {peak}").format(peak=density_text(crowding.peak_m2)))
    words.append(_tr("level {level}").format(level=crowding.level))
    told = ", ".join(words)
    if crowding.unsure_share > _FEW_UNSURE:
        far = _tr("{share} stand too far away to say")
        return f"{told}; {far.format(share=f'{crowding.unsure_share:.0%}')}"
    return told


def density_text(density_m2: float) -> str:
    """Give people per m² with a tenth, or hundredths where they are few."""
    digits = 2 if 0 < density_m2 < _HUNDREDTHS_UP_TO_M2 else 1
    return written(density_m2, f".{digits}f")


def scale_tip(scale: Scale) -> str:
    """Give the levels of a scale with what they mean, and where they come from."""
    lines = [scale.source] if scale.source else []
    halves = [(_tr("standing"), scale.standing), (_tr("moving"), scale.moving)]
    if scale.standing == scale.moving:
        halves = [(_tr("standing and moving"), scale.standing)]
    for heading, bands in halves:
        lines.append(f"{heading}:")
        for one in bands:
            meaning = f": {one.meaning}" if one.meaning else ""
            least = _tr("{level} from {density}/m²")
            lines.append(
                f"  {least.format(level=one.name, density=written(one.from_m2, '.2f'))}{meaning}"
            )
    return "\n".join(lines)


def trend_text(reading: Reading | None) -> str:
    """Say where the count is going; empty where it is not known."""
    if reading is None or reading.per_minute is None:
        return ""
    trend = trend_of(reading.smoothed, reading.per_minute)
    if trend is Trend.STEADY:
        return trend_words(trend)
    change = _tr("{change} in a minute").format(change=f"{round(reading.per_minute):+,}")
    return f"{trend_words(trend)}, {change}"


def zones_text(zones: tuple[ZoneReading, ...]) -> str:
    """Say how many are in each zone, one line each; empty where there are no zones."""
    return "\n".join(_zone_line(one) for one in zones)


def _zone_line(zone: ZoneReading) -> str:
    bounds = short_interval_text(zone.low, zone.high)
    words = f"{zone.name}: {count_text(zone.count)}" + (f" ({bounds})" if bounds else "")
    crowding = zone.crowding
    if crowding is None:
        return words
    words += f", {density_text(crowding.mean_m2)}/m²"
    if crowding.peak_m2 is not None:
        words += ", " + _tr("fullest {peak}").format(peak=density_text(crowding.peak_m2))
    manner = _tr("moving") if zone.is_moving else _tr("standing")
    return f"{words}, {crowding.level} {manner}"


def _tr(text: str) -> str:
    return translate("Crowd", text)
