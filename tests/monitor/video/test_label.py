"""Labels: what of an address is shown, and that no secret ever is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.video.label import network_label, redact, split_authority

SECRET = "S3CRET"
JUNK = st.text(alphabet="ab1:/@?#%&=[]\\ ;.+é~", max_size=12)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://cam.example/live", "rtsp://cam.example/live"),
        ("RTSP://cam.example:554/live/ch1", "rtsp://cam.example:554/live/ch1"),
        ("rtsp://op:pw@cam/live", "rtsp://cam/live"),
        ("rtsp://op@cam/live", "rtsp://cam/live"),
        ("rtsp://op.user:p@ss@cam/live", "rtsp://cam/live"),
        ("rtsp://op:a:b@cam:8554/live", "rtsp://cam:8554/live"),
        ("rtsp://us%40er:p%2Fw@cam/live", "rtsp://cam/live"),
        ("rtsp://op:pw@[2001:db8::1]:554/live", "rtsp://[2001:db8::1]:554/live"),
        ("http://cam/video.mjpg?user=op&pwd=x&size=2", "http://cam/video.mjpg?user=…&pwd=…&size=…"),
        ("http://cam/video?hunter2", "http://cam/video?…"),
        ("http://cam/video?#hunter2", "http://cam/video?…"),
        ("rtsp://cam/user=op&password=x&channel=1", "rtsp://cam/user=…"),
        ("rtsp://cam/user=op&password=?x=1", "rtsp://cam/user=…"),
        ("rtmp://host/app/streamkey", "rtmp://host/app/…"),
        ("srt://host:9000?passphrase=x", "srt://host:9000?passphrase=…"),
        ("udp://@239.0.0.1:1234", "udp://239.0.0.1:1234"),
        ("rtsp://op:pa/ss@cam/live", "rtsp://…"),
        ("rtsp://op:p?ss@cam/live", "rtsp://…"),
        ("rtsp://op:p#ss@cam/live", "rtsp://…"),
        ("rtsp://op:pa@ss/w@cam/live", "rtsp://…"),
        ("rtsp://op:secret", "rtsp://…"),
        ("http://cam/x?mail=a@b", "http://…"),
    ],
)
def test_network_label_shows_only_what_is_no_secret(address: str, shown: str) -> None:
    """User, password, values and stream keys are hidden; in doubt, all but the scheme is."""
    assert network_label(address) == shown


@given(before=JUNK, after=JUNK, user=st.text(alphabet="ab.:@%/", max_size=4))
def test_no_password_is_ever_shown(before: str, after: str, user: str) -> None:
    """Whatever letters a password is made of, and whatever the user name, it stays hidden."""
    address = f"rtsp://{user}:{before}{SECRET}{after}@cam.example:554/live?x=1"

    assert SECRET not in network_label(address)
    assert SECRET not in redact(address)


@given(
    before=JUNK.filter(lambda text: not set("&;") & set(text)),
    after=JUNK.filter(lambda text: not set("&;") & set(text)),
    place=st.sampled_from(["cam/live?token=", "cam/user=op&password=", "op@cam?k="]),
)
def test_no_value_is_ever_shown(before: str, after: str, place: str) -> None:
    """Whatever letters the value of a key is made of, it stays hidden."""
    assert SECRET not in redact(f"http://{place}{before}{SECRET}{after}")


@given(before=JUNK, after=JUNK, start=st.sampled_from(["op", "op:x", "rtsp:/op", "rtsp:op:"]))
def test_an_address_without_its_scheme_is_hidden(before: str, after: str, start: str) -> None:
    """Who forgets `rtsp://` does not see the password in the complaint."""
    assert SECRET not in redact(f"{start}:{before}{SECRET}{after}@cam/live")


@pytest.mark.parametrize(
    "text",
    ["op:S3CRET@cam", "/op:S3CRET@cam/live", "./op:S3CRET@cam", "//op:S3/CRET@cam", "op:a/S3@cam"],
)
def test_a_path_that_looks_like_a_password_is_hidden(text: str) -> None:
    """In doubt a path is not shown either."""
    assert redact(text) == "…"


@pytest.mark.parametrize(
    "text",
    [
        "/media/op@nas/plaza.mp4",
        "./plaza.mp4",
        "pictures/*.jpg",
        "C:\\videos\\a@b.mp4",
        "webcam:0",
        "synthetic:plaza?people=5&seed=1",
    ],
)
def test_paths_and_own_sources_are_shown_as_they_are(text: str) -> None:
    """A path is no secret, even with an @ in it."""
    assert redact(text) == text


@pytest.mark.parametrize(
    ("rest", "parts"),
    [
        ("cam/live", ("", "cam", "/live")),
        ("op:p@ss@cam:554?x", ("op:p@ss", "cam:554", "?x")),
        ("@239.0.0.1:1234", ("", "239.0.0.1:1234", "")),
        ("op@[::1]:554/a", ("op", "[::1]:554", "/a")),
        ("op:secret", None),
        ("op:pa/ss@cam", None),
        ("cam:123456/live", None),
    ],
)
def test_authority_is_split_or_refused(rest: str, parts: tuple[str, str, str] | None) -> None:
    """Whoever can be read in two ways is not read at all."""
    assert split_authority(rest) == parts
