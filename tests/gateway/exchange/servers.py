"""A mail server and an SMS gateway on this machine that answer as a test says."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class MailServer(socketserver.ThreadingTCPServer):
    """SMTP (RFC 5321), as much as one letter needs. `answers` gives another answer to a verb; `letters` are what was taken."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.answers: dict[str, str] = {}
        self.letters: list[str] = []
        self.pause = threading.Event()
        self.pause.set()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        with suppress(ConnectionError):
            self._talk()

    def _talk(self) -> None:
        self.server.pause.wait(10)
        self._say("220 mail.test")
        while line := self.rfile.readline().decode(errors="replace").strip():
            verb = line.split(" ")[0].upper()
            if verb == "DATA" and verb not in self.server.answers:
                self._say("354 go on")
                lines = []
                while (part := self.rfile.readline().decode(errors="replace")) != ".\r\n":
                    lines.append(part)
                self.server.letters.append("".join(lines))
                self._say("250 taken")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say(self.server.answers.get(verb, "250 fine"))

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class SmsServer(ThreadingHTTPServer):
    """An HTTP gateway for SMS. `status` is what it answers; `asked` are bodies and tokens."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Sms)
        self.status = 200
        self.asked: list[tuple[dict[str, Any], str]] = []
        self.pause = threading.Event()
        self.pause.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/send"


class _Sms(BaseHTTPRequestHandler):
    server: SmsServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append((body, self.headers.get("authorization", "")))
        self.server.pause.wait(10)
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@contextmanager
def running(make: Callable[[], Any]) -> Iterator[Any]:
    """The server on a thread of its own, until the block ends."""
    server = make()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.pause.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
