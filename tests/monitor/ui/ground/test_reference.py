"""What the camera saw is kept beside the site file, and tells a camera that was moved."""

import numpy as np
import pytest

from monitor.plaza.draw import Plaza
from monitor.scene.view import Verdict, compare, load_view, view_of
from monitor.ui.ground.reference import keep_reference, reference_path
from monitor.video.frame import Frame
from monitor.video.pictures import ArrayPicture

WIDTH_PX = 640


@pytest.fixture(scope="module")
def plaza():
    """A drawn square with 60 people who walk."""
    return Plaza(60, 1, (WIDTH_PX, 360))


@pytest.mark.parametrize(
    ("share", "verdict"),
    [(0.0, Verdict.SAME), (0.01, Verdict.SAME), (0.03, Verdict.MOVED), (0.1, Verdict.MOVED)],
)
def test_a_camera_that_was_moved_is_told_after_a_restart(plaza, tmp_path, share, verdict):
    """A minute later people stand elsewhere; the picture is shifted by a share of its width."""
    then = Frame(ArrayPicture(plaza.render(0.0).image.copy()), 0, 0.0, 0.0)
    now = np.roll(plaza.render(60.0).image, round(share * WIDTH_PX), axis=1)

    path = keep_reference(then, reference_path(tmp_path / "site.toml", "Gate 1"))

    assert compare(load_view(path), view_of(now)) is verdict


def test_each_camera_has_a_file_with_a_name_that_every_system_takes(tmp_path):
    """Beside the site file, whatever a camera is called."""
    path = reference_path(tmp_path / "arena.toml", 'Gate: "A/B"?')

    assert path.parent == tmp_path.resolve()
    assert path.name == "arena-Gate---A-B--.view.npz"
