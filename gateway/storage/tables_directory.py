"""Tables of the directory of organisations and services. No data of families: what organisations say of themselves.

A record stands whole in `body`; the other columns are what is searched by.
"""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Date, ForeignKey, Index, Integer, String, Table, Text
from sqlalchemy.dialects.postgresql import TEXT

from gateway.storage.columns import Instant, Json
from gateway.storage.tables import metadata

# The same order in both stores: by code points, whatever the locale of the server.
_Ordered = Text().with_variant(TEXT(collation="C"), "postgresql")

directory_organisations = Table(
    "directory_organisations",
    metadata,
    Column("id", String(64), primary_key=True, nullable=False),
    # The participant of the exchange that this is; then only it publishes its services.
    Column("participant_id", String(64), ForeignKey("organisations.id"), unique=True),
    Column("ogrn", String(15), unique=True),
    Column("kind", String(50), nullable=False),
    Column("name_key", _Ordered, nullable=False),
    Column("body", Json, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("published_at", Instant, nullable=False),
)

directory_services = Table(
    "directory_services",
    metadata,
    Column("id", String(64), primary_key=True, nullable=False),
    Column("organisation_id", String(64), ForeignKey("directory_organisations.id"), nullable=False),
    Column("name_key", _Ordered, nullable=False),
    Column("status", String(50), nullable=False),
    Column("min_age", Integer, nullable=False),
    Column("max_age", Integer, nullable=False),
    Column("urgency", Integer, nullable=False),  # bits: 1 planned, 2 urgent, 4 emergency
    Column("free_places", Integer),
    Column("fresh_until", Date),  # the last day on which the figure of free places counts as known
    Column("anywhere", Boolean, nullable=False),  # of the district; a territory may still be named
    Column("zone", String(60)),  # of the hours; none where they are not known
    Column("body", Json, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    CheckConstraint("min_age <= max_age", name="ages"),
    Index("ix_directory_services_organisation_id", "organisation_id"),
    Index("ix_directory_services_name_key_id", "name_key", "id"),
)

directory_kinds = Table(
    "directory_kinds",
    metadata,
    Column("service_id", String(64), ForeignKey("directory_services.id"), primary_key=True),
    Column("kind", String(50), primary_key=True),
    Index("ix_directory_kinds_kind", "kind"),
)

directory_territories = Table(
    "directory_territories",
    metadata,
    Column("service_id", String(64), ForeignKey("directory_services.id"), primary_key=True),
    Column("prefix", String(11), primary_key=True),  # of the OKTMO code; empty: the whole country
    Index("ix_directory_territories_prefix", "prefix"),
)

directory_districts = Table(
    "directory_districts",
    metadata,
    Column("service_id", String(64), ForeignKey("directory_services.id"), primary_key=True),
    Column("district_key", String(500), primary_key=True),
    Column("district", Text, nullable=False),
    Index("ix_directory_districts_district_key", "district_key"),
)

directory_hours = Table(
    "directory_hours",
    metadata,
    Column("service_id", String(64), ForeignKey("directory_services.id"), nullable=False),
    Column("weekday", Integer),  # 1 Monday to 7; none for an exception
    Column("from_on", Date),
    Column("to_on", Date),
    Column("opens", Integer, nullable=False),  # minutes of the day; of a closed exception -1
    Column("closes", Integer, nullable=False),  # past 1440 where it ends on the next day
    Index("ix_directory_hours_service_id", "service_id"),
)
