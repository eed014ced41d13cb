"""The command line: reads options and picks what to do.

Everything heavy is imported inside the command that needs it, so that `--help` is quick and
nothing but the window needs Qt.
"""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor import __version__
from monitor.cli.exit_codes import WRONG_USE
from monitor.cli.models_app import models_app
from monitor.cli.past_app import add_past_commands
from monitor.cli.shutdown import ending_at_once_on_signals, finish, leave
from monitor.cli.site_app import site_app
from monitor.core.errors import SettingsError
from monitor.core.secret import Secret

if TYPE_CHECKING:
    from monitor.inference.model import Model
    from monitor.settings import SiteSettings, StatusSettings

app = typer.Typer(
    name="crowd-monitor",
    help="Counts the people in live video: how many, where, how sure.",
    epilog="Without a command: the site that was used last, or the first page.",
    pretty_exceptions_enable=False,  # they would show addresses with their passwords
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(models_app, name="models", no_args_is_help=True)
add_past_commands(app)
app.add_typer(site_app, name="site", no_args_is_help=True)

ModelOption = Annotated[
    str | None, typer.Option("--model", "-m", help="Model file; default: the one that is shipped.")
]
ProviderOption = Annotated[
    str, typer.Option(help="Where the model runs: auto, cpu, cuda, tensorrt, …")
]
ThreadsOption = Annotated[
    int, typer.Option(min=0, help="Threads for one inference; 0: one for each core.")
]
ConfigOption = Annotated[Path | None, typer.Option("--config", "-c", help="Site file (TOML).")]
SourceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        "-s",
        help="rtsp://…, a video, a folder, webcam:0, synthetic:plaza; can be repeated.",
    ),
]


def main() -> None:
    """Run the command line; the entry point of the program."""
    try:
        app()
    except SystemExit as end:
        leave(end.code if isinstance(end.code, int) else WRONG_USE)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"crowd-monitor {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def open_last(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and end."
        ),
    ] = False,
) -> None:
    """Count the people in live video: how many, where, how sure."""
    if context.invoked_subcommand is None and not version:
        finish(_open_last)


@app.command()
def demo(
    people: Annotated[int, typer.Option(min=0, max=5000, help="How many walk about.")] = 120,
    seed: Annotated[int, typer.Option(min=0, help="Which square is drawn.")] = 12,
    seconds: Annotated[float, typer.Option(min=1, help="How long to run without a window.")] = 30.0,
    headless: Annotated[
        bool, typer.Option("--headless", help="Open no window: record a clip and end.")
    ] = False,
    clip: Annotated[Path, typer.Option(help="Where the clip of a run without a window goes.")] = (
        Path("demo-output") / "plaza.mp4"
    ),
    model: ModelOption = None,
) -> None:
    """Show the program on a drawn square whose number of people is known."""
    finish(
        lambda: _demo(
            people=people, seed=seed, seconds=seconds, headless=headless, clip=clip, model=model
        )
    )


@app.command()
def run(
    config: ConfigOption = None,
    source: SourceOption = None,
    model: ModelOption = None,
    provider: ProviderOption = "auto",
    threads: ThreadsOption = 0,
) -> None:
    """Watch a site in the window; without options, the page of the first start."""

    def work() -> int:
        if config is None and not source and model is None:
            return _first_start()
        from monitor.cli.last_site import remember_site, state_folder
        from monitor.cli.watch import OpenedSite, run_in_window

        def read() -> "SiteSettings":
            return _site(config, source or [], model, provider=provider, threads=threads)

        site = _read_for_window(config, read)
        if site is None:
            return WRONG_USE
        if config is not None:
            remember_site(config, state_folder())
        title = config.stem if config else "Crowd Monitor"
        return run_in_window(OpenedSite(site, title, config, read))

    finish(work)


@app.command()
def serve(  # noqa: PLR0913 - one parameter for each option of the command
    config: ConfigOption = None,
    source: SourceOption = None,
    model: ModelOption = None,
    provider: ProviderOption = "auto",
    threads: ThreadsOption = 0,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of the status page; 0: any free.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log much more.")] = False,
) -> None:
    """Watch a site without a window; status on 127.0.0.1, SIGHUP reloads, SIGTERM ends it."""

    def work() -> int:
        with ending_at_once_on_signals():
            from monitor.cli.serve import SiteSource
            from monitor.cli.serve import serve as run_service

            def read() -> "SiteSettings":
                site = _site(config, source or [], model, provider=provider, threads=threads)
                if port is None:
                    return site
                return site.model_copy(update={"status": _with_port(site.status, port)})

            return run_service(SiteSource(read, config, port), level=_level(verbose))

    finish(work)


