"""Who hears whom in the window: signals of its parts, and what is done on them."""

from typing import TYPE_CHECKING

from monitor.ui.bell import Bell

if TYPE_CHECKING:  # the window imports this module
    from monitor.ui.window import MonitorWindow


def connect_parts(window: "MonitorWindow", bell: Bell) -> None:
    """Connect the parts of a window; once, when all of them are there.

    Args:
        window: The window.
        bell: What rings.
    """

    def on_alarms_changed() -> None:
        window.rounds.plot_soon()
        window.look()

    def on_camera_wanted(name: str) -> None:
        if name in window.names:  # an area has no picture of its own
            window.open_camera(name)

    def on_span_changed() -> None:
        window.charting.forget()
        window.rounds.plot_soon()

    header, stage, side = window.header, window.stage, window.side
    header.wall_toggled.connect(stage.show_wall)
    header.wall_toggled.connect(window.zone_desk.end)
    header.wall_toggled.connect(window.ground_desk.end)
    header.sound_test_wanted.connect(bell.try_out)
    window.strip.acknowledged.connect(window.acknowledge_alarm)
    window.strip.camera_wanted.connect(window.open_camera)
    window.alarm_desk.changed.connect(on_alarms_changed)
    side.rules_button.clicked.connect(window.open_rules)
    side.alarm_panel.camera_wanted.connect(on_camera_wanted)
    stage.camera_chosen.connect(window.choose_camera)
    stage.camera_opened.connect(window.open_camera)
    window.plot.span_changed.connect(on_span_changed)
