"""Alarms become packs, and what hinders that hinders nobody else."""

import csv
import io
import json
from dataclasses import dataclass, replace
from threading import Event

import cv2
import numpy as np
import pytest

from monitor.evidence.facts import ModelFacts
from monitor.evidence.folder import packs_in
from monitor.evidence.keeper import (
    WAITING_MAX,
    EvidenceKeeper,
)
from monitor.evidence.notes import pack_of_note
from monitor.evidence.scene import Scene
from monitor.evidence.terms import KeepingTerms
from monitor.evidence.verifying import verify_pack
from monitor.records.alarm import AlarmState
from monitor.records.privacy import Privacy
from monitor.records.rule import Measure, Priority, Rule
from tests.rigs.history import NOON, StoppedClock, ring_of, zone_of
from tests.rigs.snapshots import frame_of, prediction_of, reading_of, snapshot_of, status_of
from tests.rigs.waiting import wait_until

MODEL = ModelFacts("tiny", "cpu", "tiny.onnx", "ab" * 32, '{"name": "tiny"}')


@dataclass
class Rig:
    """A keeper with a camera that does what a test says."""

    keeper: EvidenceKeeper
    clock: StoppedClock
    cameras: list
    areas: list
    notes: list

    def read(self, seconds):
        """Count once a second from now on; the count is the second."""
        for _ in range(seconds):
            at_s = self.clock.now_s
            self.keeper.on_reading(reading_of(at_s, at_s=at_s, zones=(zone_of("stage", 1.0),)))
            self.clock.now_s += 1

    def ring(self, **changes):
        """Let an alarm begin to ring now."""
        self.keeper.on_event(ring_of(self.clock.now_s, **changes))


@pytest.fixture
def rig(tmp_path):
    rigs = []

    def make(**terms):
        clock, cameras, notes, areas = StoppedClock(), [camera_of()], [], []
        keeper = EvidenceKeeper(
            KeepingTerms(tmp_path / "evidence", **terms),
            Scene(lambda: cameras, lambda: areas, lambda _name: ("Gate 1", "Gate 2")),
            clock=clock,
            on_kept=lambda event, note: notes.append((event, note)),
            model=lambda: MODEL,
        )
        keeper.start()
        rigs.append(Rig(keeper, clock, cameras, areas, notes))
        return rigs[-1]

    yield make
    for one in rigs:
        assert one.keeper.stop(10)


def picture():
    """A picture with a fine pattern, so that blurring it shows."""
    image = np.zeros((160, 320, 3), dtype=np.uint8)
    image[:, ::2] = 255
    return image


def camera_of(name="Gate 1", **changes):
    density = np.zeros((10, 20), dtype=np.float32)
    density[5, 10] = 3.0
    values = {
        "counted_frame": frame_of(picture()),
        "prediction": prediction_of(density),
        "alarm": status_of(AlarmState.UNACKNOWLEDGED, rule=Rule(100.0, name="limit")),
        "reading": reading_of(101.5, camera=name),
    }
    return snapshot_of(name, **(values | changes))


def only_pack(folder):
    wait_until(lambda: packs_in(folder), "a pack is there")
    (pack,) = packs_in(folder)
    return pack


def rows(path):
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode())))


def test_an_alarm_leaves_all_that_was_known(rig, tmp_path):
    """The picture as it was, where people are, ten minutes of counts, the rule, who counted."""
    one = rig()
    one.read(700)

    one.ring()

    pack = only_pack(tmp_path / "evidence")
    found = json.loads((pack / "alarm.json").read_text())
    assert found["alarm"]["alarm_id"] == "Gate 1/limit"
    assert found["rule"]["limit"] == 100.0
    assert found["rule"]["returns_at"] == 90.0
    assert found["model"]["file_sha256"] == "ab" * 32
    assert found["cameras"] == [
        {"name": "Gate 1", "source": "rtsp://10.0.0.7/1", "quality": "good"}
    ]
    assert (pack / "model.json").read_text() == MODEL.manifest
    image = cv2.imread(str(pack / "picture.jpg"))
    assert image.shape == (160, 320, 3)
    assert np.abs(image.astype(int) - picture()).mean() < 3  # JPEG
    people = np.loadtxt(pack / "people.csv", delimiter=",")
    assert people[5, 10] == 3.0
    assert people.sum() == 3.0
    heat = cv2.imread(str(pack / "heat.png"), cv2.IMREAD_UNCHANGED)
    assert heat.shape == (160, 320, 4)
    assert heat[5 * 16 + 8, 10 * 16 + 8, 3] > 0 == heat[0, 0, 3]
    assert verify_pack(pack).is_whole


