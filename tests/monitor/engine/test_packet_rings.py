"""Whose video lies in which ring, while cameras come and go."""

from fractions import Fraction

from monitor.engine.sources import PacketRings
from monitor.video.packets import EncodedPacket, PacketRing, RingBounds, StreamFormat


def fill(ring: PacketRing) -> None:
    """Let a camera send a picture."""
    ring.begin(StreamFormat("h264", Fraction(1, 90_000)))
    ring.add(EncodedPacket(b"", True, None, 0.0))


def rings_of_one() -> PacketRings:
    """Give rings in which a camera has left a picture."""
    rings = PacketRings()
    rings.bound(RingBounds(10, 10**6))
    fill(rings.ring_for("Gate", "rtsp://10.0.0.7/1"))
    return rings


def test_a_connection_that_comes_back_finds_its_ring() -> None:
    """What came before the loss is what an alarm on it shows."""
    rings = rings_of_one()

    assert rings.ring_for("Gate", "rtsp://10.0.0.7/1").kept().runs
    assert rings.ring_of("Gate").kept().runs


def test_another_source_under_the_same_name_begins_anew() -> None:
    """Two places are never shown as one; a clip that waits still has what it was begun with."""
    rings = rings_of_one()
    begun = rings.ring_of("Gate")

    rings.ring_for("Gate", "rtsp://10.0.0.8/1")

    assert rings.ring_of("Gate").kept().runs == ()
    assert rings.ring_of("Gate").is_open
    assert begun.kept().runs


def test_a_camera_that_is_taken_away_lets_go_of_its_memory() -> None:
    """Told of twice, as a camera that is just added may not be in the first list."""
    rings = rings_of_one()
    mine = rings.ring_of("Gate")
    rings.keep_only(["Yard"])
    assert rings.ring_of("Gate") is mine
    rings.keep_only(["Gate", "Yard"])
    rings.keep_only(["Yard"])
    assert rings.ring_of("Gate") is mine

    rings.keep_only(["Yard"])

    assert rings.ring_of("Gate") is not mine


def test_nothing_is_kept_of_any_camera_as_soon_as_nobody_may() -> None:
    """Of those that there are and those that come."""
    rings = rings_of_one()
    rings.bound(None)
    fill(rings.ring_for("Yard", "webcam:0"))

    assert rings.ring_of("Gate").kept().runs == ()
    assert rings.ring_of("Yard").kept().runs == ()
