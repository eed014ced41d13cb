"""The one way by which words reach a person: through Qt's translators.

Everything that is shown passes `tr` of its widget or `translate` here, so that a language can be
added without a change of code. English is what is written in the code.
"""

from functools import cache

from PyQt6.QtCore import QCoreApplication


def later(context: str, text: str) -> str:
    """Mark a text that is made before there are translators and translated where it is shown.

    Args:
        context: Where it will be shown.
        text: English.

    Returns:
        The text; the mark is for whoever gathers what is to be translated.
    """
    del context
    return text


@cache
def translate(context: str, text: str) -> str:
    """Give a text in the language of whoever sits here.

    Args:
        context: Where it is shown: the same words may need another translation elsewhere.
        text: English, with `{names}` for what is put in afterwards.

    Returns:
        The translation; the text itself where there is none.
    """
    return QCoreApplication.translate(context, text)


def forget() -> None:
    """Ask Qt for every text anew; for whoever puts a translator in or takes one out.

    Words are looked up some thousand times a second, and each question to Qt lets another thread
    have the interpreter.
    """
    translate.cache_clear()
