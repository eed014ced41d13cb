"""What an operator can do with a key: the commands of the window itself."""

from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication

from monitor.ui.actions import Command
from monitor.ui.custom_range import CustomRange
from monitor.ui.help import Page, about_text, guide_text, keys_html
from monitor.ui.libraries import installed_libraries
from monitor.ui.span import SPANS
from monitor.ui.text import clock_text
from monitor.ui.zoom import STEP_ZOOM, WHOLE

if TYPE_CHECKING:  # the window imports this module
    from monitor.ui.window import MonitorWindow

_OPACITY_STEP = 10
_NUMBERED = 9


def window_commands(window: "MonitorWindow") -> list[Command]:
    """Give the commands of a window, in the order of its menu.

    Args:
        window: What they act on.

    Returns:
        Commands; their keys do not stand in the way of each other.
    """
    return [
        *_alarm_commands(window),
        *_camera_commands(window),
        *_picture_commands(window),
        *_plot_commands(window),
        *_window_commands(window),
        *_help_commands(window),
    ]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Commands", text)


def _alarm_commands(window: "MonitorWindow") -> list[Command]:
    group = _tr("Alarms")
    return [
        Command(
            _tr("Acknowledge the alarm in the strip"), ("A", "Space"), window.acknowledge, group
        )
    ]


def _camera_commands(window: "MonitorWindow") -> list[Command]:
    group = _tr("Cameras")
    commands = [
        Command(_tr("All cameras, or one"), ("G",), partial(_switch_wall, window), group),
        Command(_tr("Back to all cameras"), ("Esc",), partial(_back, window), group),
        Command(_tr("Next camera"), ("PgDown", "N"), partial(_step, window, 1), group),
        Command(_tr("Camera before"), ("PgUp", "P"), partial(_step, window, -1), group),
    ]
    for number in range(1, _NUMBERED + 1):
        is_first = number == 1
        others = _tr("Camera {number}").format(number=number)
        name = _tr("Camera 1 alone; 2 to 9 the others") if is_first else others
        run = partial(_open_numbered, window, number - 1)
        key = str(number)
        commands.append(Command(name, (key,), run, group, in_menu=False, on_sheet=is_first))
    return commands


def _picture_commands(window: "MonitorWindow") -> list[Command]:
    group = _tr("Picture")
    look_at, picture = window.stage.look_at, window.stage.picture

    def zoom(factor: float) -> None:
        look_at(picture.view.zoomed(factor))

    window.stage.controls.freeze_toggled.connect(partial(_freeze, window))
    window.stage.controls.snapshot_wanted.connect(partial(_save_picture, window))
    freeze = window.stage.controls.freeze.toggle
    return [
        Command(_tr("Freeze, or go on"), ("F",), freeze, group),
        Command(_tr("Save the picture …"), ("S",), partial(_save_picture, window), group),
        Command(_tr("Come nearer"), ("+", "="), partial(zoom, STEP_ZOOM), group),
        Command(_tr("Go back"), ("-",), partial(zoom, 1 / STEP_ZOOM), group),
        Command(_tr("Whole picture"), ("0",), partial(look_at, WHOLE), group),
        Command(_tr("Weaker heat map"), ("[",), partial(_strengthen, window, -1), group),
        Command(_tr("Stronger heat map"), ("]",), partial(_strengthen, window, 1), group),
    ]


def _plot_commands(window: "MonitorWindow") -> list[Command]:
    group = _tr("Count over time")
    window.plot.custom_wanted.connect(partial(_ask_span, window))
    window.plot.export_wanted.connect(partial(_export, window))
    return [
        Command(_tr("Shorter time"), (",",), partial(_change_span, window, -1), group),
        Command(_tr("Longer time"), (".",), partial(_change_span, window, 1), group),
        Command(_tr("Choose the time …"), ("T",), partial(_ask_span, window), group),
        Command(_tr("Export counts …"), ("E",), partial(_export, window), group),
    ]


