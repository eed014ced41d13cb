"""Addresses: what a person writes to say where pictures come from, as frozen records.

A password is joined to an address only where a stream is opened, and no record shows one.
What a person types or pastes is taken apart first, so that the password never stays in it.
"""

import difflib
import glob
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias
from urllib.parse import parse_qsl, quote, unquote
from urllib.request import url2pathname

from monitor.core.errors import AddressError
from monitor.core.secret import Secret
from monitor.video.label import network_label, redact, split_authority

NETWORK_SCHEMES = ("rtsp", "rtsps", "http", "https", "rtmp", "rtmps", "srt", "udp")
"""Kinds of network streams that can be read."""
PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".jp2"}
)
"""Endings of file names that are read as pictures; every other file is read as a video."""

_OTHER_SCHEMES = ("webcam", "synthetic", "file")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(.*)", re.DOTALL)
_OPTIONS = re.compile(r"(?P<place>.*)\?(?P<options>\w+=[^&=]*(?:&\w+=[^&=]*)*)", re.DOTALL)
_DEVICE = re.compile(r"/dev/video(\d+)")


@dataclass(frozen=True, slots=True)
class NetworkAddress:
    """A stream on the network."""

    label: str
    """The address without user, password and values of its query."""
    scheme: str
    """One of `NETWORK_SCHEMES`."""
    user_info: str = field(repr=False)
    """User name, or user name and password, as written; may be empty."""
    place: str = field(repr=False)
    """Host, port, path and query, as written; the query may hold a secret."""

    def url(self, password: Secret | None = None) -> str:
        """Give the address to open, with the password in it: hand it to nothing else.

        Args:
            password: Password as a person types it; None: what the address holds is used.

        Returns:
            The address with the password, percent-encoded.

        Raises:
            AddressError: If there is a password but the address names no user.
        """
        user = self.user_info.partition(":")[0]
        if password is None:
            at = "@" if self.user_info else ""
            return f"{self.scheme}://{self.user_info}{at}{self.place}"
        if not user:
            raise AddressError(
                f"{self.label}: a password is set, but the address names no user; write "
                f"{self.scheme}://user@host/…"
            )
        return f"{self.scheme}://{user}:{quote(password.reveal(), safe='')}@{self.place}"


@dataclass(frozen=True, slots=True)
class WebcamAddress:
    """A camera of this machine."""

    label: str
    index: int
    """Number of the camera, from 0."""


@dataclass(frozen=True, slots=True)
class FileAddress:
    """A video file."""

    label: str
    path: Path
    is_looped: bool
    """Whether it starts again at its end."""


@dataclass(frozen=True, slots=True)
class PicturesAddress:
    """A picture, or a folder or pattern of pictures that are shown as a video."""

    label: str
    place: str
    """Path of a picture or a folder, or a pattern for `glob`."""
    rate_hz: float
    """Pictures a second."""
    is_looped: bool
    """Whether they start again at their end."""


@dataclass(frozen=True, slots=True)
class PlazaAddress:
    """A drawn plaza with a known number of people."""

    label: str
    people: int
    seed: int


Address: TypeAlias = NetworkAddress | WebcamAddress | FileAddress | PicturesAddress | PlazaAddress


def parse_address(text: str) -> Address:
    """Read an address.

    Args:
        text: `rtsp://…` and other network streams, `webcam:0`, `/dev/video0`, a path of a video
            file (`?loop=1`), of a picture, of a folder or pattern of pictures (`?fps=2&loop=1`),
            or `synthetic:plaza?people=120&seed=1`.

    Returns:
        What it means.

    Raises:
        AddressError: If it cannot be read, or names a file that does not exist; the text says
            what was found, without passwords.
    """
    text = text.strip()
    if not text:
        raise AddressError("The address is empty; give a stream, a file, a folder or webcam:0")
    if (device := _DEVICE.fullmatch(text)) is not None:
        return WebcamAddress(text, int(device[1]))
    match = _SCHEME.fullmatch(text)
    if match is None or _exists(text):
        return _parse_path(text)
    scheme = match[1].lower()
    if scheme in NETWORK_SCHEMES:
        return _parse_network(text, scheme, match[2])
    if scheme == "webcam":
        return _parse_webcam(text, match[2])
    if scheme == "synthetic":
        return _parse_plaza(text, match[2])
    if scheme == "file":
        return _parse_path(url2pathname(match[2].removeprefix("//")))
    raise AddressError(_unknown_scheme(text, scheme))


