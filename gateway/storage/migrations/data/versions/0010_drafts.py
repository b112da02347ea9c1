"""Drafts of messages

Revision: 0010
Follows: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("author_id", sa.String(length=64), nullable=False),
        sa.Column("page", sa.String(length=20), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("recipient_ogrn", sa.String(length=15), nullable=True),
        sa.Column("kept_at", sa.String(length=27), nullable=False),
        sa.Column("expires_at", sa.String(length=27), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_drafts_author_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_drafts_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_drafts")),
    )
    op.create_index(
        "ix_drafts_organisation_id_author_id_kept_at",
        "drafts",
        ["organisation_id", "author_id", "kept_at"],
        unique=False,
    )
    op.create_index("ix_drafts_expires_at", "drafts", ["expires_at"], unique=False)


def downgrade() -> None:
    op.drop_table("drafts")
