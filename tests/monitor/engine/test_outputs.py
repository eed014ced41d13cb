"""Everything that leaves the engine, on real receivers, and what happens when one hangs."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor.core.alarm import AlarmState
from monitor.engine.engine import Engine
from monitor.engine.outputs import Outputs
from monitor.outputs.evidence.facts import ModelFacts
from monitor.outputs.evidence.folder import packs_in
from monitor.outputs.evidence.notes import pack_of_note
from monitor.outputs.evidence.verifying import verify_pack
from monitor.outputs.history.history import History
from monitor.outputs.metrics import Backend
from monitor.settings import MqttSettings, SiteSettings
from monitor.settings.outputs import parse_address
from tests.rigs.counters import FixedCounter
from tests.rigs.load import scaled_s
from tests.rigs.mosquitto import listening, running_mosquitto
from tests.rigs.sockets import unused_port
from tests.rigs.sources import EndlessSource
from tests.rigs.waiting import wait_until
from tests.rigs.webhook import running_webhook

# Apprise still looks for a module that Python 3.13 has not.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

LIMIT_S = 30.0
PASSWORD = "S3cretWord"
CAMERA = {
    "name": "Gate 1",
    "source": "synthetic:plaza?people=3&seed=1",
    "count_hz": 20,
    "limit": {"high": 20, "on_delay_s": 0, "off_delay_s": 0},
}


def site_of(**tables):
    return SiteSettings.model_validate({"camera": [CAMERA], **tables})


@contextmanager
def running(site, *, people=40.0, **how):
    """Run an engine that finds a number of people in every picture, with its outputs."""
    engine = Engine(
        site.camera,
        FixedCounter(people, variance=4.0),
        areas=site.area,
        open_source=lambda _settings, clock: EndlessSource(clock),
    )
    outputs = Outputs(engine, site, **how)
    outputs.start()
    engine.start()
    try:
        yield engine, outputs
    finally:
        assert engine.stop(10)
        assert outputs.stop(10)


def test_one_crowd_reaches_history_broker_person_and_metrics(tmp_path):
    """Forty people where twenty are allowed: everybody knows, and all numbers agree."""
    url = f"sqlite:///{tmp_path}/history.sqlite"
    with running_mosquitto(tmp_path) as broker, running_webhook() as hook:
        site = site_of(
            csv={"path": str(tmp_path / "counts.csv")},
            mqtt={"host": "127.0.0.1", "port": broker.port, "every_s": 0.2, "commands": True},
            notify={"target": [{"name": "duty", "url_env": "DUTY_URL"}]},
        )
        history = History(parse_address(url, {}))
        backend = lambda: Backend("tiny", "cpu", "abacus", "fp32", "abc")  # noqa: E731
        environ = {"DUTY_URL": hook.url(user="u", password=PASSWORD)}
        with (
            listening(broker.port) as listener,
            running(site, history=history, backend=backend, environ=environ) as (engine, outputs),
        ):
            wait_until(lambda: hook.posted, "a person is told", within_s=LIMIT_S)
            wait_until(
                lambda: json.loads(listener.newest.get("crowd/main/gate_1/state", b"{}")).get(
                    "value"
                ) == 40.0,
                "the broker knows", within_s=LIMIT_S,
            )  # fmt: skip
            alarm = "crowd/main/gate_1/alarm/limit"
            wait_until(lambda: alarm in listener.newest, "the alarm stands", within_s=LIMIT_S)
            listener.client.publish(f"{alarm}/ack/set", '{"who": "Ada"}', qos=1)
            wait_until(
                lambda: engine.snapshots()[0].alarm.state is AlarmState.ACKNOWLEDGED,
                "acknowledged over the broker", within_s=LIMIT_S,
            )  # fmt: skip
            wait_until(lambda: history.health.written > 0, "it is kept", within_s=LIMIT_S)
            health = outputs.health()
            text, kind = outputs.metrics()
    now = datetime.now(UTC)
    points = history.series("Gate 1", None, now - timedelta(hours=1), now, 1)
    events = history.events_between(now - timedelta(hours=1), now)

    assert "40 people" in hook.posted[0]["message"]
    assert points[0].count == pytest.approx(40.0)
    assert [one.who for one in events if one.after is AlarmState.ACKNOWLEDGED] == ["Ada"]
    assert set(health) == {"history", "csv", "mqtt", "notify duty"}
    assert (tmp_path / "counts.csv").read_text().count(",40.0,") > 0
    assert not [one.message for one in health.values() if one.is_failing]
    assert kind.startswith("text/plain")
    samples = samples_of(text)
    assert samples["crowd_count", "Gate 1"] == 40.0
    assert samples["crowd_alarms_total", "Gate 1"] == 1
    assert PASSWORD.encode() not in text


def samples_of(text):
    return {
        (sample.name, sample.labels.get("camera", "")): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def delivered(engine, subscriber):
    """How many readings and events have reached a subscriber, and are done with."""
    return {one.name: one.delivered for one in engine.status().deliveries}[subscriber]


def test_an_output_that_hangs_for_ever_delays_no_reading(tmp_path):
    """One subscriber never comes back; the others get every reading, and the picture goes on."""
    gate, has_begun, readings = Event(), Event(), []

    def hang(_reading):
        has_begun.set()
        gate.wait(scaled_s(LIMIT_S))

    with running(site_of(), history=History(parse_address(f"sqlite:///{tmp_path}/h", {}))) as (
        engine, outputs,
    ):  # fmt: skip
        engine.subscribe("hangs", on_reading=hang)
        engine.subscribe("works", on_reading=readings.append)
        assert has_begun.wait(scaled_s(LIMIT_S))
        before = len(readings)
        wait_until(lambda: len(readings) >= before + 40, "readings go on", within_s=LIMIT_S)
        status = {one.name: one for one in engine.status().deliveries}
        written = outputs.health()["history"].written
        gate.set()

    assert status["hangs"].delivered == 0
    assert status["hangs"].waiting >= 39
    assert status["works"].dropped == 0
    assert written > 0


def test_a_hanging_broker_and_person_delay_no_reading(tmp_path):
    """Real ones: the broker is stopped in its tracks, the server takes the message and is mute."""
    with running_mosquitto(tmp_path) as broker, running_webhook() as hook:
        hook.gate.clear()
        site = site_of(
            mqtt={"host": "127.0.0.1", "port": broker.port, "every_s": 0.2},
            notify={"target": [{"name": "duty", "url_env": "DUTY_URL"}]},
        )
        readings = []
        with running(site, environ={"DUTY_URL": hook.url()}) as (engine, _):
            engine.subscribe("works", on_reading=readings.append)
            assert hook.is_asked.wait(scaled_s(LIMIT_S))
            broker.stall()
            before = len(readings)
            wait_until(lambda: len(readings) >= before + 40, "readings go on", within_s=LIMIT_S)
            broker.resume()
            hook.gate.set()

        assert all(one.quality.value == "good" for one in readings)


def test_what_cannot_be_prepared_is_seen_and_people_are_counted():
    """Passwords that are missing: two failing outputs, and readings all the same."""
    site = site_of(
        mqtt={"host": "127.0.0.1", "user": "u", "password_env": "BROKER_PASSWORD"},
        notify={"target": [{"name": "duty", "url_env": "DUTY_URL"}]},
    )
    with running(site, environ={}) as (engine, outputs):
        wait_until(lambda: engine.snapshots()[0].reading is not None, "a count", within_s=LIMIT_S)
        wait_until(
            lambda: all(one.is_failing for one in outputs.health().values()), "both are seen"
        )
        health = outputs.health()

    assert "BROKER_PASSWORD is not set" in health["mqtt"].message
    assert "DUTY_URL is not set" in health["notify duty"].message


def test_metrics_can_be_switched_off():
    """Then there is nothing to serve."""
    with running(site_of(metrics={"enabled": False})) as (_, outputs):
        assert outputs.metrics() is None


def test_outputs_start_once():
    """Nothing is subscribed twice."""
    with running(site_of()) as (_, outputs), pytest.raises(RuntimeError, match="once"):
        outputs.start()


def test_an_alarm_leaves_evidence_that_journal_and_pack_agree_on(tmp_path):
    """Forty people where twenty are allowed: the journal names the pack, and its hash proves it."""
    folder = tmp_path / "evidence"
    site = site_of(evidence={"folder": str(folder)})
    history = History(parse_address(f"sqlite:///{tmp_path}/history.sqlite", {}))
    model = ModelFacts("tiny", "cpu", "tiny.onnx", "ab" * 32, "{}")
    events = []
    with running(site, history=history) as (engine, outputs):
        outputs.counts_with(lambda: model)
        engine.subscribe("test", on_event=events.append)
        wait_until(
            lambda: any(pack_of_note(one.note) for one in events), "it is told", within_s=LIMIT_S
        )
        health = outputs.health()["evidence"]
    now = datetime.now(UTC)
    journal = history.events_between(now - timedelta(hours=1), now)
    (noted,) = [found for one in journal if (found := pack_of_note(one.note))]
    (pack,) = packs_in(folder)

    assert noted == (pack.name, verify_pack(pack).manifest_sha256)
    assert verify_pack(pack).is_whole
    assert (health.is_failing, health.lost) == (False, 0)
    told = json.loads((pack / "alarm.json").read_text())
    assert told["rule"]["limit"] == 20.0
    assert told["place"]["reading"]["count"] == pytest.approx(40.0)
    assert told["model"]["file_sha256"] == "ab" * 32
    assert (pack / "picture.jpg").exists()
    assert (pack / "after" / "counts-after.csv").exists()


def rows_of(path):
    return [line for line in path.read_text().splitlines()[1:] if line]


def test_another_file_takes_over_and_no_reading_is_lost(tmp_path):
    """Each reading is in exactly one of the two files, the order kept."""
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    seen = []
    with running(site_of(csv={"path": str(first)})) as (engine, outputs):
        engine.subscribe("seen", on_reading=seen.append)
        wait_until(lambda: len(seen) >= 10, "it is counted", within_s=LIMIT_S)
        outputs.exchange(site_of(csv={"path": str(second)}))
        before = len(seen)
        wait_until(lambda: len(seen) >= before + 10, "it goes on", within_s=LIMIT_S)
        outputs.exchange(site_of())
        wait_until(lambda: "csv" not in outputs.health(), "none is wanted", within_s=LIMIT_S)

    moments = [row.split(",")[0] for row in rows_of(first) + rows_of(second)]
    assert rows_of(first)
    assert rows_of(second)
    assert moments == sorted(set(moments))
    told = [one.at_utc.isoformat(timespec="milliseconds")[:23] for one in seen]
    inside = [one for one in told if moments[0][:23] <= one <= moments[-1][:23]]
    assert inside == [one[:23] for one in moments]


def test_what_a_dead_file_could_not_take_goes_into_the_new_one(tmp_path):
    """The folder of the first is not there: its readings wait, and the second gets them."""
    second = tmp_path / "second.csv"
    with running(site_of(csv={"path": str(tmp_path / "away" / "first.csv")})) as (_, outputs):
        wait_until(lambda: outputs.health()["csv"].is_failing, "it is away", within_s=LIMIT_S)
        waiting = outputs.health()["csv"].waiting
        outputs.exchange(site_of(csv={"path": str(second)}))
        wait_until(
            lambda: outputs.health()["csv"].written >= waiting, "all is told", within_s=LIMIT_S
        )
        health = outputs.health()["csv"]

    assert (health.lost, health.is_failing) == (0, False)


def test_another_broker_is_told_what_the_dead_one_could_not_be(tmp_path):
    """The alarm rang while the broker of the site file was wrong; the right one hears of it."""
    with running_mosquitto(tmp_path) as broker:
        wrong = site_of(mqtt={"host": "127.0.0.1", "port": unused_port(), "every_s": 0.2})
        right = site_of(mqtt={"host": "127.0.0.1", "port": broker.port, "every_s": 0.2})
        with listening(broker.port) as listener, running(wrong) as (_, outputs):
            wait_until(
                lambda: outputs.health()["mqtt"].waiting > 0, "the alarm waits", within_s=LIMIT_S
            )
            outputs.exchange(right)
            event = "crowd/main/gate_1/event"
            wait_until(lambda: event in listener.newest, "it is told", within_s=LIMIT_S)
            wait_until(
                lambda: listener.newest.get("crowd/main/status") == b"online",
                "it is there", within_s=LIMIT_S,
            )  # fmt: skip
            health = outputs.health()["mqtt"]

    assert json.loads(listener.newest[event])["after"] == "unacknowledged"
    assert health.lost == 0


def test_a_person_who_was_told_is_not_told_again_by_another_address(tmp_path):
    """Only the address changes: who knows of the alarm goes on knowing, until it ends."""
    first_terms = {"target": [{"name": "duty", "url_env": "FIRST", "tells_end": True}]}
    second_terms = {"target": [{"name": "duty", "url_env": "SECOND", "tells_end": True}]}
    with running_webhook() as first, running_webhook() as second:
        environ = {"FIRST": first.url(), "SECOND": second.url()}
        with running(site_of(notify=first_terms), environ=environ) as (engine, outputs):
            wait_until(lambda: first.posted, "a person is told", within_s=LIMIT_S)
            outputs.exchange(site_of(notify=second_terms))
            engine.acknowledge("Gate 1/limit", "Ada")
            engine.use_counter(FixedCounter(0.0, variance=0.0))
            wait_until(lambda: second.posted, "the end is told", within_s=LIMIT_S)

    assert len(first.posted) == 1
    assert "over" in (second.posted[0]["title"] + second.posted[0]["message"]).lower()
    assert len(second.posted) == 1


def test_metrics_are_given_out_as_the_site_file_says_now():
    """Switched off and on again while all runs; what was counted meanwhile is not forgotten."""
    without_limit = {name: value for name, value in CAMERA.items() if name != "limit"}
    on = SiteSettings.model_validate({"camera": [without_limit]})  # no alarm: readings alone come
    off = on.model_copy(update={"metrics": on.metrics.model_copy(update={"enabled": False})})
    with running(on) as (engine, outputs):
        outputs.exchange(off)
        while_off = outputs.metrics()
        told = delivered(engine, "metrics")
        wait_until(lambda: delivered(engine, "metrics") >= told + 2, "it counts on")
        outputs.exchange(on)
        text, _ = outputs.metrics()

    assert while_off is None
    assert samples_of(text)["crowd_frames_inferred_total", "Gate 1"] >= told + 2


def test_an_area_is_told_like_a_camera(tmp_path):
    """Two cameras of forty people each are an area of eighty: broker, discovery and metrics."""
    site = SiteSettings.model_validate(
        {
            "camera": [CAMERA, CAMERA | {"name": "Gate 2"}],
            "area": [
                {
                    "name": "Square",
                    "member": [{"camera": "Gate 1"}, {"camera": "Gate 2"}],
                    "rule": [{"name": "full", "limit": 60, "on_delay_s": 0}],
                }
            ],
        }
    )
    with running_mosquitto(tmp_path) as broker:
        mqtt = MqttSettings(host="127.0.0.1", port=broker.port, every_s=0.2)
        site = site.model_copy(update={"mqtt": mqtt})
        with listening(broker.port) as listener, running(site) as (_, outputs):
            wait_until(
                lambda: json.loads(listener.newest.get("crowd/main/square/state", b"{}")).get(
                    "value"
                ) == 80.0,
                "the area is told", within_s=LIMIT_S,
            )  # fmt: skip
            alarm = "crowd/main/square/alarm/full"
            wait_until(lambda: alarm in listener.newest, "its alarm is told", within_s=LIMIT_S)
            announced = json.loads(listener.newest["homeassistant/device/crowd_main_square/config"])
            text, _ = outputs.metrics()

    assert announced["device"]["name"] == "Square"
    assert announced["components"]["count"]["state_topic"] == "crowd/main/square/state"
    samples = samples_of(text)
    assert samples["crowd_count", "Square"] == 80.0
    assert ("crowd_frames_received_total", "Square") not in samples
    assert ("crowd_frames_received_total", "Gate 1") in samples
