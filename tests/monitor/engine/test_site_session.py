"""A running site, its settings, and its file."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from monitor.core.alarm import AlarmEvent
from monitor.core.clock import Clock
from monitor.core.errors import ModelError, SettingsError
from monitor.core.rule import Rule
from monitor.core.secret import Secret
from monitor.core.zone import Zone
from monitor.engine.engine import Engine
from monitor.engine.site_session import SiteSession
from monitor.settings import AreaSettings, CameraSettings, SiteSettings
from monitor.settings.editing import with_areas, with_camera, with_rules, with_zones, without_camera
from monitor.settings.passwords import camera_place, look_up
from monitor.settings.records import MemberSettings
from monitor.settings.site_file import read_site
from monitor.video.frame import FrameSource
from tests.rigs.counters import FixedCounter
from tests.rigs.sources import ScriptedSource, gray_frame
from tests.rigs.waiting import wait_until

TEXT = """# Stadium
[[camera]]
name = "Gate"  # by the river
source = "webcam:0"

# The yard
[[camera]]
name = "Yard"
source = "webcam:1"
"""
STAGE = Zone("stage", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))


class Room:
    """A site that runs, its session, and what the journal was told."""

    def __init__(self, file: Path) -> None:
        self.file = file
        file.write_text(TEXT)
        self.events: list[AlarmEvent] = []
        site = read_site(file)
        self.engine = Engine(site.camera, FixedCounter(12), open_source=self._open)
        self.session = SiteSession(
            self.engine, site, file=file, open_model=lambda _: FixedCounter(7)
        )

    @property
    def site(self) -> SiteSettings:
        """The settings that hold."""
        return self.session.site

    def rules(self, name: str) -> tuple[Rule, ...]:
        """Give the rules that a camera is really watched by."""
        return next(one for one in self.engine.snapshots() if one.name == name).rules

    def _open(self, _settings: CameraSettings, _clock: Clock) -> FrameSource:
        return ScriptedSource([gray_frame(0), Event()])


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A running site of two cameras."""
    running = Room(tmp_path / "site.toml")
    running.engine.subscribe("test", on_event=running.events.append)
    running.engine.start()
    yield running
    assert running.engine.stop()


def test_a_change_holds_at_once_and_is_written_with_the_comments(room: Room) -> None:
    """The journal names who did it; the file keeps every line that was there."""
    room.session.change(with_rules(room.site, "Gate", [Rule(50)]), "Ada", "rules of Gate")
    held = room.rules("Gate")
    before_saving = room.file.read_text()
    room.session.save()

    assert held == (Rule(50),)
    assert before_saving == TEXT
    assert [one for one in TEXT.splitlines() if one not in room.file.read_text()] == []
    assert read_site(room.file).camera[0].rules == (Rule(50),)
    wait_until(lambda: [one.who for one in room.events] == ["Ada"], "the journal is told")


def test_what_the_model_cannot_count_is_refused(room: Room) -> None:
    """Nothing holds of it, nothing is to be written, and there is no step back to it."""
    gate = room.site.camera[0].model_copy(update={"count": ("dogs",)})
    with pytest.raises(ModelError, match=r"camera Gate: .* people only, not dogs"):
        room.session.change(with_camera(room.site, gate, was="Gate"), "Ada", "camera Gate")

    assert [one.name for one in room.engine.snapshots()] == ["Gate", "Yard"]
    assert (room.session.is_saved, room.session.undo("Ada")) == (True, "")


def test_what_the_file_would_refuse_never_holds(room: Room) -> None:
    """A zone that a rule watches cannot go alone: this save, and every later one, would fail."""
    zone = Rule(50, name="full", zone="stage")
    room.session.change(with_zones(room.site, "Gate", [STAGE]), "Ada", "zones of Gate")
    room.session.change(with_rules(room.site, "Gate", [zone]), "Ada", "rules of Gate")
    room.session.save()
    with pytest.raises(ValueError, match="rule full: no zone 'stage' is counted") as refused:
        room.session.change(with_zones(room.site, "Gate", []), "Ada", "zones of Gate")

    assert "\n" not in str(refused.value)
    assert [one.name for one in room.engine.snapshots()[0].zones] == ["stage"]
    assert room.session.is_saved
    assert room.session.undo("Ada") == "rules of Gate"


