"""Alarms become packs, and what hinders that hinders nobody else."""

import csv
import io
import json
from dataclasses import dataclass, replace
from fractions import Fraction
from threading import Event

import cv2
import numpy as np
import pytest

from monitor.core.alarm import AlarmState
from monitor.core.privacy import Privacy
from monitor.core.rule import Measure, Priority, Rule
from monitor.outputs.evidence import folder as folder_module
from monitor.outputs.evidence.clips import ClipTerms
from monitor.outputs.evidence.facts import ModelFacts
from monitor.outputs.evidence.folder import packs_in
from monitor.outputs.evidence.keeper import (
    WAITING_MAX,
    EvidenceKeeper,
)
from monitor.outputs.evidence.notes import clip_of_note, pack_of_note
from monitor.outputs.evidence.scene import Scene
from monitor.outputs.evidence.terms import KeepingTerms
from monitor.outputs.evidence.verifying import verify_pack
from monitor.video.packets import EncodedPacket, PacketRing, StreamFormat
from tests.rigs.clips import look_into
from tests.rigs.encoded import encode_units, numbered_pictures
from tests.rigs.history import NOON, StoppedClock, ring_of, zone_of
from tests.rigs.load import scaled_s
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

    def film(self, units, camera="Gate 1"):
        """Let a camera send encoded pictures, ten a second, while the time runs."""
        ring = self.keeper._scene.ring_of(camera)
        ring.begin(StreamFormat("h264", Fraction(1, 10)))
        for place, unit in enumerate(units):
            ring.add(EncodedPacket(unit, place % 10 == 0, place, self.clock.now_s))
            self.clock.now_s = round(self.clock.now_s + 0.1, 3)


