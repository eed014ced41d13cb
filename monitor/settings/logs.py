"""What the program logs, clean of passwords whoever wrote the line.

Our own messages name cameras and labels. Libraries log what they like, addresses included, so each
finished line is searched once more before it is written: addresses lose what may be a secret, and
every password that is known is blotted out wherever it stands.
"""

import logging
import re
from collections.abc import Iterable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO
from urllib.parse import quote, quote_plus, unquote

from platformdirs import user_log_path

from monitor.core.errors import MonitorError
from monitor.core.secret import HIDDEN_SECRET, Secret
from monitor.settings import SiteSettings
from monitor.settings.passwords import look_up, places_of
from monitor.video.label import redact, split_authority

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s\"'<>]+")
_AFTER_SENTENCE = ".,;:!)]}"
_SHORTEST_QUERY_SECRET = 8  # `quality=high` is no secret, and a word of every other line
_SHORTEST_HIDDEN = 4
"""Letters of a password that is blotted out; shorter ones would blot out half of every line."""


_FILE_BYTES = 1_000_000
_OLD_FILES = 3


class CleanFormatter(logging.Formatter):
    """Formats lines with time and level, and takes every secret out of them."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")
        self._texts: frozenset[str] = frozenset()

    def hide(self, secrets: Iterable[Secret]) -> None:
        """Blot these out from now on too, as they are and as addresses spell them."""
        self._texts = self._texts | spellings(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """Give the line, with the traceback where there is one."""
        return clean(super().format(record), self._texts)


def spellings(secrets: Iterable[Secret]) -> frozenset[str]:
    """Give secrets in the clear, as they are and as addresses spell them, to be blotted out."""
    revealed = [one.reveal() for one in secrets]
    spelt = {way for one in revealed for way in (one, quote(one, safe=""), quote_plus(one))}
    return frozenset(one for one in spelt if len(one) >= _SHORTEST_HIDDEN)


def clean(text: str, secrets: Iterable[str] = ()) -> str:
    """Take out of any text what may be a secret.

    Args:
        text: A line of a log, a message, a file.
        secrets: Passwords that are known.

    Returns:
        The text with its addresses shortened to what may be shown.
    """
    text = _ADDRESS.sub(_shown, text)
    for one in sorted(secrets, key=len, reverse=True):
        text = text.replace(one, HIDDEN_SECRET)
    return text


def _shown(match: re.Match[str]) -> str:
    found = match[0]
    address = found.rstrip(_AFTER_SENTENCE)
    return redact(address) + found[len(address) :]


def log_file() -> Path:
    """Give the file that keeps the newest lines of the log, for `crowd-monitor diagnose`."""
    return user_log_path("crowd-monitor", appauthor=False) / "service.log"


def hide_secrets_in_logs(
    level: int | None,
    secrets: Iterable[Secret] = (),
    *,
    stream: IO[str] | None = None,
    file: Path | None = None,
) -> None:
    """Log to standard error, clean of secrets.

    Args:
        level: What is logged; None: as before.
        secrets: Passwords to blot out from now on.
        stream: Where to write; None: standard error.
        file: Where to keep the newest lines too, where that can be written; None: nowhere.
    """
    root = logging.getLogger()
    if level is not None:
        handlers: list[logging.Handler] = [logging.StreamHandler(stream)]
        if file is not None:
            handlers += _file_handlers(file)
        for handler in handlers:
            handler.setFormatter(CleanFormatter())
        for former in root.handlers:
            if isinstance(former.formatter, CleanFormatter):
                former.close()
        root.handlers[:] = handlers
        root.setLevel(level)
    kept = tuple(secrets)
    for handler_now in root.handlers:
        if isinstance(handler_now.formatter, CleanFormatter):
            handler_now.formatter.hide(kept)


def _file_handlers(file: Path) -> list[logging.Handler]:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return [
            RotatingFileHandler(
                file, maxBytes=_FILE_BYTES, backupCount=_OLD_FILES, encoding="utf-8"
            )
        ]
    except OSError:
        return []  # a read-only machine: standard error has it all


def secrets_in(address: str) -> tuple[Secret, ...]:
    """Find what an address itself may hold of secrets, as it is on a command line.

    Args:
        address: What a person wrote.

    Returns:
        The password of its user and the longer values of its query, as they stand and as they
        are meant.
    """
    _, _, rest = address.partition("://")
    parts = split_authority(rest) if rest else None
    if parts is None:
        return ()
    user_info, _, remainder = parts
    texts = [user_info.partition(":")[2]]
    values = (pair.partition("=")[2] for pair in re.split("[?&;/]", remainder))
    texts += [value for value in values if len(value) >= _SHORTEST_QUERY_SECRET]
    return tuple(Secret(way) for text in texts if text for way in {text, unquote(text)})


def secrets_of(site: SiteSettings) -> tuple[Secret, ...]:
    """Look up every password that a site names; what cannot be had is left to whoever needs it."""
    found = [secret for camera in site.camera for secret in secrets_in(camera.source)]
    for place in places_of(site):
        try:
            secret = look_up(place)
        except MonitorError:
            continue  # told where the secret is needed, with the camera that needs it
        if secret is not None:
            found.append(secret)
    return tuple(found)
