"""What the window remembers of a camera."""

from monitor.ui.session import CameraSession
from tests.rigs.snapshots import reading_of, snapshot_of


def test_each_reading_is_taken_once():
    """The window looks 30 times a second at 2 readings."""
    session = CameraSession()
    first = snapshot_of(reading=reading_of(10.0, at_s=0.0, truth=12.0))
    second = snapshot_of(reading=reading_of(20.0, at_s=0.5, truth=19.0))

    taken = [session.take(one) for one in (first, first, second, second, second)]

    assert taken == [True, False, True, False, False]
    assert len(session.series) == 2
    assert (session.errors.counts, session.errors.mean) == (2, 1.5)


def test_a_camera_without_readings_has_no_error():
    """Nothing counted is no mean of 0."""
    session = CameraSession()

    assert not session.take(snapshot_of(reading=None))
    assert session.errors.mean is None


def test_real_cameras_have_no_error():
    """Without a truth there is nothing to be wrong about."""
    session = CameraSession()
    session.take(snapshot_of())

    assert (session.errors.counts, session.errors.mean) == (0, None)
