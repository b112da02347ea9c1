"""Joint decisions over all their parties, and agendas of meetings

Revision: 0015
Follows: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agendas",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("sealed_words", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.String(length=27), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_agendas_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agendas")),
    )
    op.create_index("ix_agendas_organisation_id_at", "agendas", ["organisation_id", "at"], unique=False)
    op.create_table(
        "agenda_items",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("agenda_id", sa.String(length=64), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["agenda_id"], ["agendas.id"], name=op.f("fk_agenda_items_agenda_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_agenda_items_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_items")),
    )
    op.create_index("uq_agenda_items_case", "agenda_items", ["agenda_id", "case_id"], unique=True)
    op.create_table(
        "joint_decisions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("proposer_id", sa.String(length=64), nullable=False),
        sa.Column("operation_id", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("matter", sa.String(length=40), nullable=False),
        sa.Column("agenda_id", sa.String(length=64), nullable=True),
        sa.Column("proposed_at", sa.String(length=27), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("concluded_at", sa.String(length=27), nullable=True),
        sa.Column("concluded_by", sa.Text(), nullable=True),
        sa.Column("conclusion", sa.String(length=20), nullable=True),
        sa.Column("positions", JSON, nullable=False),
        sa.ForeignKeyConstraint(["agenda_id"], ["agendas.id"], name=op.f("fk_joint_decisions_agenda_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_joint_decisions_case_id")),
        sa.ForeignKeyConstraint(["proposer_id"], ["organisations.id"], name=op.f("fk_joint_decisions_proposer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joint_decisions")),
    )
    op.create_index("uq_joint_decisions_operation", "joint_decisions", ["proposer_id", "operation_id"], unique=True)
    op.create_index(
        "ix_joint_decisions_proposer_id_proposed_at", "joint_decisions", ["proposer_id", "proposed_at"], unique=False
    )
    op.create_index("ix_joint_decisions_case_id", "joint_decisions", ["case_id"], unique=False)
    op.create_table(
        "joint_parties",
        sa.Column("decision_id", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["joint_decisions.id"], name=op.f("fk_joint_parties_decision_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_joint_parties_message_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_joint_parties_organisation_id")
        ),
        sa.PrimaryKeyConstraint("decision_id", "organisation_id", name=op.f("pk_joint_parties")),
    )
    op.create_index("uq_joint_parties_message", "joint_parties", ["message_id"], unique=True)
    op.create_index("ix_joint_parties_organisation_id", "joint_parties", ["organisation_id"], unique=False)


def downgrade() -> None:
    for table in ("joint_parties", "joint_decisions", "agenda_items", "agendas"):
        op.drop_table(table)
