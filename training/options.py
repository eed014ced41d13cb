"""The command line of `training.fit`, and published ways to train as files that fill it in."""

import argparse
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from training.config import DataChoice, FitConfig
from training.errors import TrainingError
from training.naming import NAMES

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


@dataclass(frozen=True)
class Machines:
    """What a run computes on; the same run on other machines is the same run."""

    accelerator: str = "auto"
    """Lightning's name of the kind of device: auto, cpu, gpu."""
    devices: str = "1"
    """How many in each machine, `auto` for all, or a list of their numbers: `0,2`."""
    nodes: int = 1
    """Machines that train together."""
    strategy: str = "auto"
    """Lightning's name of how they work together: auto, ddp, …"""


@dataclass(frozen=True)
class Order:
    """All that the command line asks for."""

    config: FitConfig
    out: Path
    machines: Machines
    resume: bool


def read_options(arguments: Sequence[str] | None) -> Order:
    """Read the command line; on wrong use, say so and leave with exit code 2.

    Args:
        arguments: Its words; None takes them from the system.

    Returns:
        What is asked for.

    Raises:
        TrainingError: If a recipe cannot be used.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    recipe = read_recipe(options.recipe).options if options.recipe else {}
    given = {name: getattr(options, name, None) for name in FitConfig.model_fields}
    explicit = {name: value for name, value in given.items() if value is not None}
    try:
        config = make_config({**recipe, **explicit}, options.data)
    except ValidationError as error:
        parser.error(_faults(error))
    machines = Machines(options.accelerator, options.devices, options.nodes, options.strategy)
    return Order(config, options.out, machines, options.resume)


def make_config(options: Mapping[str, Any], data: Sequence[str]) -> FitConfig:
    """Make the record of a run.

    Args:
        options: Values by the names of its fields but `data`. Any: pydantic checks them.
        data: Folders, each perhaps with `:WEIGHT`.

    Returns:
        The record, valid.
    """
    return FitConfig.model_validate({**options, "data": [_data(text) for text in data]})


def _faults(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())


def _data(text: str) -> DataChoice:
    folder, colon, weight = text.rpartition(":")
    if colon and weight.replace(".", "", 1).isdigit():
        return DataChoice(folder=folder, weight=float(weight))
    return DataChoice(folder=text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.fit",
        description="Train a counting model on folders in the common format.",
    )
    parser.add_argument(
        "--data",
        nargs="+",
        required=True,
        metavar="FOLDER[:WEIGHT]",
        help="folders made by training.prepare; a higher weight draws more crops from one",
    )
    parser.add_argument("--out", type=Path, default=Path("runs/latest"), help="where to write")
    parser.add_argument("--resume", action="store_true", help="go on from last.ckpt in --out")
    parser.add_argument(
        "--recipe", help=f"options from a file, or from one of {', '.join(recipe_names())}"
    )
    _add_machines(parser)
    for name, one in FitConfig.model_fields.items():
        if name == "data":
            continue
        flag = f"--{name.replace('_', '-')}"
        told = f"one of {', '.join(NAMES)}; " if name == "model" else ""
        about = f"{told}default {one.default}"
        if isinstance(one.default, bool):
            parser.add_argument(
                flag, action=argparse.BooleanOptionalAction, default=None, help=about
            )
        else:
            parser.add_argument(flag, help=about)
    return parser


def _add_machines(parser: argparse.ArgumentParser) -> None:
    usual = Machines()
    words = "(Lightning's names)"
    parser.add_argument("--accelerator", default=usual.accelerator, help=f"auto, cpu, gpu {words}")
    parser.add_argument("--devices", default=usual.devices, help="how many, auto, or numbers: 0,2")
    parser.add_argument("--nodes", type=int, default=usual.nodes, help="machines in all")
    parser.add_argument(
        "--strategy", default=usual.strategy, help=f"how they work together: auto, ddp {words}"
    )
