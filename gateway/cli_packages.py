"""`mezhved package`: make a package, open one without the gateway, type a receipt code back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gateway.cli_private import write_private
from gateway.settings import read_settings
from schemas.catalogue import Language

package = typer.Typer(help="Пакеты для получателей без доступа. Packages for bodies without API.", no_args_is_help=True)
console = Console(soft_wrap=True, highlight=False, markup=False)

Message = Annotated[str, typer.Argument(help="Номер сообщения. Message id.")]


@package.command("make")
def make(
    message: Message,
    folder: Annotated[Path, typer.Argument(help="Папка, куда записать файл. Folder for the file.")] = Path(),
) -> None:
    """Сделать пакет; код открытия увидит только отправитель. Make a package; its code is shown to the sender alone."""
    from gateway.building import build_house, utc_now
    from gateway.use_cases.make_package import make_package
    from schemas.errors import BadInput
    from schemas.ids import MessageId

    if not folder.is_dir():
        raise BadInput("package_folder")
    house = build_house(read_settings())
    made = make_package(house, None, MessageId(message), utc_now())
    target = folder / made.name
    write_private(target, [made.file])
    console.print(f"Записано: {target}")
    console.print(f"Отпечаток ключа подписи: {house.log_key.verifier().fingerprint}")
    console.print("Код открытия отправитель видит на странице сообщения и сообщает получателю отдельно.")
    if made.recipient_has_access:
        console.print("У получателя есть доступ к Межведу: сообщение лежит и в его очереди.")


@package.command("list")
def list_(message: Message) -> None:
    """Показать пакеты сообщения и что вернулось. List the packages of a message and what came back."""
    from gateway.building import build_house, utc_now
    from gateway.use_cases.read_packages import read_packages
    from schemas.ids import MessageId

    for known in read_packages(build_house(read_settings()), None, MessageId(message), utc_now()).packages:
        said = "; ".join(f"{r.outcome} {r.told_on:%d.%m.%Y}" for r in known.receipts) or "подтверждения нет"
        console.print(f"{known.id}  {known.made_at.isoformat(timespec='seconds')}  {known.made_by}  {said}")


@package.command("receipt")
def receipt(
    message: Message,
    code: Annotated[str, typer.Argument(help="Код, который назвал получатель. The code that the recipient told.")],
    statute: Annotated[
        str | None, typer.Option(help="Норма, если сведения сохранены по закону. Norm, where data are retained.")
    ] = None,
    words: Annotated[
        str | None,
        typer.Option(help="Что получатель сказал с ним, без имён. What the recipient said with it, nameless."),
    ] = None,
) -> None:
    """Записать код подтверждения. Type a receipt code back."""
    from gateway.building import build_house, utc_now
    from gateway.use_cases.receive_package_receipt import receive_package_receipt
    from schemas.ids import MessageId

    house = build_house(read_settings())
    received = receive_package_receipt(house, None, MessageId(message), code, utc_now(), statute=statute, words=words)
    again = " (уже был введён)" if received.again else ""
    console.print(f"{received.outcome}{again}: пакет {received.package_id}, день {received.told_on:%d.%m.%Y}")
    if received.withdrawn:
        console.print("Сообщение отозвано: передайте получателю отзыв тем же путём.")


@package.command("open")
def open_(
    file: Annotated[Path, typer.Argument(help="Файл mezhved-….html. The file.")],
    key: Annotated[
        Path | None,
        typer.Option(help="Открытый ключ журнала, полученный отдельно. The log's public key, got elsewhere."),
    ] = None,
    code: Annotated[
        str | None, typer.Option(help="Код открытия; без него спросит. The opening code; asked for without it.")
    ] = None,
    xml: Annotated[Path | None, typer.Option(help="Записать содержимое как XML. Write the content as XML.")] = None,
    outcome: Annotated[
        str, typer.Option(help="Ответ, код которого показать: opened, accept… The answer to show a code of.")
    ] = "opened",
    lang: Annotated[str, typer.Option(help="ru или en.")] = "ru",
) -> None:
    """Открыть пакет без шлюза и его хранилища. Open a package without the gateway and its store."""
    from gateway.building import utc_now
    from gateway.evidence.note import VerifierKey
    from gateway.partner.packages import MAX_FILE
    from gateway.use_cases.show_package import lines_of, receipt_of
    from gateway.use_cases.verify_package import open_package
    from schemas.errors import DocumentRejected

    try:
        with file.open("rb") as source:
            data = source.read(MAX_FILE + 1)
        known = VerifierKey.parse(key.read_text("utf-8").strip()) if key else None
    except (OSError, UnicodeDecodeError):
        raise DocumentRejected("not_a_package") from None
    opened = open_package(data, code or typer.prompt("Код открытия / opening code", hide_input=True), known)
    language: Language = "en" if lang == "en" else "ru"
    for line in lines_of(opened, language):
        console.print(line)
    console.print(receipt_of(opened, outcome, utc_now(), language))
    if xml is not None:
        write_private(xml, [opened.document.rstrip(b"\n") + b"\n"])
        console.print(f"XML: {xml}")
