"""The site of a running engine as people change it: at once in the engine, soon after in its file.

Every state of the settings is a frozen record, so a step back is another state taken over, and
what must be written is what differs between two of them.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from monitor.core.clock import Clock, SystemClock
from monitor.core.errors import AddressError
from monitor.engine.changes import CameraChanges
from monitor.engine.engine import Engine
from monitor.engine.questions import refuse_questions
from monitor.engine.reload import Reloader, SiteState
from monitor.engine.site_journal import entries_of
from monitor.settings import CameraSettings, SiteSettings
from monitor.settings.editing import checked
from monitor.settings.passwords import keep_password
from monitor.settings.writing import save_changes, write_site
from monitor.video.typed import take_apart

logger = logging.getLogger(__name__)

_STEPS_MOST = 100
"""Steps that can be taken back: more than anybody remembers."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A state that can be come back to, and what was changed after it."""

    site: SiteSettings
    words: str


class SiteKeeper:
    """Changes a site, keeps it in its file, and takes over what others write there.

    `change` and `undo` are for the GUI thread and return at once; `save`, `save_as` and `look`
    wait for the disk and are for one other thread; the properties are for any.
    """

    def __init__(
        self,
        engine: Engine,
        site: SiteSettings,
        *,
        file: Path | None = None,
        begin_watching: Callable[[Path, SiteSettings], Reloader] | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Begin with what runs.

        Args:
            engine: Already started, with these settings.
            site: The settings.
            file: The site file that holds them; None: there is none, so changes last until the
                program ends or somebody saves them as one.
            begin_watching: Makes what takes over a file that somebody else changes; None: nobody
                looks.
            clock: The engine's own; None: this machine's.
        """
        self._engine = engine
        self._clock = SystemClock() if clock is None else clock
        self._lock = Lock()
        self._site = self._saved = site
        self._past: list[_Step] = []
        self._begin_watching = begin_watching
        self._file: Path | None = None
        self._reloader: Reloader | None = None
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
        """How it stands with the file, its mistakes among it; None: nobody looks."""
        return None if self._reloader is None else self._reloader.state

    @property
    def undo_words(self) -> str:
        """What a step back would take back; empty: there is none."""
        past = self._past
        return past[-1].words if past else ""

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
        refuse_questions(new, self._engine.counter)
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
            self._took_down(site, held)
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
        self._took_down(site, held)

    def look(self) -> bool:
        """Take over what somebody else wrote into the file.

        Returns:
            Whether other settings hold now; what nobody could save is gone then, as are the steps
            back, which would take back what the other person did.
        """
        reloader = self._reloader
        if reloader is None:
            return False
        before = reloader.site
        reloader.look()
        if reloader.site is before:
            return False
        with self._lock:
            self._site = self._saved = reloader.site
            self._past = []
        return True

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
        self._file = file
        if self._begin_watching is not None:
            self._reloader = self._begin_watching(file, site)

    def _took_down(self, site: SiteSettings, held: SiteSettings) -> None:
        """Note what was written; what else the file holds now, somebody else wrote meanwhile."""
        is_ours = _by_name(held) == _by_name(site)
        with self._lock:
            self._saved = site
        if self._reloader is not None and is_ours:
            self._reloader.adopt(site)


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
