"""Which site file was used last, so that the program opens where it was left."""

from pathlib import Path

from platformdirs import user_state_path

_FILE = "last-site.txt"


def state_folder() -> Path:
    """Give the folder in which the program remembers things for this user."""
    return user_state_path("crowd-monitor", appauthor=False)


def remember_site(path: Path, folder: Path) -> bool:
    """Write down the site file that is used now.

    Args:
        path: The site file.
        folder: Where to write it down.

    Returns:
        Whether that was possible; the program works without.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _FILE).write_text(str(path.resolve()), encoding="utf-8")
    except OSError:
        return False
    return True


def last_site(folder: Path) -> Path | None:
    """Give the site file that was used last; None: there was none, or it is gone."""
    try:
        path = Path((folder / _FILE).read_text(encoding="utf-8").strip())
        return path if path.is_file() else None
    except (OSError, UnicodeDecodeError):
        return None
