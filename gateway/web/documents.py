"""Documents on a page that composes a message: those added, and the block in which one more is described.

An added document is a handful of hidden fields of the form, so it survives every step and every way back. Its file was taken
while it came and waits as an upload of one's organisation for the operation of this form; the fields name it, and nothing but
the store says what it is. Complaints are keys of the catalogue and never repeat what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from adapters.attachments import TYPES, type_named
from gateway.partner.sealed_files import MEDIA_TYPE
from gateway.use_cases.attachment_values import Upload
from gateway.use_cases.read_own_documents import read_uploads
from gateway.use_cases.receive_upload import UploadReceiver, begin_upload
from gateway.use_cases.values import Requester
from gateway.web.form_fields import FieldReader, parse_day
from gateway.web.forms import Form, Sink, Taker
from gateway.web.multipart import Part
from gateway.web.visits import Visit
from schemas.catalogue import words
from schemas.codes import ROLES, code_lists, document_kinds
from schemas.errors import MezhvedError
from schemas.ids import Category

ADDED: Final = "doc-"
"""How the hidden fields of an added document begin: `doc-1-kind`."""
NEW: Final = "doc_"
"""How the fields of the one that is being described begin."""
FILE: Final = "doc_file"
REMOVE: Final = "remove_document:"
"""How the step that removes one begins; its place follows."""
LIST: Final = "documents"
"""The place of what is wrong with the documents together."""
WHOLE, FACT = "file", "fact"
FIELDS: Final = ("kind", "on", "signers", "person", "category", "upload", "sha256")
MOST: Final = 10
STAFF: Final = (
    "curator",
    "senior_curator",
    "psychologist",
    "lawyer",
    "coordinator",
    "head",
    "guardianship_specialist",
    "kdn_member",
)
"""Roles of staff that sign documents of a case."""
_SHA256: Final = re.compile(r"[0-9a-fA-F]{64}")
_SEALED: Final = "sealed"


@dataclass(frozen=True, slots=True)
class AddedDocument:
    """One that was added: what was said of it, and the file as the store knows it (None: only the fact travels, or the
    file is no longer there)."""

    place: int
    kind: str
    on: date | None
    signers: tuple[str, ...]
    person: str
    category: str
    upload_id: str
    sha256: str
    upload: Upload | None = None

    def draft(self, persons: Sequence[str]) -> dict[str, object]:
        """As all edges hand it in; `persons` are the keys of the persons of the draft, in its order."""
        return {
            "category": self.category,
            "person": persons.index(self.person) if self.person in persons else len(persons),
            "document_type": self.kind,
            "issued_on": self.on,
            "signers": self.signers,
            "upload": self.upload_id or None,
            "sha256": self.sha256 or None,
        }


def document_taker(visit: Visit, requester: Requester) -> Taker:
    """Takes a file for the message of this form; what the browser says of its type is what it must be by its content."""

    def take(form: Form, part: Part) -> Sink:
        house, operation = visit.edge.house, form.get("operation_id").lower()
        return _Receiving(begin_upload(house, requester, operation, declared_type(part), visit.now), visit)

    return take


def declared_type(part: Part) -> str:
    """Of what type a file is said to be: by the ending of its name, else as the browser says."""
    if part.ending == _SEALED:
        return MEDIA_TYPE
    by_ending = next((kind for kind in TYPES if part.ending in (kind.ending, kind.code)), None)
    said = type_named(part.media_type)
    # A table in CSV is «application/vnd.ms-excel» on many machines, and what has no program there is a stream of bytes.
    found = by_ending or said
    return found.media_type if found else part.media_type[:100]


class _Receiving:
    """An upload as a form takes it."""

    def __init__(self, receiver: UploadReceiver, visit: Visit) -> None:
        self._receiver, self._visit = receiver, visit

    def feed(self, data: bytes) -> None:
        self._receiver.feed(data)

    def finish(self) -> str:
        return self._receiver.finish(self._visit.edge.clock()).id

    def abort(self) -> None:
        self._receiver.abort()


def added_documents(visit: Visit, form: Form) -> list[AddedDocument]:
    """Those of the form, with their files: one statement."""
    found = [document for place in range(1, MOST + 1) if (document := _added(form, place)) is not None]
    wanted = [document.upload_id for document in found if document.upload_id]
    known = _uploads(visit, form, wanted)
    return [replace(document, upload=known.get(document.upload_id)) for document in found]


def named_uploads(form: Form) -> frozenset[str]:
    """The files that the form names: of the documents that were added, and of the one that is being described."""
    named = (f"{ADDED}{place}-upload" for place in range(1, MOST + 1))
    return frozenset(filter(None, (form.get(name) for name in (*named, "doc_upload"))))


def waiting_upload(visit: Visit, form: Form) -> Upload | None:
    """The file of the document that is being described, once it was taken: it need not be chosen again."""
    wanted = form.get("doc_upload")
    return _uploads(visit, form, [wanted]).get(wanted) if wanted else None


def _uploads(visit: Visit, form: Form, wanted: Sequence[str]) -> Mapping[str, Upload]:
    return read_uploads(visit.edge.house, visit.me.requester, form.get("operation_id"), wanted)


def _added(form: Form, place: int) -> AddedDocument | None:
    def of(name: str) -> str:
        return form.get(f"{ADDED}{place}-{name}")

    if not of("kind"):
        return None
    try:
        on = parse_day(of("on")) if of("on") else None
    except ValueError:  # only a form that was altered by hand
        on = None
    signers = form.all(f"{ADDED}{place}-signers")
    return AddedDocument(place, of("kind"), on, signers, of("person"), of("category"), of("upload"), of("sha256"))


def with_taken(form: Form) -> Form:
    """The form with the file that came with it: it stays whatever is wrong elsewhere, and need not be chosen again."""
    return form.having(doc_upload=form.taken[FILE], doc_how=WHOLE) if FILE in form.taken else form


def take_in(form: Form, categories: Collection[Category], today: date) -> tuple[Form, Mapping[str, str]]:
    """The document that is being described joins those added; or the form as it was, with what is wrong by field."""
    if not is_described(form):
        return form, {}
    read = FieldReader(form, today)
    kind = read.choice("doc_kind", document_kinds(), required="document_kind_missing")
    on = read.past_day("doc_on")
    signers = read.choices("doc_signers", signer_codes())
    category = read.choice("doc_category", categories, required="document_category_missing")
    upload, sha256 = _content(read)
    place = next((n for n in range(1, MOST + 1) if not form.get(f"{ADDED}{n}-kind")), None)
    if place is None:
        read.errors.setdefault(LIST, "web_documents.wrong_attachments_too_many")
    if read.errors:
        return form, read.errors
    said = {
        "kind": (kind or "",),
        "on": (on.isoformat() if on else "",),
        "signers": signers,
        "person": (form.get("doc_person") or "child",),
        "category": (category or "",),
        "upload": (upload,),
        "sha256": (sha256,),
    }
    joined = {f"{ADDED}{place}-{name}": tuple(filter(None, said[name])) for name in FIELDS}
    return form.without(NEW).holding(joined), {}


def _content(read: FieldReader) -> tuple[str, str]:
    """The upload, or the digest of a document that is known as a fact only."""
    form = read.form
    refused = form.refused.get(FILE)
    if form.get("doc_how") == FACT:
        digest = form.get("doc_sha256").replace(" ", "").lower()
        if digest and not _SHA256.fullmatch(digest):
            read.errors.setdefault("doc_sha256", "web_documents.sha256_wrong")
        return "", digest
    if refused is not None:
        read.errors.setdefault(FILE, complaint(refused))
    elif not form.get("doc_upload"):
        read.errors.setdefault(FILE, "web_documents.file_missing")
    return form.get("doc_upload"), ""


def is_described(form: Form) -> bool:
    """Whether anything was filled in of one more document: nothing is dropped in silence."""
    typed = ("doc_kind", "doc_on", "doc_sha256", "doc_upload", "doc_signers")
    return FILE in form.refused or form.get("doc_how") == FACT or any(form.all(name) for name in typed)


def remove(form: Form, place: str) -> Form:
    """The form without one of the documents; its file is cleared away in its time."""
    return form.without(f"{ADDED}{place}-") if place.isascii() and place.isdigit() else form


def drafts(documents: Sequence[AddedDocument], persons: Sequence[str]) -> tuple[dict[str, object], ...]:
    """All of them as the draft of a message has them."""
    return tuple(document.draft(persons) for document in documents)


def complaint(error: MezhvedError) -> str:
    """The words of these pages for an error."""
    found = f"web_documents.wrong_{error.code}"
    return found if found in words("ru") else "web_documents.wrong_other"


def is_about_documents(error: MezhvedError) -> bool:
    """Whether an error of a use case belongs to the documents."""
    return error.code.startswith(("attachment_", "attachments_", "upload_", "uploads_"))


def signer_codes() -> tuple[str, ...]:
    """Who may have signed: members of the family, then staff."""
    return (*code_lists()[ROLES], *STAFF)
