"""`mezhved seal`: files sealed end to end. A partner makes its key, seals, opens and answers without a store; the operator
registers keys for an organisation that has no system."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from gateway.settings import read_settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    from gateway.use_cases.house import House
    from schemas.ids import OrganisationId

seal = typer.Typer(help="Файлы, закрытые для ключа получателя. Files sealed end to end.", no_args_is_help=True)
console = Console(soft_wrap=True)

OPERATOR = "operator:cli"
Ogrn = Annotated[str, typer.Option(help="ОГРН организации. OGRN of the organisation.")]
PrivateKey = Annotated[Path, typer.Argument(help="Файл закрытого ключа (JWK). File of the private key.")]
KeyId = Annotated[str, typer.Argument(help="Номер ключа (отпечаток). Key id (thumbprint).")]
Until = Annotated[datetime | None, typer.Option(help="Действует до, UTC. Valid until, UTC.")]


@seal.command("make")
def make(key: PrivateKey) -> None:
    """Создать ключ получателя. Make a key; prints its public half, id and digits."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    from gateway.partner.sealed_files import key_id, spoken, text_of, write_private
    from schemas.errors import Conflict

    private = X25519PrivateKey.generate()
    try:
        write_private(key, private)
    except OSError:
        raise Conflict("key_file_exists", file=key.name) from None
    of_key = key_id(private.public_key())
    console.print(f"{text_of(private.public_key())}\n{of_key}\n{spoken(of_key)}", highlight=False)


@seal.command("file")
def seal_file(
    public: Annotated[str, typer.Argument(help="Открытый ключ получателя, base64url. Public key of the recipient.")],
    source: Annotated[Path, typer.Argument(help="Файл. The file.")],
    target: Annotated[Path, typer.Argument(help="Закрытый файл, новый. The sealed file, new.")],
) -> None:
    """Закрыть файл для ключа. Seal a file to a key."""
    from gateway.partner.sealed_files import public_of, seal_path
    from schemas.errors import BadInput

    try:
        key = public_of(public)
    except ValueError:
        raise BadInput("seal_key_invalid") from None
    try:
        seal_path(key, source, target)
    except OSError:
        raise BadInput("seal_file") from None


@seal.command("open")
def open_file(
    key: PrivateKey,
    source: Annotated[Path, typer.Argument(help="Закрытый файл. The sealed file.")],
    target: Annotated[Path, typer.Argument(help="Куда открыть, новый файл. The opened file, new.")],
) -> None:
    """Открыть закрытый файл своим ключом. Open a sealed file with one's key."""
    from gateway.partner.sealed_files import SealedWrongError, open_path
    from schemas.errors import BadInput

    try:
        open_path(_private(key), source, target)
    except (SealedWrongError, OSError):
        raise BadInput("seal_file") from None


@seal.command("answer")
def answer(
    key: PrivateKey,
    ogrn: Annotated[str, typer.Argument(help="ОГРН своей организации. OGRN of one's organisation.")],
    challenge: Annotated[str, typer.Argument(help="Проверка от шлюза. The challenge of the gateway.")],
) -> None:
    """Ответить на проверку при регистрации ключа. Answer the challenge of a registration."""
    from gateway.partner.sealed_files import SealedWrongError, answer_challenge
    from schemas.errors import BadInput

    try:
        console.print(answer_challenge(_private(key), challenge, ogrn), highlight=False)
    except SealedWrongError:
        raise BadInput("seal_key_answer") from None


@seal.command("register")
def register(
    ogrn: Ogrn,
    public: Annotated[str, typer.Option(help="Открытый ключ X25519, base64url. The public key.")],
    valid_from: Annotated[datetime | None, typer.Option(help="Действует с, UTC. Valid from, UTC.")] = None,
    valid_to: Until = None,
) -> None:
    """Записать ключ организации; печатает проверку. Register a key; prints its challenge."""
    from datetime import UTC

    from gateway.building import build_house, utc_now
    from gateway.use_cases.register_seal_key import register_seal_key

    house = build_house(read_settings())
    made = register_seal_key(
        house,
        _organisation(house, ogrn),
        public,
        OPERATOR,
        utc_now(),
        valid_from=valid_from.replace(tzinfo=UTC) if valid_from else None,
        valid_to=valid_to.replace(tzinfo=UTC) if valid_to else None,
    )
    console.print(f"{made.key.id}\n{made.challenge}", highlight=False)


@seal.command("confirm")
def confirm(
    ogrn: Ogrn, key_id: KeyId, answer: Annotated[str, typer.Argument(help="Ответ организации. Its answer.")]
) -> None:
    """Подтвердить ключ ответом организации. Confirm a key with the organisation's answer."""
    from gateway.building import build_house, utc_now
    from gateway.use_cases.register_seal_key import confirm_seal_key

    house = build_house(read_settings())
    key = confirm_seal_key(house, _organisation(house, ogrn), key_id, answer, OPERATOR, utc_now())
    console.print(f"{key.id} ({key.entry_id})", highlight=False)


@seal.command("revoke")
def revoke(
    ogrn: Ogrn,
    key_id: KeyId,
    reason: Annotated[str, typer.Option(help="rotated, compromised, lost или mistake. Reason.")],
) -> None:
    """Отозвать ключ навсегда. Revoke a key for good."""
    from gateway.building import build_house, utc_now
    from gateway.use_cases.register_seal_key import revoke_seal_key

    house = build_house(read_settings())
    key = revoke_seal_key(house, _organisation(house, ogrn), key_id, reason, OPERATOR, utc_now())
    console.print(f"{key.id} ({key.reason})", highlight=False)


@seal.command("keys")
def keys(ogrn: Ogrn) -> None:
    """Показать ключи организации. List the keys of an organisation."""
    from gateway.building import build_house, utc_now
    from gateway.partner.sealed_files import spoken
    from gateway.use_cases.read_seal_keys import own_seal_keys
    from gateway.use_cases.seal_key_values import key_to_seal_to

    house, now = build_house(read_settings()), utc_now()
    found = own_seal_keys(house, _organisation(house, ogrn))
    chosen = key_to_seal_to(found, now)
    for key in found:
        mark = " *" if chosen is not None and chosen.id == key.id else ""
        until = key.valid_to.isoformat(timespec="seconds") if key.valid_to else "-"
        console.print(f"{key.id}  {key.state(now).value}{mark}  до {until}\n  {spoken(key.id)}", highlight=False)


def _private(path: Path) -> X25519PrivateKey:
    from gateway.partner.sealed_files import read_private
    from schemas.errors import BadInput

    try:
        return read_private(path)
    except (OSError, ValueError):
        raise BadInput("seal_key_invalid") from None


def _organisation(house: House, ogrn: str) -> OrganisationId:
    from schemas.errors import BadInput

    with house.store.reading() as unit:
        found = unit.participants.organisation_by_ogrn(ogrn)
    if found is None:
        raise BadInput("organisation_unknown")
    return found.id
