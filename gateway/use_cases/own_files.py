"""Documents of messages that a holder sent, with the bytes of their files, as what leaves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any, Final

from adapters.attachments.types import type_named
from gateway.use_cases.attachment_values import OpenedFile
from gateway.use_cases.disclose import OpenedOwn
from gateway.use_cases.export_port import SentDocument
from gateway.use_cases.house import House
from gateway.use_cases.own_kept_pages import document_words
from gateway.use_cases.own_page import Page, Words
from gateway.use_cases.package_content import day_of, document_type
from gateway.use_cases.values import Organisation
from gateway.vault.errors import SealBroken
from schemas.exports_own import ExportDocument, NoFile
from schemas.ids import SubjectId
from schemas.package import Said

FOLDER: Final = "documents"


class OwnFiles:
    """The documents of one page for one organisation."""

    def __init__(self, house: House, owner: Organisation, page: Page, opened: OpenedOwn, words: Words) -> None:
        self._house = house
        self._owner = owner
        self._page = page
        self._words = words
        self._files = {name: _bytes(file) for name, file in opened.files.items()}

    def files(self) -> Iterator[tuple[str, bytes]]:
        """The files of documents by their names in the archive, which say nothing of anybody."""
        for one in self._page.documents:
            content = self._files.get(one.document.id)
            if content is not None:
                yield _name(one), content

    def documents(self, message_id: str | None = None) -> tuple[ExportDocument, ...]:
        """Those of the page, or of one message of it."""
        return tuple(
            self._document(one)
            for one in self._page.documents
            if message_id is None or one.document.message_id == message_id
        )

    def _document(self, one: SentDocument) -> ExportDocument:
        known = one.document
        plain = self._words.get(document_words(known))
        said: dict[str, Any] = json.loads(plain) if plain else {}
        content = self._files.get(known.id)
        return ExportDocument(
            known.category,
            document_type(said["document_type"]) if said else Said(""),
            day_of(said.get("issued_on")),
            known.sha256,
            known.id,
            known.message_id,
            self._name(known.subject_id),
            self._page.kinds[known.subject_id],
            one.sent_at,
            tuple(said.get("signers", ())),
            known.media_type,
            known.size,
            known.end_to_end,
            _name(one) if content is not None else None,
            hashlib.sha1(content, usedforsecurity=False).hexdigest() if content is not None else None,
            self._no_file(one, readable=plain is not None),
        )

    def _no_file(self, one: SentDocument, *, readable: bool) -> NoFile:
        if not readable:
            return "erased"
        if one.document.upload_id is None:
            return "no_file"
        if one.withdrawn:
            return "taken_back"
        return "lost" if self._page.files and self._files.get(one.document.id) is None else ""

    def _name(self, subject_id: SubjectId) -> str:
        return str(self._house.vault.subject_pseudonym(self._owner.id, subject_id))


def _name(one: SentDocument) -> str:
    kind = type_named(one.document.media_type or "")
    ending = kind.ending if kind else "sealed" if one.document.end_to_end else "bin"
    return f"{FOLDER}/{one.document.id}.{ending}"


def _bytes(opened: OpenedFile) -> bytes | None:
    """The whole file; None for one that was damaged."""
    try:
        with opened.file:
            return b"".join(opened.file.chunks())
    except SealBroken:
        return None
