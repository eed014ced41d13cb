"""Zones while they are drawn."""

import pytest

from monitor.core.zone import Zone, ZoneKind
from monitor.ui.editors.zone_draft import ZoneDraft, zone_at

SQUARE = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))


def test_corner_after_corner_makes_a_zone():
    """It gets a name and a color of its own, and is the one that is changed."""
    draft = ZoneDraft([Zone("zone 1", SQUARE)])
    for point in ((0.1, 0.1), (0.5, 0.1), (0.3, 0.4)):
        draft.add_point(point)

    draft.close()

    assert [one.name for one in draft.zones] == ["zone 1", "zone 2"]
    assert draft.zone.polygon == ((0.1, 0.1), (0.5, 0.1), (0.3, 0.4))
    assert draft.points == ()


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (((0.1, 0.1), (0.5, 0.1)), "3 are needed"),
        (((0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)), "edges cross"),
    ],
)
def test_what_is_no_zone_stays_to_be_mended(points, words):
    """Nothing that was clicked is lost."""
    draft = ZoneDraft(())
    for point in points:
        draft.add_point(point)

    with pytest.raises(ValueError, match=words):
        draft.close()

    assert draft.points == points
    assert draft.zones == ()


def test_every_step_can_be_undone():
    """Back through every step to where it began."""
    first = (Zone("stage", SQUARE),)
    draft = ZoneDraft(first)
    seen = [draft.zones]
    for step in (
        lambda: draft.change(name="front"),
        lambda: draft.change(kind=ZoneKind.EXCLUDE),
        lambda: draft.change(is_moving=True),
        lambda: draft.move_corner(0, (0.1, 0.1), is_new_step=True),
        draft.add_rectangle,
        draft.delete,
    ):
        step()
        seen.append(draft.zones)

    for before in reversed(seen[:-1]):
        draft.undo()
        assert draft.zones == before

    assert not draft.can_undo
    assert draft.zones == first


def test_one_pull_is_one_step():
    """However many places the mouse went through."""
    draft = ZoneDraft([Zone("stage", SQUARE)])
    draft.move_corner(0, (0.15, 0.2), is_new_step=True)
    draft.move_corner(0, (0.1, 0.2), is_new_step=False)

    draft.undo()

    assert draft.zone.polygon == SQUARE


def test_a_corner_cannot_be_pulled_across_an_edge_nor_out_of_the_picture():
    """The zone stays possible at every moment."""
    draft = ZoneDraft([Zone("stage", SQUARE)])

    is_crossed = draft.move_corner(0, (0.9, 0.5), is_new_step=True)
    is_pushed = draft.move_corner(0, (-3.0, 0.1), is_new_step=True)

    assert not is_crossed
    assert is_pushed
    assert draft.zone.polygon[0] == (0.0, 0.1)


def test_names_differ():
    """A rule on a zone must know which one."""
    draft = ZoneDraft([Zone("a", SQUARE), Zone("b", SQUARE)])

    with pytest.raises(ValueError, match="another zone is named b"):
        draft.change(name="b")


def test_the_zone_on_top_is_hit():
    """The one drawn last; none beside them."""
    zones = [Zone("below", SQUARE), Zone("above", ((0.5, 0.5), (1, 0.5), (1, 1)))]

    found = [zone_at(zones, point) for point in ((0.3, 0.3), (0.75, 0.6), (0.1, 0.9))]

    assert found == [0, 1, None]


def test_a_zone_is_moved_as_a_whole_and_keeps_its_shape():
    """A pull is one step, however many moves the mouse makes; each begins where the pull began."""
    draft = ZoneDraft([Zone("stage", SQUARE)])
    for share, is_new in ((0.05, True), (0.02, False), (0.1, False)):
        assert draft.shift(SQUARE, share, -share, is_new_step=is_new)

    assert draft.zone.polygon == ((0.3, 0.1), (0.9, 0.1), (0.9, 0.7), (0.3, 0.7))
    draft.undo()
    assert draft.zone.polygon == SQUARE


@pytest.mark.parametrize(
    ("right", "down", "left_upper"),
    [(9.0, 0.0, (0.4, 0.2)), (-9.0, 0.0, (0.0, 0.2)), (0.0, 9.0, (0.2, 0.4)), (-9, -9, (0.0, 0.0))],
    ids=["right", "left", "down", "corner"],
)
def test_a_zone_stays_in_the_picture_when_it_is_moved(right, down, left_upper):
    """It stops at the edge, as large as it was."""
    draft = ZoneDraft([Zone("stage", SQUARE)])

    draft.shift(SQUARE, right, down, is_new_step=True)

    (x, y), _, (far_x, far_y), _ = draft.zone.polygon
    assert (x, y) == pytest.approx(left_upper)
    assert (far_x - x, far_y - y) == pytest.approx((0.6, 0.6))
