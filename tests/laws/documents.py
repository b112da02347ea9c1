"""A message with documents in the world of the laws: one that is released, one that waits for acceptance, one as a fact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gateway.exchange.relay import relay_once
from gateway.use_cases.open_message import open_message
from gateway.use_cases.receive_upload import begin_upload
from gateway.use_cases.sign_in import sign_in
from gateway.use_cases.submit_message import submit_message
from gateway.vault.vault import Vault
from gateway.web.session import FORM_TOKEN, SESSION_COOKIE, form_token
from schemas.ids import MessageId, new_id
from tests.adapters.attachment_files import pdf
from tests.builders import NOW
from tests.laws.world import PASSWORD, World, marked_message, swapped

WORDS = b"%PDF-1.4\n% \xd0\xa7\xd0\xb8\xd0\xb1\xd0\xb8\xd1\x81 Chibis\n" + pdf()[9:]
"""A file with markers of the family in it."""


def upload(world: World, operation: str, content: bytes = WORDS) -> str:
    """A file of the centre for an operation."""
    receiver = begin_upload(world.house, world.system("centre"), operation, "application/pdf", NOW)
    receiver.feed(content)
    return receiver.finish(NOW).id


def with_documents(world: World, operation: str | None = None) -> MessageId:
    """Sent by the centre to the NGO, and opened: of the identity (seen), of the address (masked until accepted), a fact."""
    operation = operation or new_id()
    documents = [
        {"category": "ID", "document_type": "birth_certificate", "upload": upload(world, operation)},
        {"category": "LOC", "document_type": "residence_permit", "upload": upload(world, operation)},
        {"category": "ID", "document_type": "family_card", "sha256": "a" * 64},
    ]
    draft = marked_message(world.town.centre, world.town.ngo, operation_id=operation, attachments=documents)
    sent = submit_message(world.house, world.system("centre"), draft, NOW)
    relay_once(world.house, NOW)
    open_message(world.house, world.system("ngo"), sent.message.id, NOW)
    return sent.message.id


@contextmanager
def descriptions_opened() -> Iterator[list[str]]:
    """The places of the documents whose description is decrypted meanwhile, and `file:` before those whose file is."""
    found: list[str] = []
    words, file = Vault.open_all_words, Vault.open_file

    def open_words(vault: Vault, kept: Sequence[Any]) -> Any:
        found.extend(place for _, place, _ in kept)
        return words(vault, kept)

    def open_file(vault: Vault, file_id: str, *rest: Any) -> Any:
        found.append(f"file:{file_id}")
        return file(vault, file_id, *rest)

    with swapped(Vault, "open_all_words", open_words), swapped(Vault, "open_file", open_file):
        yield found


def session(world: World, login: str) -> str:
    """Somebody signs in."""
    return sign_in(world.house, login, PASSWORD, NOW).token


def on_a_page(world: World, token: str, path: str, **sent: Any) -> Any:
    """What a page answers to a form of a session."""
    data = {FORM_TOKEN: form_token(token), **sent.pop("data", {})}
    return world.http.post(path, data=data, headers={"Cookie": f"{SESSION_COOKIE}={token}"}, **sent)
