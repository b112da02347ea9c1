"""A partner's webhook as a process of its own: verifies, applies each delivery once into its own database, and misbehaves
as a control file says. `python -m tests.system.delivery.webhook_process PORT DATABASE KEYS CONTROL SEED`
"""

from __future__ import annotations

import json
import random
import sqlite3
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from gateway.partner.nats_inbox import Inbox
from gateway.partner.signatures import MemoryNonces, SignatureRejectedError, keys_of, verify_request

TABLE = "CREATE TABLE IF NOT EXISTS applied (n INTEGER PRIMARY KEY, delivery TEXT, message TEXT, sequence INTEGER)"
SEEN = "CREATE TABLE IF NOT EXISTS repeated (n INTEGER PRIMARY KEY, delivery TEXT)"


def opened(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, check_same_thread=False)
    connection.execute("PRAGMA synchronous=FULL")
    for statement in (TABLE, SEEN):
        connection.execute(statement)
    connection.commit()
    return connection


def applies(document: dict[str, object]) -> object:
    def work(connection: sqlite3.Connection) -> None:
        values = (document["delivery"], document["message"], document.get("sequence"))
        connection.execute("INSERT INTO applied (delivery, message, sequence) VALUES (?, ?, ?)", values)

    return work


def serve(port: int, database: str, keys: str, control: str, seed: str) -> None:
    known = keys_of(json.loads(keys))
    connection = opened(database)
    inbox = Inbox(connection)
    nonces, chance = MemoryNonces(), random.Random(seed)

    one_at_a_time = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            target = f"http://127.0.0.1:{port}{self.path}"
            try:
                verify_request(dict(self.headers.items()), target, body, known, int(time.time()), nonces)
            except SignatureRejectedError:
                self.answer(401)
                return
            document = json.loads(body)
            if document["event"] == "endpoint.challenge":
                self.answer(200, document["challenge"].encode())
                return
            mode = Path(control).read_text()
            if mode in ("500", "slow", "nothing") and chance.random() < 0.5:
                if mode == "500":
                    self.answer(500)
                else:
                    time.sleep(3 if mode == "slow" else 0)
                    self.close_connection = True
                return
            with one_at_a_time:
                try:
                    if not inbox.apply(document["delivery"], applies(document)):
                        with connection:
                            connection.execute("INSERT INTO repeated (delivery) VALUES (?)", (document["delivery"],))
                except sqlite3.Error:  # the disk is full: nothing was applied, and that is what is answered
                    connection.rollback()
                    self.answer(503)
                    return
            if mode == "forget" and chance.random() < 0.3:  # applied, and said that it was not: it comes again
                self.answer(500)
                return
            self.answer(204)

        def answer(self, status: int, content: bytes = b"") -> None:
            self.send_response(status)
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            pass

    class Server(HTTPServer):
        allow_reuse_address = True
        request_queue_size = 50

        def handle_error(self, request: object, client_address: object) -> None:
            pass

    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(8)
    lock_free = Server(("127.0.0.1", port), Handler)

    def process(request: object, address: object) -> None:
        def work() -> None:
            try:
                lock_free.finish_request(request, address)  # type: ignore[arg-type]
            except Exception:  # the gateway was killed while it spoke
                pass
            finally:
                lock_free.shutdown_request(request)  # type: ignore[arg-type]

        pool.submit(work)

    lock_free.process_request = process  # type: ignore[method-assign,assignment]
    lock_free.serve_forever(poll_interval=0.05)


if __name__ == "__main__":
    serve(int(sys.argv[1]), *sys.argv[2:6])
