"""A password or a token on its way through the program: it cannot be shown by mistake.

Whatever prints, formats or logs a record that holds one shows a sign in its place. Only `reveal`
gives the text, so that a search for that word finds every place that handles one in the clear.
"""

import hmac
from typing import NoReturn

HIDDEN_SECRET = "•••"
"""What is shown in place of a secret."""


class Secret:
    """A text that is never shown; compared in constant time, copied nowhere, written nowhere."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Give the text itself: hand it to what needs it, and to nothing else."""
        return self._text

    def matches(self, text: str) -> bool:
        """Compare with what somebody offers; takes as long for a near miss as for any other.

        Args:
            text: What was offered.

        Returns:
            Whether it is the same.
        """
        return hmac.compare_digest(_bytes(self._text), _bytes(text))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.matches(other._text)

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        return f"Secret({HIDDEN_SECRET})"

    def __str__(self) -> str:
        return HIDDEN_SECRET

    def __format__(self, _: str) -> str:
        return HIDDEN_SECRET

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written anywhere; hand over where it can be looked up")


def _bytes(text: str) -> bytes:
    # What comes from the network or the environment may hold what UTF-8 cannot.
    return text.encode("utf-8", "surrogatepass")
