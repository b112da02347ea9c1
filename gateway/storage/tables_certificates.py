"""Tables of certificates that files are signed with, of who must sign, and of messages of SMEV that were taken. Certificates
name officials, nobody of a family."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, LargeBinary, String, Table

from gateway.storage.columns import Instant
from gateway.storage.tables import metadata

signing_certificates = Table(
    "signing_certificates",
    metadata,
    Column("organisation_id", String(64), ForeignKey("organisations.id"), primary_key=True),
    Column("id", String(64), primary_key=True),  # fingerprint
    Column("role", String(20), nullable=False),
    Column("der", LargeBinary, nullable=False),
    Column("valid_from", Instant, nullable=False),
    Column("valid_to", Instant, nullable=False),
    Column("registered_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("reason", String(40)),
    Column("entry_id", String(64)),
)

signature_profiles = Table(
    "signature_profiles",
    metadata,
    Column("organisation_id", String(64), ForeignKey("organisations.id"), primary_key=True),
    Column("required", Boolean, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

smev_messages = Table(
    "smev_messages",
    metadata,
    Column("organisation_id", String(64), ForeignKey("organisations.id"), primary_key=True),
    Column("message_id", String(36), primary_key=True),
    Column("digest", String(64), nullable=False),  # of the content
    Column("received_at", Instant, nullable=False),
)
