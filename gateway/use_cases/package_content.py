"""What goes into a package: a message after the door, every value with its words. What is withheld is not in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from gateway.use_cases.attachment_values import Document
from gateway.use_cases.disclose import DisclosedCase, DisclosedSubject, Section
from gateway.use_cases.house import House
from gateway.use_cases.message_words import open_replies
from gateway.use_cases.read_queue import sender_words
from gateway.use_cases.values import MessageOnFile, Organisation
from policies.masks import WITHHELD
from policies.ruling import Effect
from schemas.catalogue import Language, text, words
from schemas.categories import SECTION_NAMES
from schemas.codes import CONCERNS, NO_ALTERNATIVE, ROLES, SEXES, URGENCIES, code_lists, find_code
from schemas.identifiers import format_snils, is_snils
from schemas.ids import Category
from schemas.messages import message_types
from schemas.notes import note_rows
from schemas.package import (
    OPENED,
    REASONS,
    Outcome,
    PackageDocument,
    PackageField,
    PackagePerson,
    PackageSection,
    Said,
    split_outcome,
)
from schemas.sections import FieldRow, message_fields

Json = Any
Parts = tuple[Said, ...]
REPLY: Final = "reply-"
_MONTH: Final = re.compile(r"\d{4}-\d{2}")


def people_of(house: House, content: DisclosedCase) -> tuple[PackagePerson, ...]:
    """Those of whom something is released, in the order of the message."""
    found = (PackagePerson(s.kind, tuple(_sections(house, s))) for s in content.subjects)
    return tuple(person for person in found if person.sections)


def documents_of(documents: Sequence[Document]) -> tuple[PackageDocument, ...]:
    """What the message's documents are; their files travel by other ways."""
    return tuple(
        PackageDocument(d.category, document_type(d.document_type), day_of(d.issued_on), d.sha256 or None)
        for d in documents
    )


def notes_of(house: House, message: MessageOnFile, written: Mapping[str, str]) -> tuple[PackageField, ...]:
    """Dates, codes and words of the message."""
    said = {**message.notes, **written}
    fields = []
    for row in note_rows().get(message.type, ()):
        value = said.get(row.field)
        if value is None:
            continue
        values = (
            tuple((said_of(row.system, code),) for code in value.split(" "))
            if row.kind in {"code", "codes"}
            else ((Said(value),),)
        )
        fields.append(PackageField(row.field, row.label_ru, row.label_en, values))
    return (*fields, *_replies(written), *_recall(house, message))


def replies_of(house: House, message: MessageOnFile) -> dict[str, str]:
    """What the sender replied to questions about the message, by fields of their own."""
    return {
        f"{REPLY}{number}": words["words"] for number, words in open_replies(house, message).items() if "words" in words
    }


def outcome_words(codes: Sequence[str]) -> tuple[Outcome, ...]:
    """What a receipt code may say, in words."""
    found = []
    for code in codes:
        event, reason, because = split_outcome(code)
        name = event.value if event else OPENED
        found.append(
            Outcome(
                code,
                Said(name, text(f"package_outcome.{name}"), text(f"package_outcome.{name}", "en")),
                said_of(REASONS[event], reason) if event and reason else None,
                said_of(NO_ALTERNATIVE, because) if because else None,
            )
        )
    return tuple(found)


def header_of(house: House, message: MessageOnFile, sender: Organisation, recipient: Organisation) -> dict[str, Json]:
    """The fields of `PackageContent` that say what message this is. A protected sender is named by its kind alone."""
    kind = message_types()[message.type]
    purpose = house.pack.purpose_title(message.purpose) if message.purpose else ""
    return {
        "message": message.id,
        "sender": sender_words(house, message, recipient.id, [sender]),
        "sender_ogrn": None if message.sender_protected else sender.ogrn,
        "recipient": recipient.name,
        "recipient_ogrn": recipient.ogrn,
        "type": Said(message.type, kind.name_ru, kind.name_en),
        "urgency": said_of(URGENCIES, message.urgency),
        "footing": Said(
            message.lane,
            text(f"lanes.{message.lane}", purpose=purpose),
            text(f"lanes.{message.lane}", "en", purpose=message.purpose),
        ),
        "sent_at": message.submitted_at,
        "reg_number": message.reg_number,
        "reg_on": message.reg_on,
        "trigger": Said(message.trigger, house.pack.triggers().get(message.trigger)) if message.trigger else None,
    }


def content_digest(house: House, content: DisclosedCase, written: Mapping[str, str]) -> str:
    """The same for the same released content, and for nothing else. Only this installation can compute it."""
    released = [
        [subject.id, category, section.ruling.effect.value, section.content]
        for subject in content.subjects
        for category, section in sorted(subject.sections.items())
        if section.content is not None
    ]
    plain = json.dumps([released, dict(written)], sort_keys=True, ensure_ascii=False)
    return house.vault.keyed_digest(plain.encode())


def _sections(house: House, subject: DisclosedSubject) -> Iterator[PackageSection]:
    for category, section in subject.sections.items():
        fields = tuple(fields_of(message_fields().get(category, ()), section.content or {}))
        if not fields or not section.ruling.effect.releases:
            continue
        yield _section(house, category, section, fields)


def _section(house: House, category: Category, section: Section, fields: tuple[PackageField, ...]) -> PackageSection:
    shown = section.ruling.shown
    return PackageSection(
        category,
        house.pack.category_title(category),
        _category(category),
        section.ruling.effect is Effect.MASK,
        shown.id,
        shown.citation,
        shown.title_ru,
        fields,
        tuple(Said(code, title) for code, title in house.pack.duties(section.obligations).items()),
        section.retain_until,
    )


