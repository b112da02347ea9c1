"""Keys that files are sealed to, and the key that a sealed upload names

Revision: 0011
Follows: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seal_keys",
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("public", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.String(length=27), nullable=False),
        sa.Column("valid_to", sa.String(length=27), nullable=True),
        sa.Column("registered_at", sa.String(length=27), nullable=False),
        sa.Column("challenge_digest", sa.String(length=64), nullable=True),
        sa.Column("confirmed_at", sa.String(length=27), nullable=True),
        sa.Column("revoked_at", sa.String(length=27), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("entry_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_seal_keys_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_seal_keys")),
    )
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seal_key", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.drop_column("seal_key")
    op.drop_table("seal_keys")
