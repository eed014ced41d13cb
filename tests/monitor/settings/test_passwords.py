"""Where passwords come from, and what is refused."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.core.errors import SettingsError
from monitor.core.secret import Secret
from monitor.settings import CameraSettings, StatusSettings
from monitor.settings.passwords import (
    SecretPlace,
    camera_place,
    keep_password,
    look_up,
    token_place,
)

POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="only POSIX files have such modes")


def private_file(folder: Path, content: bytes, mode: int = 0o600) -> str:
    path = folder / "password"
    path.write_bytes(content)
    path.chmod(mode)
    return str(path)


def test_nothing_is_looked_up_where_nothing_is_named() -> None:
    """A camera without a password is no mistake."""
    place = camera_place(CameraSettings(name="Gate", source="webcam:0"))

    assert not place.is_set
    assert look_up(place, environ={}) is None


def test_the_environment_is_asked() -> None:
    """By the name in the site file."""
    camera = CameraSettings(name="Gate", source="rtsp://u@h/", password_env="P")

    assert look_up(camera_place(camera), environ={"P": "S3cret"}) == Secret("S3cret")


@pytest.mark.parametrize(
    ("environ", "word"), [({}, "not set"), ({"P": ""}, "empty")], ids=["absent", "empty"]
)
def test_a_variable_that_holds_nothing_is_told(environ: dict[str, str], word: str) -> None:
    """Which camera and which variable."""
    with pytest.raises(SettingsError, match=f"camera Gate: .* P is {word}"):
        look_up(SecretPlace("camera Gate", variable="P"), environ=environ)


@pytest.mark.parametrize(
    "content",
    [b"S3cret", b"S3cret\n", b"S3cret\r\n", b"S3cret\nsecond line\n"],
    ids=["bare", "line", "windows", "lines"],
)
def test_a_private_file_is_read(tmp_path: Path, content: bytes) -> None:
    """Its first line, without its end."""
    place = SecretPlace("camera Gate", file=private_file(tmp_path, content))

    assert look_up(place) == Secret("S3cret")


@POSIX_ONLY
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """With its mode, what to do, and none of what is in it."""
    path = private_file(tmp_path, b"S3cret", mode)

    with pytest.raises(SettingsError, match=f"mode {mode:03o}.*chmod 600") as caught:
        look_up(SecretPlace("camera Gate", file=path))

    assert "S3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"", "empty"), (b"\nS3cret", "empty"), (b"\xffS3cret", "UTF-8"), (b"x" * 5000, "too long")],
    ids=["nothing", "empty-line", "no-text", "long"],
)
def test_a_file_that_holds_no_password_is_told(tmp_path: Path, content: bytes, word: str) -> None:
    """What is wrong with it, and none of what is in it."""
    path = private_file(tmp_path, content)

    with pytest.raises(SettingsError, match=word) as caught:
        look_up(SecretPlace("camera Gate", file=path))

    assert "S3cret" not in str(caught.value)
    assert "xxx" not in str(caught.value)


@pytest.mark.parametrize("name", ["nowhere", "."], ids=["missing", "folder"])
def test_a_file_that_is_none_is_told(tmp_path: Path, name: str) -> None:
    """One sentence with the path."""
    with pytest.raises(SettingsError, match="camera Gate"):
        look_up(SecretPlace("camera Gate", file=str(tmp_path / name)))


def test_the_keyring_is_asked_for_the_camera() -> None:
    """Service `crowd-monitor`, user: the camera's name."""
    camera = CameraSettings(name="Gate 3", source="rtsp://u@h/", password_keyring=True)
    asked: list[tuple[str, str]] = []

    def read(service: str, user: str) -> str:
        asked.append((service, user))
        return "S3cret"

    assert look_up(camera_place(camera), read_keyring=read) == Secret("S3cret")
    assert asked == [("crowd-monitor", "Gate 3")]


def test_a_keyring_without_it_says_how_to_put_it_there() -> None:
    """The command is the keyring's own."""
    place = SecretPlace("camera Gate", keyring_user="Gate")

    with pytest.raises(SettingsError, match="keyring set crowd-monitor 'Gate'"):
        look_up(place, read_keyring=lambda *_: None)


def test_a_machine_without_a_keyring_says_what_else_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The real library, told to use its back end for machines that have none."""
    import keyring
    from keyring.backends.fail import Keyring

    monkeypatch.setattr(keyring, "get_password", Keyring().get_password)

    with pytest.raises(SettingsError, match=r"NoKeyringError.*environment variable"):
        look_up(SecretPlace("camera Gate", keyring_user="Gate"))


def test_a_token_has_its_place_too(tmp_path: Path) -> None:
    """In a variable or a file."""
    status = StatusSettings(token_env="T")
    with_file = StatusSettings(token_file=private_file(tmp_path, b"token"))

    assert look_up(token_place(status), environ={"T": "token"}) == Secret("token")
    assert look_up(token_place(with_file)) == Secret("token")


CAMERA = CameraSettings(name="Gate / é", source="rtsp://op@192.0.2.7/1", password_env="OLD")


def test_a_typed_password_goes_into_the_keyring(tmp_path: Path) -> None:
    """It is found where the settings say, and nowhere else."""
    kept: dict[tuple[str, str], str] = {}
    keyring = (
        lambda service, user, text: kept.update({(service, user): text}),
        lambda service, user: kept.get((service, user)),
    )
    camera = keep_password(CAMERA, Secret("S3cret"), tmp_path, keyring=keyring)

    assert (camera.password_keyring, camera.password_env, camera.password_file) == (
        True, None, None,
    )  # fmt: skip
    assert look_up(camera_place(camera), read_keyring=keyring[1]) == Secret("S3cret")
    assert list(tmp_path.iterdir()) == []


def fail(*_: str) -> None:
    raise RuntimeError("no keyring here: S3cret")


@pytest.mark.parametrize("write", [fail, lambda *_: None], ids=["none", "forgets"])
def test_without_a_keyring_it_goes_into_a_private_file(
    tmp_path: Path, write: Callable[[str, str, str], None]
) -> None:
    """Nobody else can read it; typed anew it is replaced."""
    for text in ("old", "S3 crét"):
        camera = keep_password(
            CAMERA, Secret(text), tmp_path / "new", keyring=(write, lambda *_: None)
        )
    (file,) = (tmp_path / "new" / "passwords").iterdir()

    assert camera.password_file == str(file)
    assert not camera.password_keyring
    assert look_up(camera_place(camera)) == Secret("S3 crét")
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_password_that_can_be_kept_nowhere_is_told(tmp_path: Path) -> None:
    """Without the password in the sentence."""
    (tmp_path / "passwords").write_text("a file where a folder should be")

    with pytest.raises(SettingsError, match="cannot be kept") as caught:
        keep_password(CAMERA, Secret("S3cret"), tmp_path, keyring=(fail, lambda *_: None))
    assert "S3cret" not in str(caught.value)
