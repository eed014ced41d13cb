"""Set-up from the window: what it needs of the commands, and the first start of all."""

from collections.abc import Callable
from pathlib import Path

from platformdirs import user_config_path

from monitor.cli.exit_codes import DONE
from monitor.cli.last_site import remember_site, state_folder
from monitor.cli.models import error_lines, find_model, known_models, training_lines, usual_model
from monitor.cli.window import require_window
from monitor.core.errors import ModelError, SettingsError
from monitor.core.manifest import Manifest
from monitor.engine.engine import Engine
from monitor.engine.prompted_counter import check_countable
from monitor.inference.model import Model, load_model
from monitor.settings import ModelSettings, SiteSettings
from monitor.settings.archive import import_site
from monitor.settings.writing import write_site
from monitor.ui.setup.tools import ModelCard, SetUpTools

_FILE = "site.toml"
_TRIES = 1000


def tools_for(
    engine: Engine, open_model: Callable[[ModelSettings], Model], file: Path | None
) -> SetUpTools:
    """Give what set-up needs beside a running site.

    Args:
        engine: Counts with what is chosen.
        open_model: Opens a model.
        file: The site file; None: there is none.

    Returns:
        The tools.
    """
    return SetUpTools(
        folder=own_folder() if file is None else file.absolute().parent,
        list_models=list_cards,
        use_model=lambda settings: _count_with(engine, open_model(settings)),
        find_model=find_model,
        remember=lambda site_file: remember_site(site_file, state_folder()),
    )


def _count_with(engine: Engine, model: Model) -> None:
    """Count with another model from now on, if it can count what the cameras ask for."""
    check_countable({one.name: one.count for one in engine.camera_settings()}, model)
    engine.use_counter(model)


def own_folder() -> Path:
    """Give the folder in which a site is kept that nobody has given a place."""
    return user_config_path("crowd-monitor", appauthor=False)


def list_cards() -> tuple[ModelCard, ...]:
    """Open every known model and give its card, that of the usual one first.

    Returns:
        Cards; a file that cannot be opened has none.
    """
    usual = usual_model()
    others = [one for one in known_models() if one.resolve() != usual.resolve()]
    cards = []
    for path in (usual, *others):
        try:
            cards.append(_card(path, load_model(path, provider="cpu").manifest))
        except ModelError:
            continue  # `crowd-monitor models list` says why
    return tuple(cards)


def _card(path: Path, manifest: Manifest) -> ModelCard:
    error = "not measured" if not manifest.errors else f"off by {manifest.errors[0].mae:.1f}"
    learned = "; ".join(training_lines(manifest))
    wrong = "; ".join(error_lines(manifest))
    return ModelCard(
        find_model(path),
        f"{manifest.name} ({manifest.method}), counts {manifest.counts}, {error}",
        f"Learned from {learned}. Measured on {wrong}.",
    )


def first_start(show_demo: Callable[[], int], show_site: Callable[[Path], int]) -> int:
    """Ask somebody who has just installed the program how to begin, and do that.

    Args:
        show_demo: Shows the demo; gives the exit code.
        show_site: Shows a site file; gives the exit code.

    Returns:
        Exit code.

    Raises:
        SettingsError: If there is no screen to ask on, or the site file cannot be written.
    """
    require_window()
    from monitor.ui.setup.first_start import Beginning, ask_how_to_begin

    begun = ask_how_to_begin(SetUpTools(folder=own_folder(), list_models=list_cards))
    if begun is None:
        return DONE
    if begun.beginning is Beginning.DEMO:
        return show_demo()
    if begun.file is not None:
        is_packed = begun.file.suffix.lower() == ".zip"
        file = import_site(begun.file, own_folder() / begun.file.stem) if is_packed else begun.file
        return show_site(file)
    assert begun.camera is not None, "the third way to begin"
    model = None if begun.model is None else str(begun.model)
    file = new_site_file(own_folder())
    write_site(file, SiteSettings(camera=(begun.camera,), model=ModelSettings(path=model)))
    remember_site(file, state_folder())
    return show_site(file)


def new_site_file(folder: Path) -> Path:
    """Give a name for a site file that is not taken.

    Args:
        folder: Where it goes.

    Returns:
        `site.toml`, or with a number.

    Raises:
        SettingsError: If all are taken.
    """
    names = (_FILE, *(f"site-{number}.toml" for number in range(2, _TRIES)))
    found = next((folder / one for one in names if not (folder / one).exists()), None)
    if found is None:
        raise SettingsError(f"{folder}: holds {_TRIES} site files; move some away")
    return found