@pytest.fixture
def rig(tmp_path):
    rigs = []
    rings = {}

    def ring_of(camera):
        return rings.setdefault(camera, PacketRing(ClipTerms().bounds))

    def make(**terms):
        clock, cameras, notes, areas = StoppedClock(), [camera_of()], [], []
        keeper = EvidenceKeeper(
            KeepingTerms(tmp_path / "evidence", **terms),
            Scene(lambda: cameras, lambda: areas, lambda _name: ("Gate 1", "Gate 2"), ring_of),
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
        gate.wait(scaled_s(30))

    keeper = EvidenceKeeper(
        KeepingTerms(tmp_path),
        Scene(lambda: cameras, list, lambda _name: ()),
        clock=clock,
        on_kept=hang,
    )
    keeper.start()
    keeper.on_event(ring_of(0))
    assert has_begun.wait(scaled_s(10))
    for second in range(1, WAITING_MAX + 6):
        keeper.on_event(ring_of(second))

    assert keeper.health.lost == 5
    assert keeper.health.waiting == WAITING_MAX + 1
    gate.set()
    assert keeper.stop(30)
    assert NOON.strftime("%Y%m%dT%H%M%SZ") in packs_in(tmp_path)[0].name


@pytest.fixture(scope="module")
def units():
    """Thirty seconds of a camera: 300 numbered pictures, a key picture each second."""
    return encode_units(numbered_pictures(300), rate_hz=10)


def clip_of(pack):
    wait_until((pack / "clip" / "manifest.json").exists, "the clip is there")
    return json.loads((pack / "clip" / "clip.json").read_text())


FIVE = ClipTerms(before_s=5.0, after_s=5.0)


def test_a_pack_is_there_at_once_and_its_clip_when_it_is_over(rig, tmp_path, units):
    """Five seconds before, five after; at every moment the pack verifies."""
    one = rig(clip=FIVE)
    one.film(units[:100])
    one.ring()
    pack = only_pack(tmp_path / "evidence")
    assert verify_pack(pack).is_whole
    one.film(units[100:150])

    one.keeper.show(())
    assert not (pack / "clip").exists()  # the last pictures may still be on their way
    one.film(units[150:170])
    one.keeper.show(())

    told = clip_of(pack)
    assert verify_pack(pack).is_whole
    (camera,) = told["cameras"]
    shown = look_into(pack / "clip" / camera["file"])
    assert shown.is_key_first
    assert shown.numbers == list(range(50, 151)) == list(range(50, 50 + camera["pictures"]))
    assert camera["begins_s"] == pytest.approx(-5.0)
    assert camera["begins_at_utc"] == "2030-05-01T12:00:05.000Z"
    assert camera["remarks"] == []
    wait_until(lambda: len(one.notes) == 2, "both are noted")
    noted = [clip_of_note(note) for _, note in one.notes]
    assert noted == [None, (pack.name, verify_pack(pack).parts_sha256["clip"])]


def test_the_end_of_the_program_leaves_what_there_is_of_a_clip(rig, tmp_path, units):
    """Two of five seconds came."""
    one = rig(clip=FIVE)
    one.film(units[:100])
    one.ring()
    one.film(units[100:120])

    assert one.keeper.stop(10)

    (pack,) = packs_in(tmp_path / "evidence")
    (camera,) = clip_of(pack)["cameras"]
    assert look_into(pack / "clip" / camera["file"]).numbers == list(range(50, 120))
    assert camera["remarks"] == ["ends 1.9 s after the alarm: nothing came after"]
    assert verify_pack(pack).is_whole


def test_an_area_keeps_a_clip_of_every_camera_that_sees_it(rig, tmp_path, units):
    """Numbered as their pictures are; a camera without video says why."""
    one = rig(clip=FIVE)
    one.areas.append(
        camera_of("Stand", alarm=status_of(AlarmState.UNACKNOWLEDGED, alarm_id="Stand/full"))
    )
    one.cameras.append(camera_of("Gate 2"))
    one.film(units[:100])
    one.ring(camera="Stand", alarm_id="Stand/full")
    pack = only_pack(tmp_path / "evidence")
    one.film(units[100:170])
    one.keeper.show(())

    first, second = clip_of(pack)["cameras"]
    assert (first["name"], first["file"]) == ("Gate 1", "1-clip.mp4")
    assert (second["name"], second["file"]) == ("Gate 2", None)
    assert "no video was kept" in second["why_not"]
    assert {path.name for path in (pack / "clip").iterdir()} == {
        "1-clip.mp4", "clip.json", "manifest.json",
    }  # fmt: skip


@pytest.mark.parametrize("privacy", sorted(set(Privacy) - {Privacy.AS_THEY_ARE}))
def test_no_clip_is_kept_where_pictures_are_hidden_and_the_pack_says_why(rig, tmp_path, privacy):
    """Packets cannot be blurred."""
    one = rig(clip=FIVE, privacy=privacy)
    one.ring()
    one.read(20)
    one.keeper.show(())
    assert one.keeper.stop(10)

    (pack,) = packs_in(tmp_path / "evidence")
    assert not (pack / "clip").exists()
    told = json.loads((pack / "alarm.json").read_text())["clip"]
    assert told["is_kept"] is False
    assert f'pictures = "{privacy.value}"' in told["why_not"]
    assert told["why_not"] in (pack / "README.txt").read_text()


def test_whoever_forbids_pictures_forbids_clips_that_still_wait(rig, tmp_path, units):
    """The site file is made stricter between the alarm and the end of its clip."""
    one = rig(clip=FIVE)
    one.film(units[:100])
    one.ring()
    pack = only_pack(tmp_path / "evidence")
    one.keeper.use(replace(one.keeper._terms, privacy=Privacy.NO_PICTURES))
    one.film(units[100:170])
    one.keeper.show(())

    (camera,) = clip_of(pack)["cameras"]
    assert camera["file"] is None
    assert "[privacy]" in camera["why_not"]
    assert verify_pack(pack).is_whole


def test_other_terms_hold_from_the_next_alarm_on(rig, tmp_path):
    """Another folder, then nothing; what was begun is finished where it was begun."""
    one = rig()
    one.ring(alarm_id="Gate 1/a")
    wait_until(lambda: packs_in(tmp_path / "evidence"), "the first pack is there")

    one.keeper.use(KeepingTerms(tmp_path / "elsewhere"))
    one.ring(alarm_id="Gate 1/b")
    wait_until(lambda: packs_in(tmp_path / "elsewhere"), "the second pack is there")
    one.keeper.use(None)
    one.ring(alarm_id="Gate 1/c")
    assert one.keeper.stop(10)

    for folder in ("evidence", "elsewhere"):
        (pack,) = packs_in(tmp_path / folder)
        assert (pack / "after").is_dir()


def test_a_full_disk_leaves_no_half_clip_and_the_clip_comes_later(
    rig, tmp_path, units, monkeypatch
):
    """Writing fails in the middle of the file: nothing of it stays, and it is tried again."""
    one = rig(clip=FIVE)
    one.film(units[:100])
    one.ring()
    pack = only_pack(tmp_path / "evidence")
    wait_until(lambda: one.notes, "the pack is noted")
    real = folder_module._write_file

    def full(path, content):
        if path.suffix == ".mp4":
            path.write_bytes(content[: len(content) // 2])
            raise OSError(28, "No space left on device")
        real(path, content)

    monkeypatch.setattr(folder_module, "_write_file", full)
    one.film(units[100:170])
    one.keeper.show(())
    wait_until(lambda: one.keeper.health.is_failing, "it is told")
    assert list((tmp_path / "evidence").iterdir()) == [pack]
    assert verify_pack(pack).is_whole
    assert not (pack / "clip").exists()

    monkeypatch.setattr(folder_module, "_write_file", real)
    assert one.keeper.stop(10)

    (camera,) = clip_of(pack)["cameras"]
    assert look_into(pack / "clip" / camera["file"]).numbers == list(range(50, 151))


def test_video_that_waits_for_a_slow_disk_is_bounded(tmp_path, units, monkeypatch):
    """Two clips may wait; the third one says why it has no video."""
    gate, ring = Event(), PacketRing(ClipTerms().bounds)
    clock, cameras = StoppedClock(), [replace(camera_of(), counted_frame=None, prediction=None)]
    keeper = EvidenceKeeper(
        KeepingTerms(tmp_path, clip=FIVE),
        Scene(lambda: cameras, list, lambda _name: (), lambda _name: ring),
        clock=clock,
        on_kept=lambda _event, _note: gate.wait(scaled_s(30)) and None,
    )
    ring.begin(StreamFormat("h264", Fraction(1, 10)))
    for place, unit in enumerate(units[:100]):
        ring.add(EncodedPacket(unit, place % 10 == 0, place, clock.now_s))
        clock.now_s += 0.1
    size = sum(one.size_bytes for run in ring.kept().runs for one in run.packets)
    monkeypatch.setattr("monitor.outputs.evidence.keeper.WAITING_CLIPS_BYTES_MAX", 2 * size)
    keeper.start()
    for number in range(4):
        keeper.on_event(ring_of(clock.now_s, alarm_id=f"Gate 1/{number}"))
    clock.now_s += 10
    keeper.show(())
    gate.set()
    assert keeper.stop(30)

    cameras = [clip_of(pack)["cameras"][0] for pack in packs_in(tmp_path)]
    assert [one["file"] is None for one in cameras] == [False, False, False, True]
    assert "the disk was too slow" in cameras[-1]["why_not"]


def test_a_clip_may_last_longer_than_the_minutes_after(rig, tmp_path, units):
    """Two seconds of counts after the alarm, five of video: neither waits for the other."""
    one = rig(clip=FIVE, after_s=2.0)
    one.film(units[:100])
    one.ring()
    pack = only_pack(tmp_path / "evidence")
    one.film(units[100:130])
    one.keeper.show(())
    wait_until((pack / "after" / "manifest.json").exists, "the counts are there")
    assert not (pack / "clip").exists()
    one.film(units[130:170])

    one.keeper.show(())

    (camera,) = clip_of(pack)["cameras"]
    assert look_into(pack / "clip" / camera["file"]).numbers == list(range(50, 151))


def test_packs_that_are_begun_keep_their_minutes_when_the_site_changes(rig, tmp_path):
    """Ten minutes were promised; then nobody wants evidence any more."""
    one = rig()
    one.ring()
    pack = only_pack(tmp_path / "evidence")
    one.read(300)
    one.keeper.use(None)
    one.read(300)

    one.keeper.show(())

    wait_until((pack / "after" / "manifest.json").exists, "the minutes after are there")
    assert len(rows(pack / "after" / "counts-after.csv")) == 2 * 600
