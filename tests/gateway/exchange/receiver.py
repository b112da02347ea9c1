"""A partner's receiving system for tests: an HTTP server that verifies, answers as it is told, and applies once."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.partner.signatures import (
    MemoryNonces,
    SignatureRejectedError,
    sign_challenge,
    sign_receipt,
    thumbprint,
    verify_request,
)

Answer = tuple[int, bytes, dict[str, str]]


@dataclass
class Receiver:
    """What came, and how to answer: `answers` is asked for each request that was genuine."""

    keys: dict[str, Ed25519PublicKey]
    now: Callable[[], int]
    url: str = ""
    answers: Callable[[dict[str, Any]], Answer | None] = lambda document: None
    bodies: list[dict[str, Any]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    signs: bool = False
    nonces: MemoryNonces = field(default_factory=MemoryNonces)

    @property
    def keyid(self) -> str:
        return thumbprint(self.key.public_key())

    def deliveries(self) -> list[dict[str, Any]]:
        return [body for body in self.bodies if body["event"] != "endpoint.challenge"]

    def answer(self, headers: dict[str, str], body: bytes, path: str) -> Answer:
        self.hosts.append(headers.get("Host", ""))
        try:
            verify_request(headers, self.url + path, body, self.keys, self.now(), self.nonces)
        except SignatureRejectedError as rejected:
            self.rejected.append(rejected.code)
            return 401, rejected.code.encode(), {}
        document = json.loads(body)
        self.bodies.append(document)
        self.raw.append(body)
        told = self.answers(document)
        if told is not None:
            return told
        if document["event"] == "endpoint.challenge":
            if self.signs:
                return 200, json.dumps(sign_challenge(self.key, self.keyid, document["challenge"])).encode(), {}
            return 200, document["challenge"].encode(), {}
        if self.signs:
            receipt = sign_receipt(self.key, self.keyid, body, "2026-03-02T09:00:00Z")
            return 200, json.dumps(receipt.document()).encode(), {}
        return 204, b"", {}


@contextmanager
def receiving(receiver: Receiver, host: str = "127.0.0.1") -> Iterator[Receiver]:
    """The receiver as a server on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            status, content, more = receiver.answer(dict(self.headers.items()), body, self.path)
            if status == 0:  # says nothing at all
                time.sleep(float(more.get("seconds", "0")))
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if status != 204:
                try:
                    self.wfile.write(content)
                except OSError:  # the gateway has heard enough
                    self.close_connection = True

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    receiver.url = f"http://{host}:{server.server_port}"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
