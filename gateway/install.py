"""Set an installation up: key files, then both stores at the newest version. Harmless to repeat."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.building import utc_now
from gateway.key_files import create_file_signer, create_log_key, load_or_create_delivery_key
from gateway.oauth.keys import load_or_create_signing_key
from gateway.settings import Settings
from gateway.storage.engine import open_engine
from gateway.storage.migrate import Which, migrate, revisions
from gateway.vault.keys import create_master_key
from schemas.errors import Broken


def install(settings: Settings) -> Iterator[str]:
    """What was done, line by line. Raises Broken (folder_not_writable, store_newer)."""
    folder = settings.key_folder
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not (folder / "master.key").exists():
            create_master_key(folder / "master.key")
            yield "Создан главный ключ."
        if not (folder / "log.key").exists():
            create_log_key(folder / "log.key", settings.log_origin)
            yield "Создан ключ журнала."
        load_or_create_signing_key(folder / "oauth.pem")
        load_or_create_delivery_key(folder / "delivery.pem")
        if not (folder / "files.pem").exists():
            create_file_signer(folder / "files.pem", folder / "files.crt", settings.log_origin, utc_now())
            yield "Создан ключ подписи отчётов."
    except OSError:
        raise Broken("folder_not_writable", folder=str(folder)) from None
    stores: tuple[tuple[Which, str, str], ...] = (
        ("data", settings.data_store, "данных"),
        ("keys", settings.key_store, "ключей"),
    )
    for which, url, name in stores:
        engine = open_engine(url)
        before, head = revisions(engine, which)
        migrate(engine, which)
        engine.dispose()
        state = f"версия {head}" if before == head else f"{before or 'пусто'} → {head}"
        yield f"Хранилище {name}: {state}."
