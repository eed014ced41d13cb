"""What a person changed, written into the file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.errors import SettingsError
from monitor.settings import (
    AreaSettings,
    CameraSettings,
    LimitSettings,
    ModelSettings,
    RuleSettings,
    SiteSettings,
    ZoneSettings,
)
from monitor.settings.editing import with_camera, without_camera
from monitor.settings.site_file import check_site
from monitor.settings.writing import site_text, write_difference

TEXT = """# Stadium
version = 1

# The gate, by the river
[[camera]]
name = "Gate"   # as on the plan
source = "webcam:0"

# The yard
[[camera]]
name = "Yard"
source = "webcam:1"
count_hz = 2.0  # enough
[camera.limit]  # agreed with the fire brigade
high = 20       # people

# The fan zone, written in one line each
[[camera]]
name = "Fan"
source = "webcam:2"
limit = {high = 5}  # few
zone = [{name = "z", polygon = [[0, 0], [1, 0], [1, 1]]}]

# both
[[area]]
name = "all"
[[area.member]]
camera = "Gate"

# where counts go
[store]
url = "sqlite:///x"
"""
FOLDER = Path("/nowhere")
STAGE = ZoneSettings(name="stage", polygon=((0, 0), (1, 0), (1, 0.5)))


def read(text: str) -> SiteSettings:
    site, mistakes = check_site(text, folder=FOLDER)
    assert site is not None, mistakes
    return site


SITE = read(TEXT)


def camera(wanted: str, /, **changes: object) -> CameraSettings:
    found = next(one for one in SITE.camera if one.name == wanted)
    return found.model_copy(update=changes)


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """Give the lines that went and those that came, wherever they stand."""
    old, new = before.splitlines(), after.splitlines()
    return [one for one in old if one not in new], [one for one in new if one not in old]


CHANGES = {
    "a-limit": (
        with_camera(SITE, camera("Yard", limit=LimitSettings(high=25))),
        ["high = 20       # people"], ["high = 25       # people"],
    ),
    "a-new-limit": (
        with_camera(SITE, camera("Gate", limit=LimitSettings(high=30, dead_band=2.5))),
        [], ["[camera.limit]", "high = 30", "dead_band = 2.5"],
    ),
    "no-limit": (
        with_camera(SITE, camera("Yard", limit=None)),
        ["[camera.limit]  # agreed with the fire brigade", "high = 20       # people"], [],
    ),
    "back-to-usual": (
        with_camera(SITE, camera("Yard", count_hz=5.0)),
        ["count_hz = 2.0  # enough"], ["count_hz = 5  # enough"],
    ),
    "another-name": (
        with_camera(SITE, camera("Gate", name="North"), was="Gate"),
        ['name = "Gate"   # as on the plan', 'camera = "Gate"'],
        ['name = "North"   # as on the plan', 'camera = "North"'],
    ),
    "in-one-line": (
        with_camera(SITE, camera("Fan", limit=LimitSettings(high=6))),
        ["limit = {high = 5}  # few"], ["limit = {high = 6}  # few"],
    ),
    "zones-in-one-line": (
        with_camera(SITE, camera("Fan", zone=(STAGE,))),
        ['zone = [{name = "z", polygon = [[0, 0], [1, 0], [1, 1]]}]'],
        ['zone = [{name = "stage", polygon = [[0, 0], [1, 0], [1, 0.5]]}]'],
    ),
    "a-zone-with-a-rule": (
        with_camera(
            SITE,
            camera("Gate", zone=(STAGE,), rule=(RuleSettings(name="r", limit=4.5, zone="stage"),)),
        ),
        [],
        ["[[camera.zone]]", 'name = "stage"', "polygon = [[0, 0], [1, 0], [1, 0.5]]",
         "[[camera.rule]]", 'name = "r"', "limit = 4.5", 'zone = "stage"'],
    ),
    "a-camera-less": (
        without_camera(SITE, "Fan"),
        ["# The fan zone, written in one line each", 'name = "Fan"', 'source = "webcam:2"',
         "limit = {high = 5}  # few", 'zone = [{name = "z", polygon = [[0, 0], [1, 0], [1, 1]]}]'],
        [],
    ),
    "a-model": (
        SITE.model_copy(update={"model": ModelSettings(path="/m.onnx")}),
        [], ["[model]", 'path = "/m.onnx"'],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("after", "gone", "come"), CHANGES.values(), ids=CHANGES)
def test_only_what_differs_is_written(
    after: SiteSettings, gone: list[str], come: list[str]
) -> None:
    """Every other line stays as somebody wrote it, and the file means what was wanted."""
    text = write_difference(TEXT, SITE, after)
    lost, new = changed_lines(TEXT, text)

    assert [one for one in lost if one.strip()] == gone
    assert sorted(one for one in new if one.strip()) == sorted(come)
    assert read(text) == after


@pytest.mark.parametrize("after", [one[0] for one in CHANGES.values()], ids=CHANGES)
def test_there_and_back_means_the_same(after: SiteSettings) -> None:
    """Undoing writes what was meant before; cameras may stand in another order."""
    back = read(write_difference(write_difference(TEXT, SITE, after), after, SITE))

    assert {one.name: one for one in back.camera} == {one.name: one for one in SITE.camera}
    assert back.area == SITE.area


def test_what_another_hand_wrote_meanwhile_stays() -> None:
    """The camera that they added, the limit that they changed, their comment."""
    theirs = TEXT.replace("high = 20       # people", "high = 22 # on Sundays") + "# theirs\n"
    after = with_camera(SITE, camera("Gate", count_hz=4.0))
    text = write_difference(theirs, SITE, after)

    assert changed_lines(theirs, text) == ([], ["count_hz = 4"])


def test_what_is_gone_meanwhile_is_told() -> None:
    """Somebody took the camera out of the file while it was changed here."""
    without = write_difference(TEXT, SITE, without_camera(SITE, "Yard"))
    after = with_camera(SITE, camera("Yard", count_hz=4.0))

    with pytest.raises(SettingsError, match="camera Yard: is no longer in the file"):
        write_difference(without, SITE, after)


names = st.lists(
    st.text("abc \"'\\#[]=é", min_size=1, max_size=6).filter(str.strip), unique=True, min_size=1,
    max_size=4,
)  # fmt: skip
limits = st.none() | st.floats(1, 1e6).map(lambda high: LimitSettings(high=high))


@given(names, st.lists(limits, min_size=4, max_size=4), st.integers(0, 3))
def test_a_whole_site_is_read_as_it_was_written(
    called: list[str], highs: list[LimitSettings | None], rules: int
) -> None:
    """Whatever cameras are called, and with any limits, zones, rules and areas."""
    rule = tuple(RuleSettings(name=f"r{number}", limit=number + 0.5) for number in range(rules))
    cameras = tuple(
        CameraSettings(name=name, source=f"webcam:{place}", limit=highs[place], rule=rule)
        for place, name in enumerate(called)
    )
    area = AreaSettings(name="every one", member=({"camera": called[0]},))
    site = SiteSettings(camera=cameras, area=(area,), model=ModelSettings(threads=2))

    assert read(site_text(site)) == site
