"""Which part of a picture is looked at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.ui.zoom import MOST_ZOOM, WHOLE, Viewport

shares = st.floats(0, 1)
steps = st.lists(
    st.one_of(
        st.tuples(st.floats(0.1, 10), shares, shares).map(lambda p: ("zoom", *p)),
        st.tuples(st.floats(-3, 3), st.floats(-3, 3)).map(lambda p: ("move", *p)),
    ),
    max_size=12,
)


@given(steps)
def test_a_view_never_leaves_the_picture(path):
    """However one zooms and pans, there is picture in all of the view, in its own shape."""
    view = WHOLE
    for step in path:
        if step[0] == "zoom":
            view = view.zoomed(step[1], at=(step[2], step[3]))
        else:
            view = view.moved(step[1], step[2])

    assert 0 <= view.left <= view.left + view.width <= 1 + 1e-9
    assert 0 <= view.top <= view.top + view.height <= 1 + 1e-9
    assert view.width == view.height
    assert 1 <= view.zoom <= MOST_ZOOM * (1 + 1e-9)


@given(st.floats(1.1, 3), shares, shares)
def test_what_is_under_the_mouse_stays_there(factor, x, y):
    """Coming nearer from the whole picture keeps the place one points at."""
    near = WHOLE.zoomed(factor, at=(x, y))

    assert near.of_picture(x, y) == pytest.approx((x, y))


def test_going_back_all_the_way_shows_the_whole():
    """There is no way to be lost."""
    assert WHOLE.zoomed(4, at=(0.9, 0.1)).zoomed(0.01) == WHOLE


@given(shares, shares)
def test_places_are_found_again(x, y):
    """From the view to the picture and back."""
    view = Viewport(0.2, 0.4, 0.3, 0.3)

    assert view.on_view(*view.of_picture(x, y)) == pytest.approx((x, y))
