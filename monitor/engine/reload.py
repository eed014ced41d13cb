"""The site file while the program runs: a changed one is taken over, a broken one is told.

Only what changed is touched: a camera whose settings are the same notices nothing. A mistake in the
new file leaves everything as it was, and is told, on the page of the service or in the window,
until the file is mended.
"""

import logging
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from monitor.core.clock import Clock
from monitor.core.errors import MonitorError
from monitor.engine.changes import CameraChanges
from monitor.engine.counting import Counter
from monitor.engine.engine import Engine
from monitor.engine.parts import Part, prepare_all
from monitor.engine.questions import refuse_questions
from monitor.settings import ModelSettings, SiteSettings

logger = logging.getLogger(__name__)

_TAKEN_OVER = frozenset({"version", "camera", "area", "model"})
"""Tables whose change the engine takes over; others have parts of their own or wait."""


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


class Reloader:
    """Takes over a changed site file.

    `look` and `adopt` are for one thread, the loop of the service or the one that runs the errands
    of the window; `state` and `site` are for any.
    """

    def __init__(  # noqa: PLR0913 - all that a changed site file may touch
        self,
        path: Path,
        site: SiteSettings,
        engine: Engine,
        *,
        read: Callable[[], SiteSettings],
        open_model: Callable[[ModelSettings], Counter],
        clock: Clock,
        parts: Sequence[Part] = (),
        model_mark: Callable[[ModelSettings], Hashable] = lambda _: None,
    ) -> None:
        """Begin with what runs.

        Args:
            path: The site file.
            site: The settings that the engine runs with.
            engine: Already started.
            read: Reads the site file anew.
            open_model: Opens another model.
            clock: Where time comes from.
            parts: What else goes over to changed settings at once.
            model_mark: Tells the model file that settings mean from another under its name; may
                raise `MonitorError`.
        """
        self._model_mark = model_mark
        self._counts_with = model_mark(site.model)
        self._parts = tuple(parts)
        self._site = site
        self._begun_with = site
        self._engine = engine
        self._read = read
        self._open_model = open_model
        self._clock = clock
        self._watch = FileWatch(path)
        self._state = SiteState(str(path), clock.utc())

    @property
    def state(self) -> SiteState:
        """How it stands with the site file."""
        return self._state

    @property
    def site(self) -> SiteSettings:
        """The settings that were read last and could be used."""
        return self._site

    def look(self, *, is_asked: bool = False) -> None:
        """Take the site file over if it was changed.

        Args:
            is_asked: Whether somebody asked for it, with SIGHUP; it is read in any case then, and
                a model file that is another under the same name is opened. Nobody else sees that:
                a file that is still being copied must not be opened.
        """
        if self._watch.has_changed() or is_asked:
            self._take_over(is_asked=is_asked)

    def adopt(self, site: SiteSettings) -> None:
        """Take note that the program itself wrote the file, and that the engine runs with it.

        Args:
            site: What the file now says.
        """
        self._watch.has_changed()
        self._site = site
        self._state = SiteState(self._state.file, self._clock.utc(), (), self._waits(site))

    def _take_over(self, *, is_asked: bool) -> None:
        try:
            site = self._read()
            changes = self._go_over(site, is_asked=is_asked)
        except MonitorError as error:
            mistakes = mistakes_of(error)
            self._state = replace(self._state, mistakes=mistakes)
            logger.error("The site file is not taken over, all goes on as before: %s", error)  # noqa: TRY400 - a person's mistake needs no traceback
            return
        waits = self._waits(site)
        self._site = site
        self._state = SiteState(self._state.file, self._clock.utc(), (), waits)
        logger.info("The site file was read again: %s", changes)
        if waits:
            logger.warning("Changes of %s take effect with the next start", ", ".join(waits))

    def _go_over(self, site: SiteSettings, *, is_asked: bool) -> CameraChanges:
        """Go over to other settings; all that can be refused is tried before anything changes."""
        is_same_model = site.model == self._site.model
        mark = self._model_mark(site.model) if is_asked or not is_same_model else self._counts_with
        is_same_model = is_same_model and mark == self._counts_with
        counter = self._engine.counter if is_same_model else self._open_model(site.model)
        refuse_questions({one.name: one.count for one in site.camera}, counter)
        ready = prepare_all(self._parts, site)
        if not is_same_model:
            self._engine.use_counter(counter)
            self._counts_with = mark
            logger.info("Another model counts from now on")
        for one in ready:
            one.go_over()
        return self._engine.apply(site.camera, areas=site.area)

    def _waits(self, site: SiteSettings) -> tuple[str, ...]:
        """Name what differs from what was begun with and is not taken over at once."""
        live = _TAKEN_OVER.union(*(part.tables for part in self._parts))
        return _changed_tables(self._begun_with, site, without=live)


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
