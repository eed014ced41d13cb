"""The tables of what leaves the program."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from monitor.core.rule import Priority
from monitor.settings.outputs import StatusSettings, StoreSettings, is_loopback
from monitor.settings.site_file import check_site

CAMERA = '[[camera]]\nname = "Gate 1"\nsource = "synthetic:plaza"\n'
HERE = Path("/sites")


def site_of(text):
    """Read a site that has no mistakes."""
    settings, mistakes = check_site(CAMERA + text, folder=HERE)
    assert not mistakes, mistakes
    return settings


def test_without_a_word_nothing_leaves_the_machine():
    """A history in a file, metrics on the local page, no broker, no messages."""
    site = site_of("")

    assert (site.csv, site.mqtt, site.notify, site.metrics.enabled) == (None, None, None, True)
    assert site.store.to_retention() == StoreSettings().to_retention()


def test_everything_can_be_set():
    """One site with all of it; files that are named lie beside it."""
    site = site_of(
        "[store]\nreadings_days = 7\nmax_gb = 2.5\nmin_free_gb = 0.5\n"
        '[mqtt]\nhost = "broker"\ntls = true\nca_file = "ca.pem"\nuser = "crowd"\n'
        'password_file = "mqtt.secret"\ncommands = true\n'
        '[[notify.target]]\nname = "control room"\nurl_env = "CONTROL_ROOM_URL"\n'
        '[[notify.target]]\nname = "on call"\nurl_file = "call.secret"\npriorities = ["high"]\n'
        "after_s = 60\n"
        '[metrics]\nenabled = false\n[csv]\npath = "counts.csv"\n'
    )

    keep = site.store.to_retention()
    assert (keep.readings_for, keep.bytes_max) == (timedelta(days=7), 2_500_000_000)
    assert site.mqtt.port_number == 8883
    assert (site.mqtt.ca_file, site.mqtt.password_file) == ("/sites/ca.pem", "/sites/mqtt.secret")
    assert site.notify.target[1].url_file == "/sites/call.secret"
    assert site.notify.target[1].priorities == (Priority.HIGH,)
    assert site.metrics.enabled is False
    assert site.csv.path == "/sites/counts.csv"


def test_a_plain_broker_has_the_plain_port():
    """1883 is what brokers without encryption listen on."""
    assert site_of('[mqtt]\nhost = "broker"\n').mqtt.port_number == 1883


@pytest.mark.parametrize(
    ("text", "key", "named"),
    [
        pytest.param("[mqtt]\n", "mqtt.host", "missing", id="no broker"),
        pytest.param('[mqtt]\nhost = "b"\nport = 0\n', "mqtt.port", "greater", id="port 0"),
        pytest.param(
            '[mqtt]\nhost = "b"\npassword_env = "X"\n', "mqtt", "needs a `user`", id="no user"
        ),
        pytest.param(
            '[mqtt]\nhost = "b"\nuser = "u"\npassword_env = "X"\npassword_keyring = true\n',
            "mqtt", "give one of", id="two places",
        ),
        pytest.param('[mqtt]\nhost = "b"\nca_file = "x"\n', "mqtt", "tls = true", id="no tls"),
        pytest.param('[mqtt]\nhost = "b"\nprefix = "a#"\n', "mqtt.prefix", "", id="wildcard"),
        pytest.param("[notify]\n", "notify.target", "missing", id="nobody to tell"),
        pytest.param(
            '[[notify.target]]\nname = "a"\n', "notify.target[1]", "url_env", id="no address"
        ),
        pytest.param(
            '[[notify.target]]\nname = "a"\nurl = "mailto://u:secret@host"\nurl_env = "X"\n',
            "notify.target[1].url", "url_env", id="a secret in the file",
        ),
        pytest.param(
            '[[notify.target]]\nname = "a"\nurl_env = "X"\n'
            '[[notify.target]]\nname = "a"\nurl_env = "Y"\n',
            "notify.target", "two targets", id="one name twice",
        ),
        pytest.param("[store]\nmax_gb = 0\n", "store.max_gb", "greater", id="no room"),
    ],
)  # fmt: skip
def test_mistakes_are_named_with_their_key(text, key, named):
    """Each with what to do, none with a secret."""
    _, mistakes = check_site(CAMERA + text, folder=HERE)

    told = [one for one in mistakes if one.key == key and named in one.message]
    assert told, mistakes
    assert "secret@" not in "".join(str(one) for one in mistakes)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.7", False),
        ("control-room", False),
        ("localhost.example", False),
    ],
)
def test_what_other_machines_can_reach_needs_a_token(host: str, expected: bool) -> None:
    """Without one, only this machine's own addresses are taken."""
    assert is_loopback(host) is expected
    assert StatusSettings(host=host, token_env="T").is_local is expected
    if not expected:
        with pytest.raises(ValidationError, match="token is needed"):
            StatusSettings(host=host)


def test_a_token_has_one_place() -> None:
    """Two would be a riddle."""
    with pytest.raises(ValidationError, match="not both"):
        StatusSettings(token_env="T", token_file="f")
