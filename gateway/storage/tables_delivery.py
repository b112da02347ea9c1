"""Tables of what is handed to partners' systems. Identifiers, codes, instants, addresses of organisations: nobody of a family.

An event is one fact about a message that one organisation must learn; a delivery is that event on its way to one of its
endpoints. Both are written in the transaction of the fact itself.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gateway.storage.columns import Instant, Json
from gateway.storage.tables import metadata

Position = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows by itself only in an INTEGER key

delivery_endpoints = Table(
    "delivery_endpoints",
    metadata,
    Column("id", String(64), primary_key=True, nullable=False),
    Column("organisation_id", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("transport", String(20), nullable=False),  # webhook, file, nats
    Column("address", Text, nullable=False),  # of a system of the organisation: an URL, a folder, a subject
    Column("events", Json, nullable=False),
    Column("content", Boolean, nullable=False),  # whether content goes with it, through the door
    Column("ordered", Boolean, nullable=False),
    Column("form", String(10), nullable=False),  # of what is written: json, xml, csv, signed-xml
    Column("receipt_keys", Json, nullable=False),  # public keys (JWKS) that sign receipts and acknowledgements
    Column("seal_key", String(64)),  # public key (X25519) that content is sealed to
    Column("state", String(20), nullable=False),  # pending, active, paused, disabled
    Column("reason", String(40)),
    Column("challenge", String(64)),
    Column("registered_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("failures", Integer, nullable=False),  # in a row
    Column("resume_at", Instant, nullable=False),  # nothing is tried before
    Column("claimed_at", Instant, nullable=False),  # who waited longest is served first
    Column("sequence", Integer, nullable=False),  # of the last delivery to an endpoint that wants order
    Index("ix_delivery_endpoints_organisation_id", "organisation_id"),
    Index("ix_delivery_endpoints_state_claimed_at", "state", "claimed_at"),
)

delivery_events = Table(
    "delivery_events",
    metadata,
    Column("position", Position, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("organisation_id", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("message_id", String(64), ForeignKey("messages.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),  # of the receipt that it tells of
    Column("kind", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("at", Instant, nullable=False),
    Column("acknowledged_at", Instant),
    Column("acknowledged_by", Text),
    UniqueConstraint("organisation_id", "message_id", "ordinal"),
    Index(
        "ix_delivery_events_waiting",
        "organisation_id",
        "position",
        sqlite_where=text("acknowledged_at IS NULL"),
        postgresql_where=text("acknowledged_at IS NULL"),
    ),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("position", Position, primary_key=True, autoincrement=True),
    Column("event_id", String(64), ForeignKey("delivery_events.id"), nullable=False),
    Column("endpoint_id", String(64), ForeignKey("delivery_endpoints.id"), nullable=False),
    Column("since", Instant, nullable=False),  # attempts are made for so long since then
    Column("available_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lapses", Integer, nullable=False),  # how often a worker never came back from it
    Column("fence", Integer, nullable=False),  # grows with each claim: a late worker's word does not count
    Column("leased_until", Instant),
    Column("sequence", Integer),
    Column("error", String(40)),
    Column("done_at", Instant),
    Column("dead_at", Instant),
    UniqueConstraint("event_id", "endpoint_id"),
    Index(
        "ix_deliveries_waiting",
        "endpoint_id",
        "position",
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
    Index("ix_deliveries_done_at", "done_at"),
)

delivery_receipts = Table(
    "delivery_receipts",
    metadata,
    Column("event_id", String(64), ForeignKey("delivery_events.id"), primary_key=True),
    Column("endpoint_id", String(64), ForeignKey("delivery_endpoints.id"), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("keyid", String(100), nullable=False),
    Column("document", LargeBinary, nullable=False),  # the signed words of the partner, as they came
)

answers_applied = Table(
    "answers_applied",
    metadata,
    Column("organisation_id", String(64), ForeignKey("organisations.id"), primary_key=True),
    Column("operation_id", String(64), primary_key=True),  # chosen by who answers: a repeat changes nothing
    Column("digest", String(64), nullable=False),  # of the whole answer
    Column("message_id", String(64), ForeignKey("messages.id"), nullable=False),
    Column("at", Instant, nullable=False),
)
