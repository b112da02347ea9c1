"""The formats of ЕГИССО, as the gateway finds them."""

from __future__ import annotations

from typing import Final

from adapters.egisso.answer import write_answer
from adapters.egisso.facts import Assignment, TableHead
from adapters.egisso.facts_reader import FORMAT as FACTS
from adapters.egisso.facts_reader import read_facts
from adapters.egisso.facts_rejects import reject_facts
from adapters.egisso.facts_writer import write_facts
from adapters.egisso.messages import MESSAGE_PREFIX
from adapters.egisso.notices import RegisterRecord
from adapters.egisso.reader import FORMAT as REGISTERS
from adapters.egisso.reader import read_registers, reject_registers
from adapters.egisso.release import install
from adapters.egisso.shown import shown_fact, shown_record
from adapters.egisso.values import MessageHead
from adapters.egisso.writer import write_registers
from adapters.formats import Format

_PREFIXES: Final = tuple(MESSAGE_PREFIX.encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))

_HEADINGS: Final = (b"rectype", b"lmszid", b"snils_recip")


def _is_message(beginning: bytes) -> bool:
    return any(prefix in beginning for prefix in _PREFIXES)


def _is_table(beginning: bytes) -> bool:
    return all(heading in beginning.replace(b"\x00", b"").lower() for heading in _HEADINGS)


FORMATS: Final = (
    Format(
        name=REGISTERS,
        title_ru="ЕГИССО: реестры родительских прав, дееспособности и законных представителей (10.25.I, 10.47.O, 10.48.O)",
        title_en="ЕГИССО: registers of parental rights, capacity and legal representatives (10.25.I, 10.47.O, 10.48.O)",
        suffix=".xml",
        head=MessageHead,
        record=RegisterRecord,
        recognises=_is_message,
        read=read_registers,
        write=write_registers,
        shown=shown_record,
        answer=write_answer,
        install=install,
        rejects=reject_registers,
        in_parts=True,
    ),
    Format(
        name=FACTS,
        title_ru="ЕГИССО: факты назначения мер поддержки, таблица CSV (43 или 42 столбца)",
        title_en="ЕГИССО: facts of assignment, CSV table (43 or 42 columns)",
        suffix=".csv",
        head=TableHead,
        record=Assignment,
        recognises=_is_table,
        read=read_facts,
        write=write_facts,
        shown=shown_fact,
        answer=write_answer,
        rejects=reject_facts,
        in_parts=True,
    ),
)
