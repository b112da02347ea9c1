"""Drafts of messages: what somebody has begun to write, sealed under a key of its own."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table

from gateway.storage.columns import Instant
from gateway.storage.tables import _ref, metadata

drafts = Table(
    "drafts",
    metadata,
    Column("organisation_id", String(64), ForeignKey("organisations.id"), primary_key=True),
    Column("id", String(64), primary_key=True),  # the operation identifier of the message to come
    _ref("author_id", "people.id"),
    Column("page", String(20), nullable=False),
    Column("type", String(40), nullable=False),
    Column("recipient_ogrn", String(15)),
    Column("kept_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("key_id", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_drafts_organisation_id_author_id_kept_at", "organisation_id", "author_id", "kept_at"),
    Index("ix_drafts_expires_at", "expires_at"),
)
