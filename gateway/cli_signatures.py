"""`mezhved certificate` and `mezhved signature`: certificates of organisations for the operator, and for partners a signature
made and checked without a store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from gateway.cli_private import write_private
from gateway.settings import read_settings

if TYPE_CHECKING:
    from gateway.use_cases.house import House
    from schemas.ids import OrganisationId

certificate = typer.Typer(help="Сертификаты подписи файлов. Certificates of signed files.", no_args_is_help=True)
signature = typer.Typer(help="Подписать или проверить файл. Sign or check a file.", no_args_is_help=True)
console = Console(soft_wrap=True)

OPERATOR = "operator:cli"
Ogrn = Annotated[str, typer.Option(help="ОГРН организации. OGRN of the organisation.")]
CertificateFile = Annotated[Path, typer.Argument(help="Файл сертификата, PEM или DER. File of the certificate.")]
Source = Annotated[Path, typer.Argument(help="Файл XML. An XML file.")]


@certificate.command("register")
def register(
    file: CertificateFile,
    ogrn: Ogrn,
    role: Annotated[str, typer.Option(help="signer или authority (удостоверяющий центр). Role.")] = "signer",
) -> None:
    """Записать сертификат организации; печатает отпечаток. Register a certificate; prints its fingerprint."""
    from gateway.building import build_house, utc_now
    from gateway.use_cases.certificate_values import ROLES
    from gateway.use_cases.register_certificate import register_certificate
    from schemas.errors import BadInput

    house, data = build_house(read_settings()), _read(file)
    known = next((one for one in ROLES if one == role), None)
    if known is None:
        raise BadInput("field_invalid", place="role", rule=", ".join(ROLES))
    made = register_certificate(
        house, _organisation(house, ogrn), data, OPERATOR, utc_now(), role=known, by_operator=True
    )
    console.print(f"{made.id} ({made.entry_id})", highlight=False)


@certificate.command("revoke")
def revoke(
    ogrn: Ogrn,
    fingerprint: Annotated[str, typer.Argument(help="Отпечаток SHA-256. Fingerprint.")],
    reason: Annotated[str, typer.Option(help="rotated, compromised, lost или mistake. Reason.")],
) -> None:
    """Отозвать сертификат навсегда. Revoke a certificate for good."""
    from gateway.building import build_house, utc_now
    from gateway.use_cases.register_certificate import revoke_certificate

    house = build_house(read_settings())
    made = revoke_certificate(house, _organisation(house, ogrn), fingerprint, reason, OPERATOR, utc_now())
    console.print(f"{made.id} ({made.reason})", highlight=False)


@certificate.command("list")
def listed(ogrn: Ogrn) -> None:
    """Показать сертификаты организации. List the certificates of an organisation."""
    from gateway.building import build_house, utc_now
    from gateway.use_cases.read_certificates import signature_profile

    house, now = build_house(read_settings()), utc_now()
    found = signature_profile(house, _organisation(house, ogrn))
    console.print("Подпись файлов обязательна." if found.required else "Подпись файлов не обязательна.")
    for one in found.certificates:
        until = one.valid_to.strftime("%d.%m.%Y")
        console.print(f"{one.id}  {one.role}  {one.state(now).value}  до {until}", highlight=False)


@certificate.command("require")
def require(
    ogrn: Ogrn,
    off: Annotated[bool, typer.Option("--off", help="Больше не требовать. Demand it no more.")] = False,
) -> None:
    """Требовать подписи файлов организации. Demand that the organisation's files are signed."""
    from gateway.building import build_house, utc_now
    from gateway.use_cases.register_certificate import require_signatures

    house = build_house(read_settings())
    require_signatures(house, _organisation(house, ogrn), not off, OPERATOR, utc_now(), by_operator=True)
    console.print("Подпись файлов больше не обязательна." if off else "Подпись файлов обязательна.")


@certificate.command("own")
def own() -> None:
    """Показать сертификат, которым шлюз подписывает отчёты. Print the certificate of the gateway's reports."""
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import load_der_x509_certificate

    from gateway.building import build_house
    from schemas.errors import Broken

    signer = build_house(read_settings()).file_signer
    if signer is None:
        raise Broken("file_signer_missing")
    typer.echo(load_der_x509_certificate(signer.certificate).public_bytes(Encoding.PEM).decode(), nl=False)


@signature.command("make")
def make(
    source: Source,
    target: Annotated[Path, typer.Argument(help="Подписанный файл, новый. The signed file, new.")],
    key: Annotated[Path, typer.Option(help="Закрытый ключ, PEM. Private key.")],
    certificate: Annotated[Path, typer.Option(help="Сертификат этого ключа. Its certificate.")],
) -> None:
    """Подписать файл (XAdES-BES). Sign a file."""
    from adapters.signatures.gost import signer_of
    from adapters.signatures.sign import sign_document
    from gateway.building import providers_of, utc_now
    from schemas.errors import Conflict

    signer = signer_of(_read(key), _read(certificate), providers_of(read_settings()))
    made = sign_document(_read(source), signer, utc_now())
    try:
        with target.open("xb") as file:
            file.write(made)
    except OSError:
        raise Conflict("signed_file_exists", file=target.name) from None


@signature.command("check")
def check(
    source: Source,
    certificate: Annotated[Path, typer.Option(help="Чьей подписью. The certificate it must be signed with.")],
    content: Annotated[Path | None, typer.Option(help="Куда записать подписанное. Where what was signed goes.")] = None,
) -> None:
    """Проверить подпись файла или отчёта шлюза. Check the signature of a file or of the gateway's report."""
    from adapters.signatures.certificates import Trust, parse_certificate
    from adapters.signatures.verify import verify_document
    from gateway.building import providers_of, utc_now
    from schemas.errors import DocumentRejected

    expected = parse_certificate(_read(certificate))
    trust = Trust(expected.ogrn or "", expected.inn, (expected,))
    found = verify_document(_read(source), trust, utc_now(), providers_of(read_settings()))
    if found is None:
        raise DocumentRejected("signature_missing_here")
    if content is not None:
        write_private(content, [found.content])
    console.print(f"Подпись верна. Сертификат: {found.certificate.fingerprint}", highlight=False)


def _read(path: Path) -> bytes:
    from schemas.errors import BadInput

    try:
        return path.read_bytes()
    except OSError:
        raise BadInput("file_unreadable", file=path.name) from None


def _organisation(house: House, ogrn: str) -> OrganisationId:
    from schemas.errors import BadInput

    with house.store.reading() as unit:
        found = unit.participants.organisation_by_ogrn(ogrn)
    if found is None:
        raise BadInput("organisation_unknown")
    return found.id
