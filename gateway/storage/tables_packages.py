"""Tables of packages. The files themselves are nowhere: of each there are digests, and its secrets sealed with the message."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from gateway.storage.columns import Instant
from gateway.storage.tables import metadata

packages = Table(
    "packages",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("message_id", String(64), ForeignKey("messages.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("entry_id", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_on", String(10), nullable=False),
    Column("made_by", Text, nullable=False),
    Column("sealed_sha256", String(64), nullable=False),
    Column("content_digest", String(64), nullable=False),
    Column("outcomes", JSON, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("uq_packages_message_id_ordinal", "message_id", "ordinal", unique=True),
)

package_receipts = Table(
    "package_receipts",
    metadata,
    Column("package_id", String(64), ForeignKey("packages.id"), nullable=False),
    Column("outcome", String(100), nullable=False),
    Column("told_on", String(10), nullable=False),
    Column("typed_at", Instant, nullable=False),
    Column("typed_by", Text, nullable=False),
    PrimaryKeyConstraint("package_id", "outcome"),
)

package_misses = Table(
    "package_misses",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("message_id", String(64), ForeignKey("messages.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_package_misses_message_id_at", "message_id", "at"),
)
