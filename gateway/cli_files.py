"""`mezhved import`: files at the command line, through the same use cases as the API."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from gateway.building import build_house, utc_now
from gateway.settings import Settings
from gateway.use_cases.house import House
from gateway.use_cases.receive_file import receive_file
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, DocumentRejected
from schemas.ids import OrganisationId


def import_file(settings: Settings, file: Path, ogrn: str, reject: Path | None, console: Console) -> int:
    """0 when every record was taken, 1 when some were rejected."""
    house = build_house(settings)
    requester = Requester(_organisation(house, ogrn), "operator:cli")
    try:
        stream = file.open("rb")
    except OSError:
        raise DocumentRejected("file_unreadable", file=file.name) from None
    form = file.suffix.lstrip(".").lower()
    with stream, Progress(console=console, transient=True) as bar:
        task = bar.add_task("Приём записей", total=None)
        receipt = receive_file(
            house,
            requester,
            stream,
            form,
            utc_now(),
            max_bytes=settings.max_file_bytes,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    report = receipt.report
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


def _organisation(house: House, ogrn: str) -> OrganisationId:
    with house.store.reading() as unit:
        found = unit.participants.organisation_by_ogrn(ogrn)
    if found is None:
        raise BadInput("organisation_unknown")
    return found.id
