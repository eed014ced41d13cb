"""What the camera saw when its ground was marked, kept beside the site file.

So it is noticed, also after a restart, that the camera was moved meanwhile. The file holds the
fingerprints of some corners and a blurred map of edges; nobody can be recognised in it.
"""

from pathlib import Path

from monitor.scene.view import save_view, view_of
from monitor.video.frame import Frame

_KEPT = "-_"


def reference_path(site_file: Path, camera: str) -> Path:
    """Give where the reference of a camera lies.

    Args:
        site_file: The file that holds the settings.
        camera: Name of the camera.

    Returns:
        A file beside it, with a name that every system takes.
    """
    safe = "".join(one if one.isalnum() or one in _KEPT else "-" for one in camera)
    return site_file.resolve().parent / f"{site_file.stem}-{safe}.view.npz"


def keep_reference(frame: Frame, path: Path) -> Path:
    """Write down what a camera sees; an `OSError` is the caller's to tell.

    Args:
        frame: The picture on which the ground was marked.
        path: Where to.

    Returns:
        The same path.
    """
    save_view(view_of(frame.picture.to_rgb()), path)
    return path
