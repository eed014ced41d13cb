"""A real RTSP server for tests: plays pictures that are already encoded, in real time.

Run by the system's Python, which has GStreamer's bindings; it imports nothing of ours. Prints one
line of JSON with its port when it listens. Exit code 77: a Debian package is missing, named on
standard error.

Usage: rtsp_server.py STREAM.json [--port N] [--user U --password-env V] [--digest] [--once]
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
    from gi.repository import GLib, Gst, GstRtsp, GstRtspServer
except (ImportError, ValueError) as error:
    print(f"gir1.2-gst-rtsp-server-1.0 or python3-gi: {error}", file=sys.stderr)  # noqa: T201
    sys.exit(MISSING)

PIPELINE = (
    "( appsrc name=pictures format=time is-live=true block=false "
    "! h264parse ! rtph264pay name=pay0 pt=96 config-interval=0 )"
)


class Factory(GstRtspServer.RTSPMediaFactory):
    """Feeds the encoded pictures one after the other, stamped with their time."""

    def __init__(self, units, rate_hz, is_looped):
        super().__init__()
        self.units = units
        self.period_ns = round(Gst.SECOND / rate_hz)
        self.is_looped = is_looped
        self.caps = Gst.Caps.from_string(
            f"video/x-h264,stream-format=byte-stream,alignment=au,framerate={round(rate_hz)}/1"
        )
        self.set_launch(PIPELINE)
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


def guard(server, factory, user, password, is_digest):
    """Let in only who knows the password."""
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    if is_digest:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(permissions)


def main():
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("stream")
    parser.add_argument("--port", default="0")
    parser.add_argument("--user")
    parser.add_argument("--password-env")
    parser.add_argument("--digest", action="store_true")
    parser.add_argument("--once", action="store_true")
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
    index = pathlib.Path(options.stream)
    layout = json.loads(index.read_text())
    data = (index.parent / layout["data"]).read_bytes()
    units, place = [], 0
    for size in layout["sizes"]:
        units.append(data[place : place + size])
        place += size
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(options.port)
    factory = Factory(units, layout["rate_hz"], not options.once)
    if options.user:
        password = os.environ[options.password_env]
        guard(server, factory, options.user, password, options.digest)
    server.get_mount_points().add_factory("/live", factory)
    if server.attach(None) == 0:
        print("the port is taken", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    print(json.dumps({"port": server.get_bound_port()}), flush=True)  # noqa: T201
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
