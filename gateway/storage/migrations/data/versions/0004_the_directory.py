"""The directory of organisations and services

Revision: 0004
Follows: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ORDERED = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "directory_organisations",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("participant_id", sa.String(length=64)),
        sa.Column("ogrn", sa.String(length=15)),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("name_key", ORDERED, nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["organisations.id"], name=op.f("fk_directory_organisations_participant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_organisations")),
        sa.UniqueConstraint("ogrn", name=op.f("uq_directory_organisations_ogrn")),
        sa.UniqueConstraint("participant_id", name=op.f("uq_directory_organisations_participant_id")),
    )
    op.create_table(
        "directory_services",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("name_key", ORDERED, nullable=False),
        sa.Column("status", sa.String(length=50), nullable=False),
        sa.Column("min_age", sa.Integer(), nullable=False),
        sa.Column("max_age", sa.Integer(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("free_places", sa.Integer()),
        sa.Column("fresh_until", sa.Date()),
        sa.Column("anywhere", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.String(length=60)),
        sa.Column("body", JSON, nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.String(length=27), nullable=False),
        sa.Column("withdrawn_at", sa.String(length=27)),
        sa.CheckConstraint("min_age <= max_age", name=op.f("ck_directory_services_ages")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["directory_organisations.id"], name=op.f("fk_directory_services_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_services")),
    )
    op.create_index("ix_directory_services_organisation_id", "directory_services", ["organisation_id"])
    op.create_index("ix_directory_services_name_key_id", "directory_services", ["name_key", "id"])
    for table, column in (
        ("directory_kinds", sa.Column("kind", sa.String(length=50), nullable=False)),
        ("directory_territories", sa.Column("prefix", sa.String(length=11), nullable=False)),
        ("directory_districts", sa.Column("district_key", sa.String(length=500), nullable=False)),
    ):
        more = [sa.Column("district", sa.Text(), nullable=False)] if table == "directory_districts" else []
        op.create_table(
            table,
            sa.Column("service_id", sa.String(length=64), nullable=False),
            column,
            *more,
            sa.ForeignKeyConstraint(["service_id"], ["directory_services.id"], name=op.f(f"fk_{table}_service_id")),
            sa.PrimaryKeyConstraint("service_id", column.name, name=op.f(f"pk_{table}")),
        )
        op.create_index(f"ix_{table}_{column.name}", table, [column.name])
    op.create_table(
        "directory_hours",
        sa.Column("service_id", sa.String(length=64), nullable=False),
        sa.Column("weekday", sa.Integer()),
        sa.Column("from_on", sa.Date()),
        sa.Column("to_on", sa.Date()),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["directory_services.id"], name=op.f("fk_directory_hours_service_id")),
    )
    op.create_index("ix_directory_hours_service_id", "directory_hours", ["service_id"])


def downgrade() -> None:
    for table in (
        "directory_hours",
        "directory_districts",
        "directory_territories",
        "directory_kinds",
        "directory_services",
        "directory_organisations",
    ):
        op.drop_table(table)
