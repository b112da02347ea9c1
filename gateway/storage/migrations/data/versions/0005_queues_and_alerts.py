"""Queues with people in them, absences, escalation, alerts, duty schedules, calls

Revision: 0005
Follows: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# What came before there were queues stands in them with whoever opened it. Its terms are counted in the first round of the
# relay (step -1), and only what is still to come of its chain is told.
BACKFILL = """
INSERT INTO queue_items
  (message_id, organisation_id, case_id, rank, stage, open, person_id, since, due_at, step, step_at)
SELECT m.id, m.recipient_id, m.case_id,
  CASE m.urgency WHEN 'emergency' THEN 0 WHEN 'urgent' THEN 1 ELSE 2 END,
  CASE m.state WHEN 'delivered' THEN 'unopened' WHEN 'opened' THEN 'unanswered' ELSE 'done' END,
  m.state IN ('delivered', 'opened'),
  (SELECT max(substr(r.actor, 8)) FROM receipts r
    WHERE r.message_id = m.id AND r.state = 'opened' AND r.actor LIKE 'person:%'),
  coalesce((SELECT max(r.at) FROM receipts r WHERE r.message_id = m.id), m.submitted_at),
  coalesce((SELECT max(r.at) FROM receipts r WHERE r.message_id = m.id), m.submitted_at),
  -1,
  CASE WHEN m.state IN ('delivered', 'opened') THEN m.submitted_at END
FROM messages m
WHERE m.delivered_at IS NOT NULL
"""


def upgrade() -> None:
    op.create_table(
        "duty_schedules",
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("schedule", JSON, nullable=False),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_duty_schedules")),
    )
    op.create_table(
        "absences",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("substitute_id", sa.String(length=64), nullable=True),
        sa.Column("from_at", sa.String(length=27), nullable=False),
        sa.Column("to_at", sa.String(length=27), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_absences_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_absences_person_id")),
        sa.ForeignKeyConstraint(["substitute_id"], ["people.id"], name=op.f("fk_absences_substitute_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.create_index("ix_absences_organisation_id_to_at", ["organisation_id", "to_at"], unique=False)

    op.create_table(
        "queue_items",
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=True),
        sa.Column("since", sa.String(length=27), nullable=False),
        sa.Column("due_at", sa.String(length=27), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("step_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_queue_items_case_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_queue_items_organisation_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_queue_items")),
    )
    with op.batch_alter_table("queue_items", schema=None) as batch_op:
        batch_op.create_index(
            "ix_queue_items_all", ["organisation_id", "open", "rank", "due_at", "message_id"], unique=False
        )
        batch_op.create_index("ix_queue_items_case", ["case_id", "organisation_id", "open"], unique=False)
        batch_op.create_index("ix_queue_items_done", ["organisation_id", "stage", "since", "message_id"], unique=False)
        batch_op.create_index("ix_queue_items_due", ["organisation_id", "open", "due_at"], unique=False)
        batch_op.create_index(
            "ix_queue_items_of_person",
            ["organisation_id", "open", "person_id", "rank", "due_at", "message_id"],
            unique=False,
        )
        batch_op.create_index("ix_queue_items_step_at", ["step_at"], unique=False)

    op.create_table(
        "stand_ins",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("absence_id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("from_at", sa.String(length=27), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["absence_id"], ["absences.id"], name=op.f("fk_stand_ins_absence_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_stand_ins_case_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_stand_ins_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_stand_ins_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stand_ins")),
    )
    with op.batch_alter_table("stand_ins", schema=None) as batch_op:
        batch_op.create_index("ix_stand_ins_ended_at", ["ended_at"], unique=False)

    op.create_table(
        "alerts",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("urgency", sa.String(length=20), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("contact", sa.String(length=100), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("rest", JSON, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("available_at", sa.String(length=27), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_alerts_message_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_alerts_organisation_id")),
        sa.UniqueConstraint("id", name=op.f("uq_alerts_id")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_alerts")),
    )
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.create_index("ix_alerts_message_id", ["message_id"], unique=False)
        batch_op.create_index("ix_alerts_organisation_id_made_at", ["organisation_id", "made_at"], unique=False)
        batch_op.create_index("ix_alerts_state_available_at", ["state", "available_at"], unique=False)
        batch_op.create_index(
            "uq_alerts_digest",
            ["organisation_id", "contact"],
            unique=True,
            sqlite_where=sa.text("state = 'waiting' AND message_id IS NULL"),
            postgresql_where=sa.text("state = 'waiting' AND message_id IS NULL"),
        )

    op.create_table(
        "calls",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("rang_at", sa.String(length=27), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("recorded_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_calls_message_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_calls_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.create_index("ix_calls_message_id", ["message_id"], unique=False)

    op.create_table(
        "queue_moves",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("from_id", sa.String(length=64), nullable=True),
        sa.Column("to_id", sa.String(length=64), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("sealed_with", sa.String(length=64), nullable=True),
        sa.Column("sealed_note", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_queue_moves_message_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_queue_moves_organisation_id")),
        sa.UniqueConstraint("id", name=op.f("uq_queue_moves_id")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_queue_moves")),
    )
    with op.batch_alter_table("queue_moves", schema=None) as batch_op:
        batch_op.create_index("ix_queue_moves_message_id", ["message_id", "position"], unique=False)

    op.create_table(
        "queue_steps",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("timer", sa.String(length=20), nullable=False),
        sa.Column("told", sa.String(length=20), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_queue_steps_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_steps")),
    )
    with op.batch_alter_table("queue_steps", schema=None) as batch_op:
        batch_op.create_index("uq_queue_steps_message_id_stage_step", ["message_id", "stage", "step"], unique=True)

    op.execute(sa.text(BACKFILL))


def downgrade() -> None:
    with op.batch_alter_table("queue_steps", schema=None) as batch_op:
        batch_op.drop_index("uq_queue_steps_message_id_stage_step")

    op.drop_table("queue_steps")
    with op.batch_alter_table("queue_moves", schema=None) as batch_op:
        batch_op.drop_index("ix_queue_moves_message_id")

    op.drop_table("queue_moves")
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.drop_index("ix_calls_message_id")

    op.drop_table("calls")
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_alerts_digest",
            sqlite_where=sa.text("state = 'waiting' AND message_id IS NULL"),
            postgresql_where=sa.text("state = 'waiting' AND message_id IS NULL"),
        )
        batch_op.drop_index("ix_alerts_state_available_at")
        batch_op.drop_index("ix_alerts_organisation_id_made_at")
        batch_op.drop_index("ix_alerts_message_id")

    op.drop_table("alerts")
    with op.batch_alter_table("stand_ins", schema=None) as batch_op:
        batch_op.drop_index("ix_stand_ins_ended_at")

    op.drop_table("stand_ins")
    with op.batch_alter_table("queue_items", schema=None) as batch_op:
        batch_op.drop_index("ix_queue_items_step_at")
        batch_op.drop_index("ix_queue_items_of_person")
        batch_op.drop_index("ix_queue_items_due")
        batch_op.drop_index("ix_queue_items_done")
        batch_op.drop_index("ix_queue_items_case")
        batch_op.drop_index("ix_queue_items_all")

    op.drop_table("queue_items")
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.drop_index("ix_absences_organisation_id_to_at")

    op.drop_table("absences")
    op.drop_table("duty_schedules")
