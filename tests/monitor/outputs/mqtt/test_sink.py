"""The client on a real broker: what stands there after whatever happens."""

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.core.alarm import AlarmState
from monitor.core.errors import OutputError
from monitor.core.reading import Quality
from monitor.core.secret import Secret
from monitor.outputs.mqtt.sink import Broker, Manners, MqttSink
from monitor.outputs.outbox import Pace
from tests.rigs.history import ring_of
from tests.rigs.mosquitto import PASSWORD, USER, listening, password_file, running_mosquitto
from tests.rigs.rtsp import self_signed_certificate
from tests.rigs.snapshots import status_of
from tests.rigs.sockets import unused_port
from tests.rigs.states import state_of
from tests.rigs.waiting import wait_until

SOON = Pace(flush_s=0.001, retry_s=0.01, retry_max_s=0.1)
ROOT = Path(__file__).parents[4]
STATE = "crowd/main/gate_1/state"
ZONE = "crowd/main/gate_1/stairs/count"
ALARM = "crowd/main/gate_1/alarm/limit"
EVENT = "crowd/main/gate_1/event"
STATUS = "crowd/main/status"
CONFIG = "homeassistant/device/crowd_main_gate_1/config"


class Desk:
    """An engine that writes down what it is asked."""

    def __init__(self):
        self.calls = []

    def acknowledge(self, alarm_id, who, note=""):
        """Write it down."""
        self.calls.append(("acknowledge", alarm_id, who, note))
        return True

    def shelve(self, alarm_id, who, *, duration_s, reason):
        """Write it down, or refuse as the engine does."""
        if duration_s > 28_800:
            raise ValueError("at most 8 hours")
        self.calls.append(("shelve", alarm_id, who, duration_s, reason))

    def unshelve(self, alarm_id, who):
        """Write it down."""
        self.calls.append(("unshelve", alarm_id, who))
        return True


@pytest.fixture
def broker(tmp_path):
    with running_mosquitto(tmp_path) as broker:
        yield broker


@contextmanager
def sink_to(broker, *, manners=None, **how):
    """A sink that is ended with the block."""
    address = Broker("127.0.0.1", broker.port)
    manners = manners or Manners(reconnect_max_s=1)
    sink = MqttSink(address, manners, ["Gate 1"], **({"pace": SOON} | how))
    sink.start()
    try:
        yield sink
    finally:
        assert sink.stop(10.0)


def connected(sink):
    wait_until(lambda: not sink.health.is_failing, "connected", within_s=20)


def tell(sink, listener, state, topic=STATE):
    """Show a state until it stands on the broker."""

    def is_there():
        sink.show([state])
        quality = json.loads(listener.newest.get(topic, b"{}")).get("quality")
        return quality == state.quality.value

    wait_until(is_there, "the broker knows", within_s=20)


def test_state_zone_alarm_and_announcement_stand_on_the_broker(broker):
    """Who comes later hears at once how it is: everything is retained."""
    with sink_to(broker) as sink:
        connected(sink)
        with listening(broker.port) as early:
            tell(sink, early, state_of())
        with listening(broker.port) as late:
            wait_until(lambda: len(late.newest) >= 6, "everything that is retained")
            found = late.newest

    assert json.loads(found[STATE])["value"] == 131.0
    assert json.loads(found[ZONE])["value"] == 12.5
    assert json.loads(found["crowd/main/gate_1/stairs/density"])["peak"] == 4.0
    assert json.loads(found[ALARM])["state"] == "unacknowledged"
    assert json.loads(found[CONFIG])["components"]["count"]["state_topic"] == STATE
    assert found[STATUS] == b"online"


def test_a_killed_program_is_told_as_offline(broker):
    """Kill -9: the broker itself says so, by the last will."""
    with listening(broker.port) as listener:
        with subprocess.Popen(
            [sys.executable, "-m", "tests.rigs.mqtt_program", str(broker.port)], cwd=ROOT
        ) as program:
            wait_until(lambda: STATE in listener.newest, "it tells", within_s=30)
            before = listener.newest[STATUS]
            program.kill()
        wait_until(lambda: listener.newest[STATUS] == b"offline", "offline")

    assert before == b"online"


