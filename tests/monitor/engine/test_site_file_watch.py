"""A site file that changes while the program runs."""

import os
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from monitor.core.clock import Clock
from monitor.core.errors import ModelError, SettingsError
from monitor.engine.counting import Counter
from monitor.engine.engine import Engine
from monitor.engine.site_session import FileWatch, Part, Prepared, SiteSession, SiteState
from monitor.settings import CameraSettings, ModelSettings, SiteSettings
from monitor.settings.editing import without_camera
from monitor.settings.site_file import read_site
from monitor.video.frame import FrameSource
from tests.rigs.counters import FixedCounter, NamedCounter
from tests.rigs.sources import ScriptedSource, gray_frame
from tests.rigs.waiting import wait_until

GATE = '[[camera]]\nname = "Gate"\nsource = "webcam:0"\n'
PLAZA = '[[camera]]\nname = "Plaza"\nsource = "webcam:1"\n'


class Site:
    """A running site with its file; `write` and `look` are what a person and the service do."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "site.toml"
        self.opened: list[str] = []
        self.model_paths: list[str | None] = []
        self.model_mark = 1
        self.write(GATE + PLAZA)
        site = read_site(self.file)
        self.engine = Engine(site.camera, FixedCounter(12), open_source=self._open)
        self.begin_watching()

    def begin_watching(self, *parts: Part) -> None:
        """Look after the file from now on, and after parts beside the engine."""
        self.session = SiteSession(
            self.engine,
            read_site(self.file),
            file=self.file,
            open_model=self._open_model,
            parts=parts,
            model_mark=lambda _: self.model_mark,
        )

    @property
    def state(self) -> SiteState:
        """How it stands with the file."""
        assert self.session.state is not None
        return self.session.state

    def write(self, text: str) -> None:
        """Save the site file as editors do: the old one is replaced."""
        new = self.file.with_suffix(".new")
        new.write_text(text)
        new.replace(self.file)

    def take_over(self, text: str) -> None:
        """Save the file and let the service look."""
        self.write(text)
        self.session.look()

    def names(self) -> list[str]:
        """Name the cameras that run."""
        return [one.name for one in self.engine.snapshots()]

    def _open(self, settings: CameraSettings, _clock: Clock) -> FrameSource:
        self.opened.append(settings.name)
        return ScriptedSource([gray_frame(0), Event()])

    def _open_model(self, settings: ModelSettings) -> Counter:
        self.model_paths.append(settings.path)
        if settings.path is not None and settings.path.endswith("broken.onnx"):
            raise ModelError("broken.onnx: no ONNX model")
        if settings.path is not None and settings.path.endswith("zoo.onnx"):
            return NamedCounter(dogs=3, people=7)
        return FixedCounter(7)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site with two cameras that were counted."""
    running = Site(tmp_path)
    running.engine.start()
    wait_until(lambda: all(one.reading for one in running.engine.snapshots()), "all are counted")
    yield running
    assert running.engine.stop()


def test_nothing_happens_while_nothing_changes(site: Site) -> None:
    """Looking often opens nothing anew."""
    loaded = site.state.loaded_utc
    for _ in range(5):
        site.session.look()

    assert site.state.loaded_utc == loaded
    assert sorted(site.opened) == ["Gate", "Plaza"]


def test_only_what_changed_is_touched(site: Site) -> None:
    """Plaza goes, Yard comes; Gate is not opened again and keeps its count."""
    before = site.engine.snapshots()[0].reading
    site.take_over(GATE + PLAZA.replace("Plaza", "Yard"))

    assert site.names() == ["Gate", "Yard"]
    assert site.engine.snapshots()[0].reading == before
    wait_until(lambda: "Yard" in site.opened, "the new one is opened")
    assert site.opened.count("Gate") == 1
    assert site.state.mistakes == ()


