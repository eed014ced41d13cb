"""A real HTTP server that writes down what is posted to it, and can be told to fail or to hang."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from tests.rigs.load import scaled_s


class Webhook:
    """What was posted; `status` is what is answered next."""

    def __init__(self) -> None:
        self.port = 0
        self.posted: list[dict[str, Any]] = []  # documents of anybody's making
        self.status = 200
        self.gate = Event()
        self.gate.set()
        self.is_asked = Event()

    def url(self, *, user: str = "", password: str = "") -> str:
        """Give Apprise's address of the server."""
        at = f"{user}:{password}@" if user else ""
        return f"json://{at}127.0.0.1:{self.port}/hook/T0KEN"


@contextmanager
def running_webhook() -> Iterator[Webhook]:
    """Run a server while the context is open."""
    hook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.is_asked.set()
            hook.gate.wait(scaled_s(30))
            status = hook.status
            if status < 300:
                hook.posted.append(json.loads(body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that left
    hook.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, args=(0.02,), name="rig")
    thread.start()
    try:
        yield hook
    finally:
        hook.gate.set()
        server.shutdown()
        thread.join()
        server.server_close()
