"""What a person types or pastes as an address, taken apart: the password never stays in it."""

from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from monitor.core.errors import AddressError
from monitor.core.secret import Secret
from monitor.video.address import NETWORK_SCHEMES, NetworkAddress, parse_address
from monitor.video.label import redact

_USUAL = "rtsp"


@dataclass(frozen=True, slots=True)
class TypedAddress:
    """An address of a network camera in its parts."""

    address: str
    """Without user and password; its query may hold a secret."""
    user: str = ""
    """As a person types it; empty: none is named."""
    password: Secret | None = field(default=None)
    """What stood in the address; None: nothing did."""

    def source(self) -> str:
        """Give the address with the user in it, as a site file holds it."""
        if not self.user:
            return self.address
        scheme, _, rest = self.address.partition("://")
        return f"{scheme}://{quote(self.user, safe='')}@{rest}"


def take_apart(text: str) -> TypedAddress:
    """Take an address of a network camera apart.

    Args:
        text: As typed or pasted; one without a scheme is taken for RTSP.

    Returns:
        Its parts.

    Raises:
        AddressError: If it cannot be read, or is no network address; without the password.
    """
    text = text.strip()
    if text and "://" not in text:
        text = f"{_USUAL}://{text}"
    address = parse_address(text)
    if not isinstance(address, NetworkAddress):
        raise AddressError(
            f"{redact(text)}: is no network camera; write {', '.join(NETWORK_SCHEMES)}://host/…"
        )
    user, colon, password = address.user_info.partition(":")
    bare = f"{address.scheme}://{address.place}"
    secret = Secret(unquote(password)) if colon and password else None
    return TypedAddress(bare, unquote(user), secret)


def short_name(address: str) -> str:
    """Give a camera a name after what it is opened by: its host, its file, its number.

    Args:
        address: What a person wrote.

    Returns:
        A few words without user, password, path and query.

    Raises:
        AddressError: If the address cannot be read.
    """
    match parse_address(address):
        case NetworkAddress(place=place):
            return place.partition("/")[0].partition("?")[0].partition("#")[0] or redact(address)
        case parsed:
            label = parsed.label
            if label.startswith(("synthetic:", "webcam:", "/dev/")):
                return label.partition("?")[0]
            return label.rstrip("/\\").replace("\\", "/").rpartition("/")[2] or label
