"""The options of the commands that look back: journal, load, what-if, evidence.

Everything heavy is imported inside the command that needs it, as in `monitor.cli.app`.
"""

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.shutdown import finish
from monitor.core.rule import Level, Measure

ConfigOption = Annotated[Path | None, typer.Option("--config", "-c", help="Site file (TOML).")]
HoursOption = Annotated[float, typer.Option(help="How many hours to look back.")]

evidence_app = typer.Typer(help="What was kept of alarms: whether it is as it was written.")


def add_past_commands(app: typer.Typer) -> None:
    """Add the commands that look back."""
    app.command()(journal)
    app.command()(load)
    app.command("what-if")(what_if)
    app.add_typer(evidence_app, name="evidence", no_args_is_help=True)


def journal(
    out: Annotated[Path, typer.Argument(help="The CSV file to write; must not be there yet.")],
    config: ConfigOption = None,
    before: Annotated[
        str | None, typer.Option(help="Only what was before this day, YYYY-MM-DD in UTC.")
    ] = None,
    move: Annotated[
        bool, typer.Option("--move", help="Delete it from the history once the file is safe.")
    ] = False,
) -> None:
    """Write the alarm journal into a file: who knew what, and when."""

    def work() -> int:
        from monitor.cli.past import export_journal

        return export_journal(config, out, before=before, is_moved=move)

    finish(work)


def load(
    config: ConfigOption = None,
    hours: HoursOption = 24.0,
    csv: Annotated[Path | None, typer.Option(help="Write all of it into a file.")] = None,
) -> None:
    """Show how much the alarms asked of people: by hour and alarm, chatter, time to answer."""

    def work() -> int:
        from monitor.cli.past import show_load

        return show_load(config, hours=hours, csv=csv)

    finish(work)


def what_if(  # noqa: PLR0913 - one parameter for each option of the command
    camera: Annotated[str, typer.Argument(help="Name of the camera or area.")],
    limit: Annotated[float, typer.Argument(help="The limit to try, in the measure's unit.")],
    config: ConfigOption = None,
    hours: HoursOption = 24.0,
    measure: Annotated[Measure, typer.Option(help="What is compared with it.")] = Measure.COUNT,
    level: Annotated[Level, typer.Option(help="On which side the danger lies.")] = Level.HIGH,
    zone: Annotated[str | None, typer.Option(help="A zone; absent: the whole picture.")] = None,
    dead_band: Annotated[float | None, typer.Option(min=0, help="Absent: 10 %.")] = None,
    on_delay: Annotated[float | None, typer.Option(min=0, help="Seconds; absent: 10.")] = None,
    off_delay: Annotated[float | None, typer.Option(min=0, help="Seconds; absent: 15.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say when a limit would have rung, from the stored past, before anybody sets it."""

    def work() -> int:
        from monitor.cli.past import Question, ask_what_if, rule_of

        rule = rule_of(
            limit,
            measure=measure,
            level=level,
            zone=zone,
            dead_band=dead_band,
            on_delay_s=on_delay,
            off_delay_s=off_delay,
        )
        return ask_what_if(config, Question(camera, rule, hours), is_json=json)

    finish(work)


@evidence_app.command()
def verify(
    folders: Annotated[list[Path], typer.Argument(help="Folders of alarms.")],
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="Site file: its alarm journal is compared too."),
    ] = None,
) -> None:
    """Compare every file with its hash; tells what was changed, is missing, or was added."""

    def work() -> int:
        from monitor.cli.evidence import verify_packs

        return verify_packs(folders, config)

    finish(work)
