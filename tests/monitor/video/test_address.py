"""Addresses: every kind is understood, every mistake is named, no secret is in a complaint."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.errors import AddressError
from monitor.core.secret import Secret
from monitor.video.address import (
    FileAddress,
    NetworkAddress,
    PicturesAddress,
    PlazaAddress,
    WebcamAddress,
    parse_address,
)

SECRET = "S3CRET"


def network(text: str) -> NetworkAddress:
    """Read a network address."""
    address = parse_address(text)
    assert isinstance(address, NetworkAddress)
    return address


@pytest.mark.parametrize(
    ("text", "password", "url"),
    [
        ("rtsp://cam/live", None, "rtsp://cam/live"),
        ("RTSP://cam/live", None, "rtsp://cam/live"),
        ("rtsp://op@cam/live", "p@s:s/w%41 d?#", "rtsp://op:p%40s%3As%2Fw%2541%20d%3F%23@cam/live"),
        ("rtsp://op:old@cam/live", "new", "rtsp://op:new@cam/live"),
        ("rtsp://op:p@ss@cam/live", None, "rtsp://op:p@ss@cam/live"),
        ("http://cam/x?token=t", None, "http://cam/x?token=t"),
        ("rtsp://op@[2001:db8::1]:554/l", "pw", "rtsp://op:pw@[2001:db8::1]:554/l"),
        ("udp://@239.0.0.1:1234", None, "udp://239.0.0.1:1234"),
        ("srt://:9000?mode=listener", None, "srt://:9000?mode=listener"),
    ],
)
def test_password_is_joined_where_the_stream_is_opened(
    text: str, password: str | None, url: str
) -> None:
    """The address to open has the password percent-encoded; the rest is as written."""
    assert network(text).url(None if password is None else Secret(password)) == url


def test_no_record_shows_its_secrets() -> None:
    """Neither the text nor the representation of an address holds user, password or token."""
    address = network(f"rtsp://operator:{SECRET}@cam/live?token={SECRET}")

    assert SECRET not in repr(address) + str(address) + address.label
    assert "operator" not in repr(address)


def test_password_without_user_is_a_mistake() -> None:
    """The complaint names the place for the user, and not the password."""
    with pytest.raises(AddressError, match="user@host") as caught:
        network("rtsp://cam/live").url(SECRET)

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "index"), [("webcam:0", 0), ("webcam:12", 12), ("/dev/video3", 3)]
)
def test_webcams_have_numbers(text: str, index: int) -> None:
    """Both ways to write a camera of this machine mean its number; it need not be plugged in."""
    assert parse_address(text) == WebcamAddress(text, index)


def test_plaza_has_people_and_seed() -> None:
    """What is not said has its default."""
    whole = parse_address("synthetic:plaza?people=7&seed=3")
    plain = parse_address("synthetic:plaza")

    assert whole == PlazaAddress("synthetic:plaza?people=7&seed=3", 7, 3)
    assert isinstance(plain, PlazaAddress)
    assert (plain.people, plain.seed) == (120, 1)


def test_video_file_may_be_looped(tmp_path: Path) -> None:
    """Any file that is no picture is a video; `?loop=1` plays it again and again."""
    file = tmp_path / "plaza.mp4"
    file.touch()

    once, looped = parse_address(str(file)), parse_address(f"{file}?loop=1")

    assert once == FileAddress(str(file), file, is_looped=False)
    assert looped == FileAddress(str(file), file, is_looped=True)


def test_file_address_of_the_web_is_a_path(tmp_path: Path) -> None:
    """`file://` with percent-encoding is the same as the path."""
    file = tmp_path / "two words.mp4"
    file.touch()

    address = parse_address(file.as_uri())

    assert isinstance(address, FileAddress)
    assert address.path == file


def test_pictures_have_a_rate(tmp_path: Path) -> None:
    """A folder, a pattern and a single picture are pictures, twice a second unless said."""
    picture = tmp_path / "a.JPG"
    picture.touch()

    folder = parse_address(f"{tmp_path}?fps=12.5&loop=1")
    pattern = parse_address(f"{tmp_path}/*.JPG?fps=1")
    single = parse_address(str(picture))

    assert folder == PicturesAddress(str(tmp_path), str(tmp_path), 12.5, is_looped=True)
    assert isinstance(pattern, PicturesAddress)
    assert (pattern.place, pattern.rate_hz) == (f"{tmp_path}/*.JPG", 1.0)
    assert isinstance(single, PicturesAddress)
    assert single.rate_hz == 2.0


def test_strange_file_names_win_over_options(tmp_path: Path) -> None:
    """A file that exists is taken as it is called, question mark and all."""
    file = tmp_path / "what?loop=1"
    file.touch()

    address = parse_address(str(file))

    assert address == FileAddress(str(file), file, is_looped=False)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "empty"),
        ("rstp://cam/live", "did you mean rtsp://"),
        ("gopher://cam/live", "known are rtsp, rtsps"),
        ("rtsp:cam/live", "write rtsp://host/"),
        ("rtsp:///live", "names no host"),
        ("rtsp://:554/live", "names no host"),
        ("rtsp://op:pa/ss@cam/live", "%2F"),
        ("nowhere/plaza.mp4", "nowhere/plaza.mp4: there is no such file"),
        ("nowhere.mp4?loop=1", "nowhere.mp4?loop=1: there is no such file"),
        ("webcam:front", "webcam:0"),
        ("synthetic:forest", "synthetic:plaza"),
        ("synthetic:plaza?people=many", "people must be a whole number, not 'many'"),
        ("synthetic:plaza?poeple=3", "unknown option poeple; known: people, seed"),
        (".?fps=0", "fps must be a number above 0, not '0'"),
        (".?fps=nan", "fps must be"),
        (".?speed=2", "unknown option speed; known: fps, loop"),
        (f"{__file__}?fps=2", "unknown option fps; known: loop"),
        ("a\0b", "no such file"),
        ("x" * 5000, "no such file"),
    ],
)
def test_mistakes_are_named(text: str, complaint: str) -> None:
    """Whatever is wrong with an address, the complaint says what and what to do."""
    with pytest.raises(AddressError) as caught:
        parse_address(text)

    assert complaint in str(caught.value)


@given(
    st.sampled_from(
        ["rtsp", "rtsps", "rstp", "http", "xyz", "rtmp", "RTSP", "webcam", "synthetic", ""]
    ),
    st.sampled_from(["://", ":/", ":", "//"]),
    st.text(alphabet="ab1:/@?#%&=[]\\ ;.é", max_size=8),
    st.text(alphabet="ab1:/@?#%&=[]\\ ;.é", max_size=8),
)
def test_no_complaint_holds_a_password(scheme: str, colon: str, before: str, after: str) -> None:
    """However an address with a password is mangled, no text that comes of it shows it."""
    text = f"{scheme}{colon}op:{before}{SECRET}{after}@cam.example/live"

    try:
        shown = repr(parse_address(text))
    except AddressError as error:
        shown = f"{error}{error!r}"

    assert SECRET not in shown
