"""Who may ask: anybody on this machine, or whoever shows the token.

Without a token only this machine can reach the page, and only under a name of its own: otherwise a
page in somebody's browser could ask under a name that leads here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs

from monitor.core.errors import SettingsError
from monitor.core.secret import Secret
from monitor.settings import StatusSettings
from monitor.settings.passwords import look_up, token_place

SHORTEST_TOKEN = 16
"""Letters of a token at least: shorter ones are guessed."""

_LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_SCHEME = "bearer "


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask."""

    token: Secret | None = None
    """What must be shown; None: nothing."""
    is_local: bool = True
    """Whether the page is bound to an address of this machine alone."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a question is not answered."""

    status: HTTPStatus
    message: str


def access_of(status: StatusSettings, environ: Mapping[str, str]) -> Access:
    """Look up who may ask.

    Args:
        status: The settings of the page.
        environ: The environment, which may hold the token.

    Returns:
        Who may ask.

    Raises:
        SettingsError: If the token cannot be had, or is too short.
    """
    token = look_up(token_place(status), environ=environ)
    if token is not None and len(token.reveal()) < SHORTEST_TOKEN:
        raise SettingsError(
            f"[status]: the token has fewer than {SHORTEST_TOKEN} letters and could be guessed; "
            "make one with: openssl rand -hex 32"
        )
    return Access(token, status.is_local)


def refusal(access: Access, *, host: str, authorization: str, query: str) -> Refusal | None:
    """Judge a question.

    Args:
        access: Who may ask.
        host: The `Host` that was asked for.
        authorization: What the header of that name holds; may be empty.
        query: The query of the address; may hold `token=`.

    Returns:
        Why it is not answered; None: it is.
    """
    if access.token is not None:
        if not access.token.matches(_offered(authorization, query)):
            return Refusal(HTTPStatus.UNAUTHORIZED, "show the token: Authorization: Bearer …")
        return None
    name, colon, port = host.rpartition(":")
    if not colon or not port.isdecimal():
        name = host
    if access.is_local and name not in _LOCAL_NAMES:
        return Refusal(HTTPStatus.FORBIDDEN, "ask as 127.0.0.1")
    return None


def _offered(authorization: str, query: str) -> str:
    if authorization.lower().startswith(_SCHEME):
        return authorization[len(_SCHEME) :].strip()
    try:
        return parse_qs(query, max_num_fields=20).get("token", [""])[0]
    except ValueError:  # more fields than anybody needs
        return ""
