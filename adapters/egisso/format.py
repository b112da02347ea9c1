"""The formats of ЕГИССО, as the gateway finds them."""

from __future__ import annotations

from typing import Final

from adapters.egisso.messages import MESSAGE_PREFIX
from adapters.egisso.reader import FORMAT as REGISTERS
from adapters.egisso.reader import read_registers
from adapters.egisso.release import install
from adapters.egisso.shown import shown_record
from adapters.egisso.values import MessageHead, RegisterRecord
from adapters.egisso.writer import write_registers
from adapters.formats import Format

_PREFIXES: Final = tuple(MESSAGE_PREFIX.encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))


def _is_message(beginning: bytes) -> bool:
    return any(prefix in beginning for prefix in _PREFIXES)


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
        install=install,
    ),
)
