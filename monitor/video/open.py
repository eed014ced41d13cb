"""From an address to the source that it means."""

from monitor.core.clock import Clock
from monitor.core.secret import Secret
from monitor.video.address import (
    FileAddress,
    NetworkAddress,
    PicturesAddress,
    PlazaAddress,
    WebcamAddress,
    parse_address,
)
from monitor.video.file import FileSource
from monitor.video.frame import FrameSource
from monitor.video.opening import Reception, network_opening, webcam_openings
from monitor.video.packets import PacketTap
from monitor.video.pictures import PicturesSource
from monitor.video.plaza_source import PlazaSource
from monitor.video.stream import StreamSource


def open_source(
    address: str,
    *,
    pace: bool,
    password: Secret | None = None,
    clock: Clock,
    reception: Reception | None = None,
    tap: PacketTap | None = None,
) -> FrameSource:
    """Give the source that an address means; it connects when its frames are asked for.

    Args:
        address: What a person wrote; see `parse_address`.
        pace: Whether recordings are played at their own pace rather than as fast as possible.
        password: Password for a network address; None: what the address holds is used.
        clock: Where time comes from.
        reception: How a live stream is to be received; None: as is usual.
        tap: Takes the encoded pictures in, too; None: nobody does.

    Returns:
        The source.

    Raises:
        AddressError: If the address cannot be read, names a file that does not exist, or lacks
            the user that a password belongs to.
    """
    match parse_address(address):
        case NetworkAddress() as network:
            opening = network_opening(network, password, reception)
            return StreamSource(
                network.label,
                lambda: (opening,),
                pace=pace,
                clock=clock,
                reception=reception,
                tap=tap,
            )
        case WebcamAddress() as webcam:
            return StreamSource(
                webcam.label,
                lambda: webcam_openings(webcam),
                pace=pace,
                clock=clock,
                reception=reception,
                tap=tap,
            )
        case FileAddress() as file:
            return FileSource(file, pace=pace, clock=clock, tap=tap)
        case PicturesAddress() as pictures:
            _refuse(tap, "its pictures are single files")
            return PicturesSource(pictures, pace=pace, clock=clock)
        case PlazaAddress(people=people, seed=seed):
            _refuse(tap, "its pictures are drawn")
            return PlazaSource(people, seed, pace=pace, clock=clock)


def _refuse(tap: PacketTap | None, why: str) -> None:
    if tap is not None:
        tap.refuse(f"{why}: there is no encoded video that could be kept")
