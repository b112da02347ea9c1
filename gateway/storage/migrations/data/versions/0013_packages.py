"""Packages for organisations without API, their receipts, and codes that did not fit

Revision: 0013
Follows: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "packages",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("made_on", sa.String(length=10), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("sealed_sha256", sa.String(length=64), nullable=False),
        sa.Column("content_digest", sa.String(length=64), nullable=False),
        sa.Column("outcomes", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_packages_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packages")),
    )
    op.create_index("uq_packages_message_id_ordinal", "packages", ["message_id", "ordinal"], unique=True)
    op.create_table(
        "package_receipts",
        sa.Column("package_id", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=100), nullable=False),
        sa.Column("told_on", sa.String(length=10), nullable=False),
        sa.Column("typed_at", sa.String(length=27), nullable=False),
        sa.Column("typed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["package_id"], ["packages.id"], name=op.f("fk_package_receipts_package_id")),
        sa.PrimaryKeyConstraint("package_id", "outcome", name=op.f("pk_package_receipts")),
    )
    op.create_table(
        "package_misses",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_package_misses_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package_misses")),
    )
    op.create_index("ix_package_misses_message_id_at", "package_misses", ["message_id", "at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_package_misses_message_id_at", table_name="package_misses")
    op.drop_table("package_misses")
    op.drop_table("package_receipts")
    op.drop_index("uq_packages_message_id_ordinal", table_name="packages")
    op.drop_table("packages")
