"""Numbers for Prometheus: read back with Prometheus' own parser."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor.core.alarm import AlarmState
from monitor.core.reading import Quality, Stages
from monitor.core.rule import Priority, Rule
from monitor.core.zone import Crowding
from monitor.outputs.metrics import Backend, Metrics, Sources, Storage
from monitor.outputs.outbox import OutboxHealth
from tests.rigs.clock import ManualClock
from tests.rigs.history import read_of, ring_of, zone_of
from tests.rigs.snapshots import status_of
from tests.rigs.states import state_of

STREAM_STATES = ("connecting", "live", "stale", "unreachable")


def metrics_of(*states, clock=None, outputs=None, storage=None, backend=None):
    sources = Sources(
        cameras=lambda: states,
        outputs=lambda: outputs or {},
        storage=lambda: storage,
        stream_states=STREAM_STATES,
        backend=lambda: backend,
    )
    return Metrics(sources, clock=clock or ManualClock())


def samples_of(metrics):
    """Give every sample by its name and labels."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples
    }


def test_counts_of_picture_and_zones_have_their_interval():
    """By hand from the reading of 131 people, 12.5 of them on the stairs."""
    samples = samples_of(metrics_of(state_of()))

    whole, stairs = (("camera", "Gate 1"), ("zone", "")), (("camera", "Gate 1"), ("zone", "Stairs"))
    assert samples["crowd_count", *whole] == 131.0
    assert (samples["crowd_count_low", *whole], samples["crowd_count_high", *whole]) == (130, 132)
    assert samples["crowd_count", *stairs] == 12.5
    assert samples["crowd_density_mean", *stairs] == 1.5
    assert samples["crowd_density_peak", *stairs] == 4.0
    assert ("crowd_density_mean", *whole) not in samples


def test_a_lost_count_has_no_sample():
    """Not 0, not the last one: none. The stream's state and its age tell why."""
    lost = state_of(quality=Quality.LOST, stream="unreachable", picture_age_s=60.0)

    samples = samples_of(metrics_of(lost))

    assert not [key for key in samples if key[0].startswith(("crowd_count_low", "crowd_density"))]
    assert not [key for key in samples if key[0] == "crowd_count"]
    assert samples["crowd_stream_state", ("camera", "Gate 1"), ("state", "unreachable")] == 1
    assert samples["crowd_frame_age_seconds", ("camera", "Gate 1")] == 60.0


def test_exactly_one_state_and_one_quality_hold():
    """One 1 and otherwise 0, so that a dashboard can add them up."""
    samples = samples_of(metrics_of(state_of(quality=Quality.DEGRADED)))

    states = {key: value for key, value in samples.items() if key[0] == "crowd_stream_state"}
    qualities = {key: value for key, value in samples.items() if key[0] == "crowd_quality"}
    assert (len(states), sum(states.values())) == (len(STREAM_STATES), 1)
    assert (len(qualities), sum(qualities.values())) == (len(Quality), 1)
    assert samples["crowd_quality", ("camera", "Gate 1"), ("quality", "degraded")] == 1


def test_frames_are_counted_as_the_camera_counts_them():
    """The numbers of the rig's camera."""
    samples = samples_of(metrics_of(state_of()))
    gate = ("camera", "Gate 1")

    assert samples["crowd_frames_received_total", gate] == 1234
    assert samples["crowd_frames_dropped_total", gate, ("reason", "newer frame came")] == 1000
    assert samples["crowd_frames_damaged_total", gate] == 3
    assert samples["crowd_packets_corrupt_total", gate] == 5


def test_losses_are_told_by_their_reason():
    """Twice no pictures came; every other reason stands at 0, so that its first time is a rise."""
    samples = samples_of(metrics_of(state_of()))

    losses = {
        dict(labels)["reason"]: value
        for (name, *labels), value in samples.items()
        if name == "crowd_reconnects_total"
    }
    assert losses.pop("no pictures") == 2
    assert {"connection lost", "ended by the camera", "undecodable", "refused"} <= set(losses)
    assert set(losses.values()) == {0}


@pytest.mark.parametrize(
    ("state", "stands"),
    [
        (AlarmState.UNACKNOWLEDGED, 1),
        (AlarmState.ACKNOWLEDGED, 1),
        (AlarmState.RETURNED_UNACKNOWLEDGED, 1),
        (AlarmState.SHELVED, 0),
        (AlarmState.SUPPRESSED, 0),
        (AlarmState.NORMAL, 0),
    ],
)
def test_alarms_that_stand_are_counted_by_priority(state, stands):
    """Each in every state; priorities without any are 0."""
    alarm = status_of(state, rule=Rule(120.0, priority=Priority.HIGH))

    samples = samples_of(metrics_of(state_of(alarms=(alarm,))))

    assert samples["crowd_alarms_active", ("priority", "high")] == stands
    assert samples["crowd_alarms_active", ("priority", "low")] == 0


