"""Records of one's own cases by the practice

Revision: 0012
Follows: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INSTANT = sa.String(length=27)
ID = sa.String(length=64)
CODE = sa.String(length=40)


def upgrade() -> None:
    op.create_table(
        "case_records",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("practice", CODE, nullable=False),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_with", ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_records_case_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_case_records_entry_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_case_records_organisation_id")
        ),
        sa.ForeignKeyConstraint(["sealed_with"], ["subjects.id"], name=op.f("fk_case_records_sealed_with")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_records")),
    )
    op.create_index("ix_case_records_case_id_at", "case_records", ["case_id", "at"])


def downgrade() -> None:
    op.drop_table("case_records")
