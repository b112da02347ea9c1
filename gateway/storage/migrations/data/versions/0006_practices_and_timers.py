"""Practices: courses of cases, timers, settings, scores

Revision: 0006
Follows: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.String(length=27)
ID = sa.String(length=64)
CODE = sa.String(length=40)


def upgrade() -> None:
    op.create_table(
        "practice_courses",
        sa.Column("case_id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("practice", CODE, nullable=False),
        sa.Column("stage", CODE, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_practice_courses_case_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_practice_courses_organisation_id")
        ),
        sa.PrimaryKeyConstraint("case_id", "organisation_id", name=op.f("pk_practice_courses")),
    )
    op.create_index("ix_practice_courses_organisation_id_since", "practice_courses", ["organisation_id", "since"])
    op.create_table(
        "practice_events",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("practice", CODE, nullable=False),
        sa.Column("event", CODE, nullable=False),
        sa.Column("stage", CODE, nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_practice_events_case_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_practice_events_entry_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_practice_events_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_events")),
    )
    op.create_index("ix_practice_events_case_id_at", "practice_events", ["case_id", "at"])
    op.create_table(
        "practice_timers",
        sa.Column("id", ID, nullable=False),
        sa.Column("practice", CODE, nullable=False),
        sa.Column("timer", CODE, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("about_kind", sa.String(length=20), nullable=False),
        sa.Column("about", ID, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("reminder", sa.Boolean(), nullable=False),
        sa.Column("warn_at", INSTANT, nullable=True),
        sa.Column("next_at", INSTANT, nullable=True),
        sa.Column("warned_at", INSTANT, nullable=True),
        sa.Column("breached_at", INSTANT, nullable=True),
        sa.Column("paused_at", INSTANT, nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_practice_timers_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_timers")),
    )
    op.create_index("ix_practice_timers_organisation_id_due_at", "practice_timers", ["organisation_id", "due_at"])
    op.create_index("ix_practice_timers_next_at", "practice_timers", ["next_at"])
    op.create_index(
        "uq_practice_timers_running",
        "practice_timers",
        ["about", "timer", "ordinal", "organisation_id"],
        unique=True,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "practice_pauses",
        sa.Column("id", ID, nullable=False),
        sa.Column("timer_id", ID, nullable=False),
        sa.Column("begins", INSTANT, nullable=False),
        sa.Column("ends", INSTANT, nullable=True),
        sa.Column("reason", CODE, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["timer_id"], ["practice_timers.id"], name=op.f("fk_practice_pauses_timer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_pauses")),
    )
    op.create_index("ix_practice_pauses_timer_id", "practice_pauses", ["timer_id"])
    op.create_table(
        "practice_settings",
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("practice", CODE, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_practice_settings_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "practice", "name", name=op.f("pk_practice_settings")),
    )
    op.create_table(
        "case_scores",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("score", CODE, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_with", ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_scores_case_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_case_scores_entry_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_case_scores_organisation_id")),
        sa.ForeignKeyConstraint(["sealed_with"], ["subjects.id"], name=op.f("fk_case_scores_sealed_with")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_scores")),
    )
    op.create_index("ix_case_scores_case_id_at", "case_scores", ["case_id", "at"])


def downgrade() -> None:
    for table in (
        "case_scores",
        "practice_settings",
        "practice_pauses",
        "practice_timers",
        "practice_events",
        "practice_courses",
    ):
        op.drop_table(table)
