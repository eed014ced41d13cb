"""`crowd-monitor site export` and `import`: what the window does from its menu, for scripts."""

from pathlib import Path

from monitor.cli.exit_codes import DONE
from monitor.cli.models import find_model
from monitor.cli.screen import results
from monitor.core.errors import SettingsError
from monitor.settings.archive import export_site, import_site
from monitor.settings.site_file import read_site


def export_to(config: Path, target: Path, *, is_forced: bool = False) -> int:
    """Pack a site into one file, and say what has to be set by hand where it is imported.

    Args:
        config: The site file.
        target: The zip file to write.
        is_forced: Whether a file that is there may be replaced.

    Returns:
        Exit code.

    Raises:
        SettingsError: If the site has mistakes, something that it names is missing, or the zip
            file is there already or cannot be written.
    """
    site = read_site(config)
    if target.exists() and not (is_forced and target.is_file()):
        hint = "; --force replaces it" if target.is_file() else ""
        raise SettingsError(f"{target}: is there already; name another file{hint}")
    left = export_site(site, target, file=config, find_model=find_model)
    console = results()
    console.print(f"{target}: packed {config}")
    for one in left:
        console.print(f"  by hand: {one}")
    return DONE


def import_from(source: Path, folder: Path | None) -> int:
    """Unpack an exported site, once all of it was looked at.

    Args:
        source: The zip file.
        folder: Where to; None: into a folder of the file's name, in the folder we are in.

    Returns:
        Exit code.

    Raises:
        SettingsError: If it is no exported site or holds what no site does, or the folder holds
            something already; then nothing was unpacked.
    """
    file = import_site(source, Path(source.stem) if folder is None else folder)
    console = results()
    console.print(f"{file}: unpacked; passwords do not travel, type them anew")
    console.print(f"  next: crowd-monitor check {file}")
    return DONE
