"""Settings: environment variables `MEZHVED_*`, or the defaults of one machine. Read once at start, passed as a value."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.errors import BadInput


class Settings(BaseSettings):
    """Everything a deployment may choose. Documented in docs/settings.md, one heading per name (checked by a test)."""

    model_config = SettingsConfigDict(env_prefix="MEZHVED_", frozen=True)

    home: Path = Path("var")
    """Folder of the embedded stores and keys."""
    database_url: str = ""
    """SQLAlchemy address of the data store; empty: SQLite in `home`."""
    key_store_url: str = ""
    """SQLAlchemy address of the key store, apart from the data store; empty: SQLite in `home`."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8420
    """Port to listen on."""
    public_url: str = ""
    """Address that partners see, without a slash at the end; empty: http://host:port. It is the OAuth issuer."""
    log_origin: str = "mezhved.local/log"
    """Origin line of the log's checkpoints (C2SP tlog-checkpoint): unique for each installation."""
    pack: str = "ru"
    """Name of the policy pack in `policies/packs`."""
    overlays: str = ""
    """Regional overlays on top of the pack, separated by commas: names of its own, or paths that end in .yaml."""
    workers: Annotated[int, Field(ge=1, le=64)] = 8
    """Threads that run requests; each holds one unit of work."""
    relay_seconds: Annotated[float, Field(gt=0)] = 0.5
    """How often the relay looks for messages to deliver and entries to sequence, in seconds."""
    max_body_bytes: Annotated[int, Field(ge=1024)] = 1_000_000
    """Largest request body of the API, in bytes."""
    max_file_bytes: Annotated[int, Field(ge=1024)] = 20_000_000
    """Largest imported file, in bytes."""
    max_import_bytes: Annotated[int, Field(ge=1024)] = 2_000_000_000
    """Largest file that is taken step by step, in bytes."""
    body_seconds: Annotated[float, Field(gt=0, le=600)] = 30
    """How long the next bytes of a request's body are waited for, in seconds; then it ends."""
    bodies_at_once: Annotated[int, Field(ge=1, le=1000)] = 8
    """How many request bodies of one client, each over 20 000 bytes, one process takes at the same time."""
    gost: Literal["off", "engine"] = "off"
    """Who verifies and makes signatures by GOST: nobody, or the engine of OpenSSL (Debian: libengine-gost-openssl)."""
    format_schemas: str = ""
    """Folder of schemas that owners of formats publish, a folder for each in it; empty: `schemas` in `home`."""
    attachments: str = ""
    """Folder of sealed files of messages; empty: `attachments` in `home`. All processes of an installation share it."""
    max_attachment_bytes: Annotated[int, Field(ge=1024)] = 20_000_000
    """Largest file of a message, in bytes."""
    max_message_attachment_bytes: Annotated[int, Field(ge=1024)] = 50_000_000
    """Largest sum of the files of one message, in bytes."""
    max_daily_attachment_bytes: Annotated[int, Field(ge=1024)] = 1_000_000_000
    """What one organisation may upload in 24 hours, in bytes."""
    upload_hours: Annotated[int, Field(ge=1, le=720)] = 24
    """How long an uploaded file waits for its message before it is cleared away, in hours."""
    echo_hours: Annotated[int, Field(ge=1, le=720)] = 24
    """How often holders are told who looked at their summaries, in hours."""
    draft_days: Annotated[int, Field(ge=1, le=90)] = 14
    """How long an unfinished message is kept after it was saved last, in days."""
    delivery_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 10
    """How long one webhook may take from the first byte to the last, in seconds."""
    delivery_first_wait_seconds: Annotated[float, Field(gt=0)] = 10
    """Bound of the wait after the first failed attempt, in seconds; it doubles with each further one."""
    delivery_longest_wait_seconds: Annotated[float, Field(gt=0)] = 21_600
    """Bound at which it no longer doubles, and the longest that a Retry-After is honoured, in seconds."""
    delivery_give_up_hours: Annotated[float, Field(gt=0)] = 72
    """After how many hours of attempts a delivery becomes a dead letter."""
    delivery_lease_seconds: Annotated[float, Field(gt=0)] = 120
    """After how many seconds what a worker holds, and does not settle, is given to another."""
    delivery_endpoints_at_once: Annotated[int, Field(ge=1, le=500)] = 16
    """How many endpoints one process serves at the same time."""
    delivery_keep_days: Annotated[int, Field(ge=1)] = 90
    """For how many days deliveries that were taken are kept in the table."""
    delivery_networks: str = ""
    """Networks that webhooks may reach although they are not of the Internet, separated by commas; plain HTTP only there."""
    delivery_folder: str = ""
    """Folder of file drops, one folder for each endpoint in it; empty: `drop` in `home`."""
    pickup_seconds: Annotated[float, Field(ge=0)] = 10
    """How often the folders of file drops are looked at for answers of partners, in seconds; 0: never."""
    nats_servers: str = ""
    """Addresses of NATS servers, separated by commas; empty: no NATS."""
    nats_credentials: str = ""
    """File with credentials for NATS."""
    nats_replicas: Annotated[int, Field(ge=1, le=5)] = 3
    """Replicas of the stream when it is made."""
    cookie_secure: bool = False
    """Whether session cookies are sent over HTTPS only; set it wherever a proxy terminates TLS."""

    smtp_host: str = ""
    """Mail server for alerts; empty: no e-mail."""
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    """Its port."""
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection to it is protected; `none` only for a relay on the same machine."""
    smtp_user: str = ""
    """Login at the mail server; empty: none."""
    smtp_password_file: str = ""
    """File with the password of that login."""
    smtp_from: str = ""
    """Sender of alerts; empty: mezhved@ and the name of the mail server."""
    sms_url: str = ""
    """Address of an HTTP gateway for SMS (docs/queues.md); empty: no SMS."""
    sms_token_file: str = ""
    """File with the bearer token of that gateway."""
    alert_file: str = ""
    """For a demonstration: alerts are written into this file (`-`: standard output) and not sent."""
    alert_seconds: Annotated[float, Field(gt=0, le=30)] = 10
    """How long one attempt to send an alert may wait for a server, in seconds."""

    @property
    def overlays_on(self) -> tuple[str, ...]:
        """The overlays that are on, in the order in which they are laid."""
        return tuple(name for part in self.overlays.split(",") if (name := part.strip()))

    @property
    def data_store(self) -> str:
        """Address of the data store."""
        return self.database_url or f"sqlite:///{self.home / 'mezhved.sqlite'}"

    @property
    def key_store(self) -> str:
        """Address of the key store."""
        return self.key_store_url or f"sqlite:///{self.home / 'keys.sqlite'}"

    @property
    def key_folder(self) -> Path:
        """Folder of key files: `master.key`, `log.key` (`log.pub`), `oauth.pem`, `delivery.pem`, `files.pem` (`files.crt`)."""
        return self.home / "keys"

    @property
    def attachments_folder(self) -> Path:
        """Folder of sealed files of messages."""
        return Path(self.attachments) if self.attachments else self.home / "attachments"

    @property
    def schemas_folder(self) -> Path:
        """Where installed schemas of owners of formats are."""
        return Path(self.format_schemas) if self.format_schemas else self.home / "schemas"

    @property
    def drop_folder(self) -> Path:
        """Where folders of file drops are."""
        return Path(self.delivery_folder) if self.delivery_folder else self.home / "drop"

    @property
    def issuer(self) -> str:
        """The OAuth issuer and base address of all links."""
        return self.public_url or f"http://{self.host}:{self.port}"


def read_settings(**given: object) -> Settings:
    """The settings of this process. Raises BadInput (setting_invalid) that names the variable, never its value."""
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic checks the values
    except ValidationError as error:
        name = str(error.errors(include_url=False, include_input=False)[0]["loc"][0])
        raise BadInput("setting_invalid", name=f"MEZHVED_{name.upper()}") from None
