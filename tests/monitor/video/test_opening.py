"""What FFmpeg is told: options that fit the protocol, and no password where it can be seen."""

import pytest

from monitor.video.address import NetworkAddress, WebcamAddress, parse_address
from monitor.video.opening import Reception, network_opening, webcam_openings

MARK = "S3CRET"


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (
            "rtsp://cam/live",
            {
                "rtsp_transport": "tcp",
                "timeout": "6000000",
                "allowed_media_types": "video",
                "max_delay": "500000",
                "fpsprobesize": "0",
            },
        ),
        ("http://cam/live", {"timeout": "6000000", "fpsprobesize": "0"}),
        ("rtmp://cam/live/x", {"fpsprobesize": "0"}),
        ("srt://cam:9000", {"fpsprobesize": "0"}),
    ],
    ids=["rtsp", "http", "rtmp", "srt"],
)
def test_options_fit_the_protocol(text: str, options: dict[str, str]) -> None:
    """RTMP takes `timeout` for something else, and would wait for a caller."""
    address = parse_address(text)
    assert isinstance(address, NetworkAddress)

    assert network_opening(address, None).options == options


def test_an_opening_does_not_show_its_password() -> None:
    """Its representation leaves the place out."""
    address = parse_address(f"rtsp://op:{MARK}@cam/live")
    assert isinstance(address, NetworkAddress)

    assert MARK not in repr(network_opening(address, None))


@pytest.mark.parametrize(
    ("platform", "first"),
    [
        ("linux", ("/dev/video2", "v4l2", "mjpeg")),
        ("darwin", ("2:none", "avfoundation", None)),
    ],
)
def test_webcams_have_the_names_of_their_system(
    platform: str, first: tuple[str, str, str | None]
) -> None:
    """The best way comes first, the plain one last."""
    openings = webcam_openings(WebcamAddress("webcam:2", 2), platform)

    best, plain = openings
    assert (best.place, best.format, best.options.get("input_format")) == first
    assert (plain.place, plain.options) == (best.place, {})


def network(text: str) -> NetworkAddress:
    """Read the address of a network stream."""
    address = parse_address(text)
    assert isinstance(address, NetworkAddress)
    return address


def test_rtsp_over_udp_is_a_choice() -> None:
    """Only RTSP has the choice."""
    udp = Reception(transport="udp")

    assert network_opening(network("rtsp://cam/1"), None, udp).options["rtsp_transport"] == "udp"
    assert "rtsp_transport" not in network_opening(network("http://cam/1"), None, udp).options


def test_a_certificate_is_asked_for_where_the_stream_is_encrypted() -> None:
    """Without a file any certificate is taken, as cameras sign their own."""
    known = Reception(certificate="cam.pem")

    encrypted = network_opening(network("rtsps://cam/1"), None, known).options
    plain = network_opening(network("rtsp://cam/1"), None, known).options
    unknown = network_opening(network("rtsps://cam/1"), None).options

    assert (encrypted["ca_file"], encrypted["tls_verify"]) == ("cam.pem", "1")
    assert "tls_verify" not in plain
    assert "tls_verify" not in unknown


def test_ffmpeg_waits_longer_than_we_do() -> None:
    """Whatever the camera's own limit is, PyAV ends the wait and its error tells why."""
    slow = Reception(stale_after_s=60)

    limit_us = int(network_opening(network("rtsp://cam/1"), None, slow).options["timeout"])

    assert limit_us > slow.read_limit_s * 1_000_000
