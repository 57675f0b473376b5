"""Receivers on the loopback interface: a webhook and a mail server, which keep what they were sent."""

from __future__ import annotations

import json
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


class Webhook:
    """What a webhook was sent; ``answers`` are the next statuses, then always 200."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.document: dict[str, Any] = {}
        self.got: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.hang = Event()
        self.hang.set()
        self.port = 0


@contextmanager
def webhook() -> Iterator[Webhook]:
    """A receiver that is there for the length of a test."""
    hook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.got.append(json.loads(body))
            hook.keys.append(self.headers.get("X-Repairdesk-Message", ""))
            hook.hang.wait(30)
            status = hook.answers.pop(0) if hook.answers else 200
            said = json.dumps(hook.document).encode()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hook.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        hook.hang.set()
        server.shutdown()
        server.server_close()
        thread.join()


class Letterbox:
    """What a mail server took: envelope and message of each letter."""

    def __init__(self) -> None:
        self.letters: list[tuple[list[str], bytes]] = []
        self.port = 0

    def read(self) -> list[Message]:
        return [message_from_bytes(raw) for _, raw in self.letters]


def subject(letter: Message) -> str:
    """The subject as a reader sees it."""
    return str(make_header(decode_header(letter["Subject"])))


def everything(letter: Message) -> str:
    """The whole letter, each part decoded."""
    parts = [part.get_payload(decode=True) for part in letter.walk() if not part.is_multipart()]
    texts = [part.decode() for part in parts if isinstance(part, bytes)]
    return "\n".join([subject(letter), *(f"{name}: {value}" for name, value in letter.items()), *texts])


@contextmanager
def letterbox() -> Iterator[Letterbox]:
    """A mail server that takes every letter, as plainly as SMTP allows."""
    box = Letterbox()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 letterbox")
            receivers: list[str] = []
            while line := self.rfile.readline():
                word = line[:4].upper()
                if word == b"QUIT":
                    self._say("221 bye")
                    return
                if word == b"RCPT":
                    receivers.append(line.decode().partition(":")[2].strip().strip("<>"))
                if word == b"DATA":
                    self._say("354 go on")
                    box.letters.append((receivers, self._letter()))
                self._say("250 ok")

        def _letter(self) -> bytes:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            return b"".join(lines)

        def _say(self, text: str) -> None:
            self.wfile.write(text.encode() + b"\r\n")

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    box.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
