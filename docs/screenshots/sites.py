"""Which screens there are of a running window, and how one gets to them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QDialog

from monitor.plaza.scene import PlazaCamera, choose_camera
from monitor.settings import CameraSettings, GroundSettings, LimitSettings, ZoneSettings
from monitor.ui.editors.ground_draft import Way
from monitor.ui.language import translate
from monitor.ui.main_window import MonitorWindow
from monitor.ui.span import SPANS, CustomRange
from monitor.ui.zoom import Viewport

NAMES = (
    "Market square", "North gate", "Station stairs", "Old bridge", "Fan zone", "West stand",
    "Car park", "Main stage", "Ferry pier",
)  # fmt: skip
CROWDS = (120, 60, 220, 30, 160, 90, 15, 260, 75)
LIMITS = (180.0, 35.0, 260.0, 80.0, 180.0, 120.0, 60.0, 300.0, 120.0)
_SIZE_WH = (1280, 720)
_SLAB_M = ((-3.0, 20.0), (3.0, 20.0), (3.0, 32.0), (-3.0, 32.0))
"""Corners of a rectangle on the ground of a square, metres."""
_PLAN_M = (
    (-4.0, 20.0), (4.0, 20.0), (0.0, 24.0), (0.6, 24.4), (-5.0, 30.0), (5.0, 28.0), (1.0, 36.0),
)  # fmt: skip
"""Places on it that are known on a plan; two of them are close to each other."""
_ZONES = (
    ("Stage front", ((0.04, 0.5), (0.4, 0.46), (0.46, 0.94), (0.05, 0.96)), "#3d9be9"),
    ("Gate", ((0.55, 0.42), (0.92, 0.42), (0.95, 0.7), (0.58, 0.72)), "#e69f00"),
)


@dataclass(frozen=True)
class Screen:
    """One screen to take."""

    name: str
    before: Callable[[MonitorWindow], object] = field(default=lambda window: None)
    """What is done to get there."""
    after: Callable[[MonitorWindow], object] = field(default=lambda window: None)
    """What is done to leave it."""


@dataclass(frozen=True)
class Site:
    """Cameras, and the screens that are taken of them."""

    name: str
    cameras: int
    screens: tuple[Screen, ...]
    limit: float | None = None
    """Limit of all cameras; None: each has its own."""
    is_lost: bool = False
    has_ground: bool = False
    """Whether its first camera has zones and a known ground."""


def do(name: str) -> Callable[[MonitorWindow], None]:
    """Give what runs a command of the window."""
    return lambda window: window.actions_table.action(translate("Commands", name)).trigger()


def close_dialogs(window: MonitorWindow) -> None:
    """Close every page and dialog over a window."""
    for dialog in window.findChildren(QDialog):
        dialog.close()


def show_span(number: int) -> Callable[[MonitorWindow], None]:
    """Give what shows another time in the plot."""
    return lambda window: window.plot.show_span(SPANS[number])


def zoom_and_freeze(window: MonitorWindow) -> None:
    """Freeze a part of the picture."""
    window.stage.look_at(Viewport(0.1, 0.3, 0.45, 0.45))
    do("Freeze or resume the picture")(window)


def zoom_out(window: MonitorWindow) -> None:
    """Show all of the picture again."""
    do("Freeze or resume the picture")(window)
    do("Show the whole picture")(window)


def pretend_rise(window: MonitorWindow) -> None:
    """Make up ten minutes in which the crowd has grown towards the limit."""
    session = window.refresh_loop.sessions[window.chosen]
    newest = session.recent[-1]
    past = [
        replace(newest, captured_s=newest.captured_s - age_s, smoothed=newest.count - 0.06 * age_s)
        for age_s in range(600, 1, -1)
    ]
    session.recent.extendleft(reversed(past))


def open_second(window: MonitorWindow) -> None:
    """Look at one camera here, and at all of them in the second window."""
    window.open_camera(window.names[0])
    do("All cameras on a second screen")(window)


def open_menu(window: MonitorWindow) -> None:
    """Let the menu drop down without waiting for a choice."""
    button = window.header.menu_button
    window.actions_table.menu.popup(button.mapToGlobal(QPoint(0, button.height())))


def choose_span(window: MonitorWindow) -> None:
    """Ask for a time of one's own, without waiting for the answer."""
    CustomRange(*window.plot.span.bounds(window.clock.utc()), window).open()


def try_lower_limit(window: MonitorWindow) -> None:
    """Open the rules and lower a limit: the history says when it would have raised an alarm."""
    window.open_rules()
    if (editor := window.rule_desk.editor) is not None:
        editor.form.limit.setValue(100.0)


def begin_zones(window: MonitorWindow) -> None:
    """Draw zones, the first of them chosen."""
    window.draw_zones()
    window.zone_desk.draft.choose(0)
    window.zone_desk.panel.show_draft(window.zone_desk.draft)


def begin_ground(way: Way, window: MonitorWindow) -> None:
    """Mark the ground in one of the three ways."""
    window.mark_ground()
    desk, camera = window.ground_desk, camera_of_square(1)
    desk.panel.way_chosen.emit(way)
    desk.draft.set_values(points=(), metres=(), people=())
    if way is Way.PAIRS:
        for place in _PLAN_M:
            desk.draft.add(place_of(camera, place))
            desk.draft.say_metres(len(desk.draft.marks.points) - 1, place)
    if way is Way.PEOPLE:
        for place in _PLAN_M:
            for height_m in (1.72, 0.0):
                desk.draft.add(place_of(camera, place, height_m))
    desk.draft.choose(None)
    desk.panel.edited.emit({})


