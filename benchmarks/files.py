"""Files in, against bare libraries in the same run: XML against lxml alone, tables against the csv module alone; and the
memory that a file of a gigabyte takes.
"""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from lxml import etree

from adapters.documents.findings import exchange_schema
from adapters.documents.reader import read_documents
from adapters.documents.writer import write_documents
from adapters.limits import Limits
from adapters.tables.reader import read_table
from adapters.tables.writer import write_referrals as write_table
from adapters.xml.reader import read_referrals
from adapters.xml.schema import referral_schema
from adapters.xml.writer import write_referrals
from schemas.ids import new_id
from schemas.messages import MessageDraft
from tests.generate import example_draft

RECORDS = 2_000
BIG = 1_000_000_000
"""Bytes of the file with which memory is measured."""
WIDE = Limits(max_bytes=2 * BIG, max_records=10_000_000, max_elements=1_000_000_000)


def many(count: int) -> list[MessageDraft]:
    """The referral of the documentation, so many times, each with an identifier of its own."""
    return [example_draft().model_copy(update={"operation_id": new_id()}) for _ in range(count)]


def rate(work: Callable[[], int]) -> float:
    """Records a second, the best of three."""
    best = 0.0
    for _ in range(3):
        start = time.perf_counter()
        done = work()
        best = max(best, done / (time.perf_counter() - start))
    return best


def bare_xml(content: bytes, schema: etree.XMLSchema, tag: str) -> int:
    """What lxml alone does: parse, validate each record, free it."""
    count = 0
    for _, element in etree.iterparse(io.BytesIO(content), tag=tag, resolve_entities=False, no_network=True):
        assert schema.validate(element)
        element.clear()
        count += 1
    return count


def xml() -> None:
    """Parse, validate and make canonical."""
    drafts = many(RECORDS)
    for name, content, schema, tag, read in (
        ("version 1", write_referrals(drafts), referral_schema(), "{urn:mezhved:exchange:1}Referral", read_referrals),
        ("documents", write_documents(drafts), exchange_schema(), "{urn:mezhved:exchange:2}Message", read_documents),
    ):
        limit = rate(lambda content=content, schema=schema, tag=tag: bare_xml(content, schema, tag))
        ours = rate(lambda content=content, read=read: sum(1 for _ in read(io.BytesIO(content), WIDE)))
        print(
            f"XML in, {name}: {ours:.0f} records/s; bare lxml iterparse with validation of each record: {limit:.0f}/s; "
            f"ratio {ours / limit:.2f} (limit at least 0.5)"
        )


def bare_csv(content: bytes) -> int:
    """What the csv module alone does, with its dates parsed."""
    reader = csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    heading = next(reader)
    dates = [place for place, name in enumerate(heading) if "ата" in name.split(":")[-1] and "время" not in name]
    count = 0
    for row in reader:
        for place in dates:
            if row[place]:
                datetime.strptime(row[place], "%d.%m.%Y").date()  # noqa: DTZ007  a date
        count += 1
    return count


def tables() -> None:
    """Decode, find the headings, read every cell and make canonical."""
    content = write_table(many(RECORDS))
    limit = rate(lambda: bare_csv(content))

    def read() -> int:
        return sum(1 for record in read_table(io.BytesIO(content), limits=WIDE).records if record.draft)

    ours = rate(read)
    print(
        f"CSV in: {ours:.0f} records/s; bare csv module with dates: {limit:.0f}/s; ratio {ours / limit:.2f} "
        "(limit at least 0.35)"
    )


def memory() -> None:
    """The most memory that reading a file of a gigabyte takes, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.xml"
        with path.open("wb") as out:
            for chunk in _big(write_documents(many(500))):
                out.write(chunk)
        size = path.stat().st_size
        done = subprocess.run([sys.executable, "-c", _READ, str(path)], check=True, capture_output=True, text=True)
    print(f"XML in, a file of {size / 1e9:.2f} GB: {done.stdout.strip()} (limit 150 MB)")


def _big(batch: bytes) -> Iterator[bytes]:
    head, rest = batch.split(b"<Message>", 1)
    body, tail = rest.rsplit(b"</Message>", 1)
    yield head
    for _ in range(BIG // len(body) + 1):
        yield b"<Message>" + body + b"</Message>\n"
    yield tail


_READ = """
import sys, time
from adapters.documents.reader import read_documents
from adapters.limits import Limits
start = time.perf_counter()
with open(sys.argv[1], "rb") as stream:
    limits = Limits(max_bytes=2**40, max_records=2**40, max_elements=2**40)
    count = sum(1 for _ in read_documents(stream, limits))
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024
print(f"{count} records, {count / (time.perf_counter() - start):.0f}/s, at most {peak:.0f} MB of memory")
"""
"""In a process of its own, which knows of the product only what reads. Linux counts the parent's memory into `ru_maxrss`."""


def main() -> None:
    """All of it."""
    xml()
    tables()
    memory()


if __name__ == "__main__":
    main()