def test_counts_before_and_after_meet_without_a_gap(rig, tmp_path):
    """Every second of ten minutes before and ten after, once each; zones too."""
    one = rig()
    one.read(700)
    one.ring()
    pack = only_pack(tmp_path / "evidence")
    one.read(600)

    one.keeper.show(())

    wait_until((pack / "after" / "manifest.json").exists, "the minutes after are there")
    before, after = rows(pack / "counts-before.csv"), rows(pack / "after" / "counts-after.csv")
    for found in (before, after):
        assert len(found) == 1200
        assert {row["zone"] for row in found} == {"", "stage"}
    counts = [float(row["count"]) for row in [*before, *after] if not row["zone"]]
    assert counts == [float(second) for second in range(100, 1300)]
    assert verify_pack(pack).is_whole


def test_the_minutes_after_are_waited_for(rig, tmp_path):
    """A look before they are over changes nothing."""
    one = rig()
    one.ring()
    pack = only_pack(tmp_path / "evidence")
    one.read(599)

    one.keeper.show(())
    assert one.keeper.stop(10)

    assert len(rows(pack / "after" / "counts-after.csv")) == 2 * 599
    assert "ended before" in (pack / "after" / "README.txt").read_text()


def test_a_pack_that_a_crash_left_open_is_closed_by_the_next_start(rig, tmp_path):
    """With a word that nothing is known; one of another program that still runs is left open."""
    first = rig()
    first.ring()
    pack = only_pack(tmp_path / "evidence")
    second = rig()
    second.clock.now_s = 599.0
    second.ring()
    wait_until(lambda: len(packs_in(tmp_path / "evidence")) == 2, "the second starts")
    assert not (pack / "after").exists()

    third = rig()
    third.clock.now_s = 3600.0
    third.ring()

    wait_until((pack / "after").exists, "it is closed")
    assert "was ended" in (pack / "after" / "README.txt").read_text()
    assert verify_pack(pack).is_whole


def test_only_wanted_alarms_are_kept(rig, tmp_path):
    """New ones, of the priorities that were chosen; lost streams only where that is wished."""
    one = rig(priorities=frozenset({Priority.HIGH}))
    one.ring(priority=Priority.LOW)
    one.ring(priority=Priority.MEDIUM)
    one.ring(priority=Priority.HIGH, measure=Measure.STREAM)
    one.ring(priority=Priority.HIGH, before=AlarmState.UNACKNOWLEDGED)
    one.ring(priority=Priority.HIGH, after=AlarmState.ACKNOWLEDGED)
    one.ring(priority=Priority.HIGH, alarm_id="Gate 1/wanted")
    assert one.keeper.stop(10)

    assert [pack.name.partition(" ")[2] for pack in packs_in(tmp_path / "evidence")] == [
        "Gate-1-wanted"
    ]


def test_the_journal_is_told_the_pack_and_the_hash_that_proves_it(rig, tmp_path):
    """What it notes is what `verify` shows."""
    one = rig()
    one.ring()
    pack = only_pack(tmp_path / "evidence")
    wait_until(lambda: one.notes, "it is told")

    ((event, note),) = one.notes
    assert event.alarm_id == "Gate 1/limit"
    assert pack_of_note(note) == (pack.name, verify_pack(pack).manifest_sha256)
    assert pack_of_note("at 100 or more for 10 s") is None


