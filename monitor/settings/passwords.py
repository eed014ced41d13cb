"""Where passwords are: in an environment variable, a private file, or the system's keyring.

A site file only says where to look. What is found goes on as a `Secret`, and no message here ever
holds any of it.
"""

import os
import stat
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from monitor.core.errors import SettingsError
from monitor.core.secret import Secret
from monitor.settings.outputs import MqttSettings, StatusSettings, TargetSettings
from monitor.settings.records import CameraSettings, SiteSettings

KEYRING_SERVICE = "crowd-monitor"
"""Under this name the system's keyring holds passwords; the user there is the camera's name."""
_LARGEST_BYTES = 4096
_OTHERS = stat.S_IRWXG | stat.S_IRWXO

KeyringReader = Callable[[str, str], str | None]
"""Gives the password of a service and a user, None where there is none."""
KeyringWriter = Callable[[str, str, str], None]
"""Keeps the password of a service and a user."""


@dataclass(frozen=True, slots=True)
class SecretPlace:
    """Where one secret is to be looked up."""

    owner: str
    """What it is for, as `camera Gate`."""
    variable: str | None = None
    """Environment variable that holds it."""
    file: str | None = None
    """Private file whose first line is it."""
    keyring_user: str | None = None
    """User in the system's keyring."""

    @property
    def is_set(self) -> bool:
        """Whether there is anything to look up."""
        return not (self.variable is None and self.file is None and self.keyring_user is None)


def camera_place(camera: CameraSettings) -> SecretPlace:
    """Say where the password of a camera is to be looked up."""
    return SecretPlace(
        f"camera {camera.name}",
        camera.password_env,
        camera.password_file,
        camera.name if camera.password_keyring else None,
    )


def token_place(status: StatusSettings) -> SecretPlace:
    """Say where the token of the status page is to be looked up."""
    return SecretPlace("[status]", status.token_env, status.token_file)


def broker_place(mqtt: MqttSettings) -> SecretPlace:
    """Say where the password for the MQTT broker is to be looked up."""
    return SecretPlace(
        "[mqtt]",
        mqtt.password_env,
        mqtt.password_file,
        "mqtt" if mqtt.password_keyring else None,
    )


def target_place(target: TargetSettings) -> SecretPlace:
    """Say where the Apprise address of somebody who is told of alarms is to be looked up."""
    return SecretPlace(f"[notify] {target.name}", target.url_env, target.url_file)


def places_of(site: SiteSettings) -> tuple[SecretPlace, ...]:
    """List every place that a site names for a secret."""
    places = [*map(camera_place, site.camera), token_place(site.status)]
    if site.mqtt is not None:
        places.append(broker_place(site.mqtt))
    if site.notify is not None:
        places += map(target_place, site.notify.target)
    return tuple(one for one in places if one.is_set)


def look_up(
    place: SecretPlace,
    *,
    environ: Mapping[str, str] = os.environ,
    read_keyring: KeyringReader | None = None,
) -> Secret | None:
    """Look a secret up, anew each time: who changes a password need not restart the program.

    Args:
        place: Where to look.
        environ: The environment.
        read_keyring: How to ask the keyring; None: this system's.

    Returns:
        The secret; None where the place names nothing.

    Raises:
        SettingsError: If it is not there, is empty, or lies open to others; the text says which
            and what to do, never with the secret.
    """
    if place.variable is not None:
        found = environ.get(place.variable)
        if not found:
            state = "not set" if found is None else "empty"
            raise SettingsError(
                f"{place.owner}: the environment variable {place.variable} is {state}"
            )
        return Secret(found)
    if place.file is not None:
        return _from_file(place.owner, Path(place.file))
    if place.keyring_user is not None:
        return _from_keyring(place.owner, place.keyring_user, read_keyring or _system_keyring)
    return None


