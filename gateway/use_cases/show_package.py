"""An opened package as lines of text, and the code that confirms it: for whoever has no browser. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from gateway.partner.package_codes import MOST_DAYS, receipt_code, shown
from gateway.use_cases.verify_package import OpenedPackage
from schemas.catalogue import Language, text
from schemas.errors import BadInput
from schemas.package import PackageField, PackageSection, Said

_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def lines_of(opened: OpenedPackage, language: Language) -> Iterator[str]:
    """What was verified first, then the content. Nothing in it steers a terminal or turns its letters round."""
    return map(_plain, _lines(opened, language))


def _plain(line: str) -> str:
    """A package may be signed by anybody's key: control characters, C1 and those of direction are no part of a text."""
    return "".join(letter if letter.isprintable() else " " for letter in line)


def _lines(opened: OpenedPackage, language: Language) -> Iterator[str]:

    def say(key: str) -> str:
        return text(f"package_page.{key}", language)

    content = opened.content
    yield f"{say('fingerprint')}: {opened.key.fingerprint}"
    yield text("package.key_known" if opened.key_known else "package.key_unknown", language)
    for check in ("digest", "signature", "entry", "tree", "checkpoint"):
        yield f"- {say(f'check_{check}')}: {say('verified')}"
    yield ""
    yield _said(content.type, language)
    yield f"{say('from')}: {content.sender}"
    yield f"{say('to')}: {content.recipient}"
    yield f"{say('urgency')}: {_said(content.urgency, language)}"
    yield f"{say('footing')}: {_said(content.footing, language)}"
    if content.trigger:
        yield f"{say('trigger')}: {_said(content.trigger, language)}"
    yield f"{say('sent')}: {content.sent_at.astimezone().strftime('%d.%m.%Y %H:%M')}"
    if content.reg_number:
        on = f" {say('reg_of')} {content.reg_on:%d.%m.%Y}" if content.reg_on else ""
        yield f"{say('reg')}: {content.reg_number}{on}"
    for note in content.notes:
        yield _field(note, language)
    for person in content.people:
        yield ""
        yield say(person.kind)
        for section in person.sections:
            yield from _section(section, language)
    for document in content.documents:
        yield f"{say('documents')}: {_said(document.kind, language)} {document.sha256 or ''}".rstrip()
    yield ""


def receipt_of(opened: OpenedPackage, outcome: str, now: datetime, language: Language) -> str:
    """The code of one outcome. Raises BadInput (package_outcome_unknown)."""
    content = opened.content
    codes = [known.code for known in content.outcomes]
    if outcome not in codes:
        raise BadInput("package_outcome_unknown", known=", ".join(codes))
    number = codes.index(outcome)
    day = min(MOST_DAYS, max(0, (now.astimezone().date() - content.made_on).days))
    code = receipt_code(base64.b64decode(content.receipt_key), content.package, day, number, outcome)
    return _plain(f"{_said(content.outcomes[number].event, language)}: {shown(code)}")


def _section(section: PackageSection, language: Language) -> Iterator[str]:
    yield f"  {section.ru if language == 'ru' else section.en}"
    for field in section.fields:
        yield f"    {_field(field, language)}"
    if section.masked:
        yield f"    {text('package_page.masked', language)}"
    yield f"    [{section.rule}] {section.title}"


def _field(field: PackageField, language: Language) -> str:
    values = "; ".join(" · ".join(_said(part, language) for part in parts) for parts in field.values)
    return f"{field.ru if language == 'ru' else field.en}: {values}"


def _said(said: Said, language: Language) -> str:
    spoken = said.ru if language == "ru" else said.en
    day = _DAY.fullmatch(said.value)
    return spoken or (".".join(reversed(day.groups())) if day else said.value)