def test_a_program_that_ends_says_goodbye(broker):
    """Offline stands there for who comes later."""
    with listening(broker.port) as listener:
        with sink_to(broker) as sink:
            connected(sink)
        wait_until(lambda: listener.newest.get(STATUS) == b"offline", "goodbye")


def test_a_broker_that_goes_and_comes_back_gets_everything(broker):
    """Events of the meantime arrive, and the state is that of now, not of then."""
    with sink_to(broker) as sink:
        connected(sink)
        broker.kill()
        wait_until(lambda: sink.health.is_failing, "it is noticed")
        away = sink.health
        for index in range(20):
            sink.on_event(ring_of(index))
            sink.show([state_of(quality=Quality.STALE)])
        broker.start()
        with listening(broker.port) as listener:
            connected(sink)
            tell(sink, listener, state_of())
            wait_until(lambda: len(set(listener.heard(EVENT))) == 20, "all events", within_s=20)
            wait_until(lambda: sink.health.written == 20, "all are confirmed")
            told = [json.loads(one)["quality"] for one in listener.heard(STATE)]
            online = listener.newest[STATUS]
            times = [json.loads(one)["ts"] for one in dict.fromkeys(listener.heard(EVENT))]

    assert str(broker.port) in away.message
    assert away.lost == 0
    assert set(told) == {"good"}
    assert online == b"online"
    assert times == sorted(times)


def test_a_broker_that_hangs_holds_nobody_up(broker):
    """Counting goes on, what waits is counted, and it arrives when the broker goes on."""
    with sink_to(broker) as sink, listening(broker.port) as listener:
        connected(sink)
        broker.stall()
        try:
            for index in range(500):
                sink.show([state_of()])  # would never come back
                sink.on_event(ring_of(index))
            assert sink.health.waiting == 500
        finally:
            broker.resume()
        wait_until(lambda: sink.health.written == 500, "all are confirmed", within_s=20)

        assert sink.health.lost == 0
        assert len(set(listener.heard(EVENT))) == 500


def test_events_that_cannot_be_kept_are_counted(tmp_path):
    """No broker at all: the newest are kept, the rest is a number that a person sees."""
    nowhere = Broker("127.0.0.1", unused_port())
    sink = MqttSink(nowhere, Manners(reconnect_max_s=1), ["Gate 1"], pace=SOON)
    sink.start()
    wait_until(lambda: "cannot be reached" in sink.health.message, "it is noticed")

    for index in range(10_050):
        sink.on_event(ring_of(index))

    assert sink.health.lost == 50
    assert sink.stop(10.0)
    assert sink.health.lost == 10_050


def test_alarms_are_answered_from_the_broker(broker):
    """Acknowledge, shelve, take back; what is refused changes nothing and ends nothing."""
    desk = Desk()
    manners = Manners(reconnect_max_s=1, takes_commands=True)
    with sink_to(broker, manners=manners, desk=desk) as sink, listening(broker.port) as listener:
        connected(sink)
        tell(sink, listener, state_of())
        for topic, payload in (
            (f"{ALARM}/shelve/set", '{"who": "Ada", "duration_s": 1e9, "reason": "never again"}'),
            ("crowd/main/gate_1/alarm/nothing/ack/set", "Ada"),
            (f"{ALARM}/ack/set", "{"),
            (f"{ALARM}/ack/set", '{"who": "Ada", "note": "stewards sent"}'),
            (f"{ALARM}/shelve/set", '{"who": "Ada", "duration_s": 60, "reason": "parade"}'),
            (f"{ALARM}/unshelve/set", "Bob"),
        ):
            listener.client.publish(topic, payload, qos=1)
        wait_until(lambda: len(desk.calls) == 3, "three commands")

    assert desk.calls == [
        ("acknowledge", "Gate 1/limit", "Ada", "stewards sent"),
        ("shelve", "Gate 1/limit", "Ada", 60.0, "parade"),
        ("unshelve", "Gate 1/limit", "Bob"),
    ]


