"""What the cells of a row say of one person, as a person of the canonical message: phones that belong together, what somebody
is known not to have, a document and an address that lack a half."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from adapters.paths import get, put
from adapters.tables.cells import Absence
from adapters.tables.fields import ABSENT, NAME_PARTS, PERSON_PATHS, PHONE_PARTS
from adapters.tables.profile import PersonColumns
from schemas.codes import KINSHIP

Complain = Callable[[str, str], None]
"""Tells the code of an error and the field of it."""
_PATHS: Final = {name: path for name, path in PERSON_PATHS.items() if name not in PHONE_PARTS}


def person_of(
    columns: PersonColumns, own: Mapping[str, object], document_system: str, complain: Complain
) -> dict[str, object]:
    """The person of whom a row says `own`: values by the names of the columns."""
    person = columns.name
    content: dict[str, object] = {"kind": columns.kind}
    if columns.role:
        content["role"] = columns.role
    for name, value in own.items():
        if value is not Absence.KNOWN and (path := _PATHS.get(name)) is not None:
            put(content, path, value)
    if "full_name" not in own and (names := [str(own[part]) for part in NAME_PARTS if part in own]):
        put(content, PERSON_PATHS["full_name"], " ".join(names))
    if not own.keys().isdisjoint(PHONE_PARTS):
        _phones(person, own, content, complain)
    if Absence.KNOWN in own.values():
        _absences(person, own, content, complain)
    if "identifiers" in content:
        _document(person, content, document_system, complain)
    if "kinship" in own or "kinship_system" in own:
        _kinship(person, own, content, complain)
    if "whereabouts" in content:
        _addresses(person, content, complain)
    return content


def _absences(person: str, own: Mapping[str, object], content: dict[str, object], complain: Complain) -> None:
    """«Нет» beside a value of the same thing is a contradiction; in several columns of one thing it is said once."""
    for name, (section, code) in ABSENT.items():
        if own.get(name) is not Absence.KNOWN:
            continue
        if get(content, (section, code)) is not None:
            complain("absence_contradicts", f"{person}.{name}")
            continue
        said = get(content, (section, "absent"))
        found = said if isinstance(said, tuple) else ()
        put(content, (section, "absent"), (*found, code) if code not in found else found)


def _phones(person: str, own: Mapping[str, object], content: dict[str, object], complain: Complain) -> None:
    given = own.get("phone")
    if isinstance(given, tuple) and any(isinstance(part, dict) for part in given):
        put(content, ("contact", "phones"), list(given))
        return
    numbers, whose, when = _list(own.get("phone")), _list(own.get("phone_whose")), _list(own.get("phone_when"))
    if not (numbers or whose or when):
        return
    if (whose and len(whose) != len(numbers)) or (when and len(when) != len(numbers)):
        complain("phones_disagree", f"{person}.phone")
    elif not all(numbers):
        complain("phone_number_missing", f"{person}.phone")
    else:
        blank = [""] * len(numbers)
        phones = [
            {"number": number, "whose": owner or None, "when": hours or None}
            for number, owner, hours in zip(numbers, whose or blank, when or blank, strict=True)
        ]
        put(content, ("contact", "phones"), phones)


def _document(person: str, content: dict[str, object], system: str, complain: Complain) -> None:
    document = get(content, ("identifiers", "document"))
    if not isinstance(document, dict):
        return
    document.setdefault("system", system)
    if "type" not in document or "number" not in document:
        missing = "doc_number" if "number" not in document else "doc_type"
        complain("document_incomplete", f"{person}.{missing}")


def _kinship(person: str, own: Mapping[str, object], content: dict[str, object], complain: Complain) -> None:
    if "kinship" in own:
        put(content, ("family", "kinship", "system"), own.get("kinship_system", KINSHIP))
    else:
        complain("kinship_incomplete", f"{person}.kinship")


def _addresses(person: str, content: dict[str, object], complain: Complain) -> None:
    for address in ("address", "registered"):
        found = get(content, ("whereabouts", address))
        if isinstance(found, dict) and "text" not in found:
            complain("address_incomplete", f"{person}.{address}")


def _list(value: object) -> list[str]:
    return [str(part) for part in value] if isinstance(value, tuple) else []
