"""Own lists: records kept for their holder, and how own tables are read

Revision: 0018
Follows: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_records",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("kept_at", sa.String(length=27), nullable=False),
        sa.Column("expires_at", sa.String(length=27), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_kept_records_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_records")),
        sa.UniqueConstraint(
            "organisation_id", "kind", "identity", name=op.f("uq_kept_records_organisation_id_kind_identity")
        ),
    )
    op.create_index(
        "ix_kept_records_organisation_id_kind_kept_at",
        "kept_records",
        ["organisation_id", "kind", "kept_at", "id"],
        unique=False,
    )
    op.create_index("ix_kept_records_expires_at", "kept_records", ["expires_at"], unique=False)
    op.create_table(
        "mapping_profiles",
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.String(length=27), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_mapping_profiles_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "name", "version", name=op.f("pk_mapping_profiles")),
    )


def downgrade() -> None:
    op.drop_table("mapping_profiles")
    op.drop_table("kept_records")
