"""The language of the window: translations, and numbers as the locale writes them.

Everything that is shown passes `tr` of its widget or `translate` here, so that a language can be
added without a change of code. English is what is written in the code.

A catalog is a file that Qt Linguist or `lrelease` has compiled. It comes from outside, so nothing
in it may stop the window: where a translation has lost one of its `{names}`, English stands.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from platformdirs import user_config_path
from PyQt6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator


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


def forget_translations() -> None:
    """Ask Qt for every text anew; for whoever puts a translator in or takes one out.

    Words are looked up some thousand times a second, and each question to Qt lets another thread
    have the interpreter.
    """
    translate.cache_clear()


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


def forget_locale() -> None:
    """Ask for the locale anew; for whoever changes it."""
    _signs.cache_clear()


logger = logging.getLogger(__name__)

VARIABLE = "CROWD_MONITOR_LANGUAGE"
"""Names the language, as `de` or `pt_BR`, where it is not to be that of the machine."""
PREFIX = "crowd-monitor_"
_ENGLISH = "en"
"""What is written in the code."""


class Catalogue(QTranslator):
    """A compiled catalogue; a translation that would not bear what is put into it is not used."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._known: dict[tuple[str, str], str | None] = {}

    def translate(  # type: ignore[override]  # Qt takes a text that is missing, not one that is empty
        self,
        context: str | None,
        sourceText: str | None,  # noqa: N803 - Qt's name
        disambiguation: str | None = None,
        n: int = -1,
    ) -> str | None:
        """Give a translation; None, which has Qt ask elsewhere, where there is no usable one."""
        del disambiguation, n  # nothing here is said in two ways
        key = (context or "", sourceText or "")
        if key not in self._known:  # asked some thousand times a second, of a few hundred texts
            # Texts that are more than ASCII can only be asked for as bytes.
            asked: Any = (key[0].encode(), key[1].encode())  # the stub knows text alone
            found = super().translate(*asked)
            self._known[key] = found if found and _can_stand_for(found, key[1]) else None
        return self._known[key]


def speak(application: QCoreApplication, environ: Mapping[str, str] = os.environ) -> str:
    """Have the window speak the language of whoever sits here, where there is a catalogue of it.

    To be called before the first widget is made; calling it again changes nothing.

    Args:
        application: The running Qt program, which owns the catalogues from then on.
        environ: The environment; `CROWD_MONITOR_LANGUAGE` is looked up in it.

    Returns:
        Name of the language, as `de`; `en` where no catalogue is used.
    """
    for present in application.findChildren(Catalogue):
        return present.objectName()
    wanted = environ.get(VARIABLE, "").strip()
    languages = [wanted] if wanted else QLocale().uiLanguages()
    file = find_catalogue(languages, catalogue_folder())
    if file is None:
        if wanted and not _is_english(wanted):
            logger.warning(
                "%s=%s: there is no %s in %s; the window speaks English",
                VARIABLE,
                wanted,
                f"{PREFIX}{wanted}.qm",
                catalogue_folder(),
            )
        return _ENGLISH
    return _install(application, file)


def catalogue_folder() -> Path:
    """Give the folder in which catalogues are looked for."""
    return user_config_path("crowd-monitor", appauthor=False) / "translations"


def find_catalogue(languages: list[str], folder: Path) -> Path | None:
    """Find the catalogue that suits best.

    Args:
        languages: What somebody reads, best first, as `de-AT`, `de`, `en`.
        folder: Where catalogues lie, as `crowd-monitor_de.qm`.

    Returns:
        The file; None: there is none, or English is read better than what there is.
    """
    for language in languages:
        for name in _names_of(language):
            if (file := folder / f"{PREFIX}{name}.qm").is_file():
                return file
        if _is_english(language):
            return None
    return None


def fields_in(text: str) -> frozenset[str] | None:
    """Give what a text has in braces, as `full:g`; None: its braces do not fit each other."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return None
    return frozenset(
        f"{name}!{conversion}:{form}" for _, name, form, conversion in parts if name is not None
    )


def _can_stand_for(found: str, text: str) -> bool:
    if fields_in(found) == fields_in(text):
        return True
    words = "the translation of %r has other words in braces: %r; English is shown"
    logger.warning(words, text, found)
    return False


def _install(application: QCoreApplication, file: Path) -> str:
    catalogue = Catalogue(application)
    if not catalogue.load(str(file)):
        catalogue.setParent(None)
        logger.warning("%s: not a compiled catalogue of Qt; the window speaks English", file)
        return _ENGLISH
    language = file.stem.removeprefix(PREFIX)
    catalogue.setObjectName(language)
    for translator in (_words_of_qt(language, application), catalogue):  # the last is asked first
        application.installTranslator(translator)
    forget_translations()
    return language


def _words_of_qt(language: str, parent: QObject) -> QTranslator:
    """Give what Qt itself says in a language, as on its buttons; empty where it does not."""
    found = QTranslator(parent)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    found.load(QLocale(language), "qtbase", "_", folder)
    return found


def _names_of(language: str) -> Iterator[str]:
    """Give the names that a catalogue may have: with all parts of the language, then fewer."""
    parts = language.replace("-", "_").split("_")
    yield from ("_".join(parts[:count]) for count in range(len(parts), 0, -1))


def _is_english(language: str) -> bool:
    return language.replace("-", "_").partition("_")[0].lower() in {_ENGLISH, "c"}
