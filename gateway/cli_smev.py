"""`mezhved smev`: requests of SMEV 3 as files. The operator of the channel takes and answers them; a partner makes and reads
them without a store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from gateway.cli_private import write_private
from gateway.settings import read_settings

if TYPE_CHECKING:
    from adapters.signatures.providers import Signer
    from gateway.settings import Settings

smev = typer.Typer(help="Сообщения СМЭВ 3 файлами. Messages of SMEV 3 as files.", no_args_is_help=True)
console = Console(soft_wrap=True)

Certificate = Annotated[Path, typer.Option(help="Сертификат, PEM или DER. Certificate.")]


@smev.command("take")
def take(
    file: Annotated[Path, typer.Argument(help="SendRequestRequest или GetRequestResponse. The request.")],
    ogrn: Annotated[str, typer.Option(help="ОГРН отправителя. OGRN of the sender.")],
    output: Annotated[Path, typer.Option(help="Папка для ответа, Ack и отчёта. Folder of the response, Ack, report.")],
) -> None:
    """Принять запрос и записать ответ рядом. Take a request, write the response."""
    from adapters.smev.codes import said_as
    from gateway.building import build_house, utc_now
    from gateway.use_cases.file_records import need_nothing
    from gateway.use_cases.receive_smev import receive_smev
    from gateway.use_cases.sign_report import sign_report
    from gateway.use_cases.values import Requester
    from schemas.errors import BadInput, DocumentRejected, MezhvedError

    settings = read_settings()
    house = build_house(settings)
    with house.store.reading() as unit:
        sender = unit.participants.organisation_by_ogrn(ogrn)
    if sender is None:
        raise BadInput("organisation_unknown")
    if not output.is_dir():
        raise BadInput("smev_folder")
    try:
        stream = file.open("rb")
    except OSError:
        raise DocumentRejected("file_unreadable", file=file.name) from None
    with stream:
        try:
            taken = receive_smev(
                house,
                Requester(sender.id, "operator:cli"),
                stream,
                utc_now(),
                need=need_nothing,
                max_bytes=settings.max_file_bytes,
            )
        except MezhvedError as error:
            console.print(f"СМЭВ: {said_as('fault', error.code).code}", highlight=False)
            raise
    write_private(output / f"{taken.message_id}.response.xml", [taken.response])
    if taken.ack is not None:
        write_private(output / f"{taken.message_id}.ack.xml", [taken.ack])
    signed = sign_report(house, sender.id, taken.receipt, utc_now())
    write_private(output / f"{taken.message_id}.report.xml", [signed])
    report = taken.receipt.report
    console.print(f"{taken.message_id}: записей {report.records}, принято {report.accepted}.", highlight=False)
    raise typer.Exit(1 if report.rejected else 0)


@smev.command("make")
def make(
    source: Annotated[Path, typer.Argument(help="Документ Referral или Referrals. The document.")],
    target: Annotated[Path, typer.Argument(help="SendRequestRequest, новый файл. The request, new.")],
    key: Annotated[Path, typer.Option(help="Ключ информационной системы (ЭП-ОВ), PEM. Key of the system.")],
    certificate: Certificate,
    person_key: Annotated[Path | None, typer.Option(help="Ключ должностного лица (ЭП-СП). Of the official.")] = None,
    person_certificate: Annotated[Path | None, typer.Option(help="Его сертификат. Its certificate.")] = None,
    test: Annotated[bool, typer.Option("--test", help="Проверочное: данные не изменятся. A test message.")] = False,
) -> None:
    """Завернуть документ в подписанный запрос. Wrap a document into a signed request."""
    from adapters.smev.write import write_request
    from gateway.building import utc_now
    from schemas.errors import BadInput, Conflict

    settings = read_settings()
    if (person_key is None) != (person_certificate is None):
        raise BadInput("signing_key_invalid")
    person = _signer(settings, person_key, person_certificate) if person_key and person_certificate else None
    made = write_request(_read(source), _signer(settings, key, certificate), utc_now(), person=person, is_test=test)
    try:
        with target.open("xb") as file:
            file.write(made)
    except OSError:
        raise Conflict("signed_file_exists", file=target.name) from None


@smev.command("read")
def read(
    file: Annotated[Path, typer.Argument(help="SendResponseRequest шлюза. The response.")],
    certificate: Certificate,
    content: Annotated[Path | None, typer.Option(help="Куда записать отчёт. Where its content goes.")] = None,
) -> None:
    """Проверить и прочитать ответ шлюза. Verify and read a response of the gateway."""
    from adapters.signatures.certificates import Trust, parse_certificate
    from adapters.smev.read import read_response
    from gateway.building import providers_of, utc_now

    expected = parse_certificate(_read(certificate))
    trust = Trust(expected.ogrn or "", expected.inn, (expected,))
    found = read_response(_read(file), trust, utc_now(), providers_of(read_settings()))
    for code, words in found.rejections:
        console.print(f"{code}: {words}", highlight=False)
    if found.status is not None:
        console.print(f"{found.status[0]}: {found.status[1]}", highlight=False)
    if found.content is not None:
        console.print("Принято.")
        if content is not None:
            write_private(content, [found.content])


def _signer(settings: Settings, key: Path, certificate: Path) -> Signer:
    from adapters.signatures.gost import signer_of
    from gateway.building import providers_of

    return signer_of(_read(key), _read(certificate), providers_of(settings))


def _read(path: Path) -> bytes:
    from schemas.errors import BadInput

    try:
        return path.read_bytes()
    except OSError:
        raise BadInput("file_unreadable", file=path.name) from None
