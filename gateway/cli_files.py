"""`mezhved import`: files at the command line, through the same use cases as the API."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from adapters.formats import HEAD_BYTES
from adapters.message_formats import message_formats
from gateway.building import build_house, utc_now
from gateway.settings import Settings
from gateway.use_cases.file_records import need_nothing
from gateway.use_cases.house import House
from gateway.use_cases.receive_file import FileReceipt, receive_file
from gateway.use_cases.sign_report import sign_report
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, Broken, DocumentRejected
from schemas.ids import OrganisationId

_XML = ".xml"


def import_file(
    settings: Settings,
    file: Path,
    ogrn: str,
    reject: Path | None,
    console: Console,
    sheet: int | None = None,
    profile: str = "referrals",
    signed_report: Path | None = None,
    *,
    rehearsal: bool = False,
) -> int:
    """0 when every record was taken, 1 when some were rejected. `rehearsal`: nothing is applied."""
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
            need=need_nothing,
            profile=profile,
            sheet=sheet,
            rehearsal=rehearsal,
            max_bytes=settings.max_file_bytes,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if signed_report is not None:
        signed_report.write_bytes(sign_report(house, requester.organisation_id, receipt, now))
    _tell(receipt, console)
    if receipt.reject_file is not None:
        target = reject or file.with_name(f"{file.stem}.rejected{file.suffix}")
        target.write_bytes(receipt.reject_file)
        console.print(f"Отклонённые строки: {target}")
    return 1 if receipt.report.rejected else 0


def _tell(receipt: FileReceipt, console: Console) -> None:
    report = receipt.report
    if receipt.signature is not None:
        console.print(f"Подписан сертификатом {receipt.signature.certificate.fingerprint}.", highlight=False)
    if receipt.rehearsal:
        console.print("Проверка: ничего не принято и не отправлено.")
    console.print(f"Записей: {report.records}, принято: {report.accepted}, отклонено: {report.rejected}.")
    if receipt.repeated:
        console.print(f"Уже было принято раньше, ничего не изменилось: {receipt.repeated}.")
    if receipt.kept:
        console.print(f"Сохранено для своих, до публикации никому не видно: {receipt.kept}.")
    if receipt.hidden:
        console.print(f"Скрытых строк, которые не приняты: {receipt.hidden}.")
    if report.complaints:
        table = Table("Запись", "Строка", "Место", "Правило", "Что не так", "Что сделать")
        for c in report.complaints:
            table.add_row(str(c.record or ""), str(c.line or ""), c.place, c.code, c.message(), c.remedy())
        console.print(table)


def _form(file: Path, stream: BinaryIO) -> str:
    """The format of messages that knows the file by its first bytes, else XML or a table: which one its content tells."""
    beginning = stream.read(HEAD_BYTES)
    stream.seek(0)
    known = (name for name, one in message_formats().items() if one.recognises(beginning))
    return next(known, "xml" if file.suffix.lower() == _XML else "csv")


def _organisation(house: House, ogrn: str) -> OrganisationId:
    with house.store.reading() as unit:
        found = unit.participants.organisation_by_ogrn(ogrn)
    if found is None:
        raise BadInput("organisation_unknown")
    return found.id
