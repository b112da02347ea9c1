"""Certificates that files are signed with, who must sign, and messages of SMEV that were taken

Revision: 0017
Follows: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signing_certificates",
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", sa.String(length=27), nullable=False),
        sa.Column("valid_to", sa.String(length=27), nullable=False),
        sa.Column("registered_at", sa.String(length=27), nullable=False),
        sa.Column("revoked_at", sa.String(length=27), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("entry_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_signing_certificates_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_signing_certificates")),
    )
    op.create_table(
        "signature_profiles",
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_signature_profiles_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_signature_profiles")),
    )
    op.create_table(
        "smev_messages",
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_smev_messages_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "message_id", name=op.f("pk_smev_messages")),
    )


def downgrade() -> None:
    op.drop_table("smev_messages")
    op.drop_table("signature_profiles")
    op.drop_table("signing_certificates")