@pytest.mark.parametrize("privacy", Privacy)
def test_each_wish_of_privacy_holds_in_every_file(rig, tmp_path, privacy):
    """What may be recognised: the fine pattern where the person is, and where nobody is."""
    one = rig(privacy=privacy)
    one.ring()
    pack = only_pack(tmp_path / "evidence")
    pictures = {
        path.name: cv2.imread(str(path)).astype(float) for path in pack.iterdir()
        if path.suffix == ".jpg"
    }  # fmt: skip

    assert json.loads((pack / "alarm.json").read_text())["pictures"] == privacy.value
    assert (pack / "heat.png").exists()
    assert (pack / "people.csv").exists()
    if privacy is Privacy.NO_PICTURES:
        assert pictures == {}
        return
    assert set(pictures) == {"picture.jpg", "overlay.jpg"}
    for image in pictures.values():
        person = float(np.abs(np.diff(image[80:96, 160:176, 0])).mean())
        nobody = float(np.abs(np.diff(image[0:16, 300:316, 0])).mean())
        assert (person > 50) is (privacy is Privacy.AS_THEY_ARE)
        assert (nobody > 50) is (privacy is not Privacy.BLUR_ALL)


def test_an_area_shows_every_camera_that_sees_it(rig, tmp_path):
    """Numbered in the order of its members."""
    one = rig()
    area = camera_of("Stand", alarm=status_of(AlarmState.UNACKNOWLEDGED, alarm_id="Stand/full"))
    one.areas.append(area)
    one.cameras.append(camera_of("Gate 2"))
    one.ring(camera="Stand", alarm_id="Stand/full")

    pack = only_pack(tmp_path / "evidence")
    assert {path.name for path in pack.glob("*.jpg")} == {
        f"{number}-{name}.jpg" for number in (1, 2) for name in ("picture", "overlay")
    }
    found = json.loads((pack / "alarm.json").read_text())
    assert [camera["name"] for camera in found["cameras"]] == ["Gate 1", "Gate 2"]
    assert found["rule"]["limit"] == 120.0


@pytest.mark.parametrize(
    "gone",
    [
        {"counted_frame": None, "prediction": None},
        {"reading": None},
        {"alarm": None},
        {"counted_frame": None, "prediction": None, "reading": None, "alarm": None},
    ],
)
def test_what_is_not_known_is_left_out(rig, tmp_path, gone):
    """A camera that was never counted still leaves what there is."""
    one = rig()
    one.cameras[0] = camera_of(**gone)
    one.ring()

    assert verify_pack(only_pack(tmp_path / "evidence")).is_whole


def test_a_camera_that_was_taken_away_meanwhile_leaves_its_alarm(rig, tmp_path):
    """Somebody reloads the site in the very moment."""
    one = rig()
    one.cameras.clear()
    one.ring()

    found = json.loads((only_pack(tmp_path / "evidence") / "alarm.json").read_text())
    assert found["alarm"]["value"] == 101.5
    assert found["place"] is None


def test_a_folder_that_cannot_be_written_is_told_and_tried_again(rig, tmp_path):
    """It is a state of health; nothing is lost when the folder can be had again."""
    obstacle = tmp_path / "evidence"
    obstacle.write_text("in the way")
    one = rig()
    one.ring()
    wait_until(lambda: one.keeper.health.is_failing, "it is told")
    assert "cannot be written" in one.keeper.health.message
    assert one.keeper.health.lost == 0

    obstacle.unlink()
    one.keeper.stop(10)

    assert verify_pack(only_pack(obstacle)).is_whole


def test_a_slow_disk_holds_up_nobody_and_what_is_dropped_is_counted(tmp_path):
    """The writer hangs: alarms return at once, and the oldest packs are the ones that are lost."""
    gate, has_begun = Event(), Event()
    clock, cameras = StoppedClock(), [replace(camera_of(), counted_frame=None, prediction=None)]

    def hang(_event, _note):
        has_begun.set()
        gate.wait(30)

    keeper = EvidenceKeeper(
        KeepingTerms(tmp_path),
        Scene(lambda: cameras, list, lambda _name: ()),
        clock=clock,
        on_kept=hang,
    )
    keeper.start()
    keeper.on_event(ring_of(0))
    assert has_begun.wait(10)
    for second in range(1, WAITING_MAX + 6):
        keeper.on_event(ring_of(second))

    assert keeper.health.lost == 5
    assert keeper.health.waiting == WAITING_MAX + 1
    gate.set()
    assert keeper.stop(30)
    assert NOON.strftime("%Y%m%dT%H%M%SZ") in packs_in(tmp_path)[0].name
