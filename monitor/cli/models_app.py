"""The options of `crowd-monitor models`: which models there are, and which one counts.

Everything heavy is imported inside the command that needs it, as in `monitor.cli.app`.
"""

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.shutdown import finish

models_app = typer.Typer(help="Models that come with the program, and what they say of themselves.")


@models_app.command("list")
def list_shipped() -> None:
    """List the models that came with the program or were pulled; * is the usual one."""

    def work() -> int:
        from monitor.cli.models import list_models

        return list_models()

    finish(work)


@models_app.command()
def info(
    model: Annotated[
        Path | None,
        typer.Argument(help="Model file, or the name of a known one; absent: the usual one."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the manifest as JSON.")] = False,
) -> None:
    """Show what a model was trained on and how far it can be trusted."""

    def work() -> int:
        from monitor.cli.models import show_model

        return show_model(model, is_json=json)

    finish(work)


@models_app.command()
def pull(
    address: Annotated[str, typer.Argument(help="https://…/NAME.onnx, or a file.")],
    sha256: Annotated[
        str | None, typer.Option(help="Hash that its publisher names; needed for https.")
    ] = None,
) -> None:
    """Bring a model to this machine; it is opened before it is kept."""

    def work() -> int:
        from monitor.cli.models import pull_model

        return pull_model(address, sha256=sha256)

    finish(work)


@models_app.command()
def use(
    model: Annotated[Path, typer.Argument(help="Model file, or the name of a known one.")],
    config: Annotated[Path | None, typer.Option("--config", "-c", help="Site file (TOML).")] = None,
) -> None:
    """Count with a model: in a site file, or wherever nobody names one."""

    def work() -> int:
        from monitor.cli.models import use_model

        return use_model(model, site=config)

    finish(work)
