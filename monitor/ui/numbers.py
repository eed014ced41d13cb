"""Numbers as people of this place write them: with a point or a comma, and what parts thousands."""

from functools import cache

from PyQt6.QtCore import QLocale


def written(value: float, form: str = ",") -> str:
    """Write a number the way the locale of the machine does, as boxes and dates here do.

    Args:
        value: The number.
        form: How it is written in English, as for `format`: `,`, `.1f`, `g`.

    Returns:
        For example `1,234.5` in English, `1.234,5` in German. A machine without a language (`C`)
        writes English.
    """
    return format(value, form).translate(_signs())


@cache
def _signs() -> dict[int, str]:
    """Give what stands for the comma and the point of English; Qt is asked once."""
    locale = QLocale()
    if locale.language() == QLocale.Language.C:
        return {}
    return {ord(","): locale.groupSeparator(), ord("."): locale.decimalPoint()}


def forget() -> None:
    """Ask for the locale anew; for whoever changes it."""
    _signs.cache_clear()
