"""The house as the settings have it: every port with its implementation. Commands need no more than this; the application
(`gateway.main`) puts its edges around it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from adapters.signatures.classic import CLASSIC
from adapters.signatures.gost import with_gost
from adapters.signatures.providers import Providers
from gateway.key_files import load_file_signer, load_log_key
from gateway.settings import Settings
from gateway.storage.blobs import DirectoryBlobs
from gateway.storage.keys import SqlKeyStore
from gateway.storage.migrate import require_current
from gateway.storage.store import SqlStore
from gateway.use_cases.adopt_pack import adopt_pack
from gateway.use_cases.attachment_values import AttachmentLimits
from gateway.use_cases.house import House
from gateway.use_cases.recompute_timers import recompute_timers
from gateway.use_cases.run_practice_timers import GATEWAY
from gateway.vault.keys import load_master_key
from gateway.vault.vault import Vault
from policies.decider import PackDecider
from schemas.sections import check_tables


def utc_now() -> datetime:
    """The only clock. Edges read it once for a request and pass the instant on (law 10)."""
    return datetime.now(UTC)


def providers_of(settings: Settings) -> Providers:
    """Who verifies signatures. Raises Broken (gost_engine_missing); the engine is loaded only where it is asked for."""
    return with_gost() if settings.gost == "engine" else CLASSIC


def build_house(settings: Settings) -> House:
    """Stores, vault and pack. Raises Broken where a key file is missing or a store is of another version."""
    check_tables()
    master = load_master_key(settings.key_folder / "master.key")
    log_key = load_log_key(settings.key_folder / "log.key", settings.log_origin)
    store = SqlStore(settings.data_store, settings.workers)
    keys = SqlKeyStore(settings.key_store, master, settings.workers)
    require_current(store.engine, keys.engine)
    keys.require_master()
    providers = providers_of(settings)
    house = House(
        store,
        Vault(keys),
        PackDecider(settings.pack, settings.overlays_on),
        log_key,
        blobs=DirectoryBlobs(settings.attachments_folder),
        attachment_limits=AttachmentLimits(
            settings.max_attachment_bytes,
            settings.max_message_attachment_bytes,
            a_day=settings.max_daily_attachment_bytes,
            unattached_for=timedelta(hours=settings.upload_hours),
        ),
        providers=providers,
        file_signer=load_file_signer(settings.key_folder / "files.pem", settings.key_folder / "files.crt", providers),
        echo_period=timedelta(hours=settings.echo_hours),
        draft_period=timedelta(days=settings.draft_days),
    )
    now = utc_now()
    if adopt_pack(house, now):
        recompute_timers(house, GATEWAY, now)
    return house
