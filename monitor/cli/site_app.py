"""The options of `crowd-monitor site`: a site packed on one machine and set up on another.

Everything heavy is imported inside the command that needs it, as in `monitor.cli.app`.
"""

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.shutdown import finish

site_app = typer.Typer(help="Carry a site to another machine in one file.")


@site_app.command("export")
def export_(
    config: Annotated[Path, typer.Argument(help="The site file (TOML).")],
    target: Annotated[Path, typer.Argument(help="The zip file to write.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace the zip file if it is there.")
    ] = False,
) -> None:
    """Pack a site with its model, ground pictures and certificates; without passwords."""

    def work() -> int:
        from monitor.cli.site_archive import export_to

        return export_to(config, target, is_forced=force)

    finish(work)


@site_app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(help="A zip file that `site export` has written.")],
    folder: Annotated[
        Path | None,
        typer.Argument(help="Where to; must not hold anything. Absent: named after the file."),
    ] = None,
) -> None:
    """Look at all of an exported site, and unpack it if nothing is wrong with it."""

    def work() -> int:
        from monitor.cli.site_archive import import_from

        return import_from(source, folder)

    finish(work)