def keep_password(
    camera: CameraSettings,
    password: Secret,
    folder: Path,
    *,
    keyring: tuple[KeyringWriter, KeyringReader] | None = None,
) -> CameraSettings:
    """Put the password of a camera where it can be looked up: the keyring, else a private file.

    Args:
        camera: The camera.
        password: Its password.
        folder: Where private files go if there is no keyring that keeps it.
        keyring: How to write into the keyring and read from it; None: this system's.

    Returns:
        The camera with the place of its password.

    Raises:
        SettingsError: If it can be kept nowhere.
    """
    write, read = keyring or (_keep_in_system_keyring, _system_keyring)
    nowhere = {"password_env": None, "password_file": None, "password_keyring": False}
    text = password.reveal()
    if _is_kept_in_keyring(camera.name, text, write, read):
        return camera.model_copy(update=nowhere | {"password_keyring": True})
    file = folder / "passwords" / f"{_file_name(camera.name)}.txt"
    _keep_in_file(camera.name, text, file)
    return camera.model_copy(update=nowhere | {"password_file": str(file.absolute())})


def _is_kept_in_keyring(name: str, text: str, write: KeyringWriter, read: KeyringReader) -> bool:
    """Keep a password in the keyring; some keyrings take everything and keep nothing."""
    try:
        write(KEYRING_SERVICE, name, text)
        return read(KEYRING_SERVICE, name) == text
    except Exception:  # noqa: BLE001 - keyring's back ends raise what they like; a file is as good
        return False


def _keep_in_file(name: str, text: str, file: Path) -> None:
    if "\n" in text or "\r" in text:
        raise SettingsError(f"camera {name}: a password has no line break")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Never readable for others, not even for the moment between making and closing it.
        handle, new = tempfile.mkstemp(dir=file.parent, prefix=".new-")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as opened:
            opened.write(f"{text}\n")
        Path(new).replace(file)
    except OSError as error:
        raise SettingsError(
            f"camera {name}: its password cannot be kept in {file}: {error.strerror}"
        ) from None


def _file_name(camera: str) -> str:
    """Give a name that every disk takes; other cameras have others."""
    plain = "".join(one if one.isascii() and one.isalnum() else "-" for one in camera)[:40]
    return f"{plain}-{sha256(camera.encode()).hexdigest()[:8]}"


def _from_file(owner: str, path: Path) -> Secret:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            _refuse_open_file(owner, path, status)
            content = file.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"{owner}: {path}: cannot be read: {error.strerror}") from error
    if len(content) > _LARGEST_BYTES:
        raise SettingsError(f"{owner}: {path}: is too long for a password; it holds only that")
    try:
        line = content.decode("utf-8").partition("\n")[0].removesuffix("\r")
    except UnicodeDecodeError:
        raise SettingsError(f"{owner}: {path}: is not UTF-8 text") from None
    if not line:
        raise SettingsError(f"{owner}: {path}: its first line is empty; write the password there")
    return Secret(line)


def _refuse_open_file(owner: str, path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise SettingsError(f"{owner}: {path}: is no plain file")
    if os.name == "posix" and status.st_mode & _OTHERS:
        raise SettingsError(
            f"{owner}: {path}: others can read it (mode {stat.S_IMODE(status.st_mode):03o}); run "
            f"chmod 600 {path}"
        )


def _from_keyring(owner: str, user: str, read: KeyringReader) -> Secret:
    try:
        found = read(KEYRING_SERVICE, user)
    except Exception as error:  # noqa: BLE001 - keyring's back ends raise what they like
        raise SettingsError(
            f"{owner}: the keyring of this system cannot be asked ({type(error).__name__}); use "
            "an environment variable or a private file instead"
        ) from None
    if not found:
        raise SettingsError(
            f"{owner}: the keyring holds no password; run: keyring set {KEYRING_SERVICE} '{user}'"
        )
    return Secret(found)


def _system_keyring(service: str, user: str) -> str | None:
    import keyring  # looks for the desktop's services when it is loaded

    return keyring.get_password(service, user)


def _keep_in_system_keyring(service: str, user: str, password: str) -> None:
    import keyring  # as above

    keyring.set_password(service, user, password)
