"""Published ways to train, as files: options, and what they are said to reach."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.config import FitConfig
from training.errors import TrainingError

_FOLDER = Path(__file__).parent / "recipes"
_ABOUT = ("score", "source", "hardware", "command", "note")
_NEVER_IN_FILES = ("data", "init")


@dataclass(frozen=True)
class Recipe:
    """Options of a run and what is known about them."""

    name: str
    options: dict[str, Any] = field(default_factory=dict)
    """Values by the names of the fields of `FitConfig`. Any: checked there."""
    about: dict[str, str] = field(default_factory=dict)
    """Score to expect, where it stands, on what hardware, by which command, and notes."""


def recipe_names() -> tuple[str, ...]:
    """Give the names of the recipes that come with the program."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def read_recipe(name: str) -> Recipe:
    """Read a recipe.

    Args:
        name: One of `recipe_names()`, or the path of a file ending in `.toml`.

    Returns:
        The recipe.

    Raises:
        TrainingError: If there is none, it cannot be read, or it has a key that means nothing.
    """
    is_file = name.endswith(".toml")
    if not is_file and name not in recipe_names():
        raise TrainingError(f"no recipe is called '{name}'; there are {', '.join(recipe_names())}")
    path = Path(name) if is_file else _FOLDER / f"{name}.toml"
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"{path}: this recipe cannot be read ({error})") from error
    about, options = document.pop("about", {}), document.pop("options", {})
    known = set(FitConfig.model_fields) - set(_NEVER_IN_FILES)
    unknown = [
        *document,
        *(f"about.{key}" for key in about if key not in _ABOUT),
        *(f"options.{key}" for key in options if key not in known),
    ]
    if unknown:
        raise TrainingError(
            f"{path.name}: a recipe has no key {', '.join(unknown)}; it has the tables about "
            f"({', '.join(_ABOUT)}) and options (those of the command but --data and --init)"
        )
    return Recipe(path.stem, options, about)