def test_a_bad_edit_changes_nothing_and_is_told(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """Every mistake stands in the state, until the file is mended."""
    loaded = site.state.loaded_utc
    site.take_over('[[camera]]\nnme = "Gate"\nsource = "webcam:x"\n')
    while_bad = site.state
    names_while_bad = site.names()
    site.take_over(GATE)

    assert names_while_bad == ["Gate", "Plaza"]
    assert while_bad.loaded_utc == loaded
    assert [one.split(":")[0] for one in while_bad.mistakes] == ["line 1", "line 2", "line 3"]
    assert "all goes on as before" in caplog.text
    assert site.state.mistakes == ()
    assert site.names() == ["Gate"]


def test_a_file_that_is_gone_changes_nothing(site: Site) -> None:
    """A disk that is away is no order to stop watching."""
    site.file.unlink()
    site.session.look()

    assert site.names() == ["Gate", "Plaza"]
    assert "cannot be read" in site.state.mistakes[0]


def test_another_model_counts_from_now_on(site: Site) -> None:
    """The cameras are not opened again."""
    site.take_over('[model]\npath = "other.onnx"\n' + GATE + PLAZA)

    assert [str(one).rpartition("/")[2] for one in site.model_paths] == ["other.onnx"]
    assert sorted(site.opened) == ["Gate", "Plaza"]


def test_another_model_under_the_same_name_counts_when_somebody_asks(site: Site) -> None:
    """Not before: a file that is still being copied must not be opened; and only once."""
    site.model_mark = 2
    site.take_over(GATE + PLAZA + "# later\n")
    unasked = len(site.model_paths)
    site.session.look(is_asked=True)
    asked = len(site.model_paths)
    site.session.look(is_asked=True)

    assert (unasked, asked, len(site.model_paths)) == (0, 1, 1)
    assert sorted(site.opened) == ["Gate", "Plaza"]


def test_a_model_that_cannot_be_opened_changes_nothing(site: Site) -> None:
    """Not even the cameras of the same edit: half an edit is none."""
    site.take_over('[model]\npath = "broken.onnx"\n' + GATE)

    assert site.names() == ["Gate", "Plaza"]
    assert site.state.mistakes == ("broken.onnx: no ONNX model",)


def test_what_the_model_cannot_count_is_refused_as_a_whole(site: Site) -> None:
    """The yard that stands in the same edit does not come either, and Gate goes on counting."""
    before = site.engine.snapshots()[0].reading
    yard = PLAZA.replace("Plaza", "Yard")
    site.take_over(GATE + 'count = ["dogs"]\n' + yard)

    assert site.state.mistakes == ("camera Gate: what counts here counts people only, not dogs",)
    assert site.names() == ["Gate", "Plaza"]
    assert site.engine.snapshots()[0].reading == before
    assert sorted(site.opened) == ["Gate", "Plaza"]


def test_a_question_comes_with_the_model_that_answers_it(site: Site) -> None:
    """Judged by the model of the same edit, in both directions."""
    zoo = '[model]\npath = "zoo.onnx"\n'
    site.take_over(zoo + GATE + 'count = ["dogs"]\n' + PLAZA)
    with_zoo = (site.names(), site.state.mistakes)
    site.take_over(GATE + 'count = ["dogs"]\n' + PLAZA)
    without_zoo = (site.names(), site.state.mistakes)

    assert with_zoo == (["Gate · dogs", "Plaza · dogs"], ())
    assert without_zoo[0] == with_zoo[0]
    assert "not dogs" in without_zoo[1][0]
    assert isinstance(site.engine.counter, NamedCounter)


def test_what_waits_for_a_restart_is_told(site: Site) -> None:
    """The history stays where it is while the program runs, and nobody is left in the dark."""
    store = '[store]\nurl = "sqlite:///other.sqlite"\n'
    site.take_over(store + GATE + PLAZA)
    waits = site.state.waits_for_restart
    site.take_over(GATE + PLAZA)

    assert waits == ("[store]",)
    assert site.state.waits_for_restart == ()


def test_who_asks_is_answered_without_a_change(site: Site) -> None:
    """SIGHUP reads the file again, and cameras that stay the same notice nothing."""
    loaded = site.state.loaded_utc
    site.session.look(is_asked=True)
    again = site.state.loaded_utc

    assert loaded is not None
    assert again is not None
    assert again > loaded
    assert sorted(site.opened) == ["Gate", "Plaza"]


def test_what_the_program_wrote_itself_is_not_read_again(site: Site) -> None:
    """The window applies a change first and writes it then: nothing is to be done again."""
    site.session.change(without_camera(site.session.site, "Plaza"), "Ada", "camera Plaza")
    site.session.save()
    loaded = site.state.loaded_utc
    took_over = site.session.look()

    assert not took_over
    assert site.state.loaded_utc == loaded
    assert site.names() == ["Gate"]
    assert [one.name for one in site.session.site.camera] == ["Gate"]


def test_a_file_is_watched_by_what_it_is(tmp_path: Path) -> None:
    """Rewritten, replaced by one of the same size and time, taken away, brought back."""
    file = tmp_path / "f"
    file.write_text("1")
    watch = FileWatch(file)
    seen = [watch.has_changed()]
    file.write_text("22")
    seen.append(watch.has_changed())
    stamp = file.stat().st_mtime_ns
    other = tmp_path / "g"
    other.write_text("33")
    os.utime(other, ns=(stamp, stamp))
    other.replace(file)
    seen.append(watch.has_changed())
    file.unlink()
    seen.append(watch.has_changed())
    seen.append(watch.has_changed())
    file.write_text("1")
    seen.append(watch.has_changed())

    assert seen == [False, True, True, True, False, True]


class Listening:
    """A part that writes down what it is asked to go over to."""

    tables = frozenset({"csv", "status"})

    def __init__(self, trouble: str = "") -> None:
        self.trouble = trouble
        self.paths: list[str | None] = []
        self.given_up = 0

    def prepare(self, site: SiteSettings) -> Prepared:
        """Fail, or go over."""
        if self.trouble:
            raise SettingsError(self.trouble)
        path = None if site.csv is None else site.csv.path
        return Prepared(lambda: self.paths.append(path), self._give_up)

    def _give_up(self) -> None:
        self.given_up += 1


def test_parts_go_over_to_what_is_theirs(site: Site) -> None:
    """Their tables wait for no restart; others do, and are told."""
    part = Listening()
    site.begin_watching(part)
    site.take_over('[csv]\npath = "counts.csv"\n[metrics]\nenabled = false\n' + GATE + PLAZA)

    assert [str(one).rpartition("/")[2] for one in part.paths] == ["counts.csv"]
    assert site.state.waits_for_restart == ("[metrics]",)


def test_a_part_that_cannot_go_over_leaves_all_as_it_was(site: Site) -> None:
    """The port is taken: no camera, no model and no other part changes either."""
    good = Listening()
    site.begin_watching(good, Listening("port 80 cannot be used"))
    site.take_over('[csv]\npath = "counts.csv"\n' + GATE)

    assert site.names() == ["Gate", "Plaza"]
    assert (good.paths, good.given_up) == ([], 1)
    assert site.state.mistakes == ("port 80 cannot be used",)
