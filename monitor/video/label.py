"""What of an address may be shown: never a user name, a password, or what might be a secret.

Addresses are read, not matched by a pattern for passwords: such patterns miss `op.user:p@ss@host`.
Where an address can be read in two ways, nothing of it but its scheme is shown.
"""

import re

HIDDEN = "…"
"""Stands for what is not shown."""

_AUTHORITY = re.compile(
    r"(?P<user_info>.*@)?"  # greedy: a password may hold an @, a host may not
    r"(?P<host>[\w.~-]*|\[[0-9A-Za-z:.%]+\])"
    r"(?P<port>:\d{1,5})?",
    re.DOTALL,
)
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)://(?P<rest>.*)", re.DOTALL)
_PATH_START = re.compile(r"(\.{0,2}|~\w*)/(?!/)|\\|[A-Za-z]:[/\\](?!/)")
_PASSWORD_IN_PATH = re.compile(r":[^/\\]*@")
_KEY_SCHEMES = frozenset({"rtmp", "rtmps"})


def split_authority(rest: str) -> tuple[str, str, str] | None:
    """Split what follows `://` into user information, host with port, and path with query.

    Args:
        rest: All that follows `scheme://`.

    Returns:
        User information without its `@`, host with port, and the remainder from its first `/`,
        `?` or `#` on. None where the address can be read in two ways: the host is not one, or an
        `@` comes later and what looks like the host may be the beginning of a password.
    """
    end = next((place for place, letter in enumerate(rest) if letter in "/?#"), len(rest))
    authority, remainder = rest[:end], rest[end:]
    match = _AUTHORITY.fullmatch(authority)
    if match is None or "@" in remainder:
        return None
    user_info = match["user_info"] or ""
    return user_info.removesuffix("@"), match["host"] + (match["port"] or ""), remainder


def network_label(address: str) -> str:
    """Give what may be shown of an address of the form `scheme://…`.

    Args:
        address: The whole address, passwords included.

    Returns:
        Scheme, host, port, path and the keys of the query. Hidden are the values of the query, all
        from the first `=` of the path on (cameras take `/user=…&password=…` there), and the name
        of an RTMP stream, which is its key.
    """
    match = _SCHEME.fullmatch(address.strip())
    if match is None:
        return HIDDEN
    scheme, parts = match["scheme"].lower(), split_authority(match["rest"])
    if parts is None:
        return f"{scheme}://{HIDDEN}"
    _, host, remainder = parts
    path, question_mark, query = remainder.partition("#")[0].partition("?")
    if "=" in path:
        return f"{scheme}://{host}{_hide_value(path)}"
    if scheme in _KEY_SCHEMES and "/" in path:
        path = f"{path.rpartition('/')[0]}/{HIDDEN}"
    hidden_query = "&".join(_hide_value(pair) for pair in re.split("[&;]", query))
    return f"{scheme}://{host}{path}{question_mark}{hidden_query if question_mark else ''}"


def redact(address: str) -> str:
    """Give what may be shown of any text that was given as an address, valid or not.

    Args:
        address: What a person wrote.

    Returns:
        The label of a network address; a path as it is, without its options; the hidden sign for
        what looks like a network address that lacks its scheme.
    """
    text = address.strip()
    if "://" in text and not text.lower().startswith("file://"):
        return network_label(text)
    if text.startswith(("webcam:", "synthetic:")):
        return text if "@" not in text else HIDDEN
    is_path = _PATH_START.match(text) and not _PASSWORD_IN_PATH.search(text)
    if "@" in text and not is_path:
        return HIDDEN
    return _hide_value(text) if "&" in text else text


def _hide_value(pair: str) -> str:
    key, equals, _ = pair.partition("=")
    return f"{key}={HIDDEN}" if equals else HIDDEN
