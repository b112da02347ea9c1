"""Tables of attachments. Names of files are nowhere; what a document is rests sealed; bytes lie in the blob store."""

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
    UniqueConstraint,
)

from gateway.storage.columns import Instant
from gateway.storage.tables import metadata

uploads = Table(
    "uploads",
    metadata,
    Column("id", String(64), primary_key=True),  # also the name of its blob
    Column("organisation_id", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("operation_id", String(64), nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("declared", String(100), nullable=False),
    Column("state", String(10), nullable=False),
    Column("wrapped_key", LargeBinary),  # for the organisation; taken away when a message takes the file up
    Column("media_type", String(100)),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64)),
    Column("end_to_end", Boolean, nullable=False),
    Column("seal_key", String(64)),  # that its sender sealed it to
    Column("kept_until", Instant),  # by a draft that names it
    Index("ix_uploads_organisation_id_begun_at", "organisation_id", "begun_at"),
    Index("ix_uploads_state_begun_at", "state", "begun_at"),
)

attachments = Table(
    "attachments",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("message_id", String(64), ForeignKey("messages.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("subject_id", String(64), ForeignKey("subjects.id"), nullable=False),
    Column("category", String(10), nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # type, date and signers of the document, sealed with the subject
    Column("sha256", String(64)),
    Column("upload_id", String(64), ForeignKey("uploads.id")),
    Column("wrapped_key", LargeBinary),  # of the file, for the subject
    UniqueConstraint("message_id", "ordinal"),
    UniqueConstraint("upload_id"),
)