def test_a_step_back_is_a_change_like_any_other(room: Room) -> None:
    """In the engine, in the journal, and in the file; then there is nothing left to take back."""
    room.session.change(with_rules(room.site, "Gate", [Rule(50)]), "Ada", "rules of Gate")
    room.session.save()
    words = room.session.undo("Bo")
    room.session.save()

    assert words == "rules of Gate"
    assert room.rules("Gate") == ()
    assert read_site(room.file).camera == read_site_text(TEXT, room.file).camera
    assert room.session.undo("Bo") == ""
    wait_until(lambda: [one.who for one in room.events] == ["Ada", "Bo"], "both are journalled")


def read_site_text(text: str, file: Path) -> SiteSettings:
    other = file.with_name("other.toml")
    other.write_text(text)
    return read_site(other)


def test_what_was_drawn_in_one_go_goes_back_in_one_step(room: Room) -> None:
    """Ten corners are no ten steps."""
    for share in (0.9, 0.8, 0.7):
        zone = Zone("stage", ((0.0, 0.0), (share, 0.0), (1.0, 1.0)))
        site = with_zones(room.site, "Gate", [zone])
        room.session.change(site, "Ada", "zones of Gate", joins_last=True)
    room.session.undo("Ada")

    assert room.engine.snapshots()[0].zones == ()
    assert room.session.undo("Ada") == ""


def test_a_camera_comes_and_goes_without_a_restart(room: Room) -> None:
    """The others go on; the file follows; undoing brings the one back that was taken away."""
    new = CameraSettings(name="Roof", source="webcam:2")
    room.session.change(with_camera(room.site, new), "Ada", "camera Roof")
    room.session.change(without_camera(room.site, "Yard"), "Ada", "camera Yard")
    names = [one.name for one in room.engine.snapshots()]
    room.session.save()
    text = room.file.read_text()
    room.session.undo("Ada")

    assert names == ["Gate", "Roof"]
    assert [one.name for one in read_site_text(text, room.file).camera] == ["Gate", "Roof"]
    assert "# The yard" not in text
    assert [one.name for one in room.engine.snapshots()] == ["Gate", "Yard", "Roof"]


def test_what_cannot_be_written_holds_and_is_written_later(room: Room) -> None:
    """A mistake in the file hinders; once it is mended, all that was changed is written."""
    room.file.write_text(TEXT.replace("source", "sorce", 1))
    room.session.change(with_rules(room.site, "Yard", [Rule(50)]), "Ada", "rules of Yard")
    with pytest.raises(SettingsError, match="sorce"):
        room.session.save()
    while_bad = (room.session.is_saved, room.rules("Yard"))
    room.file.write_text(TEXT)
    room.session.save()

    assert while_bad == (False, (Rule(50),))
    assert room.session.is_saved
    assert read_site(room.file).camera[1].rules == (Rule(50),)


def test_another_hand_wins_and_clears_the_way_back(room: Room) -> None:
    """What somebody writes into the file holds without a restart; undo leaves it alone."""
    room.session.change(with_rules(room.site, "Gate", [Rule(50)]), "Ada", "rules of Gate")
    room.session.save()
    unnoticed = room.session.look()
    room.file.write_text(room.file.read_text().replace("high = 50", "high = 60"))
    noticed = room.session.look()

    assert (unnoticed, noticed) == (False, True)
    assert room.rules("Gate") == (Rule(60),)
    assert room.site.camera[0].rules == (Rule(60),)
    assert room.session.undo("Ada") == ""


def test_what_is_not_yet_written_is_not_lost_to_another_hand(room: Room) -> None:
    """Somebody edits the file after a change here and before it was saved."""
    room.session.change(with_rules(room.site, "Gate", [Rule(50)]), "Ada", "rules of Gate")
    room.file.write_text(TEXT + '[[camera]]\nname = "Roof"\nsource = "webcam:2"\n')
    took_over = room.session.look()
    again = room.session.look()

    assert (took_over, again) == (True, False)
    assert [one.name for one in room.engine.snapshots()] == ["Gate", "Yard", "Roof"]
    assert room.rules("Gate") == (Rule(50),)
    assert room.site == read_site(room.file)
    assert room.session.is_saved


def test_a_change_while_the_file_is_read_vanishes_nowhere(room: Room) -> None:
    """Engine, settings and steps back agree; the file is read again once all is written."""

    def read_slowly(file: Path) -> SiteSettings:
        found = read_site(file)
        if not changed:
            changed.append(True)
            session.change(with_rules(session.site, "Gate", [Rule(50)]), "Ada", "rules of Gate")
        return found

    changed: list[bool] = []
    session = SiteSession(room.engine, room.site, file=room.file, read=read_slowly)
    room.file.write_text(TEXT + '[[camera]]\nname = "Roof"\nsource = "webcam:2"\n')
    at_once = session.look()
    meanwhile = (room.rules("Gate"), session.site.camera[0].rules)
    later = session.look()

    assert (at_once, later) == (False, True)
    assert meanwhile == ((Rule(50),), (Rule(50),))
    assert room.rules("Gate") == (Rule(50),)
    assert [one.name for one in room.engine.snapshots()] == ["Gate", "Yard", "Roof"]
    assert session.site == read_site(room.file)