def fields_of(rows: Sequence[FieldRow], content: Mapping[str, Json]) -> Iterator[PackageField]:
    """The fields of one section that have a value, in the order of their table, with their words."""
    for row in rows:
        value = content.get(row.field)
        if value in (None, "", [], (), {}):
            continue
        spell = _SPELL.get(row.field, _things)
        values = tuple(parts for parts in spell(value) if parts)
        if values:
            yield PackageField(row.field, row.label_ru, _spelled(row.field), values)


def _replies(written: Mapping[str, str]) -> Iterator[PackageField]:
    for name, said in written.items():
        if name.startswith(REPLY):
            yield PackageField(name, text("package.reply"), text("package.reply", "en"), ((Said(said),),))


def _recall(house: House, message: MessageOnFile) -> Iterator[PackageField]:
    """What a recall asks to erase, and by when."""
    categories, by = message.notes.get("categories"), message.notes.get("erase_by")
    if categories:
        known = [Category(code) for code in categories.split()]
        found = tuple((Said(code, house.pack.category_title(code), _category(code)),) for code in known)
        yield PackageField("categories", text("package.categories"), text("package.categories", "en"), found)
    if by:
        yield PackageField("erase_by", text("package.erase_by"), text("package.erase_by", "en"), ((Said(by),),))


def _things(value: Json) -> Iterator[Parts]:
    for item in value if isinstance(value, list | tuple) else [value]:
        yield tuple(_parts(item))


def _parts(value: Json) -> Iterator[Said]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from [_yes_or_no(name, item)] if isinstance(item, bool) else _parts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _parts(item)
    elif value == WITHHELD:
        yield _catalogue(WITHHELD, "web_content.withheld")
    elif value not in (None, "") and not isinstance(value, bool):
        key = f"web_code.{value}"
        yield _catalogue(str(value), key) if key in words("ru") else Said(str(value))


def _yes_or_no(name: str, value: bool) -> Said:
    """A yes or no of a thing, in words that say of what."""
    said = "true" if value else "false"
    return _catalogue(said, f"web_content.{name}_{said}")


def _date(value: Json) -> Iterator[Parts]:
    if _MONTH.fullmatch(str(value)):
        month = ".".join(reversed(str(value).split("-")))
        yield (Said(str(value), *(text("web_content.expected", language, month=month) for language in _BOTH)),)
    else:
        yield (Said(str(value)),)


def _sex(value: Json) -> Iterator[Parts]:
    english = f"web_sex.{value}"
    known = text(english, "en") if english in words("en") else None
    yield (Said(str(value), said_of(SEXES, str(value)).ru, known),)


def _snils(value: Json) -> Iterator[Parts]:
    spelled = format_snils(value) if is_snils(str(value)) else None
    yield (Said(str(value), spelled, spelled),)


def _document(value: Json) -> Iterator[Parts]:
    kind = find_code(str(value.get("system", "")), str(value.get("type", "")))
    name = Said(str(value.get("type", "")), kind.name_ru if kind else None)
    rest = (value.get(part) for part in ("series", "number", "issued_on", "issuer"))
    yield (name, *(Said(str(part)) for part in rest if part))


def _address(value: Json) -> Iterator[Parts]:
    shown, municipality = str(value.get("text") or ""), str(value.get("municipality") or "")
    if shown == WITHHELD:
        yield (_catalogue(WITHHELD, "web_content.address_withheld"),)
        return
    yield tuple(Said(part) for part in (shown, municipality if municipality not in shown else "") if part)


def _concerns(value: Json) -> Iterator[Parts]:
    for code in value:
        yield (said_of(CONCERNS, str(code)),)


def _role(value: Json) -> Iterator[Parts]:
    yield (said_of(ROLES, str(value)),)


def _aware(value: Json) -> Iterator[Parts]:
    yield (_yes_or_no("family_aware", bool(value)),)


_SPELL: Final[Mapping[str, Callable[[Json], Iterator[Parts]]]] = {
    "birth_date": _date,
    "observed_on": _date,
    "sex": _sex,
    "snils": _snils,
    "document": _document,
    "address": _address,
    "registered": _address,
    "concerns": _concerns,
    "factors": _concerns,
    "role": _role,
    "family_aware": _aware,
}
_BOTH: Final[tuple[Language, Language]] = ("ru", "en")


def said_of(system: str, code: str) -> Said:
    """A code of a list with its words."""
    entry = find_code(system, code)
    name = entry.name_ru[:1].upper() + entry.name_ru[1:] if entry else None
    return Said(code, name, (entry.name_en if entry else "") or _spelled(code.lower()))


def _catalogue(value: str, key: str) -> Said:
    return Said(value, text(key), text(key, "en"))


def document_type(meaning: str) -> Said:
    """The type of a document with its words."""
    known = (entry for entries in code_lists().values() for entry in entries.values() if entry.meaning == meaning)
    entry = next(known, None)
    return Said(meaning, entry.name_ru if entry else None, _spelled(meaning))


def _category(category: Category) -> str:
    return _spelled(SECTION_NAMES.get(category, category))


def _spelled(code: str) -> str:
    return code.replace("_", " ").replace("-", " ").capitalize()


def day_of(value: str | None) -> date | None:
    """A day from its text."""
    return date.fromisoformat(value) if value else None
