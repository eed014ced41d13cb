"""Lines of a log without secrets, whoever wrote them."""

import io
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.secret import Secret
from monitor.settings import CameraSettings, SiteSettings
from monitor.settings.logs import clean, hide_secrets_in_logs, secrets_in, secrets_of

PASSWORD = "p@ss:W0rd/x"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is written while the program logs; the root logger is put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    hide_secrets_in_logs(logging.DEBUG, [Secret(PASSWORD)], stream=written)
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    "message",
    [
        "opening rtsp://op:S3CRET@cam/live failed",
        "opening rtsp://op:S3CRET@[2001:db8::7]:554/live failed",
        "opening rtsp://op:S3C@RET@cam/live failed",
        "opening rtsp://op:S3C:RET@cam/live failed",
        "opening rtsp://op:S3C%40RET@cam/live failed",
        "GET http://cam/video?user=op&pwd=S3CRET (404).",
        "GET 'https://cam/video;token=S3CRET'",
        "mqtts://op:S3CRET@broker, and then postgresql+psycopg://op:S3CRET@db/history",
        "password is p@ss:W0rd/x",
        "password is p%40ss%3AW0rd%2Fx",
    ],
)
def test_no_secret_reaches_the_log(log: io.StringIO, message: str) -> None:
    """In the message, in its arguments, and in the text of an exception."""
    logger = logging.getLogger("some.library")
    logger.debug(message)
    logger.info("%s", message)
    try:
        raise OSError(message)
    except OSError:
        logger.exception("it failed")

    text = log.getvalue()
    for part in ("S3C", "RET", "W0rd"):
        assert part not in text
    assert text.count("failed") >= 1
    assert "OSError" in text


def test_what_is_no_secret_stays(log: io.StringIO) -> None:
    """A log that hides everything helps nobody."""
    logging.getLogger("x").warning("rtsp://cam:554/live: lost. See https://example.org/a.")

    assert "WARNING rtsp://cam:554/live: lost. See https://example.org/a." in log.getvalue()


@given(st.text())
def test_text_without_addresses_stays_as_it_is(text: str) -> None:
    """Law: only addresses and known passwords are touched."""
    if "://" not in text:
        assert clean(text) == text


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("rtsp://op:S3CRET@cam/live", {"S3CRET"}),
        ("rtsp://op:S3%40CRET@cam/live", {"S3%40CRET", "S3@CRET"}),
        ("http://cam/v?q=high&token=S3CRET-long", {"S3CRET-long"}),
        ("rtsp://op@cam/live", set()),
        ("webcam:0", set()),
    ],
)
def test_what_an_address_holds_is_known(address: str, found: set[str]) -> None:
    """So that it is hidden also where a library shows only a part of the address."""
    assert {one.reveal() for one in secrets_in(address)} == found


def test_the_passwords_of_a_site_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that can be had; the others are told where they are needed."""
    monkeypatch.setenv("GATE", PASSWORD)
    cameras = (
        CameraSettings(name="Gate", source="rtsp://op@cam/", password_env="GATE"),
        CameraSettings(name="Yard", source="rtsp://op@cam/", password_env="NO_SUCH_ONE"),
    )

    assert secrets_of(SiteSettings(camera=cameras)) == (Secret(PASSWORD),)