def test_both_hands_at_once_lose_nothing(room: Room) -> None:
    """Somebody edits the file in the very moment in which something is saved here."""
    room.session.change(with_rules(room.site, "Gate", [Rule(50)]), "Ada", "rules of Gate")
    room.file.write_text(TEXT + '[[camera]]\nname = "Roof"\nsource = "webcam:2"\n')
    room.session.save()
    room.session.look()

    assert [one.name for one in room.engine.snapshots()] == ["Gate", "Yard", "Roof"]
    assert room.rules("Gate") == (Rule(50),)
    assert [one.name for one in room.site.camera] == ["Gate", "Yard", "Roof"]


def test_a_bad_edit_is_told_and_changes_nothing(room: Room) -> None:
    """The site that runs goes on."""
    room.file.write_text(TEXT.replace("name", "nme", 1))
    room.session.look()

    assert room.session.state is not None
    assert any("nme" in one for one in room.session.state.mistakes)
    assert [one.name for one in room.engine.snapshots()] == ["Gate", "Yard"]


def test_without_a_file_a_site_can_become_one(room: Room, tmp_path: Path) -> None:
    """As after --source: saved as a file it is kept there from then on, and watched."""
    session = SiteSession(room.engine, room.site)
    session.change(with_rules(room.site, "Gate", [Rule(50)]), "Ada", "rules of Gate")
    had_file = session.save()
    file = tmp_path / "new" / "site.toml"
    session.save_as(file)
    session.change(with_rules(session.site, "Gate", [Rule(55)]), "Ada", "rules of Gate")
    session.save()

    assert not had_file
    assert session.file == file
    assert read_site(file).camera[0].rules == (Rule(55),)
    assert not session.look()


def test_a_password_of_the_command_line_leaves_the_address(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saved as a file, the site says where the password lies, and never what it is."""
    monkeypatch.setattr("keyring.set_password", lambda *_: None)
    monkeypatch.setattr("keyring.get_password", lambda *_: None)
    camera = CameraSettings(name="Roof", source="rtsp://op:S3cret@192.0.2.7/1")
    session = SiteSession(room.engine, room.site)
    session.change(with_camera(session.site, camera), "Ada", "camera Roof")
    file = tmp_path / "new" / "site.toml"
    session.save_as(file)
    roof = read_site(file).camera[2]

    assert "S3cret" not in file.read_text()
    assert roof.source == "rtsp://op@192.0.2.7/1"
    assert look_up(camera_place(roof)) == Secret("S3cret")
    assert session.site.camera[2] == roof
    assert session.is_saved
    assert [one.name for one in room.engine.snapshots()] == ["Gate", "Yard", "Roof"]


def test_the_journal_says_who_changed_what(room: Room) -> None:
    """Zones, cameras and areas as well as rules, once each, with the name of the person."""
    session = room.session
    member = MemberSettings(camera="Gate")
    session.change(with_zones(room.site, "Gate", [STAGE]), "Ada", "zones")
    session.change(with_camera(room.site, CameraSettings(name="Roof", source="webcam:2")), "Bo", "")
    session.change(with_areas(room.site, [AreaSettings(name="All", member=(member,))]), "Cy", "")
    session.change(without_camera(room.site, "Roof"), "Di", "")
    session.change(with_rules(room.site, "Gate", [Rule(50)]), "Ed", "rules")
    session.undo("Fe")
    wait_until(lambda: len(room.events) >= 6, "all is told")

    told = [(one.who, one.camera, one.note) for one in room.events if one.who]
    assert told == [
        ("Ada", "Gate", "zones changed"),
        ("Bo", "Roof", "camera added"),
        ("Cy", "All", "area added"),
        ("Di", "Roof", "camera taken away"),
        ("Ed", "Gate", "rule added: rings at 50 people or more"),
        ("Fe", "Gate", "rule removed"),
    ]
    of_site = [one for one in room.events if one.who in {"Ada", "Bo", "Cy", "Di"}]
    assert all(one.before is one.after for one in of_site)
