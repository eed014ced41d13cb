"""Putting a site together: model, engine and history, started and stopped in the right order."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from monitor.cli.models import error_lines, find_model, interval_line, training_lines, usual_model
from monitor.core.errors import SettingsError
from monitor.engine.camera_opening import CameraOpening
from monitor.engine.engine import Engine
from monitor.engine.history_place import HistoryPlace
from monitor.engine.outputs import Outputs
from monitor.engine.prompted_counter import Counter, check_countable
from monitor.engine.reading_pool import ReadingPool
from monitor.engine.site_session import Part
from monitor.engine.sources import PacketRings, open_camera
from monitor.inference.model import Model, load_model
from monitor.inference.prompted import split_prompt
from monitor.inference.providers import device_name
from monitor.outputs.evidence.facts import UNKNOWN_MODEL, ModelFacts
from monitor.outputs.evidence.hashes import sha256_of_file
from monitor.outputs.history.history import History
from monitor.outputs.metrics import Backend
from monitor.settings import CameraSettings, ModelSettings, SiteSettings
from monitor.settings.outputs import parse_address
from monitor.video.address import short_name


def model_facts(counter: Counter) -> ModelFacts:
    """Describe what counts for evidence; reads the whole model file the first time.

    Args:
        counter: What counts.

    Returns:
        The model's name, its manifest and the hash of its file.
    """
    if not isinstance(counter, Model):
        return UNKNOWN_MODEL
    return ModelFacts(
        name=counter.manifest.name,
        provider=str(counter.provider),
        file_name=counter.path.name,
        file_sha256=_hash_of(counter.path),
        manifest=counter.manifest.model_dump_json(indent=2),
    )


def backend_of(counter: Counter) -> Backend | None:
    """Describe what counts for the metrics; None where it is no model."""
    if not isinstance(counter, Model):
        return None
    manifest = counter.manifest
    return Backend(
        model=manifest.name,
        provider=counter.provider,
        device=device_name(counter.provider),
        precision=manifest.precision,
        sha256=manifest.checkpoint_sha256,
    )


@lru_cache(maxsize=8)
def _hash_of(path: Path) -> str:
    try:
        return sha256_of_file(path)
    except OSError:  # taken away while it counts: the rest is still worth keeping
        return ""


ENGINE_ENDS_WITHIN_S = 1.4
OUTPUTS_END_WITHIN_S = 1.7
"""Together, with half a second for processes and pages, below the time in which a service is ended
by force; what is late ends with it."""


@dataclass(frozen=True, slots=True)
class RunningSite:
    """A site whose cameras are running."""

    engine: Engine
    history: History | None
    outputs: Outputs
    """Everything that leaves the engine, the history among it."""
    parts: tuple[Part, ...]
    """What goes over to a changed site file beside the engine."""


def open_model(settings: ModelSettings) -> Model:
    """Open the model that the settings name, or else the chosen one, or else the shipped one.

    Args:
        settings: Model, provider and threads.

    Returns:
        The model.

    Raises:
        ModelError: If it is missing, broken or cannot run here.
    """
    return load_model(_model_file(settings), provider=settings.provider, threads=settings.threads)


def model_mark(settings: ModelSettings) -> tuple[object, ...]:
    """Tell the model file that settings mean from any other, also one of the same name.

    Args:
        settings: The settings.

    Returns:
        What differs for every other file; a file that is not there has one, too.

    Raises:
        ModelError: If the usual model is gone.
    """
    address = _model_file(settings)
    try:
        status = split_prompt(address)[0].stat()
    except OSError:
        return (str(address),)
    return (str(address), status.st_mtime_ns, status.st_size, status.st_ino)


def _model_file(settings: ModelSettings) -> Path:
    return usual_model() if settings.path is None else find_model(Path(settings.path))


def site_of(sources: Sequence[str], model: ModelSettings) -> SiteSettings:
    """Make a site of addresses from the command line.

    Args:
        sources: Addresses; cameras are named after their host or file.
        model: What counts.

    Returns:
        The site.

    Raises:
        AddressError: If an address cannot be read.
        SettingsError: If there is none.
    """
    if not sources:
        raise SettingsError("name a site file with --config, or a camera with --source")
    cameras = []
    names: set[str] = set()
    for number, source in enumerate(sources, start=1):
        label = short_name(source)
        name = label if label not in names else f"{label} ({number})"
        names.add(name)
        cameras.append(CameraSettings(name=name, source=source))
    return SiteSettings(camera=tuple(cameras), model=model)


@contextmanager
def running_site(
    settings: SiteSettings, model: Model, *, keeps_history: bool
) -> Iterator[RunningSite]:
    """Run a site while the context is open.

    Args:
        settings: The site.
        model: What counts; used by the engine alone while the site runs.
        keeps_history: Whether readings and alarms are written to the history.

    Yields:
        The running site.

    Raises:
        ModelError: If a camera is to count what the model cannot.
        StoreError: If the address of the history is wrong.
    """
    check_countable({one.name: one.count for one in settings.camera}, model)
    history: History | None = None
    if keeps_history:
        history = History(
            parse_address(settings.store.url, os.environ),
            retention=settings.store.to_retention(),
        )
    rings = PacketRings()
    opening = CameraOpening(
        settings,
        in_threads=partial(open_camera, rings=rings),
        make_pool=partial(ReadingPool, rings=rings),
        cores=os.cpu_count() or 1,
    )
    engine = Engine(settings.camera, model, areas=settings.area, open_source=opening.open_camera)
    outputs = Outputs(
        engine,
        settings,
        history=history,
        backend=lambda: backend_of(engine.counter),
        rings=rings,
    )
    outputs.counts_with(lambda: model_facts(engine.counter))
    parts: list[Part] = [outputs, opening]
    if history is not None:
        parts.append(HistoryPlace(history, settings.store, environ=os.environ))
    outputs.start()
    try:
        engine.start()
        yield RunningSite(engine, history, outputs, tuple(parts))
    finally:
        engine.stop(ENGINE_ENDS_WITHIN_S)
        opening.close()
        outputs.stop(OUTPUTS_END_WITHIN_S)


def model_note(model: Model) -> str:
    """Say honestly what a model was trained on and how far it can be trusted."""
    manifest = model.manifest
    return (
        f"{manifest.name} ({manifest.method}) on {model.provider}. "
        f"Trained on {'; '.join(training_lines(manifest))}. "
        f"Measured error: {'; '.join(error_lines(manifest))}. "
        f"Interval: {interval_line(manifest)}."
    )
