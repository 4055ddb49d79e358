"""A client that sends what no honest client would: bytes over a socket, and the status of each answer."""

import socket
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Knocker:
    """One connection after the other, each for as long as it is kept alive."""

    def __init__(self, address):
        parts = urlsplit(address)
        self._to = (parts.hostname, parts.port)
        self._socket = None

    def post(self, path, headers, body, more=b""):
        """``headers`` are pairs of text or bytes, sent as they are; ``more`` is sent after the body."""
        lines = [b"POST " + _bytes(path) + b" HTTP/1.1", b"Host: a", *(_bytes(name) + b": " + _bytes(value) for name, value in headers)]
        if not any(_bytes(name).lower() in (b"content-length", b"transfer-encoding") for name, _ in headers):
            lines.append(b"Content-Length: %d" % len(body))
        return self.send(b"\r\n".join(lines) + b"\r\n\r\n" + body + more)

    def send(self, request):
        """The status."""
        for _ in range(2):
            if self._socket is None:
                self._socket = socket.create_connection(self._to, timeout=20)
                self._file = self._socket.makefile("rb")
            with suppress(ConnectionError):  # it may be answered, and hung up on, before it is sent
                self._socket.sendall(request)
            with suppress(ConnectionError):
                if line := self._file.readline():
                    return self._rest_of_answer(line)
            self.close()  # the server had closed an idle connection: once more
        raise AssertionError("no answer")

    def _rest_of_answer(self, line):
        size, closes = 0, False
        while (header := self._file.readline().lower()).strip():
            size = int(header[15:]) if header.startswith(b"content-length:") else size
            closes = closes or header.startswith(b"connection: close")
        self.text = self._file.read(size).decode()
        if closes:
            self.close()
        return int(line.split()[1])

    def close(self):
        if self._socket is not None:
            self._file.close()
            self._socket.close()
            self._socket = None


@contextmanager
def knocking(address):
    knocker = Knocker(address)
    try:
        yield knocker
    finally:
        knocker.close()


def _bytes(text):
    return text if isinstance(text, bytes) else text.encode("latin-1")
