"""A partner of the laws' world that answers by files."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path

from gateway.exchange.pick_up import PickedUp, pick_up
from gateway.use_cases.register_endpoint import register_endpoint
from schemas.ids import MessageId
from tests.builders import NOW
from tests.laws.world import World

LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class FileDrop:
    """The folder of one organisation, and the round that picks up."""

    world: World
    folder: Path

    @property
    def inbox(self) -> Path:
        return self.folder / "answers"

    def put(self, name: str, message: MessageId, event: str) -> None:
        """A finished file that says this of a message."""
        self.inbox.mkdir(parents=True, exist_ok=True)
        path = self.inbox / name
        path.write_text(f"Идентификатор сообщения;Событие\n{message};{event}\n", "utf-8")
        os.utime(path, (0, 0))

    def pick(self) -> PickedUp:
        return pick_up(self.world.house, self.folder.parent, NOW, LARGEST)

    def report(self, name: str) -> list[dict[str, str]]:
        text = (self.inbox / "done" / f"{name}.report.csv").read_text("utf-8-sig")
        return list(csv.DictReader(text.splitlines(), delimiter=";"))

    def everything(self) -> bytes:
        """All that the gateway wrote there."""
        return b"\n".join(path.read_bytes() for path in sorted(self.inbox.rglob("*")) if path.is_file())


def file_drop(world: World, place: str) -> FileDrop:
    """An organisation with a folder."""
    register_endpoint(world.house, world.organisation(place).id, "file", f"drop-{place}", "test", NOW)
    return FileDrop(world, world.settings.home / "drops" / f"drop-{place}")
