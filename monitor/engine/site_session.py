"""The site of a running engine: validated, applied, written, taken back, and taken over.

What people change in the window holds at once in the engine and soon after in the site file. What
somebody else writes into the file is taken over, touching only what differs. Either way a change
holds whole or not at all: it is validated before it is applied, and a mistake in the file leaves
everything as it was and is told until the file is mended.

Every state of the settings is a frozen record, so a step back is another state taken over, and
what must be written is what differs between two of them.
"""

import logging
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Protocol

from monitor.core.clock import Clock, SystemClock
from monitor.core.errors import AddressError, MonitorError, SettingsError
from monitor.engine.counting import Counter
from monitor.engine.engine import Engine
from monitor.engine.prompted_counter import check_countable
from monitor.engine.site_changes import CameraChanges, entries_of
from monitor.settings import CameraSettings, ModelSettings, SiteSettings
from monitor.settings.editing import checked
from monitor.settings.passwords import keep_password
from monitor.settings.site_file import read_site
from monitor.settings.writing import save_changes, write_site
from monitor.video.address import take_apart

logger = logging.getLogger(__name__)

_STEPS_MOST = 100
"""Steps that can be taken back: more than anybody remembers."""
_TAKEN_OVER = frozenset({"version", "camera", "area", "model"})
"""Tables whose change the engine takes over; others have parts of their own or wait."""


def _nothing() -> None:
    """Be done: nothing was made ready."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a part needs for other settings; one of the two is called, once."""

    go_over: Callable[[], None]
    """Has the settings hold; does not fail."""
    give_up: Callable[[], None] = _nothing
    """Lets go of what was made ready, as something else cannot be had."""


class Part(Protocol):
    """Something beside the engine that goes over to changed settings while all runs."""

    @property
    def tables(self) -> frozenset[str]:
        """The tables that it looks after."""
        ...

    def prepare(self, site: SiteSettings) -> Prepared:
        """Make ready for other settings; changes nothing.

        Args:
            site: The settings that are wanted.

        Returns:
            What goes over to them.

        Raises:
            MonitorError: If they cannot be had here.
        """
        ...


def prepare_all(parts: Sequence[Part], site: SiteSettings) -> tuple[Prepared, ...]:
    """Make every part ready for other settings, or none.

    Args:
        parts: The parts.
        site: The settings that are wanted.

    Returns:
        What goes over to them, in order.

    Raises:
        MonitorError: If one of them cannot be had; the others have let go of what they had made
            ready.
    """
    ready: list[Prepared] = []
    try:
        for part in parts:
            ready.append(part.prepare(site))  # noqa: PERF401 - those before a failing one are kept
    except MonitorError:
        for one in ready:
            one.give_up()
        raise
    return tuple(ready)


@dataclass(frozen=True, slots=True)
class SiteState:
    """How it stands with the site file."""

    file: str
    """Its path."""
    loaded_utc: datetime | None = None
    """When the settings in use were read; None: none could be."""
    mistakes: tuple[str, ...] = ()
    """What is wrong with the file as it is now; the settings in use are older. Empty: nothing."""
    waits_for_restart: tuple[str, ...] = ()
    """Tables that were changed and take effect with the next start."""


