"""A file of referrals end to end: handed in, read, each record gated, sealed, evidenced and acknowledged.

`python -m benchmarks.imports 100000` for so many on SQLite, with `postgresql` behind it on PostgreSQL; without a number a
short run.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.documents.writer import write_documents
from benchmarks.queues import postgresql
from benchmarks.submit import drafts, sender_of
from gateway.use_cases.hand_in_file import begin_import
from gateway.use_cases.house import House
from gateway.use_cases.import_values import BY_OPERATOR, Handed, Position
from gateway.use_cases.read_imports import read_import
from gateway.use_cases.run_imports import run_import
from tests import builders

COUNT = 2_000
BLOCK = 1_000_000
TELL_EVERY = 10_000


@contextmanager
def sqlite() -> Iterator[House]:
    """A house on SQLite whose words reach the disk."""
    with tempfile.TemporaryDirectory() as folder:
        house = builders.sqlite_house(Path(folder), durable=True)
        yield house
        for engine in (house.store.engine, house.vault._keys.engine):  # type: ignore[attr-defined]  # noqa: SLF001  past the port
            engine.dispose()


def main(count: int = COUNT, store: str = "SQLite") -> None:
    """Print referrals a second, from the first byte to the last acknowledgement, and by how much the process grew meanwhile."""
    is_scaled = store.lower() == "postgresql"
    with postgresql() if is_scaled else sqlite() as house:
        town, system = sender_of(house)
        content = write_documents(drafts(town, count))
        start = time.perf_counter()
        handed = Handed("xml", "referrals", came_by=BY_OPERATOR)
        receiver = begin_import(house, system, handed, builders.NOW, max_bytes=2**40)
        for place in range(0, len(content), BLOCK):
            receiver.feed(content[place : place + BLOCK])
        size = len(content)
        del content
        import_id = receiver.finish(builders.NOW).id
        handed_in, before = time.perf_counter(), _memory()

        def told(position: Position) -> None:
            if position.settled and position.settled % TELL_EVERY == 0:
                print(f"  {position.settled} of {count}, {time.perf_counter() - start:.0f} s", flush=True)

        run_import(house, lambda: builders.NOW, told=told)
        done = time.perf_counter()
        one = read_import(house, system, import_id)
        assert one.position.accepted == count, one
        print(
            f"import of {count} referrals, {size / 1e6:.0f} MB of XML, file to stored, gated, evidenced on "
            f"{'PostgreSQL' if is_scaled else 'SQLite'}: {count / (done - start):.0f}/s "
            f"(handing in {handed_in - start:.1f} s, taking {done - handed_in:.0f} s); "
            f"the process grew by {_memory() - before:.0f} MB in taking it"
        )


def _memory() -> float:
    """Of this process, in MB."""
    status = Path("/proc/self/status").read_text("ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT, *sys.argv[2:3])
