"""All cameras at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication

from monitor.ui.wall import CameraWall, best_columns


@pytest.mark.parametrize(
    ("cameras", "size_wh", "columns"),
    [
        pytest.param(1, (1200, 700), 1, id="one"),
        pytest.param(2, (1500, 700), 2, id="two beside each other"),
        pytest.param(2, (700, 1200), 1, id="two on a tall screen"),
        pytest.param(4, (1200, 700), 2, id="four"),
        pytest.param(9, (1200, 700), 3, id="nine"),
        pytest.param(16, (1200, 700), 4, id="sixteen"),
        pytest.param(3, (3000, 500), 3, id="three on a wide strip"),
    ],
)
def test_columns_of_walls_that_sites_have(cameras, size_wh, columns):
    """By hand."""
    assert best_columns(cameras, size_wh, caption_px=0) == columns


@given(st.integers(1, 40), st.integers(200, 4000), st.integers(200, 3000))
def test_no_other_grid_has_larger_pictures(cameras, width, height):
    """Brute force: of every number of columns, the chosen one has the largest 16:9 pictures."""

    def area(columns):
        rows = -(-cameras // columns)
        w, h = width / columns, height / rows
        return min(w * w * 9 / 16, h * h * 16 / 9)

    columns = best_columns(cameras, (width, height), caption_px=0)

    assert area(columns) == pytest.approx(max(area(n) for n in range(1, cameras + 1)))


def test_columns_can_be_chosen(qtbot, dark):
    """Three beside each other although two would be larger; 0 gives the choice back."""
    wall = CameraWall(["a", "b", "c", "d"], dark)
    qtbot.addWidget(wall)
    wall.resize(1206, 806)
    wall.show()
    automatic = wall.columns

    wall.set_columns(3)
    wall._grid.activate()
    chosen = [(wall.tile(n).x() // 400, wall.tile(n).y() // 400) for n in "abcd"]
    wall.set_columns(0)

    assert (automatic, wall.columns) == (2, 2)
    assert chosen == [(0, 0), (1, 0), (2, 0), (0, 1)]


def test_cameras_come_and_go(qtbot, dark):
    """The tiles of those that stay keep their pictures, in the order of the site."""
    wall = CameraWall(["a", "b"], dark)
    qtbot.addWidget(wall)
    kept = wall.tile("b")

    wall.set_names(["b", "c"])

    assert wall.tile("b") is kept
    assert wall.tile("c").name == "c"
    with pytest.raises(KeyError):
        wall.tile("a")


def test_arrow_keys_walk_through_the_wall(qtbot, dark):
    """Right, down, left, up: the tile that is reached is chosen; Enter opens it."""
    wall = CameraWall(["a", "b", "c", "d"], dark)
    qtbot.addWidget(wall)
    wall.resize(1206, 806)
    with qtbot.waitActive(wall):
        wall.show()
        wall.activateWindow()
    walked, opened = [], []
    wall.camera_chosen.connect(walked.append)
    wall.camera_opened.connect(opened.append)
    wall.tile("a").setFocus()

    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Up):
        qtbot.keyClick(QApplication.focusWidget(), key)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)

    # The second Left goes from the row's beginning to the end of the row above; Up leads nowhere.
    assert walked == ["b", "d", "c", "b"]
    assert opened == [walked[-1]]


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
