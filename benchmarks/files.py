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
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib import resources
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from adapters.documents.findings import exchange_schema
from adapters.documents.reader import read_documents
from adapters.documents.writer import write_documents
from adapters.limits import Limits
from adapters.tables.reader import read_table
from adapters.tables.workbook import open_workbook
from adapters.tables.workbook_writer import write_workbook
from adapters.tables.writer import write_referrals as write_table
from adapters.xml.reader import read_referrals
from adapters.xml.schema import referral_schema
from adapters.xml.writer import write_referrals
from schemas.identifiers import snils_check_digits
from schemas.ids import new_id
from schemas.messages import MessageDraft
from tests.generate import example_draft

RECORDS = 2_000
_NAMES = (("При", 1), ("Проб", 29), ("Выд", 841))
_LETTERS = "абвгдежзиклмнопрстуфхцчшщыэюя"
BIG = 1_000_000_000
"""Bytes of the file with which memory is measured."""
LONG = 300_000_000
"""The same of formats of others, which are read twice side by side: once for their refused records."""
WIDE = Limits(max_bytes=2 * BIG, max_records=10_000_000, max_elements=1_000_000_000)


def many(count: int) -> list[MessageDraft]:
    """The referral of the documentation, so many times, each with an identifier of its own."""
    return [example_draft().model_copy(update={"operation_id": new_id()}) for _ in range(count)]


def people(count: int) -> list[MessageDraft]:
    """As many referrals of as many people: no two of them share a name, a SNILS, an address, a phone or a birthday of few,
    so that whatever is read once and remembered helps no more than it does in a register of a town."""
    found = []
    for number, draft in enumerate(many(count)):
        child, parent = (person.model_dump() for person in draft.persons)
        nine = f"{100_000_000 + number * 7:09d}"
        child["ref"], parent["ref"] = f"2026-{number}", f"2026-{number}-м"
        child["identity"] |= {
            "full_name": _name(number),
            "birth_date": f"{2009 + number % 17}-{1 + number % 12:02d}-14",
        }
        child["identifiers"] = {"snils": nine + snils_check_digits(nine)}
        child["whereabouts"]["address"]["text"] = f"ул. Придуманная, д. {number % 97}, кв. {number}"
        parent["identity"]["full_name"] = _name(number * 3)
        parent["contact"]["phones"][0]["number"] = f"+7{number:010d}"
        on = {"reg_number": f"{number}/исх", "reg_on": date(2026, 1, 1) + timedelta(days=number % 90)}
        created = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(seconds=number)
        words = {"statement": f"Семье № {number} трудно оплачивать жильё (вымышленный пример).", "created_at": created}
        found.append(MessageDraft.model_validate({**draft.model_dump(), **on, **words, "persons": [child, parent]}))
    return found


def _name(number: int) -> str:
    return " ".join(f"{start}{_LETTERS[number // step % 29]}{_LETTERS[number % 29]}ов" for start, step in _NAMES)


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
        limit = rate(partial(bare_xml, content, schema, tag))
        ours = rate(partial(_count, read, content))
        print(
            f"XML in, {name}: {ours:.0f} records/s; bare lxml iterparse with validation of each record: {limit:.0f}/s; "
            f"ratio {ours / limit:.2f} (limit at least 0.5)"
        )


