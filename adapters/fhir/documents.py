"""Documents of messages: a DocumentReference each, whose attachment names the file of the archive where its bytes are.

`Attachment.hash` is SHA-1 by the specification of R4; the digest by which a document is known here stands beside it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

from adapters.fhir.elements import (
    ABSENT,
    Json,
    code_of,
    coding,
    concept,
    extension,
    given,
    identifier,
    instant,
    own_id,
    reference,
)
from adapters.fhir.elements import clean as cleaned
from schemas.exports import ExportMessage
from schemas.exports_own import ExportDocument


def document_references(documents: Sequence[ExportDocument]) -> list[Json]:
    """Where a message names its documents."""
    return [reference("DocumentReference", _id(document), _title(document)) for document in documents]


def document_resource(
    document: ExportDocument, people: Mapping[str, str], message: ExportMessage | None, about: Json | None
) -> Json:
    """`people` are those of the bundle with their types; `about` leads to the message where it is in the bundle."""
    is_patient = people.get(document.person) == "Patient"
    return given(
        resourceType="DocumentReference",
        id=_id(document),
        identifier=[identifier("document", document.id)] if document.id else None,
        status="entered-in-error" if message is not None and message.state == "entered_in_error" else "current",
        type=concept("document-type", document.kind) if document.kind.value else None,
        category=[{"coding": [coding("category", document.category)]}],
        subject=reference("Patient", document.person) if is_patient else _named(document),
        date=instant(document.sent_at) if document.sent_at else None,
        content=[{"attachment": _attachment(document)}],
        context={"related": [about or {"identifier": identifier("message", document.message)}]}
        if about or document.message
        else None,
        extension=[
            *(extension("document-signer", valueCode=who) for who in document.signers),
            *([extension("sealed-for-recipient", valueBoolean=True)] if document.end_to_end else ()),
            *([extension("no-file", valueCode=document.absence.replace("_", "-"))] if document.absence else ()),
        ],
    )


def _attachment(document: ExportDocument) -> Json:
    """Its title is the kind of document: no personal datum."""
    absent = code_of("no_file", document.absence) if document.absence else None
    told = [extension("evidence-sha256", valueString=document.sha256)] if document.sha256 else []
    told += [{"url": ABSENT, "valueCode": absent}] if absent else []
    return given(
        contentType=document.media_type,
        url=document.file,
        size=document.size,
        hash=base64.b64encode(bytes.fromhex(document.sha1)).decode() if document.sha1 else None,
        title=_title(document),
        creation=document.issued_on.isoformat() if document.issued_on else None,
        extension=told,
    )


def _named(document: ExportDocument) -> Json | None:
    return {"identifier": identifier("person", document.person)} if document.person else None


def _title(document: ExportDocument) -> str:
    return cleaned(document.kind.ru or document.kind.value)


def _id(document: ExportDocument) -> str:
    parts = (document.id,) if document.id else (document.message, document.category, document.sha256 or "")
    return own_id("DocumentReference", *parts)
