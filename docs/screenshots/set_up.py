"""The pages of set-up, which stand before there is a window: first start, and adding a camera."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtWidgets import QApplication, QDialog

from docs.screenshots.taking import SETTLE_S, Wanted, take_page, wait, wait_for
from monitor.cli.set_up import list_cards
from monitor.ui.setup.camera_dialog import CameraDialog
from monitor.ui.setup.camera_form import Kind
from monitor.ui.setup.first_start import FirstStart
from monitor.ui.setup.tools import SetUpTools
from monitor.ui.theme import DARK, LARGE_TYPE, LIGHT, apply_theme
from monitor.video.onvif.device import OfferedStream
from monitor.video.onvif.discovery import FoundDevice

_NOBODY = "rtsp://127.0.0.1:9/live"
"""An address at which nobody answers, whatever machine the pictures are taken on."""
_WIDEST_PX, _HIGHEST_PX = 1280, 760
"""What is left of the smallest screen below a bar: a page that is larger cannot be used there."""


@dataclass(frozen=True)
class Page:
    """One page to take."""

    name: str
    open: Callable[[SetUpTools], QDialog]


def take_set_up(application: QApplication, wanted: Wanted) -> Iterator[Path]:
    """Take every page of set-up, dark and light and in large type.

    Args:
        application: Whose theme is changed.
        wanted: Which pages, and where they go.

    Yields:
        The PNG files.

    Raises:
        ValueError: If a page is too large for the smallest screen.
    """
    looks = [(DARK, 1.0, "dark"), (LIGHT, 1.0, "light"), (DARK, LARGE_TYPE, "large-dark")]
    with tempfile.TemporaryDirectory() as folder:
        tools = SetUpTools(folder=Path(folder), list_models=list_cards)
        for theme, scale, look in looks:
            apply_theme(application, theme, type_scale=scale)
            for page in PAGES:
                if not wanted.takes(page.name):
                    continue
                dialog = page.open(tools)
                wait(SETTLE_S)
                if dialog.width() > _WIDEST_PX or dialog.height() > _HIGHEST_PX:
                    raise ValueError(
                        f"{page.name}, {look}: {dialog.width()}×{dialog.height()} px is too large"
                    )
                size = "4k-" if wanted.is_large else ""
                yield take_page(page.name, dialog, f"{size}{look}", wanted)
                dialog.close()
                dialog.deleteLater()
    apply_theme(application, DARK)


def _first(tools: SetUpTools) -> QDialog:
    page = FirstStart(tools)
    page.show()
    return page


def _camera(tools: SetUpTools, kind: Kind, address: str = "") -> CameraDialog:
    dialog = CameraDialog(tools)
    dialog.form.choose_kind(kind)
    if address:
        dialog.form.address.setText(address)
    dialog.show()
    wait_for(lambda: bool(dialog.model_choice.models.count()))
    return dialog


def _network(tools: SetUpTools) -> QDialog:
    return _camera(tools, Kind.NETWORK)


def _found(tools: SetUpTools) -> QDialog:
    dialog = _camera(tools, Kind.NETWORK)
    devices = tuple(
        FoundDevice(f"http://192.0.2.{number}/onvif", f"192.0.2.{number}", name, "RC-1 Dome")
        for number, name in ((10, "North gate"), (11, "Station stairs"))
    )
    dialog.finder.show_devices(devices)
    streams = tuple(
        OfferedStream(name, f"rtsp://192.0.2.10/{name.lower()}", (width, height), 25.0, "H264")
        for name, width, height in (("Main", 1920, 1080), ("Sub", 640, 360))
    )
    dialog.finder.stream_chosen.disconnect()  # nobody is at that address
    dialog.finder.show_streams(streams)
    dialog.form.address.setText(streams[0].address)
    dialog.form.user.setText("operator")
    dialog.form.name.setText(devices[0].name)
    return dialog


def _nobody(tools: SetUpTools) -> QDialog:
    dialog = _camera(tools, Kind.NETWORK, _NOBODY)
    dialog.test_connection()
    wait_for(lambda: dialog.panel.verdict.objectName() == "warning")
    return dialog


def _plaza(tools: SetUpTools) -> QDialog:
    dialog = _camera(tools, Kind.PLAZA)
    dialog.test_connection()
    wait_for(lambda: dialog.panel.picture.image is not None)
    return dialog


def _file(tools: SetUpTools) -> QDialog:
    dialog = _camera(tools, Kind.FILE)
    dialog.save()  # nothing is typed: what is missing is said
    return dialog


PAGES = (
    Page("first-start", _first),
    Page("camera-network", _network),
    Page("camera-found", _found),
    Page("camera-nobody", _nobody),
    Page("camera-works", _plaza),
    Page("camera-file", _file),
)
