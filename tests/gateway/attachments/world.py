"""A town that takes files, and the few steps that most tests of documents begin with."""

from __future__ import annotations

from pathlib import Path

from gateway.exchange.relay import relay_once
from gateway.use_cases.attachment_values import Upload
from gateway.use_cases.open_message import open_message
from gateway.use_cases.read_attachment import read_attachment
from gateway.use_cases.receive_upload import begin_upload
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.values import Organisation
from schemas.ids import MessageId
from tests.adapters.attachment_files import pdf
from tests.builders import NOW, Town, referral, system_of

OPERATION = "00000000-0000-4000-8000-00000000000a"
SECRET = b"%PDF-1.4\n% Proba Vymyshlennaya, diagnoz\n" + pdf()[9:]


def upload(
    town: Town,
    content: bytes,
    declared: str = "pdf",
    by: Organisation | None = None,
    operation: str = OPERATION,
    **how: object,
) -> Upload:
    receiver = begin_upload(town.house, system_of(by or town.centre), operation, declared, NOW, **how)  # type: ignore[arg-type]
    for at in range(0, len(content), 1000):
        receiver.feed(content[at : at + 1000])
    return receiver.finish(NOW)


def send(town: Town, *documents: dict[str, object], deliver: bool = True) -> MessageId:
    draft = referral(town.centre, town.ngo, operation_id=OPERATION, attachments=list(documents))
    sent = submit_message(town.house, system_of(town.centre), draft, NOW)
    if deliver:
        relay_once(town.house, NOW)
        open_message(town.house, system_of(town.ngo), sent.message.id, NOW)
    return sent.message.id


def document(category: str = "ID", **more: object) -> dict[str, object]:
    return {"category": category, "document_type": "birth_certificate", **more}


def read(town: Town, message: MessageId, attachment: str) -> bytes:
    opened = read_attachment(town.house, system_of(town.ngo), message, attachment, NOW)
    with opened.file as file:
        return b"".join(file.chunks())


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "blobs" in path.parts]
