"""Servers on the loopback that behave badly, or serve files and pictures over HTTP."""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_BOUNDARY = "--picture"


def unused_port() -> int:
    """Give a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def silent_server() -> Iterator[int]:
    """Take connections and say nothing; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@contextmanager
def answering_server(answer: bytes) -> Iterator[int]:
    """Answer the first words of every connection with the same bytes, then close it."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(4096)
            self.request.sendall(answer)

    with _running(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)) as port:
        yield port


@contextmanager
def file_server(folder: Path) -> Iterator[int]:
    """Serve a folder over HTTP."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    with _running(server) as port:
        yield port


@contextmanager
def picture_server(
    jpegs: Sequence[bytes],
    *,
    between: Callable[[], object],
    authorization: str = "",
) -> Iterator[int]:
    """Serve JPEGs one after the other over HTTP, as a cheap camera does, and then close.

    Args:
        jpegs: The pictures.
        between: Called before each picture.
        authorization: What the client must send in the header of that name; empty: nothing.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if authorization and self.headers.get("Authorization") != authorization:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="camera"')
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("Content-Type", f"multipart/x-mixed-replace;boundary={_BOUNDARY}")
            self.end_headers()
            for jpeg in jpegs:
                between()
                head = f"{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n"
                self.wfile.write(head.encode() + b"\r\n" + jpeg + b"\r\n")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with _running(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        yield port


@contextmanager
def byte_server(
    chunks: Sequence[bytes], *, kind: str, between: Callable[[], object] = lambda: None
) -> Iterator[int]:
    """Send bytes of a kind over HTTP, piece by piece without saying how many, and then close."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            for chunk in chunks:
                between()
                self.wfile.write(chunk)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with _running(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        yield port


@contextmanager
def redirecting(target: str) -> Iterator[str]:
    """Answer every RTSP request with another address; gives the address to ask."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while line := self.rfile.readline():
                sequence = "0"
                while (header := self.rfile.readline().strip()) != b"":
                    if header.lower().startswith(b"cseq:"):
                        sequence = header.split(b":")[1].strip().decode()
                is_describe = line.startswith(b"DESCRIBE")
                status = "302 Moved Temporarily" if is_describe else "200 OK"
                answer = f"RTSP/1.0 {status}\r\nCSeq: {sequence}\r\n"
                answer += f"Location: {target}\r\n" if is_describe else "Public: DESCRIBE\r\n"
                self.wfile.write(f"{answer}\r\n".encode())

    with _running(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)) as port:
        yield f"rtsp://127.0.0.1:{port}/old"


@contextmanager
def _running(server: socketserver.TCPServer) -> Iterator[int]:
    # A client that goes away is nothing to print.
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.daemon_threads = True  # a client that stays must not hold up the end of a test
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="rig")
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