@app.command()
def count(  # noqa: PLR0913 - one parameter for each option of the command
    inputs: Annotated[
        list[str], typer.Argument(help="Pictures, folders, videos, streams.", show_default=False)
    ],
    model: ModelOption = None,
    csv: Annotated[Path | None, typer.Option(help="Write a row for each frame.")] = None,
    overlay: Annotated[
        Path | None,
        typer.Option(help="Write annotated pictures into a folder, or a video as a .mp4 clip."),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print a line of JSON for each frame.")
    ] = False,
    frames: Annotated[
        int | None, typer.Option(min=1, help="Count so many frames of each video or stream.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.001, help="Count so much of each video or stream.")
    ] = None,
    password_env: Annotated[
        str | None, typer.Option(help="Environment variable with the password for streams.")
    ] = None,
    provider: ProviderOption = "auto",
    threads: ThreadsOption = 0,
) -> None:
    """Count the people in pictures, videos and streams."""

    def work() -> int:
        from monitor.cli.count import CountOptions, count_inputs

        options = CountOptions(
            inputs=inputs,
            csv=csv,
            overlay=overlay,
            is_json=json,
            most_frames=frames,
            most_s=seconds,
            password=_password(password_env),
        )
        return count_inputs(options, _model(model, provider=provider, threads=threads))

    finish(work)


@app.command()
def bench(
    model: ModelOption = None,
    source: Annotated[
        str | None, typer.Option("--source", "-s", help="Frames to measure with.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    frames: Annotated[int, typer.Option(min=2, help="Frames for each stage and size.")] = 20,
    provider: ProviderOption = "auto",
    threads: ThreadsOption = 0,
) -> None:
    """Measure the speed of each stage on this machine."""

    def work() -> int:
        from monitor.cli.bench import BenchOptions, run_bench

        opened = _model(model, provider=provider, threads=threads)
        return run_bench(BenchOptions(source, frames), opened, is_json=json)

    finish(work)


@app.command()
def check(
    site: Annotated[Path | None, typer.Argument(help="Site file (TOML).")] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of site files instead.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail also where something is not ready here.")
    ] = False,
) -> None:
    """Show every mistake of a site file, each with its key and line, and what is not ready."""

    def work() -> int:
        from monitor.cli.check import check_site_file, print_schema

        if schema:
            return print_schema()
        if site is None:
            raise SettingsError("name a site file, or ask for --schema")
        return check_site_file(site, is_strict=strict)

    finish(work)


@app.command()
def diagnose(
    config: ConfigOption = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The zip file to write.")] = Path(
        "crowd-monitor-diagnosis.zip"
    ),
) -> None:
    """Gather what helps to find a fault into one file, without passwords and addresses."""

    def work() -> int:
        from monitor.cli.diagnose import diagnose as gather

        return gather(config, out)

    finish(work)


def _open_last() -> int:
    from monitor.cli.last_site import last_site, state_folder

    path = last_site(state_folder())
    if path is not None:
        return _show_site(path)
    from monitor.cli.window import has_display

    if has_display():
        return _first_start()
    typer.echo("No site was used yet: this is the demo. `crowd-monitor --help` shows more.")
    return _demo()


def _first_start() -> int:
    from monitor.cli.set_up import first_start
    from monitor.cli.window import has_display

    if not has_display():
        raise SettingsError("name a site file with --config, or a camera with --source")
    return first_start(_demo, _show_site)


def _show_site(path: Path) -> int:
    from monitor.cli.last_site import remember_site, state_folder
    from monitor.cli.watch import OpenedSite, run_in_window
    from monitor.settings.site_file import read_site

    remember_site(path, state_folder())
    site = _read_for_window(path, lambda: read_site(path))
    return WRONG_USE if site is None else run_in_window(OpenedSite(site, path.stem, path))


def _read_for_window(
    file: Path | None, read: "Callable[[], SiteSettings]"
) -> "SiteSettings | None":
    """Read a site; the mistakes of a file that is there are shown in a window, to be mended."""
    from monitor.cli.window import read_for_window

    return read_for_window(read) if file is not None and file.exists() else read()


def _demo(
    *,
    people: int = 120,
    seed: int = 12,
    seconds: float = 30.0,
    headless: bool = False,
    clip: Path = Path("demo-output") / "plaza.mp4",
    model: str | None = None,
) -> int:
    from monitor.cli.demo import DemoOptions, run_demo
    from monitor.cli.window import has_display, require_window

    options = DemoOptions(people=people, seed=seed, seconds=seconds, clip=clip)
    in_window = has_display() and not headless
    if in_window:
        try:
            require_window()
        except SettingsError as error:
            typer.echo(f"crowd-monitor: {error}", err=True)
            in_window = False
    return run_demo(options, _model(model), in_window=in_window)


def _model(path: str | None, *, provider: str = "auto", threads: int = 0) -> "Model":
    from monitor.cli.site import open_model
    from monitor.settings import ModelSettings

    return open_model(ModelSettings(path=path, provider=provider, threads=threads))


def _site(
    config: Path | None, sources: list[str], model: str | None, *, provider: str, threads: int
) -> "SiteSettings":
    from monitor.cli.site import site_of
    from monitor.settings import ModelSettings
    from monitor.settings.site_file import read_site

    if config is None:
        return site_of(sources, ModelSettings(path=model, provider=provider, threads=threads))
    if sources:
        raise SettingsError("give either --config or --source, not both")
    site = read_site(config)
    asked = {"path": model, "provider": None if provider == "auto" else provider}
    changes: dict[str, object] = {key: value for key, value in asked.items() if value is not None}
    if threads:
        changes["threads"] = threads
    return site.model_copy(update={"model": site.model.model_copy(update=changes)})


def _with_port(status: "StatusSettings", port: int) -> "StatusSettings":
    return status.model_copy(update={"port": port})


def _level(is_verbose: bool) -> int:
    return logging.DEBUG if is_verbose else logging.INFO


def _password(variable: str | None) -> Secret | None:
    if variable is None:
        return None
    password = os.environ.get(variable)
    if password is None:
        raise SettingsError(f"the environment variable {variable} for the password is not set")
    return Secret(password)
