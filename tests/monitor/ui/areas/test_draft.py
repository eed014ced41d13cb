"""Areas while they are put together."""

import pytest

from monitor.core.area import Combine, Member
from monitor.settings import AreaSettings, MemberSettings, RuleSettings
from monitor.ui.areas.draft import AreasDraft

SQUARE = AreaSettings(
    name="square",
    combine=Combine.MAX,
    member=(MemberSettings(camera="A", zone="left"), MemberSettings(camera="B")),
    rule=(RuleSettings(name="full", limit=50),),
)


@pytest.fixture
def draft():
    return AreasDraft([SQUARE], ["A", "B"])


def test_what_is_not_touched_stays(draft):
    """All of it, the rules too."""
    assert draft.settings() == (SQUARE,)


def test_an_area_without_members_is_not_counted_yet(draft):
    """It is there to be changed, and reaches nobody."""
    draft.add()
    empty = draft.settings()
    draft.set_member(Member("A"), is_in=True)

    assert draft.area.name == "area 1"
    assert empty == (SQUARE,)
    assert draft.settings()[1].to_area().members == (Member("A"),)


def test_a_camera_and_its_zone_are_not_both_in_it(draft):
    """People would count twice: the one that was chosen last stays."""
    draft.set_member(Member("A"), is_in=True)
    whole = draft.area.members
    draft.set_member(Member("A", "left"), is_in=True)

    assert whole == (Member("B"), Member("A"))
    assert draft.area.members == (Member("B"), Member("A", "left"))


@pytest.mark.parametrize("name", ["", "  ", "a/b", "A", "plaza · cars"])
def test_names_that_cannot_be_are_refused(draft, name):
    """An alarm is known by the name, and so is a camera."""
    with pytest.raises(ValueError, match=r"name|called"):
        draft.rename(name)

    assert draft.area.name == "square"


def test_another_name_and_another_way_keep_the_rules(draft):
    """Only what was changed is changed."""
    draft.rename("market")
    draft.set_combine(Combine.SUM)

    (settings,) = draft.settings()
    assert (settings.name, settings.combine) == ("market", Combine.SUM)
    assert settings.rule == SQUARE.rule


def test_every_step_is_taken_back(draft):
    """In their order."""
    draft.rename("market")
    draft.set_member(Member("B"), is_in=False)
    draft.add()
    draft.delete()
    while draft.can_undo:
        draft.undo()

    assert draft.settings() == (SQUARE,)