def _window_commands(window: "MonitorWindow") -> list[Command]:
    group = _tr("Window")
    return [
        Command(_tr("Menu"), ("F10",), window.header.menu_button.click, group, in_menu=False),
        Command(_tr("Full screen"), ("F11",), partial(_switch_full_screen, window), group),
        Command(_tr("Light or dark"), ("Ctrl+T",), window.looks.switch_theme, group),
        Command(_tr("Large type"), ("Ctrl+L",), window.looks.switch_type, group),
    ]


def _help_commands(window: "MonitorWindow") -> list[Command]:
    group = _tr("Help")
    return [
        Command(_tr("Keys"), ("F1", "?"), partial(_show_keys, window), group),
        Command(_tr("Guide"), ("Shift+F1",), partial(_show_guide, window), group),
        Command(_tr("About"), (), partial(_show_about, window), group),
    ]


def _switch_wall(window: "MonitorWindow") -> None:
    if len(window.names) > 1:
        window.header.wall_button.toggle()


def _back(window: "MonitorWindow") -> None:
    if len(window.names) > 1:
        window.header.wall_button.setChecked(True)
    elif window.isFullScreen():
        window.showNormal()


def _step(window: "MonitorWindow", step: int) -> None:
    names = window.names
    if names:
        place = names.index(window.chosen) + step
        window.choose_camera(names[place % len(names)])


def _open_numbered(window: "MonitorWindow", index: int) -> None:
    if index < len(window.names):
        window.open_camera(window.names[index])


def _freeze(window: "MonitorWindow", is_wanted: bool) -> None:
    snapshot = window.snapshot_of(window.chosen) if is_wanted else None
    if snapshot is None or snapshot.counted_frame is None or snapshot.reading is None:
        window.stage.freeze(None)
        window.stage.controls.freeze.setChecked(False)
        return
    banner = _tr("FROZEN at {time}, {count} {things}: press F to go on").format(
        time=clock_text(snapshot.reading.at_utc),
        count=round(snapshot.reading.count),
        things=snapshot.counts,
    )
    window.stage.freeze(snapshot, banner=banner)


def _save_picture(window: "MonitorWindow") -> None:
    snapshot = window.stage.frozen or window.snapshot_of(window.chosen)
    if snapshot is not None:
        window.saving.save_picture(snapshot, window.stage.snapshot_order(snapshot))


def _strengthen(window: "MonitorWindow", steps: int) -> None:
    slider = window.stage.controls.opacity
    slider.setValue(slider.value() + steps * _OPACITY_STEP)


def _change_span(window: "MonitorWindow", step: int) -> None:
    span = window.plot.span
    place = SPANS.index(span) if span in SPANS else len(SPANS)
    window.plot.show_span(SPANS[min(max(0, place + step), len(SPANS) - 1)])


def _ask_span(window: "MonitorWindow") -> None:
    dialog = CustomRange(*window.plot.span.bounds(window.clock.utc()), window)
    if dialog.exec():
        window.plot.show_span(dialog.span())
    else:
        window.plot.show_span(window.plot.span)  # the box goes back to what is shown


def _export(window: "MonitorWindow") -> None:
    window.saving.export_plot(window.chosen, window.charting)


def _switch_full_screen(window: "MonitorWindow") -> None:
    if window.isFullScreen():
        window.showNormal()
    else:
        window.showFullScreen()


def _show_keys(window: "MonitorWindow") -> None:
    page = Page(_tr("Keys"), window)
    page.browser.setHtml(keys_html(window.actions_table.commands))
    page.open()


def _show_guide(window: "MonitorWindow") -> None:
    page = Page(_tr("Guide"), window)
    page.show_markdown(guide_text())
    page.open()


def _show_about(window: "MonitorWindow") -> None:
    page = Page(_tr("About"), window)
    note = window.settings.model_note
    page.show_markdown(about_text(note, installed_libraries()))
    page.open()
