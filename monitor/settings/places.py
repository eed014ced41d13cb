"""The places that a site file names: paths made whole, addresses judged by those who use them."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monitor.core.errors import AddressError, StoreError
from monitor.settings.lines import KeyPath
from monitor.settings.store import parse_address as parse_store_address
from monitor.video.address import NetworkAddress, parse_address
from monitor.video.label import redact


def find_files(document: dict[str, Any], folder: Path) -> None:
    """Turn relative paths into whole ones, in place; what is no path stays.

    Args:
        document: A site file's document, right or wrong.
        folder: Where the file lies.
    """
    _find_model(document.get("model"), folder)
    for camera in _cameras(document):
        source = camera.get("source")
        if isinstance(source, str) and ":" not in source and not source.startswith("/"):
            _make_whole(camera, "source", folder)
        _make_whole(camera, "certificate", folder)
        _make_whole(camera.get("ground"), "reference", folder)
        _find_secret(camera, "password_file", folder)
    csv = document.get("csv")
    if isinstance(csv, dict) and isinstance(csv.get("path"), str) and csv["path"]:
        csv["path"] = _whole(csv["path"], folder)
    _make_whole(document.get("evidence"), "folder", folder)
    mqtt, notify = document.get("mqtt"), document.get("notify")
    _make_whole(mqtt, "ca_file", folder)
    _find_secret(mqtt, "password_file", folder)
    targets = notify.get("target") if isinstance(notify, dict) else None
    for target in targets if isinstance(targets, list) else ():
        _find_secret(target, "url_file", folder)
    _find_secret(document.get("status"), "token_file", folder)


def _find_model(table: object, folder: Path) -> None:
    """Turn a path of a model into a whole one; a bare name with no such file may be a known one."""
    name = table.get("path") if isinstance(table, dict) else None
    if isinstance(name, str) and Path(name).name == name and not _is_file(folder / name):
        return
    _make_whole(table, "path", folder)


def _make_whole(table: object, key: str, folder: Path) -> None:
    """Turn a path of a table into a whole one; what is no path stays as it is."""
    if isinstance(table, dict) and isinstance(table.get(key), str) and table[key]:
        table[key] = _whole(table[key], folder)


def _whole(place: str, folder: Path) -> str:
    try:
        return str(folder / Path(place).expanduser())
    except RuntimeError:  # `~name` of a person that this machine does not know
        return str(folder / place)


def _find_secret(table: object, key: str, folder: Path) -> None:
    """Turn the name of a private file into a whole path; systemd's credentials come first."""
    name = table.get(key) if isinstance(table, dict) else None
    if not isinstance(table, dict) or not isinstance(name, str) or not name:
        return
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if credentials and Path(name).name == name and _is_file(Path(credentials) / name):
        table[key] = str(Path(credentials) / name)
    else:
        table[key] = _whole(name, folder)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except ValueError:  # with a zero in its name
        return False


def _cameras(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    cameras = document.get("camera")
    if not isinstance(cameras, list):
        return []
    return [one if isinstance(one, dict) else {} for one in cameras]


def place_mistakes(document: Mapping[str, Any]) -> list[tuple[KeyPath, str]]:
    """Find what is wrong with the addresses of cameras and history.

    Args:
        document: A site file's document, right or wrong.

    Returns:
        The key of each mistake and what it is; never with a password.
    """
    found: list[tuple[KeyPath, str]] = []
    for place, camera in enumerate(_cameras(document)):
        source = camera.get("source")
        if not isinstance(source, str) or not source:
            continue  # told by the validation of the records
        key: KeyPath = ("camera", place, "source")
        try:
            address = parse_address(source)
        except AddressError as error:
            found.append((key, str(error)))
            continue
        if _holds_password(address):
            found.append((key, f"{redact(source)}: {_PASSWORD_ADVICE}"))
            continue
        named = next((one for one in _PASSWORD_KEYS if camera.get(one)), None)
        if named is not None and not _can_take_password(address):
            message = "a password needs a network address with a user: rtsp://user@host/…"
            found.append((("camera", place, named), message))
    store = document.get("store")
    url = store.get("url") if isinstance(store, dict) else None
    if isinstance(url, str):
        try:
            parse_store_address(url, {})
        except StoreError as error:
            found.append((("store", "url"), str(error).removeprefix("[store] url: ")))
    return found


_PASSWORD_KEYS = ("password_env", "password_file", "password_keyring")
_PASSWORD_ADVICE = (
    "holds a password; put it into an environment variable (`password_env`), a private file "
    "(`password_file`) or the keyring (`password_keyring`), and leave only the user in the address"
)


def _holds_password(address: object) -> bool:
    return isinstance(address, NetworkAddress) and ":" in address.user_info


def _can_take_password(address: object) -> bool:
    return isinstance(address, NetworkAddress) and bool(address.user_info)
