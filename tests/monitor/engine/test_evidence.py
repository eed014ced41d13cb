"""Evidence of a running engine: clips of real films, and a site file that changes meanwhile."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest

from monitor.core.rule import Rule
from monitor.engine.engine import Engine
from monitor.engine.outputs import Outputs
from monitor.engine.sources import PacketRings, open_camera
from monitor.outputs.evidence.folder import packs_in
from monitor.outputs.evidence.notes import clip_of_note, pack_of_note
from monitor.outputs.evidence.verifying import verify_pack
from monitor.outputs.history.history import History
from monitor.settings import SiteSettings
from monitor.settings.outputs import parse_address
from monitor.video.clip import ClipCut, ClipSpan, clip_file, cut_clip
from tests.rigs.clips import look_into, write_film
from tests.rigs.counters import FixedCounter
from tests.rigs.encoded import encode_units, numbered_pictures
from tests.rigs.rtsp import serving_units
from tests.rigs.site import set_rules
from tests.rigs.waiting import wait_until

LIMIT_S = 30.0


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Eight seconds, played for ever."""
    folder = tmp_path_factory.mktemp("film")
    return f"{write_film(folder / 'a.mp4', numbered_pictures(200))}?loop=1"


def site_of(film, **tables):
    camera = {"name": "Gate", "source": film, "count_hz": 10}
    return SiteSettings.model_validate({"camera": [camera], **tables})


@contextmanager
def running(site, open_source, rings, **how):
    engine = Engine(site.camera, FixedCounter(40), open_source=open_source)
    outputs = Outputs(engine, site, rings=rings, **how)
    outputs.start()
    engine.start()
    try:
        yield engine, outputs
    finally:
        assert engine.stop(LIMIT_S)
        assert outputs.stop(LIMIT_S)


def ring(engine, name):
    """Let another rule ring at once."""
    set_rules(engine, "Gate", [Rule(20.0, name=name, on_delay_s=0.0)], "Ada")


def pack_of(folder, name):
    def found():
        return [one for one in packs_in(folder) if one.name.endswith(f"Gate-{name}")]

    wait_until(found, f"the pack of {name} is there", within_s=LIMIT_S)
    return found()[0]


def test_a_site_file_that_changes_decides_what_is_kept_from_then_on(film, tmp_path):
    """Nothing; then packs with clips; then packs without pictures; then nothing again."""
    folder, rings = tmp_path / "evidence", PacketRings()
    begun = site_of(film)
    table = {"folder": str(folder), "clip": True, "clip_before_s": 0.6, "clip_after_s": 0.4}
    with running(begun, partial(open_camera, rings=rings), rings) as (engine, outputs):
        ring(engine, "first")
        wait_until(
            lambda: any(one.prediction for one in engine.snapshots()), "it counts", within_s=LIMIT_S
        )
        assert "evidence" not in outputs.health()
        assert not rings.ring_of("Gate").is_open

        filmed = site_of(film, evidence=table)
        assert {"evidence", "privacy"} <= outputs.tables
        outputs.exchange(filmed)
        wait_until(
            lambda: sum(len(one.packets) for one in rings.ring_of("Gate").kept().runs) > 25,
            "a second of video is remembered",
            within_s=LIMIT_S,
        )
        ring(engine, "second")
        second = pack_of(folder, "second")
        assert verify_pack(second).is_whole
        wait_until((second / "clip").is_dir, "the clip is there", within_s=LIMIT_S)
        assert verify_pack(second).is_whole
        assert outputs.health()["evidence"].is_failing is False

        outputs.exchange(site_of(film, evidence=table, privacy={"pictures": "none"}))
        assert rings.ring_of("Gate").kept().runs == ()
        ring(engine, "third")
        third = pack_of(folder, "third")

        outputs.exchange(begun)
        ring(engine, "fourth")
        assert "evidence" not in outputs.health()

    assert not [one for one in packs_in(folder) if "first" in one.name or "fourth" in one.name]
    (camera,) = json.loads((second / "clip" / "clip.json").read_text())["cameras"]
    shown = look_into(second / "clip" / camera["file"])
    assert shown.is_key_first
    assert len(shown.numbers) == camera["pictures"] >= 20
    steps = {(after - before) % 200 for before, after in pairwise(shown.numbers)}
    assert steps == {1}
    assert (second / "picture.jpg").exists()
    assert not (third / "picture.jpg").exists()
    assert not (third / "clip").exists()
    assert json.loads((third / "alarm.json").read_text())["clip"]["is_kept"] is False


def test_what_is_written_while_the_program_ends_is_noted_too(film, tmp_path):
    """The engine delivers nothing any more; the journal still learns of pack and video."""
    rings = PacketRings()
    history = History(parse_address(f"sqlite:///{tmp_path}/history.sqlite", {}))
    table = {"folder": str(tmp_path / "evidence"), "clip": True, "clip_after_s": 60}
    site = site_of(film, evidence=table)
    with running(site, partial(open_camera, rings=rings), rings, history=history) as (engine, _):
        ring(engine, "last")
        pack = pack_of(tmp_path / "evidence", "last")

    now = datetime.now(UTC)
    journal = history.events_between(now - timedelta(hours=1), now + timedelta(hours=1))
    found = verify_pack(pack)
    assert found.is_whole
    assert (pack.name, found.manifest_sha256) in [pack_of_note(one.note) for one in journal]
    assert (pack.name, found.parts_sha256["clip"]) in [clip_of_note(one.note) for one in journal]


@pytest.mark.slow
def test_a_stream_that_died_and_came_back_is_one_clip_with_a_hole(tmp_path):
    """A power cut of a real server: what came before and after it, at its times."""
    rings = PacketRings()
    video = rings.ring_of("Gate")

    def packets():
        return [one for run in video.kept().runs for one in run.packets]

    units = encode_units(numbered_pictures(100), rate_hz=20)
    with serving_units(tmp_path, units, rate_hz=20) as server:
        table = {"folder": str(tmp_path / "evidence"), "clip": True, "clip_before_s": 60}
        site = site_of(server.url(), evidence=table)
        with running(site, partial(open_camera, rings=rings), rings):
            wait_until(lambda: len(packets()) > 30, "video comes", within_s=LIMIT_S)
            server.kill()
            lost = len(packets())
            server.start()
            wait_until(lambda: len(packets()) > lost + 30, "video comes again", within_s=LIMIT_S)
            kept = video.kept()
            newest_s = packets()[-1].arrived_s

    assert len(kept.runs) == 2
    ended_s, began_s = kept.runs[0].packets[-1].arrived_s, kept.runs[1].packets[0].arrived_s
    cut = cut_clip(kept, ClipSpan(ended_s, before_s=1.0, after_s=newest_s - ended_s))
    assert isinstance(cut, ClipCut)
    shown = look_into(clip_file(cut).content)
    assert shown.is_key_first
    assert len(shown.numbers) == len(cut.packets)
    turn = shown.numbers.index(0, 1)  # the server begins anew
    assert shown.numbers[:turn] == list(range(shown.numbers[0], shown.numbers[0] + turn))
    assert shown.numbers[turn:] == list(range(len(shown.numbers) - turn))
    hole_s = shown.times_s[turn] - shown.times_s[turn - 1]
    assert hole_s == pytest.approx(began_s - ended_s, abs=0.01)
    assert any("nothing came" in one for one in cut.remarks) is (hole_s > 2)
