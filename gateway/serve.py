"""Run the server with uvicorn; a port in use is an error with a remedy, not a trace."""

from __future__ import annotations

import signal
import socket
import threading

import uvicorn

from gateway.building import build_house
from gateway.main import build_app, build_workers
from gateway.settings import Settings
from schemas.errors import Broken


def relay(settings: Settings) -> None:
    """Deliver until stopped, without the API and the pages: further processes beside the server's own."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    workers = build_workers(settings, build_house(settings))
    for worker in workers:
        worker.start()
    stop.wait()
    for worker in workers:
        worker.stop()


def run(settings: Settings) -> None:
    """Serve until stopped. Raises Broken (port_in_use, missing_key_file, store_older, …) before it begins."""
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            raise Broken("port_in_use", host=settings.host, port=settings.port) from None
    app = build_app(settings)
    uvicorn.run(app, host=settings.host, port=settings.port, log_level="warning", access_log=False, server_header=False)