def matching_paths(pattern: str) -> Iterator[Path]:
    """List the files that a pattern of a shell matches, in any order; `**` for folders too."""
    if not glob.has_magic(pattern):
        return iter(())
    # Path.glob takes no pattern that begins at the root of a disk.
    return map(Path, glob.iglob(pattern, recursive=True))  # noqa: PTH207


def _unknown_scheme(text: str, scheme: str) -> str:
    if "://" not in text:
        return f"{redact(text)}: there is no such file, and no kind of source of that name"
    known = (*NETWORK_SCHEMES, *_OTHER_SCHEMES)
    near = difflib.get_close_matches(scheme, known, n=1)
    hint = f"did you mean {near[0]}://?" if near else f"known are {', '.join(known)}"
    return f"{redact(text)}: {scheme}:// is no kind of source; {hint}"


def _parse_network(text: str, scheme: str, rest: str) -> NetworkAddress:
    label = network_label(text)
    if not rest.startswith("//"):
        raise AddressError(f"{redact(text)}: write {scheme}://host/…")
    parts = split_authority(rest[2:])
    if parts is None:
        raise AddressError(
            f"{label}: the host cannot be told from the password; write / as %2F, ? as %3F, "
            "# as %23 and @ as %40 in user, password, path and query"
        )
    user_info, host, remainder = parts
    if not host or (host.startswith(":") and scheme not in {"udp", "srt"}):
        raise AddressError(f"{label}: the address names no host; write {scheme}://host/…")
    return NetworkAddress(label, scheme, user_info, host + remainder)


def _parse_webcam(text: str, number: str) -> WebcamAddress:
    if not number.isdecimal():
        raise AddressError(f"{redact(text)}: write webcam: and a number, as webcam:0")
    return WebcamAddress(text, int(number))


def _parse_plaza(text: str, rest: str) -> PlazaAddress:
    scene, options = _split_options(rest)
    if scene != "plaza":
        raise AddressError(f"{redact(text)}: the only drawn scene is synthetic:plaza")
    _refuse_unknown(text, options, ("people", "seed"))
    people = _whole_number(text, options, "people", default=120)
    return PlazaAddress(redact(text), people, _whole_number(text, options, "seed", default=1))


def _parse_path(text: str) -> Address:
    place, options = (text, {}) if _exists(text) else _split_options(text)
    path = Path(place).expanduser()
    is_there = _exists(path)
    is_pattern = not is_there and any(True for _ in matching_paths(str(path)))
    if not is_there and not is_pattern:
        raise AddressError(f"{redact(text)}: there is no such file or folder")
    is_looped = options.get("loop", "0") not in {"0", "false", "no", ""}
    if is_pattern or path.is_dir() or path.suffix.lower() in PICTURE_SUFFIXES:
        _refuse_unknown(text, options, ("fps", "loop"))
        rate_hz = _rate_hz(text, options)
        return PicturesAddress(place, str(path), rate_hz, is_looped)
    _refuse_unknown(text, options, ("loop",))
    return FileAddress(place, path, is_looped)


def _exists(path: str | Path) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):  # too long for a name, or with a zero in it
        return False


def _split_options(text: str) -> tuple[str, dict[str, str]]:
    match = _OPTIONS.fullmatch(text)
    if match is None:
        return text, {}
    return match["place"], dict(parse_qsl(match["options"], keep_blank_values=True))


def _refuse_unknown(text: str, options: dict[str, str], known: tuple[str, ...]) -> None:
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise AddressError(
            f"{redact(text)}: unknown option {', '.join(unknown)}; known: {', '.join(known)}"
        )


def _whole_number(text: str, options: dict[str, str], key: str, *, default: int) -> int:
    value = options.get(key)
    if value is None:
        return default
    if not value.isdecimal():
        raise AddressError(f"{redact(text)}: {key} must be a whole number, not {value!r}")
    return int(value)


def _rate_hz(text: str, options: dict[str, str]) -> float:
    value = options.get("fps", "2")
    try:
        rate_hz = float(value)
    except ValueError:
        rate_hz = 0.0
    if not 0 < rate_hz <= 1000:  # a slip of the keyboard, not a rate of pictures
        raise AddressError(f"{redact(text)}: fps must be a number above 0, not {value!r}")
    return rate_hz


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