def test_readings_and_their_latency_are_counted():
    """Captured 0.25 s ago: in the bucket up to 0.3 s and not in that up to 0.2 s."""
    clock = ManualClock(now_s=100.25)
    metrics = metrics_of(clock=clock)

    for _ in range(3):
        metrics.on_reading(read_of(100, stages=Stages()))
    samples = samples_of(metrics)

    stage = (("camera", "Gate 1"), ("stage", "total"))
    bucket = {
        float(dict(labels)["le"]): value
        for (name, *labels), value in samples.items()
        if name == "crowd_latency_seconds_bucket" and dict(labels)["stage"] == "total"
    }
    assert samples["crowd_frames_inferred_total", ("camera", "Gate 1")] == 3
    assert samples["crowd_latency_seconds_sum", *stage] == pytest.approx(0.75)
    assert (bucket[0.2], bucket[0.3]) == (0, 3)


def test_every_stage_of_a_picture_is_timed():
    """Two pictures: the sum of each stage is by hand, and the stages tell who kept the count."""
    metrics = metrics_of()

    metrics.on_reading(read_of(1, stages=Stages(0.01, 0.2, 0.03, 0.4, 0.05, batch_size=1)))
    metrics.on_reading(read_of(2, stages=Stages(0.03, 0.6, 0.01, 0.2, 0.01, batch_size=4)))
    samples = samples_of(metrics)

    sums = {
        dict(labels)["stage"]: value
        for (name, *labels), value in samples.items()
        if name == "crowd_latency_seconds_sum"
    }
    assert {name: round(value, 6) for name, value in sums.items() if name != "total"} == {
        "decode": 0.04, "queue": 0.8, "preprocess": 0.04, "inference": 0.6, "postprocess": 0.06,
    }  # fmt: skip
    assert samples["crowd_inference_batch_size_count",] == 2
    assert samples["crowd_inference_batch_size_sum",] == 5
    assert samples["crowd_inference_batch_size_bucket", ("le", "1.0")] == 1


def test_an_area_has_no_pictures():
    """Its count is made of others: it is no frame that was counted."""
    metrics = metrics_of()

    metrics.on_reading(read_of(80, camera="Square"))

    assert not [key for key in samples_of(metrics) if key[0] == "crowd_frames_inferred_total"]


def test_the_time_to_an_answer_is_measured():
    """Rang for 40 s before somebody answered; one that went by itself was never answered."""
    clock = ManualClock()
    metrics = metrics_of(clock=clock)

    metrics.on_event(ring_of(0, alarm_id="Gate 1/a"))
    metrics.on_event(ring_of(0, alarm_id="Gate 1/b"))
    clock.advance(40.0)
    ring, known = AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED
    metrics.on_event(ring_of(40, alarm_id="Gate 1/a", before=ring, after=known, who="Ada"))
    metrics.on_event(ring_of(40, alarm_id="Gate 1/b", before=ring, after=AlarmState.SUPPRESSED))
    samples = samples_of(metrics)

    assert samples["crowd_alarm_ack_seconds_count", ("priority", "medium")] == 1
    assert samples["crowd_alarm_ack_seconds_sum", ("priority", "medium")] == 40.0
    rule = (("camera", "Gate 1"), ("priority", "medium"), ("rule", "a"))
    assert samples["crowd_alarms_total", *rule] == 1


def test_outputs_history_and_model_are_told():
    """What is lost on the way out is a number that somebody can be woken by."""
    outputs = {"mqtt": OutboxHealth(is_failing=True, message="x", written=5, waiting=2, lost=1)}
    metrics = metrics_of(
        outputs=outputs,
        storage=Storage(used_bytes=10, free_bytes=20, rows=30),
        backend=Backend("crowd-small", "cpu", "Abacus 9000", "fp32", "abc"),
    )

    samples = samples_of(metrics)

    mqtt = ("output", "mqtt")
    assert samples["crowd_output_written_total", mqtt] == 5
    assert samples["crowd_output_lost_total", mqtt] == 1
    assert (samples["crowd_output_waiting", mqtt], samples["crowd_output_failing", mqtt]) == (2, 1)
    assert samples["crowd_storage_used_bytes",] == 10
    assert samples["crowd_storage_free_bytes",] == 20
    assert samples["crowd_db_rows",] == 30
    assert [dict(labels) for (name, *labels) in samples if name == "crowd_backend_info"] == [
        {
            "model": "crowd-small",
            "provider": "cpu",
            "device": "Abacus 9000",
            "precision": "fp32",
            "sha": "abc",
        }
    ]


def test_a_server_whose_disk_nobody_sees_has_no_free_bytes():
    """PostgreSQL: what is not known is left out."""
    samples = samples_of(metrics_of(storage=Storage(10, None, 30)))

    assert ("crowd_storage_free_bytes",) not in samples
    assert samples["crowd_storage_used_bytes",] == 10


def test_two_programs_in_one_process_do_not_share_numbers():
    """Each has a registry of its own."""
    one, other = metrics_of(), metrics_of()

    one.on_reading(read_of(1, stages=Stages()))

    assert ("crowd_frames_inferred_total", ("camera", "Gate 1")) not in samples_of(other)


def test_zones_of_all_names_make_valid_text():
    """Quotes, backslashes and line breaks in a name do not break the page."""
    name = 'say "go" \\ now\n門'
    zones = (zone_of(name, 1.0, crowding=Crowding(1.0, 1.0, None, "A")),)
    state = state_of(reading=read_of(1, zones=zones))

    samples = samples_of(metrics_of(state))

    assert samples["crowd_count", ("camera", "Gate 1"), ("zone", name)] == 1.0
