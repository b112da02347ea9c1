"""`mezhved import` and `mezhved export`: files at the command line, through the same use cases as the API."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import orjson
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from adapters.formats import HEAD_BYTES
from adapters.message_formats import message_formats
from adapters.tables.writer import write_referrals
from gateway.building import build_house, utc_now
from gateway.settings import Settings
from gateway.use_cases.house import House
from gateway.use_cases.message_document import content_document, draft_of
from gateway.use_cases.open_message import OpenedMessage, open_message
from gateway.use_cases.receive_file import receive_file
from gateway.use_cases.sign_report import sign_report
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, Broken, DocumentRejected, NotPermitted
from schemas.ids import MessageId, OrganisationId

_XML = ".xml"
EXPORTS = ("json", "csv")
UTF8 = "utf-8"
ENCODINGS = (UTF8, "cp1251")


def import_file(
    settings: Settings,
    file: Path,
    ogrn: str,
    reject: Path | None,
    console: Console,
    sheet: int | None = None,
    profile: str = "referrals",
    signed_report: Path | None = None,
) -> int:
    """0 when every record was taken, 1 when some were rejected."""
    house, now = build_house(settings), utc_now()
    requester = Requester(_organisation(house, ogrn), "operator:cli")
    try:
        stream = file.open("rb")
    except OSError:
        raise DocumentRejected("file_unreadable", file=file.name) from None
    if signed_report is not None and house.file_signer is None:
        raise Broken("file_signer_missing")
    form = _form(file, stream)
    with stream, Progress(console=console, transient=True) as bar:
        task = bar.add_task("Приём записей", total=None)
        receipt = receive_file(
            house,
            requester,
            stream,
            form,
            now,
            profile=profile,
            sheet=sheet,
            max_bytes=settings.max_file_bytes,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if signed_report is not None:
        signed_report.write_bytes(sign_report(house, requester.organisation_id, receipt, now))
    report = receipt.report
    if receipt.signature is not None:
        console.print(f"Подписан сертификатом {receipt.signature.certificate.fingerprint}.", highlight=False)
    console.print(f"Записей: {report.records}, принято: {report.accepted}, отклонено: {report.rejected}.")
    if receipt.kept:
        console.print(f"Сохранено для своих, до публикации никому не видно: {receipt.kept}.")
    if receipt.hidden:
        console.print(f"Скрытых строк, которые не приняты: {receipt.hidden}.")
    if report.complaints:
        table = Table("Запись", "Строка", "Место", "Правило", "Что не так", "Что сделать")
        for c in report.complaints:
            table.add_row(str(c.record or ""), str(c.line or ""), c.place, c.code, c.message(), c.remedy())
        console.print(table)
    if receipt.reject_file is not None:
        target = reject or file.with_name(f"{file.stem}.rejected{file.suffix}")
        target.write_bytes(receipt.reject_file)
        console.print(f"Отклонённые строки: {target}")
    return 1 if report.rejected else 0


def _form(file: Path, stream: BinaryIO) -> str:
    """The format of messages that knows the file by its first bytes, else XML or a table: which one its content tells."""
    beginning = stream.read(HEAD_BYTES)
    stream.seek(0)
    known = (name for name, one in message_formats().items() if one.recognises(beginning))
    return next(known, "xml" if file.suffix.lower() == _XML else "csv")


def export_message(
    settings: Settings,
    message_id: str,
    ogrn: str,
    login: str,
    output: Path,
    console: Console,
    form: str = "json",
    encoding: str = UTF8,
    *,
    nearest: bool = False,
) -> None:
    """One message as JSON or CSV, after the door: what is withheld is not in the file. Its entry names the person."""
    if form not in EXPORTS or encoding not in ENCODINGS:
        raise BadInput("format_unknown", known=", ".join((*EXPORTS, *ENCODINGS)))
    house = build_house(settings)
    organisation_id = _organisation(house, ogrn)
    with house.store.reading() as unit:
        person = unit.participants.person_by_login(login)
    if person is None or person.organisation_id != organisation_id:
        raise NotPermitted("export_person")
    requester = Requester(organisation_id, f"person:{person.id}", person.roles)
    opened = open_message(house, requester, MessageId(message_id), utc_now())
    if form == "csv":
        content = _table(house, opened, organisation_id, encoding, nearest=nearest)
    else:
        content = _document(house, opened, organisation_id)
    output.write_bytes(content)
    output.chmod(0o600)
    console.print(f"Записано: {output}. Запись журнала: {opened.entry_id}")


def _document(house: House, opened: OpenedMessage, organisation_id: OrganisationId) -> bytes:
    document = {
        "message": opened.message.id,
        "type": opened.message.type,
        "state": opened.message.state.value,
        **content_document(house, organisation_id, opened.content, opened.entry_id),
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def _table(
    house: House, opened: OpenedMessage, organisation_id: OrganisationId, encoding: str, *, nearest: bool
) -> bytes:
    """Raises BadInput (message_not_in_table, text_outside_encoding)."""
    with house.store.reading() as unit:
        sender = unit.participants.organisation(opened.message.sender_id)
        recipient = unit.participants.organisation(opened.message.recipient_id)
    assert sender is not None
    assert recipient is not None
    draft = draft_of(house, organisation_id, opened.message, opened.content, sender, recipient)
    if draft is None:
        raise BadInput("message_not_in_table")
    return write_referrals([draft], encoding="cp1251" if encoding == "cp1251" else "utf-8-sig", nearest_signs=nearest)


def _organisation(house: House, ogrn: str) -> OrganisationId:
    with house.store.reading() as unit:
        found = unit.participants.organisation_by_ogrn(ogrn)
    if found is None:
        raise BadInput("organisation_unknown")
    return found.id