class FileWatch:
    """Notices that a file was changed, replaced or taken away. Used by one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._look()

    def has_changed(self) -> bool:
        """Say whether the file is another than at the last call."""
        found = self._look()
        has_changed = found != self._seen
        self._seen = found
        return has_changed

    def _look(self) -> tuple[int, int, int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return (status.st_mtime_ns, status.st_size, status.st_ino, status.st_mode)


@dataclass(frozen=True, slots=True)
class _Step:
    """A state that can be come back to, and what was changed after it."""

    site: SiteSettings
    words: str


class SiteSession:
    """Changes a site, keeps it in its file, and takes over what others write there.

    `change` and `undo` are for the GUI thread and return at once; `save`, `save_as` and `look`
    wait for the disk and are for one other thread; the properties are for any. Whatever is applied
    to the engine is applied under one lock, so that settings, engine and steps back agree.
    """

    def __init__(  # noqa: PLR0913 - all that a changed site may touch
        self,
        engine: Engine,
        site: SiteSettings,
        *,
        file: Path | None = None,
        read: Callable[[Path], SiteSettings] = read_site,
        open_model: Callable[[ModelSettings], Counter] | None = None,
        model_mark: Callable[[ModelSettings], Hashable] = lambda _: None,
        parts: Sequence[Part] = (),
        clock: Clock | None = None,
    ) -> None:
        """Begin with what runs.

        Args:
            engine: Already started, with these settings.
            site: The settings.
            file: The site file that holds them; None: there is none, so changes last until the
                program ends or somebody saves them as one.
            read: Reads the site file anew.
            open_model: Opens another model; None: what counts stays.
            model_mark: Tells the model file that settings mean from another under its name; may
                raise `MonitorError`.
            parts: What else goes over to a changed file at once.
            clock: The engine's own; None: this machine's.
        """
        self._engine = engine
        self._read = read
        self._open_model = open_model
        self._model_mark = model_mark
        self._counts_with = model_mark(site.model)
        self._parts = tuple(parts)
        self._clock = SystemClock() if clock is None else clock
        self._lock = Lock()
        self._site = self._saved = self._begun_with = site
        self._past: list[_Step] = []
        self._file: Path | None = None
        self._watch: FileWatch | None = None
        self._state: SiteState | None = None
        self._must_look = False
        if file is not None:
            self._keep_in(file, site)

    @property
    def site(self) -> SiteSettings:
        """The settings as they hold now."""
        return self._site

    @property
    def file(self) -> Path | None:
        """The site file; None: there is none."""
        return self._file

    @property
    def is_saved(self) -> bool:
        """Whether the file holds all that was changed; without a file nothing is ever saved."""
        return self._site is self._saved

    @property
    def state(self) -> SiteState | None:
        """How it stands with the file, its mistakes among it; None: there is no file."""
        return self._state

    def change(
        self, site: SiteSettings, who: str, words: str, *, joins_last: bool = False
    ) -> CameraChanges:
        """Have other settings from now on; they are not in the file before `save`.

        Args:
            site: The new settings, made of `site`.
            who: Name of the person, for the journal of alarms.
            words: What was changed, as `zones of Gate`.
            joins_last: Whether one step back takes it back together with the change before, where
                that has the same words.

        Returns:
            What became of each camera.

        Raises:
            ValueError: If the settings do not fit together, as a rule on a zone that is gone; in
                one sentence. All goes on as before.
            ModelError: If a camera is to count what the model cannot; all goes on as before.
        """
        checked(site)
        asked_before = {one.name: one.count for one in self._site.camera}
        asked = {one.name: one.count for one in site.camera}
        new = {name: one for name, one in asked.items() if one != asked_before.get(name, ())}
        check_countable(new, self._engine.counter)
        with self._lock:
            changes = self._apply(site, who)
            if not (joins_last and self._past and self._past[-1].words == words):
                self._past = [*self._past, _Step(self._site, words)][-_STEPS_MOST:]
            self._site = site
        logger.info("%s changed: %s", who, words)
        return changes

    def undo(self, who: str) -> str:
        """Take the last change back; not in the file before `save`.

        Args:
            who: Name of the person, for the journal of alarms.

        Returns:
            What was taken back; empty: there was nothing.
        """
        with self._lock:
            if not self._past:
                return ""
            step = self._past.pop()
            self._apply(step.site, who)
            self._site = step.site
        logger.info("%s took back: %s", who, step.words)
        return step.words

    def save(self) -> bool:
        """Write into the file what was changed since it was written last.

        Returns:
            Whether there is a file.

        Raises:
            SettingsError: If it cannot be written; what was changed holds, and is written with
                the next change that can be.
        """
        file, site = self._file, self._site
        if file is None:
            return False
        if site is not self._saved:
            held = save_changes(file, self._saved, site)
            self._note_saved(site, held)
        return True

    def save_as(self, file: Path) -> None:
        """Write all settings into a new file, and keep them there from now on.

        A password that stands in an address, as on a command line, goes where passwords belong;
        its camera begins anew.

        Args:
            file: Where to; a file that is there is replaced.

        Raises:
            SettingsError: If it cannot be written.
        """
        site = self._without_passwords(file.absolute().parent)
        held = write_site(file, site)
        self._keep_in(file, site)
        self._note_saved(site, held)

    def look(self, *, is_asked: bool = False) -> bool:
        """Take over what somebody else wrote into the file.

        What was changed here and is not written yet is put into the file first, so that neither
        hand loses anything; only what cannot be written is gone then, as are the steps back, which
        would take back what the other person did.

        Args:
            is_asked: Whether somebody asked for it, with SIGHUP; the file is read in any case
                then, and a model file that is another under the same name is opened. Nobody else
                sees that: a file that is still being copied must not be opened.

        Returns:
            Whether the settings of the file hold from now on.
        """
        file, watch = self._file, self._watch
        if file is None or watch is None:
            return False
        has_changed = watch.has_changed()
        if not (has_changed or is_asked or self._must_look):
            return False
        self._save_first()
        watch.has_changed()  # what was written just now is read here
        self._must_look = False
        before = self._site
        try:
            site = self._read(file)
            counter, mark = self._counter_for(site, before, is_asked=is_asked)
            check_countable({one.name: one.count for one in site.camera}, counter)
            ready = prepare_all(self._parts, site)
        except MonitorError as error:
            self._note_mistakes(error)
            return False
        with self._lock:
            if self._site is not before:  # changed here while the file was read: written first
                for one in ready:
                    one.give_up()
                self._must_look = True
                return False
            changes = self._take_over(site, counter, mark, ready)
        logger.info("The site file was read again: %s", changes)
        if waits := self._waits(site):
            logger.warning("Changes of %s take effect with the next start", ", ".join(waits))
        return True

    def _save_first(self) -> None:
        try:
            self.save()
        except SettingsError as error:
            logger.warning("What was changed here could not be written: %s", error)

    def _counter_for(
        self, site: SiteSettings, before: SiteSettings, *, is_asked: bool
    ) -> tuple[Counter, Hashable]:
        """Give what counts with other settings, opened where it is another, and its mark."""
        is_same = site.model == before.model or self._open_model is None
        mark = self._model_mark(site.model) if is_asked or not is_same else self._counts_with
        if self._open_model is None or (is_same and mark == self._counts_with):
            return self._engine.counter, self._counts_with
        return self._open_model(site.model), mark

    def _take_over(
        self, site: SiteSettings, counter: Counter, mark: Hashable, ready: Sequence[Prepared]
    ) -> CameraChanges:
        """Go over to the settings of the file; all that could be refused was tried before."""
        if counter is not self._engine.counter:
            self._engine.use_counter(counter)
            logger.info("Another model counts from now on")
        self._counts_with = mark
        for one in ready:
            one.go_over()
        changes = self._engine.apply(site.camera, areas=site.area)
        self._site = self._saved = site
        self._past = []
        self._note_loaded(site)
        return changes

    def _note_mistakes(self, error: MonitorError) -> None:
        if self._state is not None:
            self._state = replace(self._state, mistakes=mistakes_of(error))
        logger.error("The site file is not taken over, all goes on as before: %s", error)

    def _note_loaded(self, site: SiteSettings) -> None:
        self._state = SiteState(str(self._file), self._clock.utc(), (), self._waits(site))

    def _waits(self, site: SiteSettings) -> tuple[str, ...]:
        """Name what differs from what was begun with and is not taken over at once."""
        live = _TAKEN_OVER.union(*(part.tables for part in self._parts))
        return _changed_tables(self._begun_with, site, without=live)

    def _apply(self, site: SiteSettings, who: str) -> CameraChanges:
        """Have the engine run another site, and the journal say who wanted it."""
        before = self._site
        changes = self._engine.apply(site.camera, who, areas=site.area)
        for event in entries_of(
            changes,
            before=before,
            after=site,
            snapshots=self._engine.snapshots(),
            who=who,
            now_utc=self._clock.utc(),
        ):
            self._engine.publish_event(event)
        return changes

    def _without_passwords(self, folder: Path) -> SiteSettings:
        """Take passwords out of addresses; gives the settings that hold then."""
        with self._lock:
            before = self._site
        cameras = tuple(_without_password(one, folder) for one in before.camera)
        if cameras == before.camera:
            return before
        with self._lock:
            self._site = self._site.model_copy(update={"camera": cameras})
            self._past = []  # they hold the passwords
            self._engine.apply(cameras, areas=self._site.area)
            return self._site

    def _keep_in(self, file: Path, site: SiteSettings) -> None:
        """Keep the site in a file from now on, and watch it."""
        self._file = file
        self._watch = FileWatch(file)
        self._begun_with = site
        self._note_loaded(site)

    def _note_saved(self, site: SiteSettings, held: SiteSettings) -> None:
        """Note what was written; what else the file holds now, somebody else wrote meanwhile."""
        is_ours = _by_name(held) == _by_name(site)
        with self._lock:
            self._saved = site
        if self._watch is None:
            return
        if is_ours:
            self._watch.has_changed()
            self._note_loaded(site)
        else:
            self._must_look = True


def _without_password(camera: CameraSettings, folder: Path) -> CameraSettings:
    try:
        typed = take_apart(camera.source)
    except AddressError:
        return camera  # no network camera
    if typed.password is None:
        return camera
    bare = camera.model_copy(update={"source": typed.source()})
    return keep_password(bare, typed.password, folder)


def _by_name(site: SiteSettings) -> tuple[dict[str, object], dict[str, object]]:
    """Give cameras and areas regardless of their order."""
    return {one.name: one for one in site.camera}, {one.name: one for one in site.area}


def mistakes_of(error: MonitorError) -> tuple[str, ...]:
    """Give what is wrong with a site file line by line."""
    first, *rest = str(error).splitlines() or [""]
    return tuple(line.strip() for line in rest) or (first,)


def _changed_tables(
    before: SiteSettings, after: SiteSettings, *, without: frozenset[str]
) -> tuple[str, ...]:
    """Name the tables that differ, without some."""
    return tuple(
        f"[{name}]"
        for name in type(after).model_fields
        if name not in without and getattr(before, name) != getattr(after, name)
    )
