"""`mezhved import`: files at the command line, through the same use cases as the API."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from adapters.formats import HEAD_BYTES
from adapters.record_formats import record_formats
from adapters.report import ImportReport
from gateway.building import build_house, utc_now
from gateway.cli_losses import tell_losses
from gateway.cli_private import write_private
from gateway.settings import Settings
from gateway.use_cases.hand_in_file import begin_import
from gateway.use_cases.house import House
from gateway.use_cases.import_values import BY_OPERATOR, STOPPED, Handed, Import, Position
from gateway.use_cases.read_imports import (
    raise_refusal,
    read_import,
    read_import_report,
)
from gateway.use_cases.return_refused import return_refused
from gateway.use_cases.run_imports import run_import
from gateway.use_cases.sign_report import sign_import_report
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, Broken, DocumentRejected, MezhvedError
from schemas.ids import OrganisationId

_XML = ".xml"
_TABLE = ".csv"
BLOCK = 1024 * 1024
WATCH_SECONDS = 1.0


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
    house = build_house(settings)
    requester = Requester(organisation_of(house, ogrn), "operator:cli")
    if signed_report is not None and house.file_signer is None:
        raise Broken("file_signer_missing")
    try:
        stream = file.open("rb")
    except OSError:
        raise DocumentRejected("file_unreadable", file=file.name) from None
    with stream:
        handed = Handed(_form(file, stream), profile, sheet, rehearsal=rehearsal, came_by=BY_OPERATOR)
        import_id = _hand_in(house, requester, handed, stream, settings, console)
    console.print(
        f"Приём {import_id}. Если прервётся: mezhved imports resume {import_id} --ogrn {ogrn}", highlight=False
    )
    return take_import(house, requester, import_id, console, reject or _beside(file), signed_report)


def take_import(
    house: House,
    requester: Requester,
    import_id: str,
    console: Console,
    reject: Path | None,
    signed_report: Path | None,
) -> int:
    """Take it, or watch whoever takes it, to its end; then tell of it. 0 and 1 as above. Raises DocumentRejected for a file as
    a whole."""
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("Проверка файла", total=None)

        def told(position: Position) -> None:
            if position.total is None:
                bar.update(task, description=f"Проверка файла, записей: {position.checked}")
            else:
                bar.update(task, description="Приём записей", completed=position.settled, total=position.total)

        while (one := read_import(house, requester, import_id)).is_open:
            told(one.position)
            if not run_import(house, utc_now, import_id, told):
                time.sleep(WATCH_SECONDS)  # a server has it, or it is put off
    raise_refusal(one)
    _tell_import(house, requester, one, console)
    if signed_report is not None:
        write_private(signed_report, [sign_import_report(house, requester, import_id, utc_now())])
    if one.rejected and one.wrapped_key is not None and reject is not None:
        returned = return_refused(house, requester, import_id, utc_now())
        write_private(reject, returned.parts)
        console.print(f"Отклонённые строки: {reject}")
    return 1 if one.rejected or one.state == STOPPED else 0


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.stem}.rejected{file.suffix}")


def _hand_in(
    house: House, requester: Requester, handed: Handed, stream: BinaryIO, settings: Settings, console: Console
) -> str:
    size = stream.seek(0, 2)
    stream.seek(0)
    receiver = begin_import(house, requester, handed, utc_now(), max_bytes=settings.max_import_bytes, size=size)
    try:
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task("Передача файла", total=size)
            while block := stream.read(BLOCK):
                receiver.feed(block)
                bar.advance(task, len(block))
    except BaseException:
        receiver.abort()
        raise
    return receiver.finish(utc_now()).id


def _tell_import(house: House, requester: Requester, one: Import, console: Console) -> None:
    position, report = one.position, read_import_report(house, requester, one.id).report
    mark, hidden = one.signature.certificate if one.signature else "", report.reasons["hidden"]
    counts = {
        "Уже было принято раньше, ничего не изменилось": position.repeated,
        "Сохранено для своих, до публикации никому не видно": position.kept,
        "Скрытых строк, которые не приняты": hidden,
    }
    if one.refusal is not None:
        console.print(MezhvedError(one.refusal[0], **one.refusal[1]).message())
    _tell(report, mark, counts, console, rehearsal=one.handed.rehearsal)


def _tell(
    report: ImportReport, certificate: str, counts: Mapping[str, int], console: Console, *, rehearsal: bool
) -> None:
    if certificate:
        console.print(f"Подписан сертификатом {certificate}.", highlight=False)
    if rehearsal:
        console.print("Проверка: ничего не принято и не отправлено.")
    console.print(f"Записей: {report.records}, принято: {report.accepted}, отклонено: {report.rejected}.")
    for words, count in counts.items():
        if count:
            console.print(f"{words}: {count}.")
    if report.complaints:
        table = Table("Запись", "Строка", "Место", "Правило", "Что не так", "Что сделать")
        for c in report.complaints:
            table.add_row(str(c.record or ""), str(c.line or ""), c.place, c.code, c.message(), c.remedy())
        console.print(table)
    tell_losses(report.losses, console)


def _form(file: Path, stream: BinaryIO) -> str:
    """The format of documents that is no table and knows the file by its first bytes, else XML or a table: of which kind, and
    whether a profile reads it, is found where files of every way in are opened."""
    beginning = stream.read(HEAD_BYTES)
    stream.seek(0)
    others = (item for item in record_formats().items() if item[1].suffix != _TABLE)
    known = (name for name, one in others if one.recognises(beginning))
    return next(known, "xml" if file.suffix.lower() == _XML else "csv")


def organisation_of(house: House, ogrn: str) -> OrganisationId:
    """Whose files these are. Raises BadInput (organisation_unknown)."""
    with house.store.reading() as unit:
        found = unit.participants.organisation_by_ogrn(ogrn)
    if found is None:
        raise BadInput("organisation_unknown")
    return found.id
