"""`mezhved import` and `mezhved export`: files at the command line, through the same use cases as the API."""

from __future__ import annotations

from pathlib import Path

import orjson
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from gateway.building import build_house, utc_now
from gateway.settings import Settings
from gateway.use_cases.house import House
from gateway.use_cases.message_document import content_document
from gateway.use_cases.open_message import open_message
from gateway.use_cases.receive_file import receive_file
from gateway.use_cases.sign_report import sign_report
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, Broken, DocumentRejected, NotPermitted
from schemas.ids import MessageId, OrganisationId


def import_file(
    settings: Settings,
    file: Path,
    ogrn: str,
    reject: Path | None,
    console: Console,
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
    form = file.suffix.lstrip(".").lower()
    with stream, Progress(console=console, transient=True) as bar:
        task = bar.add_task("Приём записей", total=None)
        receipt = receive_file(
            house,
            requester,
            stream,
            form,
            now,
            max_bytes=settings.max_file_bytes,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if signed_report is not None:
        signed_report.write_bytes(sign_report(house, requester.organisation_id, receipt, now))
    report = receipt.report
    if receipt.signature is not None:
        console.print(f"Подписан сертификатом {receipt.signature.certificate.fingerprint}.", highlight=False)
    console.print(f"Записей: {report.records}, принято: {report.accepted}, отклонено: {report.rejected}.")
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


def export_message(settings: Settings, message_id: str, ogrn: str, login: str, output: Path, console: Console) -> None:
    """One message as JSON, after the door: what is withheld is not in the file. Its entry names the person."""
    house = build_house(settings)
    organisation_id = _organisation(house, ogrn)
    with house.store.reading() as unit:
        person = unit.participants.person_by_login(login)
    if person is None or person.organisation_id != organisation_id:
        raise NotPermitted("export_person")
    requester = Requester(organisation_id, f"person:{person.id}", person.roles)
    opened = open_message(house, requester, MessageId(message_id), utc_now())
    document = {
        "message": opened.message.id,
        "type": opened.message.type,
        "state": opened.message.state.value,
        **content_document(house, organisation_id, opened.content, opened.entry_id),
    }
    output.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    output.chmod(0o600)
    console.print(f"Записано: {output}. Запись журнала: {opened.entry_id}")


def _organisation(house: House, ogrn: str) -> OrganisationId:
    with house.store.reading() as unit:
        found = unit.participants.organisation_by_ogrn(ogrn)
    if found is None:
        raise BadInput("organisation_unknown")
    return found.id
