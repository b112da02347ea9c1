"""What is handed to partners' systems: endpoints, events, deliveries, receipts

Revision: 0008
Follows: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNACKNOWLEDGED = sa.text("acknowledged_at IS NULL")
UNDONE = sa.text("done_at IS NULL")
revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery_endpoints",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("transport", sa.String(length=20), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("events", JSON, nullable=False),
        sa.Column("content", sa.Boolean(), nullable=False),
        sa.Column("ordered", sa.Boolean(), nullable=False),
        sa.Column("form", sa.String(length=10), nullable=False),
        sa.Column("receipt_keys", JSON, nullable=False),
        sa.Column("seal_key", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("challenge", sa.String(length=64), nullable=True),
        sa.Column("registered_at", sa.String(length=27), nullable=False),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("resume_at", sa.String(length=27), nullable=False),
        sa.Column("claimed_at", sa.String(length=27), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_delivery_endpoints_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_endpoints")),
    )
    with op.batch_alter_table("delivery_endpoints", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_endpoints_organisation_id", ["organisation_id"], unique=False)
        batch_op.create_index("ix_delivery_endpoints_state_claimed_at", ["state", "claimed_at"], unique=False)

    op.create_table(
        "delivery_events",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("acknowledged_at", sa.String(length=27), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_delivery_events_message_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_delivery_events_organisation_id")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_delivery_events")),
        sa.UniqueConstraint("id", name=op.f("uq_delivery_events_id")),
        sa.UniqueConstraint(
            "organisation_id",
            "message_id",
            "ordinal",
            name=op.f("uq_delivery_events_organisation_id_message_id_ordinal"),
        ),
    )
    with op.batch_alter_table("delivery_events", schema=None) as batch_op:
        batch_op.create_index(
            "ix_delivery_events_waiting",
            ["organisation_id", "position"],
            unique=False,
            sqlite_where=UNACKNOWLEDGED,
            postgresql_where=UNACKNOWLEDGED,
        )

    op.create_table(
        "deliveries",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("endpoint_id", sa.String(length=64), nullable=False),
        sa.Column("since", sa.String(length=27), nullable=False),
        sa.Column("available_at", sa.String(length=27), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lapses", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.String(length=27), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=40), nullable=True),
        sa.Column("done_at", sa.String(length=27), nullable=True),
        sa.Column("dead_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["endpoint_id"], ["delivery_endpoints.id"], name=op.f("fk_deliveries_endpoint_id")),
        sa.ForeignKeyConstraint(["event_id"], ["delivery_events.id"], name=op.f("fk_deliveries_event_id")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("event_id", "endpoint_id", name=op.f("uq_deliveries_event_id_endpoint_id")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index("ix_deliveries_done_at", ["done_at"], unique=False)
        batch_op.create_index(
            "ix_deliveries_waiting",
            ["endpoint_id", "position"],
            unique=False,
            sqlite_where=UNDONE,
            postgresql_where=UNDONE,
        )

    op.create_table(
        "delivery_receipts",
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("endpoint_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("keyid", sa.String(length=100), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["delivery_endpoints.id"], name=op.f("fk_delivery_receipts_endpoint_id")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["delivery_events.id"], name=op.f("fk_delivery_receipts_event_id")),
        sa.PrimaryKeyConstraint("event_id", "endpoint_id", name=op.f("pk_delivery_receipts")),
    )


def downgrade() -> None:
    op.drop_table("delivery_receipts")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index("ix_deliveries_waiting", sqlite_where=UNDONE, postgresql_where=UNDONE)
        batch_op.drop_index("ix_deliveries_done_at")

    op.drop_table("deliveries")
    with op.batch_alter_table("delivery_events", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_events_waiting", sqlite_where=UNACKNOWLEDGED, postgresql_where=UNACKNOWLEDGED)

    op.drop_table("delivery_events")
    with op.batch_alter_table("delivery_endpoints", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_endpoints_state_claimed_at")
        batch_op.drop_index("ix_delivery_endpoints_organisation_id")

    op.drop_table("delivery_endpoints")
