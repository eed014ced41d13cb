"""Coverage of blocks by polygons: exact, against fine sampling and against closed forms."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.scene.zones import polygon_coverage

ROWS, COLUMNS = 5, 7
places = st.tuples(st.floats(0, COLUMNS), st.floats(0, ROWS))


def test_a_rectangle_covers_its_share():
    """From 1.25 to 3.5 across and 0.5 to 2 down: by hand."""
    covered = polygon_coverage([(1.25, 0.5), (3.5, 0.5), (3.5, 2), (1.25, 2)], (3, 5))

    assert covered == pytest.approx(
        np.array([[0, 0.375, 0.5, 0.25, 0], [0, 0.75, 1, 0.5, 0], [0, 0, 0, 0, 0]])
    )


def test_a_diagonal_halves_the_blocks_on_it():
    """The lower left triangle of a square of three blocks."""
    covered = polygon_coverage([(0, 0), (3, 3), (0, 3)], (3, 3))

    assert covered == pytest.approx(np.array([[0.5, 0, 0], [1, 0.5, 0], [1, 1, 0.5]]))


def test_either_way_round_is_the_same():
    """People click as they like."""
    corners = [(0.3, 0.2), (6.5, 1.1), (4.2, 4.8), (1.0, 3.3)]

    forward, backward = (polygon_coverage(one, (ROWS, COLUMNS)) for one in (corners, corners[::-1]))

    assert forward == pytest.approx(backward)


@given(st.lists(places, min_size=3, max_size=3))
def test_the_whole_area_is_kept(corners):
    """The shares add up to the polygon's area (shoelace), and none is beyond 0 to 1."""
    (ax, ay), (bx, by), (cx, cy) = corners
    area = abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2

    covered = polygon_coverage(corners, (ROWS, COLUMNS))

    assert covered.sum() == pytest.approx(area, abs=1e-6)
    assert covered.min() >= 0
    assert covered.max() <= 1


@given(places)
def test_a_partition_covers_every_block_once(middle):
    """Four triangles from any point to the corners: no block is lost or counted twice."""
    corners = [(0.0, 0.0), (COLUMNS, 0.0), (COLUMNS, ROWS), (0.0, ROWS)]

    covered = sum(
        polygon_coverage([middle, corners[place - 1], corners[place]], (ROWS, COLUMNS))
        for place in range(4)
    )

    assert covered == pytest.approx(np.ones((ROWS, COLUMNS)), abs=1e-9)


def test_a_hollow_shape_agrees_with_fine_sampling():
    """A horseshoe, against 200 by 200 samples in each block."""
    outside = [(0.5, 0.4), (6.3, 0.6), (6.1, 4.6), (4.4, 4.5)]
    horseshoe = [*outside, (4.2, 2.2), (2.1, 2.6), (2.0, 4.7), (0.7, 4.2)]
    fine = 200
    drawn = np.zeros((ROWS * fine, COLUMNS * fine), dtype=np.uint8)
    cv2.fillPoly(drawn, [np.rint(np.array(horseshoe) * fine).astype(np.int32)], 1)
    sampled = drawn.reshape(ROWS, fine, COLUMNS, fine).mean(axis=(1, 3))

    covered = polygon_coverage(horseshoe, (ROWS, COLUMNS))

    assert covered == pytest.approx(sampled, abs=0.02)  # one sample wide along every edge
