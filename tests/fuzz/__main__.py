"""Coverage-guided fuzzing of what reads strangers' bytes: `make fuzz`, or `python -m tests.fuzz TARGET [SECONDS]`.

A reader may refuse a file as a whole (DocumentRejected) or complain of records. Anything else it raises is a defect: atheris
keeps the bytes in the folder of findings and stops with an error. Nothing of a value may stand in a complaint either: what is
told is checked against the words that the catalogue knows.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from lxml import etree

SECONDS = 60
EGISSO = Path(__file__).parents[2] / "adapters/egisso/vectors"
_ANSWER = (
    b"<?xml version='1.0' encoding='UTF-8'?><Answers xmlns=\"urn:mezhved:exchange:1\"><Answer><MessageId>"
    b"3f1c9a52-7b0e-4d5f-9a61-2c8e4b7d1f30</MessageId><Event>accept</Event></Answer></Answers>"
)
_DAMAGED = 'Иван\xff;"Пётр;abuse\r\n1;2;3\r\n'.encode("cp1251", "replace") + "Семён;".encode("koi8-r") + b"\xd0\r\n"
_MORE = (b"", 'Reason;"Пётр;\r\nFact;\x98\r\n'.encode("cp1251", "replace") + "Criteria;Доход".encode())
_WORD = re.compile(rb"[A-Za-z]{2,30}")


def documents(content: bytes) -> None:
    """The canonical documents."""
    from adapters.documents.reader import read_documents

    _told(complaint for record in read_documents(io.BytesIO(content)) for complaint in record.complaints)


def referrals(content: bytes) -> None:
    """Referrals and signals of version 1."""
    from adapters.xml.reader import read_referrals

    _told(complaint for record in read_referrals(io.BytesIO(content)) for complaint in record.complaints)


def tables(content: bytes) -> None:
    """Registers, as text and as workbooks."""
    from adapters.tables.reader import read_table

    reading = read_table(io.BytesIO(content), defaults={"sender_ogrn": "1027700900017"})
    _told(complaint for record in reading.records for complaint in record.complaints)
    _told(reading.report.complaints)


def workbooks(content: bytes) -> None:
    """Parts of a workbook, one of them the given bytes: those that say how cells look, and what stands beside them. The whole
    archive under `tables` changes too little that is still an archive."""
    from adapters.archives import pack
    from adapters.tables.profile import built_in
    from adapters.tables.reader import read_table
    from adapters.tables.rejects import reject_file
    from tests.fuzz.workbook import PARTS, book

    chosen, part = PARTS[content[0] % len(PARTS)] if content else PARTS[0], content[1:]
    reading = read_table(io.BytesIO(pack(book() | {chosen: part})), built_in("families"))
    records = list(reading.records)
    for record in records:
        reading.report.add(record)
    _told(reading.report.complaints)
    reading.report.losses.digest()
    again = read_table(io.BytesIO(reject_file(reading.layout, records)), built_in("families"))
    assert len(list(again.records)) <= len(records)


def answers(content: bytes) -> None:
    """Answers of partners, XML and tables."""
    from adapters.answers.table import read_answer_table
    from adapters.answers.xml import read_answers

    stream = io.BytesIO(content)
    for record in read_answers(stream) if content.lstrip()[:1] == b"<" else read_answer_table(stream).records:
        _told(record.complaints)


def directory(content: bytes) -> None:
    """Files of the directory, their losses, and what comes back of them."""
    from adapters.directory_files import read_directory_file

    reading = read_directory_file(content)
    reading.settle()
    _told(reading.report.complaints)
    assert reading.report.losses.digest()
    if (back := reading.reject_file()) is not None:
        assert read_directory_file(back).report.records


def formats(content: bytes) -> None:
    """Files of every format that has a folder, their losses, and refused records as they come back."""
    from adapters.formats import HEAD_BYTES, Context, recognise

    one = recognise(content[:HEAD_BYTES])
    reading = one.read(io.BytesIO(content), Context())
    refused = [record for record in map(reading.take, reading.records) if record.value is None]
    _told(reading.report.complaints)
    assert reading.report.losses.digest()
    if one.rejects is not None and refused:
        back = b"".join(one.rejects(io.BytesIO(content), Context(), refused))
        again = one.read(io.BytesIO(back), Context())
        assert sum(1 for _ in again.records) == len(refused)


def signatures(content: bytes) -> None:
    """Signed documents: what verifies is what was signed and nothing else; a document that we sign verifies."""
    from adapters.signatures.sign import sign_document
    from tests.fuzz.signed import SIGN_FIRST, signed_documents, signer, verified

    if content[:1] != bytes([SIGN_FIRST]):
        found = verified(content)
        assert found is None or found in signed_documents()
    else:
        assert verified(sign_document(content[1:], signer())) is not None


def smev(content: bytes) -> None:
    """Messages of SMEV, as they come and around any document: what is read is what was signed."""
    from adapters.smev.write import write_request
    from tests.builders import NOW
    from tests.fuzz.signed import SIGN_FIRST, read_message, signed_messages, signer

    if content[:1] != bytes([SIGN_FIRST]):
        assert read_message(content) in signed_messages()
    else:
        assert read_message(write_request(content[1:], signer(), NOW, person=signer()))


def egisso_registers(content: bytes) -> None:
    """Registers of ЕГИССО (10.25.I, 10.47.O, 10.48.O)."""
    from adapters.egisso.reader import read_registers
    from adapters.egisso.shown import shown_record
    from adapters.egisso.writer import write_registers

    _format(content, read_registers, write_registers, shown_record)


def egisso_facts(content: bytes) -> None:
    """The table of facts of ЕГИССО. What is refused comes back with every byte of its first line."""
    from adapters.egisso.facts_reader import read_facts
    from adapters.egisso.facts_rejects import reject_facts
    from adapters.egisso.facts_writer import write_facts
    from adapters.egisso.shown import shown_fact
    from adapters.formats import Context

    _format(content, read_facts, write_facts, shown_fact)
    refused = [record for record in read_facts(io.BytesIO(content)).records if record.value is None]
    back = b"".join(reject_facts(io.BytesIO(content), Context(), refused))
    own = ["Ошибка".encode(one) for one in ("utf-8", "cp1251", "cp866", "koi8-r", "mac-cyrillic")]
    if b"\x00" in content or any(one in content for one in own):
        return  # UTF-16, or words of ours to be replaced
    lines, found = content.splitlines(), iter(back)
    assert all(byte in found for record in refused for byte in lines[record.line - 1])


def _format(content: bytes, read: Callable[..., Any], write: Callable[..., bytes], show: Callable[..., str]) -> None:
    """What is read can be shown, answered, written and read again as the same."""
    from adapters.egisso.answer import write_answer
    from tests.builders import NOW

    reading = read(io.BytesIO(content))
    records = [reading.take(record) for record in reading.records]
    _told(complaint for record in records for complaint in record.complaints)
    _told(reading.report.complaints)
    write_answer(reading, records, NOW)
    values = [record.value for record in records if record.value is not None]
    for value in values:
        show(value, "ru")
    if values and _says_its_encoding(written := write(reading.head, values)):
        again = list(read(io.BytesIO(written)).records)
        assert all(one.value == value or _is_doubted(one) for one, value in zip(again, values, strict=True))


def _is_doubted(record: Any) -> bool:
    """Whether its words are those of no language in windows-1251."""
    return [one.code for one in record.complaints] == ["row_other_encoding"]


def _says_its_encoding(written: bytes) -> bool:
    """False for a table in cp1251 whose letters are those that UTF-8 makes there: nobody can tell it from UTF-8."""
    try:
        return written.startswith(b"<") or written.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return True


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    one.__name__: one
    for one in (
        *(documents, referrals, tables, workbooks, answers, directory, formats),
        *(signatures, smev, egisso_registers, egisso_facts),
    )
}


def _told(complaints: Iterable[object]) -> None:
    for complaint in complaints:
        for language in ("ru", "en"):
            complaint.as_dict(language)  # type: ignore[attr-defined]  # each kind of reader has its own class


def seeds(name: str) -> list[bytes]:
    """Good files to begin with."""
    from adapters.documents.writer import write_document
    from adapters.tables.workbook_writer import write_workbook
    from adapters.tables.writer import write_referrals as write_table
    from adapters.xml.writer import write_referral
    from schemas.documents import KINDS
    from tests.fuzz import signed
    from tests.fuzz.workbook import PARTS, book
    from tests.generate import example_draft, example_of

    plain = write_table([example_draft()])
    rows = list(csv.reader(io.StringIO(plain.decode("utf-8-sig"), newline=""), delimiter=";"))
    answer = [["Событие", "Идентификатор сообщения"], ["accept", "3f1c9a52-7b0e-4d5f-9a61-2c8e4b7d1f30"]]
    own: dict[str, list[bytes]] = {
        "documents": [write_document(example_of(kind)) for kind in KINDS],
        "referrals": [write_referral(example_draft())],
        "tables": [plain, write_table([example_draft()], encoding="cp1251"), write_workbook(rows), plain + _DAMAGED],
        "workbooks": [bytes([number]) + book()[name] for number, name in enumerate(PARTS)],
        "answers": ["\r\n".join(map(";".join, answer)).encode(), write_workbook(answer), _ANSWER],
        "directory": [b"{}", b'{"organizations": []}'],
        "formats": [path.read_bytes() for path in EGISSO.iterdir() if path.suffix != ".md"],
        "signatures": list(signed.documents()),
        "smev": list(signed.messages()),
        "egisso_registers": [path.read_bytes() for path in sorted(EGISSO.glob("*.xml"))],
        "egisso_facts": [
            content + more
            for path in sorted(EGISSO.glob("*.csv"))
            for content in (path.read_bytes(),)
            for more in _MORE
        ],
    }
    return own[name]


def fuzz(name: str, seconds: int) -> None:
    """Run one target for so many seconds. Ends the process: 0 when nothing was found."""
    import atheris

    target = TARGETS[name]
    with atheris.instrument_imports(include=["adapters", "schemas"]):
        from schemas.catalogue import words
        from schemas.errors import BadInput, DocumentRejected

        for language in ("ru", "en"):
            words(language)  # read once, and slowly
        for seed in seeds(name):
            with contextlib.suppress(BadInput, DocumentRejected):
                target(seed)  # imports all that it needs, so that this is instrumented

    def one(content: bytes) -> None:
        try:
            target(content)
        except (DocumentRejected, BadInput) as refused:
            assert refused.code
        except BaseException:  # kept here: where the process is slow to end, its own file is not written
            Path(f"{name}-{hashlib.sha256(content).hexdigest()[:16]}").write_bytes(content)
            raise

    with tempfile.TemporaryDirectory() as folder:
        kept, words = Path(folder) / "seeds", Path(folder) / "words"
        kept.mkdir()
        for number, seed in enumerate(seeds(name)):
            (kept / str(number)).write_bytes(seed)
        found = sorted({word for seed in seeds(name) for word in _WORD.findall(seed)})
        words.write_text("".join(f'"{word.decode()}"\n' for word in found), "ascii")
        atheris.Setup(
            [
                sys.argv[0],
                str(kept),
                f"-dict={words}",
                "-keep_seed=1",  # also where two go the same way: their bytes are others
                f"-max_total_time={seconds}",
                f"-artifact_prefix={name}-",
                "-timeout=20",
                "-rss_limit_mb=2048",
                "-print_final_stats=1",
            ],
            one,
        )
        atheris.Fuzz()


def main() -> int:
    """All targets one after the other, each in a process of its own; or the one that is named."""
    if len(sys.argv) > 1:
        fuzz(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else SECONDS)
        return 0
    print(f"lxml {etree.LXML_VERSION}, libxml2 {etree.LIBXML_VERSION}", flush=True)  # noqa: T201  a command of its own
    failed = []
    for name in TARGETS:
        print(f"{name}: {SECONDS} s", flush=True)  # noqa: T201  a command of its own
        if subprocess.run([sys.executable, "-m", "tests.fuzz", name, str(SECONDS)], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"found something: {', '.join(failed)}")  # noqa: T201  as above
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