def _count(read: Callable[[BinaryIO, Limits], Iterable[object]], content: bytes) -> int:
    return sum(1 for _ in read(io.BytesIO(content), WIDE))


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
    content = write_table(people(RECORDS))

    def read(file: bytes) -> int:
        return sum(1 for record in read_table(io.BytesIO(file), limits=WIDE).records if record.draft)

    limit = rate(lambda: bare_csv(content))
    ours = rate(lambda: read(content))
    print(
        f"CSV in: {ours:.0f} records/s, {1e6 / ours:.0f} µs a row; bare csv module with dates: {limit:.0f}/s; "
        f"ratio {ours / limit:.2f} (limit at least 0.35)"
    )
    book = write_workbook(list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")))
    sheet = rate(lambda: read(book))
    opened = rate(lambda: sum(RECORDS for _ in open_workbook(book, WIDE)))
    print(
        f"XLSX in: {sheet:.0f} records/s, {1e6 / sheet:.0f} µs a row, of which {1e6 / opened:.0f} before its first row"
    )


def memory() -> None:
    """The most memory that reading a file of a gigabyte takes, in a process of its own."""
    measured("XML", _big(write_documents(many(500))), _READ_DOCUMENTS)
    measured("CSV", _big_table(), _READ_TABLE)
    measured("ЕГИССО XML", _big_register(), _READ_FORMAT.format(name="egisso-registers"))
    measured("ЕГИССО CSV", _big_facts(), _READ_FORMAT.format(name="egisso-facts"))


def measured(name: str, parts: Iterable[bytes], reading: str) -> None:
    """One file, and what reads it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big"
        with path.open("wb") as out:
            out.writelines(parts)
        size = path.stat().st_size
        script = [sys.executable, "-c", _READ.format(reading=reading), str(path)]
        done = subprocess.run(script, check=True, capture_output=True, text=True)
    print(f"{name} in, a file of {size / 1e9:.2f} GB: {done.stdout.strip()} (limit 150 MB)")


def _big_table() -> Iterator[bytes]:
    """Rows of messages that each have an identifier of their own, so that all of them have to be kept in mind."""
    head, *rows = write_table(people(500)).splitlines(keepends=True)
    yield head
    written = 0
    while written < BIG:
        for row in rows:
            fresh = b'"' + new_id().encode() + row[row.index(b'";') :]
            written += len(fresh)
            yield fresh


def _vector(name: str) -> bytes:
    return resources.files("adapters.egisso").joinpath("vectors", name).read_bytes()


def _big_register() -> Iterator[bytes]:
    """A message with a record of each thousand refused; every record and event has identifiers of its own."""
    head, rest = _vector("10.25.I-2.1.0.xml").split(b"<p:createRecord", 1)
    body, after = rest.split(b"</p:createRecord>", 1)
    yield head
    written = number = 0
    while written < LONG:
        record = b"<p:createRecord" + body + b"</p:createRecord>\n"
        for start, place in ((b'recUid="', b"aaaa"), (b'legalEventUID="', b"bbbb")):
            at = record.index(start) + len(start)
            record = record[:at] + b"%08x-%s-4aaa-8aaa-000000000001" % (number, place) + record[at + 36 :]
        number += 1
        yield record if number % 1000 else record.replace(b'codeEventType="', b'codeEventType="x')
        written += len(record)
    yield after[after.index(b"</p:elements>") :]


def _big_facts() -> Iterator[bytes]:
    """A table with a fact of each thousand refused; every fact has an identifier of its own."""
    lines = _vector("facts-43.csv").splitlines(keepends=True)
    yield lines[0]
    _, _, rest = lines[4].split(b";", 2)
    written = number = 0
    while written < LONG:
        number += 1
        kind = b"Fact" if number % 1000 else b"Fakt"
        row = b"%s;%08x-cccc-4ccc-8ccc-000000000001;%s" % (kind, number, rest)
        yield row
        written += len(row)


def _big(batch: bytes) -> Iterator[bytes]:
    head, rest = batch.split(b"<Message>", 1)
    body, tail = rest.rsplit(b"</Message>", 1)
    yield head
    for _ in range(BIG // len(body) + 1):
        yield b"<Message>" + body + b"</Message>\n"
    yield tail


_READ_DOCUMENTS = "from adapters.documents.reader import read_documents as records"
_READ_TABLE = """
from adapters.tables.reader import read_table
def records(stream, limits):
    return read_table(stream, limits=limits).records
"""
_READ_FORMAT = """
from adapters.formats import Context, find_format
def records(stream, limits):
    one = find_format("{name}")
    reading = one.read(stream, Context(limits))
    refused = (one for one in map(reading.take, reading.records) if one.value is None)
    with open(sys.argv[1], "rb") as again:
        back = sum(map(len, one.rejects(again, Context(limits), refused)))
    found = reading.report
    assert found.rejected == found.records // 1000 and back < 10_000_000, (found.records, found.rejected, back)
    return range(found.records)
"""
"""Read with its losses listed, and its refused records cut out of it at the same time."""
_READ = """
import sys, time
from adapters.limits import Limits
{reading}
start = time.perf_counter()
with open(sys.argv[1], "rb") as stream:
    limits = Limits(max_bytes=2**40, max_records=2**40, max_elements=2**40)
    count = sum(1 for _ in records(stream, limits))
taken = time.perf_counter() - start
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024
print(f"{{count}} records, {{count / taken:.0f}}/s, at most {{peak:.0f}} MB of memory")
"""
"""In a process of its own, which knows of the product only what reads. Linux counts the parent's memory into `ru_maxrss`."""


def main() -> None:
    """All of it."""
    xml()
    tables()
    memory()


if __name__ == "__main__":
    main()
