"""Words beside marks: all of them can be read, wherever people click."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PyQt6.QtCore import QPointF, QRectF, QSizeF

from monitor.ui.ground.captions import place_captions

WORDS = QSizeF(110.0, 16.0)
FAR_PX = 260.0
"""Farther from its mark nobody would take words for its own."""


def boxes_of(*places):
    return place_captions([(QPointF(*one), WORDS) for one in places])


def test_a_lone_mark_has_its_words_right_above_it():
    """Where they have always been."""
    (box,) = boxes_of((300.0, 200.0))

    assert (box.left(), box.bottom()) == (308.0, 198.0)


@pytest.mark.parametrize("number", [2, 3, 4], ids=["two", "three", "four"])
def test_words_of_marks_at_one_place_stand_around_it(number):
    """As clicks that were made twice by mistake: all numbers can be read."""
    boxes = boxes_of(*[(300.0, 200.0)] * number)

    assert not any(one.intersects(other) for one, other in combinations(boxes, 2))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 800), st.integers(0, 500)), min_size=1, max_size=10, unique=True
    )
)
def test_no_words_hide_others_and_none_is_far_from_its_mark(places):
    """Ten marks anywhere in a picture."""
    boxes = boxes_of(*[(float(x), float(y)) for x, y in places])

    assert not any(one.intersects(other) for one, other in combinations(boxes, 2))
    for (x, y), box in zip(places, boxes, strict=True):
        assert abs(box.center().x() - x) < FAR_PX
        assert abs(box.center().y() - y) < FAR_PX


def test_words_do_not_hide_marks():
    """A mark right above another would be hidden by the other's words."""
    mark = QRectF(320.0, 180.0, 10.0, 10.0)

    (box,) = place_captions([(QPointF(300.0, 200.0), WORDS)], [mark])

    assert not box.intersects(mark)


def test_so_many_marks_that_there_is_no_room_still_have_words():
    """They overlap, but none is left out."""
    assert len(boxes_of(*[(300.0, 200.0)] * 60)) == 60
