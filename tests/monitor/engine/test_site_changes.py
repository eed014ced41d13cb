"""What a new list of cameras means."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.engine.site_changes import CameraChanges, compare
from monitor.settings import CameraSettings, LimitSettings

CAMERAS = st.lists(
    st.builds(
        CameraSettings,
        name=st.sampled_from("ABCDE"),
        source=st.just("webcam:0"),
        count_hz=st.sampled_from([1.0, 2.0]),
        limit=st.sampled_from([None, LimitSettings(high=9.0)]),
    ),
    unique_by=lambda one: one.name,
    max_size=5,
)


@given(CAMERAS, CAMERAS)
def test_every_camera_is_in_one_place(
    before: list[CameraSettings], after: list[CameraSettings]
) -> None:
    """Law: those that stay, come and begin anew are the new list; with those that go, the old."""
    changes = compare(before, after)

    new = sorted([*changes.kept, *changes.added, *changes.adjusted, *changes.replaced])
    assert new == sorted(one.name for one in after)
    old = sorted([*changes.kept, *changes.removed, *changes.adjusted, *changes.replaced])
    assert old == sorted(one.name for one in before)
    for one in after:
        assert (one.name in changes.kept) == (one in before)
        twin = next((old for old in before if old.name == one.name), one)
        is_adjusted = (
            (twin.count_hz, twin.limit)
            == (one.count_hz, twin.limit)
            != (
                one.count_hz,
                one.limit,
            )
        )
        assert (one.name in changes.adjusted) == is_adjusted


@given(CAMERAS)
def test_the_same_list_changes_nothing(cameras: list[CameraSettings]) -> None:
    """Also in another order."""
    assert compare(cameras, cameras[::-1]).kept == tuple(one.name for one in cameras[::-1])
    assert str(compare(cameras, cameras)) == "no camera changed"


def test_changes_are_told() -> None:
    """Only what happened is named."""
    changes = CameraChanges(kept=("A",), added=("B", "C"), removed=("D",))

    assert str(changes) == "added B, C; removed D"
