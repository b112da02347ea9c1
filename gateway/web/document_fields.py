"""Documents as pages show them: the block of a form, one that was added, one that was opened, those that one sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapters.attachments import TYPES, type_named
from gateway.use_cases.open_message import OpenedMessage
from gateway.use_cases.read_own_documents import sent_documents
from gateway.use_cases.values import MessageOnFile
from gateway.web.content import Line
from gateway.web.documents import FIELDS, AddedDocument, added_documents, signer_codes, waiting_upload
from gateway.web.forms import Form
from gateway.web.visits import Visit
from gateway.web.words import Words
from schemas import categories as c
from schemas.ids import Category
from schemas.messages import MessageType

ACCEPTED_ENDINGS = ",".join(sorted({f".{kind.ending}" for kind in TYPES} | {".jpeg", ".tiff", ".sealed"}))


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """A document of a message or of a form. `id` is empty where there is nothing to download."""

    title: str
    about: str
    category: Category
    lines: tuple[Line, ...]
    place: int = 0
    id: str = ""
    is_gone: bool = False


def document_categories(*kinds: MessageType) -> tuple[Category, ...]:
    """The categories that a document of such a message may belong to, in the order of reading."""
    return tuple(category for category in c.SECTION_CATEGORIES if any(category in kind.allowed for kind in kinds))


def documents_of(visit: Visit, form: Form, categories: Collection[Category], persons: Sequence[str]) -> dict[str, Any]:
    """What the block of a form shows. Without a place for files there is no block."""
    blobs, words, limits = visit.edge.house.blobs, visit.words, visit.edge.house.attachment_limits
    added = added_documents(visit, form)
    waiting = waiting_upload(visit, form)
    return {
        "takes_documents": blobs is not None,
        "added": [_added(visit, document) for document in added],
        "added_fields": [
            (f"doc-{d.place}-{name}", value)
            for d in added
            for name in FIELDS
            for value in form.all(f"doc-{d.place}-{name}")
        ],
        "may_add": len(added) < limits.files_in_message,
        "document_categories": [(code, words.category(code)) for code in categories],
        "document_persons": [(code, visit.text(f"web_message.{code}")) for code in persons],
        "document_signers": [(code, words.signer(code).capitalize()) for code in signer_codes()],
        "document_limit": words.size(limits.one_file),
        "document_most": limits.files_in_message,
        "document_endings": ACCEPTED_ENDINGS,
        "waiting": file_words(words, waiting.media_type, waiting.size, end_to_end=waiting.end_to_end)
        if waiting
        else "",
    }


def _added(visit: Visit, document: AddedDocument) -> ShownDocument:
    words, upload = visit.words, document.upload
    facts = (upload.media_type, upload.size, upload.sha256) if upload else (None, None, document.sha256 or None)
    return ShownDocument(
        words.document(document.kind),
        visit.text(f"web_message.{document.person}") if document.person in {"child", "parent"} else "",
        Category(document.category),
        document_lines(
            words, document.on, document.signers, *facts, end_to_end=upload is not None and upload.end_to_end
        ),
        document.place,
        is_gone=bool(document.upload_id) and upload is None,
    )


def shown_documents(visit: Visit, opened: OpenedMessage | None) -> list[ShownDocument]:
    """Those of an opened message that are released whole."""
    if opened is None:
        return []
    kinds = {subject.id: subject.kind for subject in opened.content.subjects}
    return [
        ShownDocument(
            visit.words.document(one.document_type),
            visit.text(f"web_message.{kinds[one.subject_id]}") if one.subject_id in kinds else "",
            one.category,
            document_lines(
                visit.words,
                date.fromisoformat(one.issued_on) if one.issued_on else None,
                one.signers,
                one.media_type,
                one.size,
                one.sha256,
                end_to_end=one.end_to_end,
            ),
            id=one.id if one.has_file else "",
        )
        for one in opened.documents
    ]


def sent_lines(visit: Visit, message: MessageOnFile) -> list[ShownDocument]:
    """The documents of a message, for the organisation that sent it: nothing sealed is opened for that. Whoever of it works on
    the case gets the files back."""
    sent = sent_documents(visit.edge.house, visit.me.requester, message.id, visit.now)
    if sent is None:
        return []
    words = visit.words
    return [
        ShownDocument(
            visit.text("web_documents.numbered", n=number),
            "",
            one.category,
            document_lines(words, None, (), one.media_type, one.size, one.sha256, end_to_end=one.end_to_end),
            id=one.id if one.has_file and sent.may_open else "",
        )
        for number, one in enumerate(sent.documents, 1)
    ]


def document_lines(
    words: Words,
    on: date | None,
    signers: Sequence[str],
    media_type: str | None,
    size: int | None,
    sha256: str | None,
    *,
    end_to_end: bool,
) -> tuple[Line, ...]:
    """What is known of a document: date, signers, its file or that there is none, its digest."""
    found = []
    if on is not None:
        found.append(Line(words.text("web_documents.on"), (words.day(on),)))
    if signers:
        found.append(Line(words.text("web_documents.signers"), (", ".join(words.signer(code) for code in signers),)))
    if size is None:
        found.append(Line(words.text("web_documents.file"), (words.text("web_documents.fact_only"),)))
    else:
        file = file_words(words, media_type, size, end_to_end=end_to_end)
        found.append(Line(words.text("web_documents.file"), (file,)))
    if sha256:
        found.append(Line("SHA-256", (sha256,)))
    return tuple(found)


def file_words(words: Words, media_type: str | None, size: int, *, end_to_end: bool) -> str:
    """«PDF, 120 КБ»."""
    kind = type_named(media_type or "")
    named = kind.code.upper() if kind else words.text("web_documents.sealed") if end_to_end else ""
    return ", ".join(filter(None, (named, words.size(size))))
