"""`mezhved delivery`: endpoints of organisations, what waits, what is dead, and again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gateway.settings import read_settings

delivery = typer.Typer(help="Передача в системы партнёров. Delivery to partners' systems.", no_args_is_help=True)
console = Console(soft_wrap=True)

OPERATOR = "operator:cli"
Endpoint = Annotated[str, typer.Argument(help="Номер адреса получения. Endpoint id.")]


@delivery.command("add")
def add(
    ogrn: Annotated[str, typer.Option(help="ОГРН организации. OGRN of the organisation.")],
    transport: Annotated[str, typer.Option(help="webhook, file или nats. Transport.")],
    address: Annotated[str, typer.Option(help="Адрес https, папка или тема NATS. Address, folder or subject.")],
    event: Annotated[
        list[str] | None, typer.Option(help="О чём сообщать; ничего — обо всём. Events, repeatable; none: all.")
    ] = None,
    content: Annotated[
        bool, typer.Option("--content", help="С содержанием, через ту же дверь. With content, through the one door.")
    ] = False,
    ordered: Annotated[bool, typer.Option("--ordered", help="Строго по порядку. In order.")] = False,
    form: Annotated[str, typer.Option(help="Вид файла: json, xml, signed-xml, csv. Form of a file.")] = "json",
    receipt_keys: Annotated[
        Path | None, typer.Option(help="Открытые ключи Ed25519 получателя, JWKS. Keys that sign receipts.")
    ] = None,
    seal_key: Annotated[
        str | None, typer.Option(help="Открытый ключ X25519, base64url: содержание запечатано. Key to seal to.")
    ] = None,
) -> None:
    """Добавить адрес получения. Add an endpoint."""
    import json

    from gateway.building import build_house, utc_now
    from gateway.exchange.outfit import networks
    from gateway.use_cases.register_endpoint import register_endpoint
    from schemas.errors import BadInput

    settings = read_settings()
    house = build_house(settings)
    with house.store.reading() as unit:
        organisation = unit.participants.organisation_by_ogrn(ogrn)
    if organisation is None:
        raise BadInput("organisation_unknown")
    try:
        keys = json.loads(receipt_keys.read_bytes()) if receipt_keys else None
    except (OSError, ValueError):
        raise BadInput("endpoint_key") from None
    made = register_endpoint(
        house,
        organisation.id,
        transport,
        address,
        OPERATOR,
        utc_now(),
        events=event or (),
        content=content,
        ordered=ordered,
        form=form,
        receipt_keys=keys,
        seal_key=seal_key,
        plain_http=bool(networks(settings).allowed),
    )
    console.print(f"{made.id} ({made.state.value})")


@delivery.command("endpoints")
def endpoints(
    ogrn: Annotated[str | None, typer.Option(help="ОГРН; без него — все. OGRN; all without it.")] = None,
) -> None:
    """Показать адреса получения и сколько для них ждёт. List endpoints and what waits for them."""
    from gateway.building import build_house
    from gateway.use_cases.oversee_deliveries import read_endpoints
    from schemas.errors import BadInput

    house = build_house(read_settings())
    organisation = None
    if ogrn is not None:
        with house.store.reading() as unit:
            organisation = unit.participants.organisation_by_ogrn(ogrn)
        if organisation is None:
            raise BadInput("organisation_unknown")
    for shown in read_endpoints(house, organisation.id if organisation else None):
        e, n = shown.endpoint, shown.counts
        oldest = f", старейшее с {n.oldest.isoformat(timespec='seconds')}" if n.oldest else ""
        reason = f" ({e.reason})" if e.reason else ""
        console.print(
            f"{e.id}  {e.transport.value}  {e.state.value}{reason}  ждёт {n.waiting}{oldest}, мёртвых {n.dead},"
            f" принято {n.done}"
        )


@delivery.command("list")
def list_(
    state: Annotated[str, typer.Option(help="dead, waiting или all. State.")] = "dead",
    endpoint: Annotated[str | None, typer.Option(help="Только для одного адреса. Of one endpoint.")] = None,
) -> None:
    """Показать недоставленное. List what was not handed over."""
    from gateway.building import build_house
    from gateway.use_cases.oversee_deliveries import list_deliveries

    for row in list_deliveries(build_house(read_settings()), None, state, endpoint_id=endpoint):
        next_at = "" if row.state in ("dead", "done") else f"  снова {row.available_at.isoformat(timespec='seconds')}"
        console.print(
            f"{row.event.id}  {row.state}  {row.event.kind.value} {row.event.message_id}  адрес {row.endpoint_id}"
            f"  попыток {row.attempts}  {row.error or '-'}{next_at}"
        )


@delivery.command("show")
def show(delivery_id: Annotated[str, typer.Argument(help="Номер передачи. Delivery id.")]) -> None:
    """Показать одну передачу на всех её путях. Show one delivery on each of its ways."""
    from gateway.building import build_house
    from gateway.use_cases.oversee_deliveries import show_delivery

    rows = show_delivery(build_house(read_settings()), None, delivery_id)
    event = rows[0].event
    console.print(f"{event.kind.value} {event.message_id} {event.type} {event.state} {event.at.isoformat()}")
    for row in rows:
        console.print(f"{row.endpoint_id}: {row.state}, {row.attempts}, {row.error or '-'}")


@delivery.command("replay")
def replay(
    delivery_id: Annotated[
        list[str] | None, typer.Argument(help="Номера передач; без них — все. Delivery ids; all without.")
    ] = None,
    endpoint: Annotated[str | None, typer.Option(help="Только для одного адреса. Of one endpoint.")] = None,
) -> None:
    """Передать мёртвые и отложенные заново. Put dead and delayed deliveries on their way again."""
    from gateway.building import build_house, utc_now
    from gateway.use_cases.oversee_deliveries import replay_deliveries

    count = replay_deliveries(
        build_house(read_settings()),
        None,
        OPERATOR,
        utc_now(),
        endpoint_id=endpoint,
        delivery_ids=delivery_id or None,
    )
    console.print(f"Передаётся заново: {count}.")


@delivery.command("pause")
def pause(endpoint: Endpoint) -> None:
    """Приостановить передачу по адресу: всё ждёт. Pause an endpoint; what comes waits."""
    _change(endpoint, "paused")


@delivery.command("resume")
def resume(endpoint: Endpoint) -> None:
    """Продолжить передачу по адресу. Let an endpoint run again."""
    _change(endpoint, "active")


@delivery.command("remove")
def remove(endpoint: Endpoint) -> None:
    """Больше не передавать по адресу. End an endpoint for good."""
    _change(endpoint, "disabled")


def _change(endpoint_id: str, state: str) -> None:
    from gateway.building import build_house, utc_now
    from gateway.use_cases.delivery_values import EndpointState
    from gateway.use_cases.register_endpoint import change_endpoint

    changed = change_endpoint(
        build_house(read_settings()), None, endpoint_id, EndpointState(state), OPERATOR, utc_now(), reason="operator"
    )
    console.print(f"{changed.id} ({changed.state.value})")


@delivery.command("pick-up")
def pick_up_() -> None:
    """Забрать ответы партнёров из папок сейчас. Pick up answers of partners from their folders now."""
    from gateway.building import build_house, utc_now
    from gateway.exchange.pick_up import pick_up

    settings = read_settings()
    found = pick_up(build_house(settings), settings.drop_folder, utc_now(), settings.max_file_bytes)
    console.print(f"Файлов принято: {found.taken}, отклонено: {found.rejected}.")


@delivery.command("run")
def run() -> None:
    """Передавать до остановки, без API и страниц. Deliver until stopped, without API and pages."""
    from gateway.serve import relay

    relay(read_settings())
