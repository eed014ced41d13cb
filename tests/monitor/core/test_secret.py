"""A secret is shown by nothing but `reveal`."""

import copy
import json
import logging
import pickle
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.secret import Secret

TEXT = "S3cr:et@/?#"


@dataclass(frozen=True)
class Holder:
    """A record with a secret in it."""

    secret: Secret


@pytest.mark.parametrize(
    "shown",
    [
        repr(Secret(TEXT)),
        str(Secret(TEXT)),
        f"{Secret(TEXT)}",
        f"{Secret(TEXT):>40}",
        "%s %r" % (Secret(TEXT), Secret(TEXT)),  # noqa: UP031 - as a log formats
        repr(Holder(Secret(TEXT))),
        repr([Secret(TEXT)]),
    ],
)
def test_nothing_shows_it(shown: str) -> None:
    """Neither its text nor its length."""
    assert "S3cr" not in shown
    assert "•••" in shown


def test_a_log_does_not_show_it(caplog: pytest.LogCaptureFixture) -> None:
    """As an argument of a message, at any level."""
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("x").debug("with %s and %r", Secret(TEXT), Holder(Secret(TEXT)))

    assert "S3cr" not in caplog.text


@pytest.mark.parametrize("write", [pickle.dumps, copy.deepcopy, json.dumps])
def test_it_is_written_nowhere(write) -> None:
    """Who tries is told, without the text."""
    with pytest.raises(TypeError) as caught:
        write(Secret(TEXT))

    assert "S3cr" not in str(caught.value)


@given(st.text(), st.text())
def test_it_is_equal_to_its_text_alone(text: str, other: str) -> None:
    """Law: it matches exactly what it was made of."""
    secret = Secret(text)

    assert secret.reveal() == text
    assert secret.matches(other) == (text == other)
    assert (secret == Secret(other)) == (text == other)
    assert secret != text
    assert secret.matches(text)
    assert hash(secret) == hash(Secret(text))


def test_half_characters_are_compared_too() -> None:
    """What an environment holds that is no UTF-8 is refused as any other wrong text."""
    assert not Secret("a").matches("\udc80")
    assert Secret("\udc80").matches("\udc80")
