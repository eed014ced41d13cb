"""`crowd-monitor check`: every mistake of a site file at once."""

import os
from collections.abc import Mapping
from pathlib import Path

from monitor.commands.exits import DONE, INPUT_FAILED
from monitor.commands.screen import results, tell_failure
from monitor.errors import SettingsError
from monitor.settings import SiteSettings
from monitor.settings.site_file import read_site


def check_site_file(path: Path, environ: Mapping[str, str] = os.environ) -> int:
    """Check a site file and what it relies on.

    Args:
        path: The site file.
        environ: The environment, for the passwords that the file names.

    Returns:
        Exit code.
    """
    try:
        site = read_site(path)
    except SettingsError as error:
        tell_failure(error)
        return INPUT_FAILED
    console = results()
    cameras = "1 camera" if len(site.camera) == 1 else f"{len(site.camera)} cameras"
    console.print(f"{path}: no mistakes; {cameras}")
    for warning in warnings_for(site, environ):
        console.print(f"  {warning}")
    return DONE


def warnings_for(site: SiteSettings, environ: Mapping[str, str]) -> list[str]:
    """Give what is right in the file but not ready on this machine.

    Args:
        site: The settings.
        environ: The environment.

    Returns:
        Sentences; empty if all is ready.
    """
    found = [
        f"camera {camera.name}: the environment variable {camera.password_env} is not set here"
        for camera in site.camera
        if camera.password_env is not None and camera.password_env not in environ
    ]
    if site.model.path is not None and not Path(site.model.path).is_file():
        found.append(f"model: there is no file {site.model.path} here")
    return found
