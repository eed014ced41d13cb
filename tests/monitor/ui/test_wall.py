"""All cameras at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.ui.wall import CameraWall, grid_shape


@pytest.mark.parametrize(
    ("cameras", "shape"),
    [(1, (1, 1)), (2, (1, 2)), (3, (2, 2)), (4, (2, 2)), (5, (2, 3)), (9, (3, 3)), (16, (4, 4))],
)
def test_grid_of_few(cameras, shape):
    """By hand, for the numbers that sites have."""
    assert grid_shape(cameras) == shape


@given(st.integers(1, 500))
def test_grid_has_room_and_no_empty_row(cameras):
    """Everybody has a tile; no row is empty; never taller than wide."""
    rows, columns = grid_shape(cameras)

    assert rows * columns >= cameras
    assert (rows - 1) * columns < cameras
    assert rows <= columns


def test_tiles_pass_on_which_camera_is_wanted(qtbot, dark):
    """The wall speaks for its tiles."""
    wall = CameraWall(["a", "b", "c"], dark)
    qtbot.addWidget(wall)
    wanted = []
    wall.camera_chosen.connect(lambda name: wanted.append(("chosen", name)))
    wall.camera_opened.connect(lambda name: wanted.append(("opened", name)))

    wall.tile("b").chosen.emit("b")
    wall.tile("c").opened.emit("c")

    assert wanted == [("chosen", "b"), ("opened", "c")]


def test_sixteen_tiles_share_the_wall_evenly(qtbot, dark):
    """No camera is smaller than another."""
    wall = CameraWall([str(n) for n in range(16)], dark)
    qtbot.addWidget(wall)
    wall.resize(1206, 806)
    wall.show()

    sizes = {(wall.tile(str(n)).width(), wall.tile(str(n)).height()) for n in range(16)}

    assert max(w for w, _ in sizes) - min(w for w, _ in sizes) <= 1
    assert max(h for _, h in sizes) - min(h for _, h in sizes) <= 1
