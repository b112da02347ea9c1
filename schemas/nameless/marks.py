"""A place in a text that tells who somebody is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schemas.catalogue import Language, text


class Kind(StrEnum):
    """What stands at the place. Each has its words for people in the catalogue (`nameless` and `nameless_remedies`)."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    HANDLE = "handle"
    LINK = "link"
    SNILS = "snils"
    PASSPORT = "passport"
    BIRTH_CERTIFICATE = "birth_certificate"
    DOCUMENT = "document"
    CASE_NUMBER = "case_number"
    CARD = "card"
    PLATE = "plate"
    IP_ADDRESS = "ip_address"
    BIRTH_DATE = "birth_date"
    ADDRESS = "address"
    COORDINATES = "coordinates"
    CADASTRAL = "cadastral"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """`text[start:end]` of the text as it was given, in characters. The marked words themselves are not kept here."""

    start: int
    end: int
    kind: Kind

    def message(self, language: Language = "ru") -> str:
        """What stands there, for a person."""
        return text(f"nameless.{self.kind.value}", language)

    def remedy(self, language: Language = "ru") -> str:
        """What to write instead, for a person."""
        return text(f"nameless_remedies.{self.kind.value}", language)


def merged(marks: list[Mark]) -> tuple[Mark, ...]:
    """In the order of the text, without overlaps: of two that overlap the longer gives the kind of both together."""
    found: list[Mark] = []
    for mark in sorted(marks, key=lambda m: (m.start, -m.end)):
        if found and mark.start < found[-1].end:
            last = found[-1]
            kind = last.kind if last.end - last.start >= mark.end - mark.start else mark.kind
            found[-1] = Mark(last.start, max(last.end, mark.end), kind)
        else:
            found.append(mark)
    return tuple(found)
