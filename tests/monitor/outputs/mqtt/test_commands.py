"""Commands from a broker, on which anybody may have sent anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.errors import OutputError
from monitor.outputs.mqtt.commands import Command, parse_command


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        pytest.param(b"Ada", Command("ack", "Ada", "", 900.0), id="a bare name"),
        pytest.param(b"", Command("ack", "MQTT", "", 900.0), id="nothing"),
        pytest.param(
            b'{"who": " Ada ", "note": "stewards sent"}',
            Command("ack", "Ada", "stewards sent", 900.0),
            id="name and note",
        ),
        pytest.param(
            b'{"who": "Ada", "reason": "parade", "duration_s": 60}',
            Command("ack", "Ada", "parade", 60.0),
            id="reason and time",
        ),
        pytest.param(b'{"who": 7}', Command("ack", "MQTT", "", 900.0), id="a number for a name"),
        pytest.param(b"x" * 1000, Command("ack", "x" * 200, "", 900.0), id="a long name"),
    ],
)
def test_a_command_is_read(payload, expected):
    """JSON or a bare name; who says nothing is called MQTT."""
    assert parse_command("ack", payload) == expected


@pytest.mark.parametrize(
    ("payload", "named"),
    [
        (b'{"who": ', "no valid JSON"),
        (b'{"duration_s": "long"}', "duration_s"),
        (b'{"duration_s": -1}', "duration_s"),
        (b'{"duration_s": true}', "duration_s"),
        (b'{"duration_s": 1e999}', "duration_s"),
        (b"x" * 5000, "too long"),
    ],
)
def test_what_cannot_be_meant_is_refused(payload, named):
    """The log says why."""
    with pytest.raises(OutputError, match=named):
        parse_command("shelve", payload)


@given(st.binary(max_size=5000))
def test_anything_is_read_or_refused(payload):
    """No payload ends the client's thread."""
    try:
        command = parse_command("ack", payload)
    except OutputError:
        return
    assert command.who
    assert len(command.who) <= 200
