"""A language whose words are as much longer than English as German ones are.

What is cut off or overlaps in it would do so in a real translation.
"""

from PyQt6.QtCore import QTranslator

_SHORT_LETTERS = 10
_MORE_OF_SHORT, _MORE_OF_LONG = 0.8, 0.35
"""Short words grow more: "Save" becomes "Speichern"; sentences by a third."""
_WORD_LETTERS = 9


def lengthened(text: str) -> str:
    """Give a text with more letters behind it; an empty one stays empty."""
    letters = len(text)
    share = _MORE_OF_SHORT if letters <= _SHORT_LETTERS else _MORE_OF_LONG
    more = round(share * letters)
    words = ["ö" * min(_WORD_LETTERS, more - at) for at in range(0, more, _WORD_LETTERS)]
    return f"{text}{' '.join(words)}"


class LongWords(QTranslator):
    """Lengthens whatever is asked for; only what it does itself is drawn so."""

    def translate(
        self,
        context: str | None,
        sourceText: str | None,  # noqa: N803 - Qt's name
        disambiguation: str | None = None,
        n: int = -1,
    ) -> str:
        """Translate."""
        del context, disambiguation, n
        return lengthened(sourceText or "")

    def isEmpty(self) -> bool:
        """It has a word for everything."""
        return False
