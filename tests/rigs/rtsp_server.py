"""A real RTSP server for tests: plays pictures that are already encoded, in real time.

Run by the system's Python, which has GStreamer's bindings; it imports nothing of ours. Prints one
line of JSON with its port when it listens. Exit code 77: a Debian package is missing, named on
standard error.

Usage: rtsp_server.py STREAM.json [--port N] [--user U --password-env V] [--digest] [--once]
                      [--certificate FILE.pem]
"""

import argparse
import json
import os
import pathlib
import sys

MISSING = 77

try:
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtsp", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer
except (ImportError, ValueError) as error:
    print(f"gir1.2-gst-rtsp-server-1.0 or python3-gi: {error}", file=sys.stderr)  # noqa: T201
    sys.exit(MISSING)

CODECS = {
    "h264": (
        "video/x-h264,stream-format=byte-stream,alignment=au",
        "h264parse ! rtph264pay name=pay0 pt=96 config-interval=0",
    ),
    "h265": (
        "video/x-h265,stream-format=byte-stream,alignment=au",
        "h265parse ! rtph265pay name=pay0 pt=96 config-interval=0",
    ),
    "mjpeg": ("image/jpeg", "jpegparse ! rtpjpegpay name=pay0 pt=26"),
}


class Factory(GstRtspServer.RTSPMediaFactory):
    """Feeds the encoded pictures one after the other, stamped with their time."""

    def __init__(self, units, rate_hz, is_looped, codec):
        super().__init__()
        self.units = units
        self.period_ns = round(Gst.SECOND / rate_hz)
        self.is_looped = is_looped
        caps, payload = CODECS[codec]
        self.caps = Gst.Caps.from_string(f"{caps},framerate={round(rate_hz)}/1")
        source = "appsrc name=pictures format=time is-live=true block=false"
        self.set_launch(f"( {source} ! {payload} )")
        self.set_shared(False)

    def do_configure(self, media):
        """Start feeding a new client from the first picture."""
        source = media.get_element().get_child_by_name("pictures")
        source.set_property("caps", self.caps)
        source.number = 0
        source.connect("need-data", self.feed)

    def feed(self, source, _wanted):
        """Push the next picture; its time stamp makes the server send it in real time."""
        number = source.number
        if number >= len(self.units) and not self.is_looped:
            source.emit("end-of-stream")
            return
        buffer = Gst.Buffer.new_wrapped(self.units[number % len(self.units)])
        buffer.pts = buffer.dts = number * self.period_ns
        buffer.duration = self.period_ns
        source.number = number + 1
        source.emit("push-buffer", buffer)


def guard(auth, factory, user, password, is_digest):
    """Let in only who knows the password."""
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    if is_digest:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(permissions)


def read_units(index):
    """Read how the stream is laid out, and its access units."""
    layout = json.loads(index.read_text())
    data = (index.parent / layout["data"]).read_bytes()
    units, place = [], 0
    for size in layout["sizes"]:
        units.append(data[place : place + size])
        place += size
    return layout, units


def main():
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("stream")
    parser.add_argument("--port", default="0")
    parser.add_argument("--user")
    parser.add_argument("--password-env")
    parser.add_argument("--digest", action="store_true")
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--certificate")
    options = parser.parse_args()
    Gst.init(None)
    for element, package in (
        ("h264parse", "plugins-bad"),
        ("rtph264pay", "plugins-good"),
        ("appsrc", "plugins-base"),
    ):
        if Gst.ElementFactory.find(element) is None:
            print(f"gstreamer1.0-{package}", file=sys.stderr)  # noqa: T201
            sys.exit(MISSING)
    layout, units = read_units(pathlib.Path(options.stream))
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(options.port)
    codec = layout.get("codec", "h264")
    factory = Factory(units, layout["rate_hz"], not options.once, codec)
    auth = GstRtspServer.RTSPAuth()
    if options.user:
        password = os.environ[options.password_env]
        guard(auth, factory, options.user, password, options.digest)
    if options.certificate:
        if not Gio.TlsBackend.get_default().supports_tls():
            print("glib-networking", file=sys.stderr)  # noqa: T201
            sys.exit(MISSING)
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(options.certificate))
    if options.user or options.certificate:
        server.set_auth(auth)
    server.get_mount_points().add_factory("/live", factory)
    if server.attach(None) == 0:
        print("the port is taken", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    print(json.dumps({"port": server.get_bound_port()}), flush=True)  # noqa: T201
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