def test_a_command_that_the_broker_kept_is_not_obeyed_again(broker):
    """A retained acknowledgement of last week must not silence the alarm of today."""
    desk = Desk()
    manners = Manners(reconnect_max_s=1, takes_commands=True)
    with listening(broker.port) as listener:
        listener.client.publish(f"{ALARM}/ack/set", "last week", qos=1, retain=True)
        wait_until(lambda: listener.heard(f"{ALARM}/ack/set"), "it is kept")
        with sink_to(broker, manners=manners, desk=desk) as sink:
            connected(sink)
            tell(sink, listener, state_of())
            listener.client.publish(f"{ALARM}/ack/set", "Ada", qos=1)
            wait_until(lambda: desk.calls, "a command")

    assert [call[2] for call in desk.calls] == ["Ada"]


def test_without_leave_no_command_is_taken(broker):
    """The default: nobody on the broker can silence an alarm."""
    desk = Desk()
    with sink_to(broker, desk=desk) as sink, listening(broker.port) as listener:
        connected(sink)
        tell(sink, listener, state_of())
        listener.client.publish(f"{ALARM}/ack/set", "Ada", qos=1)
        wait_until(lambda: listener.heard(f"{ALARM}/ack/set"), "it was said")
        tell(sink, listener, state_of(quality=Quality.STALE))

    assert desk.calls == []


def test_an_alarm_that_changes_is_told_at_once(broker):
    """The retained state follows; one that did not change is not repeated."""
    with sink_to(broker) as sink, listening(broker.port) as listener:
        connected(sink)
        tell(sink, listener, state_of())
        acknowledged = (status_of(AlarmState.ACKNOWLEDGED),)
        tell(sink, listener, state_of(quality=Quality.STALE, alarms=acknowledged))
        wait_until(lambda: len(listener.heard(ALARM)) == 2, "two states")

        told = [json.loads(one)["state"] for one in listener.heard(ALARM)]
        assert told == ["unacknowledged", "acknowledged"]
        assert len(listener.heard(CONFIG)) == 1


@pytest.mark.parametrize(
    ("password", "is_let_in"), [(PASSWORD, True), ("wrong", False)], ids=["right", "wrong"]
)
def test_the_broker_asks_for_a_password(tmp_path, password, is_let_in, caplog):
    """The right one is let in; the wrong one is told, without being shown."""
    settings = ("allow_anonymous false", f"password_file {password_file(tmp_path)}")
    with running_mosquitto(tmp_path, *settings) as broker:
        address = Broker("127.0.0.1", broker.port, USER, Secret(password))
        sink = MqttSink(address, Manners(reconnect_max_s=1), ["Gate 1"], pace=SOON)
        sink.start()
        if is_let_in:
            connected(sink)
        else:
            wait_until(lambda: "refused" in sink.health.message, "it is refused")
        assert sink.stop(10.0)

    assert password not in f"{sink.health} {address!r} {caplog.text}"


# The client lets the socket of a refused broker be collected instead of closing it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_encrypted_broker_must_be_who_it_says(tmp_path):
    """With its certificate trusted it is told; without, nothing is sent to it."""
    certificate = self_signed_certificate(tmp_path)
    settings = (
        "allow_anonymous true", f"certfile {certificate}", f"keyfile {certificate}",
        f"cafile {certificate}",
    )  # fmt: skip
    with running_mosquitto(tmp_path, *settings) as broker:
        trusted = Broker("127.0.0.1", broker.port, has_tls=True, ca_file=str(certificate))
        sink = MqttSink(trusted, Manners(reconnect_max_s=1), ["Gate 1"], pace=SOON)
        sink.start()
        connected(sink)
        assert sink.stop(10.0)

        unknown = Broker("127.0.0.1", broker.port, has_tls=True)
        sink = MqttSink(unknown, Manners(reconnect_max_s=1), ["Gate 1"], pace=SOON)
        sink.start()
        wait_until(lambda: "cannot be reached" in sink.health.message, "it is refused")
        message = sink.health.message
        assert sink.stop(10.0)

    assert "self-signed certificate" in message


def test_certificates_that_are_not_there_are_named(tmp_path):
    """Before anything is connected."""
    with pytest.raises(OutputError, match="certificates cannot be read"):
        MqttSink(
            Broker("localhost", 8883, has_tls=True, ca_file=str(tmp_path / "no.pem")),
            Manners(),
            ["Gate 1"],
        )
