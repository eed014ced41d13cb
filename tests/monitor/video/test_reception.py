"""How a stream is received: limits that follow the camera's, and the truth of what decodes."""

import pytest

from monitor.video.opening import Decoding, Reception, decoder_name, has_nvdec


@pytest.mark.parametrize(
    ("stale_after_s", "limit_s"), [(0.5, 4.0), (3.0, 4.0), (10.0, 11.0), (60.0, 61.0)]
)
def test_a_slow_camera_is_given_its_time(stale_after_s: float, limit_s: float) -> None:
    """One picture in ten seconds is a stream too; it is called stale before it is given up."""
    reception = Reception(stale_after_s=stale_after_s)

    assert reception.read_limit_s == limit_s
    assert reception.read_limit_s > stale_after_s


@pytest.mark.parametrize(
    ("is_accelerated", "pixel_format", "wanted", "name"),
    [
        (True, "nv12", "auto", "NVDEC"),
        (True, "p010le", "cuda", "NVDEC"),
        (True, "yuv420p", "auto", "CPU"),
        (False, "yuv420p", "cpu", "CPU"),
        (False, "yuvj420p", "auto", "CPU"),
    ],
    ids=["card", "card-10-bit", "fell-back", "told", "usual"],
)
def test_what_decodes_is_read_from_the_frame(
    is_accelerated: bool, pixel_format: str, wanted: Decoding, name: str
) -> None:
    """A decoder that was set up for the card may fall back without a word."""
    assert (
        decoder_name(is_accelerated=is_accelerated, pixel_format=pixel_format, wanted=wanted)
        == name
    )


def test_a_card_that_was_asked_for_and_does_nothing_is_told() -> None:
    """Who asks for the card wants to know."""
    told = decoder_name(is_accelerated=True, pixel_format="yuv420p", wanted="cuda")

    assert told.startswith("CPU")
    assert "card" in told


def test_the_processor_needs_no_accelerator() -> None:
    """Nor does a machine without a card, whatever is asked."""
    assert Reception(decoding="cpu").accelerator() is None
    if not has_nvdec():
        assert Reception(decoding="cuda").accelerator() is None


@pytest.mark.gpu
@pytest.mark.skipif(not has_nvdec(), reason="this machine has no card that decodes video")
def test_each_connection_has_an_accelerator_of_its_own() -> None:
    """PyAV's object holds the state of one decoder."""
    reception = Reception()

    assert reception.accelerator() is not reception.accelerator()
