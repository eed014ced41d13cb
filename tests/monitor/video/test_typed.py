"""Addresses as people type and paste them."""

from pathlib import Path

import pytest

from monitor.core.errors import AddressError
from monitor.core.secret import Secret
from monitor.video.address import TypedAddress, short_name, take_apart

CASES = {
    "plain": ("rtsp://192.0.2.7/1", "rtsp://192.0.2.7/1", "", None, "rtsp://192.0.2.7/1"),
    "no-scheme": ("192.0.2.7:554/1", "rtsp://192.0.2.7:554/1", "", None, "rtsp://192.0.2.7:554/1"),
    "a-user": ("rtsp://op@cam/1?a=b", "rtsp://cam/1?a=b", "op", None, "rtsp://op@cam/1?a=b"),
    "a-password": ("rtsp://op:S3:c@cam/1", "rtsp://cam/1", "op", "S3:c", "rtsp://op@cam/1"),
    "quoted": (" http://a%40b:c%2Fd@cam ", "http://cam", "a@b", "c/d", "http://a%40b@cam"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "address", "user", "password", "source"), CASES.values(), ids=CASES
)
def test_an_address_comes_apart_and_together(
    text: str, address: str, user: str, password: str | None, source: str
) -> None:
    """The password is taken out; the user stays in what the site file holds."""
    typed = take_apart(text)

    secret = None if password is None else Secret(password)
    assert typed == TypedAddress(address, user, secret)
    assert typed.source() == source
    assert "S3" not in repr(typed)


@pytest.mark.parametrize("text", ["", "synthetic:plaza", "ftp://x:S3cret@y/", "rtsp://"])
def test_what_is_no_network_camera_is_refused(text: str) -> None:
    """Without the password in the sentence."""
    with pytest.raises(AddressError) as caught:
        take_apart(text)
    assert "S3cret" not in str(caught.value)


def test_short_names(tmp_path: Path) -> None:
    """What stands on a tile: never a user, a password, or a path that is cut off."""
    video = tmp_path / "a b" / "match day.mp4"
    video.parent.mkdir()
    video.touch()
    names = {
        "rtsp://op:S3cret@192.0.2.7:8554/live/ch1?token=abcdefgh": "192.0.2.7:8554",
        "rtsps://gate.example.org/1": "gate.example.org",
        "webcam:0": "webcam:0",
        "/dev/video2": "/dev/video2",
        "synthetic:plaza?people=20&seed=1": "synthetic:plaza",
        str(video): "match day.mp4",
        f"{video}?loop=1": "match day.mp4",
        str(video.parent): "a b",
    }

    assert {one: short_name(one) for one in names} == names
