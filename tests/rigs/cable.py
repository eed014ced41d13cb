"""A network cable between a client and a server that can be cut, mended, and made bad.

Stands in for firewall rules, for which a test would need to be root: bytes that are not forwarded
are as lost as those that a switch throws away, and nobody is told.
"""

import random
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_CHUNK_BYTES = 16_384
_LOOK_S = 0.02
_CLIENT_PORTS = re.compile(rb"client_port=(\d+)-(\d+)")


class Cable:
    """Forwards TCP to a server, and the UDP that RTSP agrees on; every method is for any thread."""

    def __init__(self, server_port: int, *, seed: int = 1) -> None:
        """Lay the cable; `port` is its near end."""
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_LOOK_S)
        self.port = int(self._listener.getsockname()[1])
        self._is_whole = threading.Event()
        self._is_whole.set()
        self._is_over = threading.Event()
        self._random = random.Random(seed)
        self._threads = [threading.Thread(target=self._accept, name="rig-cable")]
        self._sockets: list[socket.socket] = [self._listener]
        self.loss_share = 0.0
        """Share of datagrams that are lost."""
        self.lost = 0
        """Datagrams that were lost."""
        self.hides_ends = False
        """Whether the client is not told when the server is gone: the connection is half open."""
        self.mangle: Callable[[bytes], bytes] | None = None
        """What is done to the bytes that the server sends."""

    def start(self) -> None:
        """Begin to forward."""
        self._threads[0].start()

    def cut(self) -> None:
        """Forward nothing from now on; connections stay open, as nobody is told."""
        self._is_whole.clear()

    def mend(self) -> None:
        """Forward again, beginning with what has been waiting."""
        self._is_whole.set()

    def close(self) -> None:
        """End everything, and wait for it."""
        self._is_over.set()
        self._is_whole.set()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while not self._is_over.is_set():
            try:
                near, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            self._spawn(self._connect, near)

    def _connect(self, near: socket.socket) -> None:
        self._sockets.append(near)
        self._is_whole.wait()
        try:
            far = socket.create_connection(("127.0.0.1", self._server_port))
        except OSError:
            near.close()
            return
        self._sockets.append(far)
        self._spawn(self._forward, near, far, self._take_over_datagrams)
        self._spawn(self._forward, far, near, self._mangled)

    def _forward(
        self, source: socket.socket, target: socket.socket, change: Callable[[bytes], bytes]
    ) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK_BYTES):
                self._is_whole.wait()
                target.sendall(change(data))
        if not self.hides_ends:
            for one in (source, target):
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()

    def _mangled(self, data: bytes) -> bytes:
        return data if self.mangle is None else self.mangle(data)

    def _take_over_datagrams(self, request: bytes) -> bytes:
        """Let the server send its datagrams to this cable instead of to the client."""
        match = _CLIENT_PORTS.search(request)
        if match is None:
            return request
        ports = []
        for client_port in (int(match[1]), int(match[2])):
            near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            near.bind(("127.0.0.1", 0))
            near.settimeout(_LOOK_S)
            self._sockets.append(near)
            ports.append(near.getsockname()[1])
            self._spawn(self._forward_datagrams, near, client_port)
        return request.replace(match[0], b"client_port=%d-%d" % tuple(ports))

    def _forward_datagrams(self, near: socket.socket, client_port: int) -> None:
        while not self._is_over.is_set():
            try:
                data = near.recv(65_536)
            except TimeoutError:
                continue
            except OSError:
                return
            if not self._is_whole.is_set() or self._random.random() < self.loss_share:
                self.lost += 1
                continue
            with suppress(OSError):
                near.sendto(data, ("127.0.0.1", client_port))

    def _spawn(self, body: Callable[..., None], *values: object) -> None:
        thread = threading.Thread(target=body, args=values, name="rig-cable")
        self._threads.append(thread)
        thread.start()


@contextmanager
def cable_to(server_port: int, *, seed: int = 1) -> Iterator[Cable]:
    """Lay a cable to a server on the loopback."""
    cable = Cable(server_port, seed=seed)
    cable.start()
    try:
        yield cable
    finally:
        cable.close()
