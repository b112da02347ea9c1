"""Files are handed in, and taken step by step

Revision: 0021
Follows: 0020
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_jobs",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("may", JSON, nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("profile", sa.String(length=80), nullable=False),
        sa.Column("sheet", sa.Integer(), nullable=True),
        sa.Column("rehearsal", sa.Boolean(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("came_by", sa.String(length=20), nullable=False),
        sa.Column("handed_in_at", sa.String(length=27), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("position", JSON, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("stop_wanted", sa.Boolean(), nullable=False),
        sa.Column("lease", sa.String(length=64), nullable=True),
        sa.Column("leased_until", sa.String(length=27), nullable=True),
        sa.Column("started_at", sa.String(length=27), nullable=True),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.Column("whole", JSON, nullable=False),
        sa.Column("signature", JSON, nullable=True),
        sa.Column("refusal", JSON, nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_import_jobs_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_jobs")),
    )
    op.create_index(
        "ix_import_jobs_organisation_id_handed_in_at", "import_jobs", ["organisation_id", "handed_in_at", "id"]
    )
    op.create_index("ix_import_jobs_state_handed_in_at", "import_jobs", ["state", "handed_in_at"])
    op.create_table(
        "import_steps",
        sa.Column("import_id", sa.String(length=64), nullable=False),
        sa.Column("first", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("results", JSON, nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["import_jobs.id"], name=op.f("fk_import_steps_import_id")),
        sa.PrimaryKeyConstraint("import_id", "first", name=op.f("pk_import_steps")),
    )


def downgrade() -> None:
    for table in ("import_steps", "import_jobs"):
        op.drop_table(table)
