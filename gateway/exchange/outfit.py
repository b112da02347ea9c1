"""From settings to carriers and terms: which transports this installation has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from adapters.signatures.providers import Signer
from gateway.exchange.addresses import Networks
from gateway.exchange.carrier import Carrier
from gateway.exchange.file_drop import FileCarrier
from gateway.exchange.nats_stream import NatsCarrier
from gateway.exchange.webhook import WebhookCarrier
from gateway.key_files import DeliveryKey
from gateway.settings import Settings
from gateway.use_cases.delivery_terms import DeliveryTerms
from gateway.use_cases.delivery_values import Transport
from schemas.errors import BadInput


def networks(settings: Settings) -> Networks:
    """Raises BadInput (setting_invalid)."""
    try:
        return Networks.parse(settings.delivery_networks)
    except ValueError:
        raise BadInput("setting_invalid", name="MEZHVED_DELIVERY_NETWORKS") from None


def terms(settings: Settings) -> DeliveryTerms:
    """How long and how often."""
    return DeliveryTerms(
        first_wait=timedelta(seconds=settings.delivery_first_wait_seconds),
        longest_wait=timedelta(seconds=settings.delivery_longest_wait_seconds),
        give_up_after=timedelta(hours=settings.delivery_give_up_hours),
        lease=timedelta(seconds=settings.delivery_lease_seconds),
        endpoints=settings.delivery_endpoints_at_once,
    )


def carriers(
    settings: Settings, key: DeliveryKey, file_signer: Signer | None = None
) -> Callable[[], Mapping[Transport, Carrier]]:
    """What makes the carriers, on the event loop that uses them. Raises BadInput (setting_invalid) at once."""
    permitted = networks(settings)
    servers = tuple(server.strip() for server in settings.nats_servers.split(",") if server.strip())

    def make() -> Mapping[Transport, Carrier]:
        made: dict[Transport, Carrier] = {
            Transport.WEBHOOK: WebhookCarrier(key, permitted, settings.delivery_timeout_seconds),
            Transport.FILE: FileCarrier(settings.drop_folder, file_signer),
        }
        if servers:
            made[Transport.NATS] = NatsCarrier(
                key, servers, credentials=settings.nats_credentials, replicas=settings.nats_replicas
            )
        return made

    return make