def leave_ground(window: MonitorWindow) -> None:
    """Stop marking; nothing of it holds."""
    window.ground_desk.end()


def edit_levels(window: MonitorWindow) -> None:
    """Edit levels of service of the site's own."""
    window.mark_ground()
    window.ground_desk.edit_levels()


def leave_levels(window: MonitorWindow) -> None:
    """Close the editor, and leave the ground as it was."""
    close_dialogs(window)
    leave_ground(window)


def open_areas(window: MonitorWindow) -> None:
    """Join the first two cameras."""
    do("Edit areas …")(window)
    if (editor := window.area_desk.editor) is None:
        return
    editor.new_button.click()
    editor.name.setText("Old town")
    editor.name.editingFinished.emit()
    for row in range(2):
        if (item := editor.members.topLevelItem(row)) is not None:
            item.setCheckState(0, Qt.CheckState.Checked)


def shelve(window: MonitorWindow) -> None:
    """Ask for how long the alarm that rings is to be put aside, and why."""
    window.side.alarm_panel.focus_alarms()
    window.side.alarm_panel.shelve()


ONE = Site(
    "one",
    1,
    (
        Screen("calm", MonitorWindow.acknowledge),
        Screen("menu", open_menu, lambda window: window.actions_table.menu.close()),
        Screen("day", show_span(4), show_span(0)),
        Screen("week", show_span(5), show_span(0)),
        Screen("span", choose_span, close_dialogs),
        Screen("near", zoom_and_freeze, zoom_out),
        Screen("keys", do("Keyboard shortcuts"), close_dialogs),
        Screen("guide", do("Guide"), close_dialogs),
        Screen("about", do("About"), close_dialogs),
        Screen("large", do("Large type"), do("Large type")),
        Screen("rules", MonitorWindow.open_rules, close_dialogs),
        Screen("what-if", try_lower_limit, close_dialogs),
        Screen("load", MonitorWindow.open_load, close_dialogs),
        Screen("rising", pretend_rise),
    ),
)
GROUND = Site(
    "ground",
    2,
    (
        Screen("ground"),
        Screen("zones", begin_zones, lambda window: window.zone_desk.end()),
        Screen("ground-rectangle", partial(begin_ground, Way.RECTANGLE), leave_ground),
        Screen("ground-points", partial(begin_ground, Way.PAIRS), leave_ground),
        Screen("ground-people", partial(begin_ground, Way.PEOPLE), leave_ground),
        Screen("levels", edit_levels, leave_levels),
        Screen("areas", open_areas, close_dialogs),
        Screen("ground-large", do("Large type"), do("Large type")),
    ),
    has_ground=True,
)
RINGING = Site(
    "ringing",
    1,
    (
        Screen("alarm"),
        Screen("shelve", shelve, close_dialogs),
        Screen("acknowledged", MonitorWindow.acknowledge),
    ),
    70.0,
)
SITES = (
    ONE,
    GROUND,
    RINGING,
    Site("lost", 1, (Screen("lost"),), 70.0, is_lost=True),
    Site("four", 4, (Screen("wall4"),)),
    Site(
        "nine",
        9,
        (
            Screen("wall9"),
            Screen("wall9-large", do("Large type"), do("Large type")),
            Screen("second", open_second, lambda window: window.second.close()),
        ),
    ),
)


def cameras_of(site: Site) -> list[CameraSettings]:
    """Give the cameras of a site: squares of different crowds."""
    cameras = [
        CameraSettings(
            name=name,
            source=f"synthetic:plaza?people={people}&seed={seed}",
            count_hz=2.0 if site.cameras < len(NAMES) else 0.5,
            limit=LimitSettings(high=site.limit or limit, on_delay_s=3.0),
        )
        for seed, (name, people, limit) in enumerate(
            list(zip(NAMES, CROWDS, LIMITS, strict=True))[: site.cameras], start=1
        )
    ]
    if site.has_ground:
        zones = tuple(
            ZoneSettings(name=name, polygon=polygon, colour=colour)
            for name, polygon, colour in _ZONES
        )
        cameras[0] = cameras[0].model_copy(update={"zone": zones, "ground": ground_of_square(1)})
    return cameras


def camera_of_square(seed: int) -> PlazaCamera:
    """Give the camera of a square as it hangs in truth."""
    return choose_camera(np.random.default_rng([seed, 0]), _SIZE_WH)


def place_of(
    camera: PlazaCamera, place_m: tuple[float, float], height_m: float = 0.0
) -> tuple[float, float]:
    """Give where a place on the ground, or above it, is in the picture, in shares of it."""
    xy, _ = camera.project(np.array([place_m[0], height_m, place_m[1]]))
    x, y = (float(part) for part in xy / np.array(camera.size_wh))
    return x, y


def ground_of_square(seed: int) -> GroundSettings:
    """Give the ground of a square from a rectangle on it, whose sides are known exactly."""
    camera = camera_of_square(seed)
    first, second, third, fourth = (place_of(camera, one) for one in _SLAB_M)
    across, along = _SLAB_M[1][0] - _SLAB_M[0][0], _SLAB_M[2][1] - _SLAB_M[1][1]
    return GroundSettings(
        rectangle=(first, second, third, fourth),
        sides_m=(across, along),
        aspect=_SIZE_WH[0] / _SIZE_WH[1],
    )
