"""Facts have owners, people decide what is held

Revision: 0002
Follows: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "packs",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("pack", sa.String(length=20), nullable=False),
        sa.Column("version", sa.String(length=80), nullable=False),
        sa.Column("since", sa.String(length=27), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_packs")),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("seen_at", sa.String(length=27), nullable=True),
        sa.Column("seen_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_notices_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index("ix_notices_organisation_id_at", ["organisation_id", "at"], unique=False)

    op.create_table(
        "timers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("timer", sa.String(length=20), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("about_kind", sa.String(length=20), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("starts", sa.String(length=20), nullable=False),
        sa.Column("started_at", sa.String(length=27), nullable=True),
        sa.Column("due_at", sa.String(length=27), nullable=True),
        sa.Column("done_at", sa.String(length=27), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("breached_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_timers_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timers")),
        sa.UniqueConstraint(
            "timer",
            "about_kind",
            "about",
            "organisation_id",
            name=op.f("uq_timers_timer_about_kind_about_organisation_id"),
        ),
    )
    with op.batch_alter_table("timers", schema=None) as batch_op:
        batch_op.create_index("ix_timers_done_at_due_at", ["done_at", "due_at"], unique=False)
        batch_op.create_index("ix_timers_organisation_id_due_at", ["organisation_id", "due_at"], unique=False)

    op.create_table(
        "deputies",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("from_at", sa.String(length=27), nullable=False),
        sa.Column("to_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_deputies_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_deputies_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputies")),
    )
    with op.batch_alter_table("deputies", schema=None) as batch_op:
        batch_op.create_index("ix_deputies_organisation_id", ["organisation_id"], unique=False)

    op.create_table(
        "emergencies",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("holder_id", sa.String(length=64), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("declared_at", sa.String(length=27), nullable=False),
        sa.Column("ends_at", sa.String(length=27), nullable=False),
        sa.Column("review_by", sa.String(length=27), nullable=False),
        sa.Column("sealed_words", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_with", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reviewed_at", sa.String(length=27), nullable=True),
        sa.Column("reviewed_by", sa.Text(), nullable=True),
        sa.Column("sealed_review", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_emergencies_case_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_emergencies_entry_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["organisations.id"], name=op.f("fk_emergencies_holder_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_emergencies_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_emergencies_person_id")),
        sa.ForeignKeyConstraint(["sealed_with"], ["subjects.id"], name=op.f("fk_emergencies_sealed_with")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergencies")),
    )
    with op.batch_alter_table("emergencies", schema=None) as batch_op:
        batch_op.create_index("ix_emergencies_case_id_organisation_id", ["case_id", "organisation_id"], unique=False)
        batch_op.create_index("ix_emergencies_holder_id", ["holder_id"], unique=False)

    op.create_table(
        "fact_events",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("fact_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("evidence_digest", sa.String(length=64), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_fact_events_entry_id")),
        sa.ForeignKeyConstraint(["fact_id"], ["recorded_facts.id"], name=op.f("fk_fact_events_fact_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_fact_events_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_events")),
    )
    with op.batch_alter_table("fact_events", schema=None) as batch_op:
        batch_op.create_index("ix_fact_events_fact_id", ["fact_id"], unique=False)

    op.create_table(
        "fact_organisations",
        sa.Column("fact_id", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["fact_id"], ["recorded_facts.id"], name=op.f("fk_fact_organisations_fact_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_fact_organisations_organisation_id")
        ),
        sa.PrimaryKeyConstraint("fact_id", "organisation_id", name=op.f("pk_fact_organisations")),
    )
    with op.batch_alter_table("fact_organisations", schema=None) as batch_op:
        batch_op.create_index("ix_fact_organisations_organisation_id", ["organisation_id"], unique=False)

    op.create_table(
        "holds",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("holder_id", sa.String(length=64), nullable=False),
        sa.Column("recipient_id", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=True),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("categories", JSON, nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.String(length=27), nullable=False),
        sa.Column("due_at", sa.String(length=27), nullable=False),
        sa.Column("chain", JSON, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("first_by", sa.Text(), nullable=True),
        sa.Column("first_release", JSON, nullable=True),
        sa.Column("sealed_first", sa.LargeBinary(), nullable=True),
        sa.Column("decided_at", sa.String(length=27), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("sealed_reason", sa.LargeBinary(), nullable=True),
        sa.Column("decision", JSON, nullable=False),
        sa.Column("valid_to", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_holds_case_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_holds_entry_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["organisations.id"], name=op.f("fk_holds_holder_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_holds_message_id")),
        sa.ForeignKeyConstraint(["recipient_id"], ["organisations.id"], name=op.f("fk_holds_recipient_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_holds_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    with op.batch_alter_table("holds", schema=None) as batch_op:
        batch_op.create_index("ix_holds_holder_id_state", ["holder_id", "state"], unique=False)
        batch_op.create_index("ix_holds_recipient_id_opened_at", ["recipient_id", "opened_at"], unique=False)
        batch_op.create_index("ix_holds_subject_id_recipient_id", ["subject_id", "recipient_id"], unique=False)
        for name, columns, where in (
            ("uq_holds_waiting_summary", [], "state = 'waiting' AND message_id IS NULL"),
            ("uq_holds_waiting_message", ["message_id"], "state = 'waiting'"),
        ):
            batch_op.create_index(
                name,
                [*columns, "subject_id", "recipient_id", "purpose", "rule"],
                unique=True,
                sqlite_where=sa.text(where),
                postgresql_where=sa.text(where),
            )

    with op.batch_alter_table("assignments", schema=None) as batch_op:
        # Nothing wrote assignments before this revision, so there is no row without them.
        batch_op.add_column(sa.Column("organisation_id", sa.String(length=64), nullable=False))
        batch_op.add_column(sa.Column("assigned_by", sa.Text(), nullable=False))
        batch_op.add_column(sa.Column("salt", sa.LargeBinary(), nullable=False))
        batch_op.create_foreign_key(
            batch_op.f("fk_assignments_organisation_id"), "organisations", ["organisation_id"], ["id"]
        )

    with op.batch_alter_table("disclosures", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pack_digest", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("retain_until", sa.Date(), nullable=True))

    with op.batch_alter_table("message_subjects", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sent", sa.Boolean(), nullable=False))

    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("held", sa.Boolean(), nullable=False))

    with op.batch_alter_table("organisations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rkn_number", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("storage_country", sa.String(length=2), nullable=False, server_default="RU"))

    with op.batch_alter_table("organisations", schema=None) as batch_op:
        batch_op.alter_column("storage_country", server_default=None)

    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.create_index("ix_threads_case_id", ["case_id"], unique=False)

    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index("ix_messages_thread_id", ["thread_id"], unique=False)

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("emergency_suspended_at", sa.String(length=27), nullable=True))

    with op.batch_alter_table("recorded_facts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about_who", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("value", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("everywhere", sa.Boolean(), nullable=False))
        batch_op.add_column(sa.Column("origin_id", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("review_by", sa.String(length=27), nullable=True))
        batch_op.add_column(sa.Column("lift_asked_by", sa.Text(), nullable=True))
        batch_op.create_index("ix_recorded_facts_origin_id", ["origin_id"], unique=False)
        batch_op.create_index("ix_recorded_facts_set_by", ["set_by"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("recorded_facts", schema=None) as batch_op:
        batch_op.drop_index("ix_recorded_facts_set_by")
        batch_op.drop_index("ix_recorded_facts_origin_id")
        batch_op.drop_column("lift_asked_by")
        batch_op.drop_column("review_by")
        batch_op.drop_column("origin_id")
        batch_op.drop_column("everywhere")
        batch_op.drop_column("value")
        batch_op.drop_column("about_who")

    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("ix_messages_thread_id")

    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.drop_index("ix_threads_case_id")

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("emergency_suspended_at")

    with op.batch_alter_table("organisations", schema=None) as batch_op:
        batch_op.drop_column("storage_country")
        batch_op.drop_column("rkn_number")

    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_column("held")

    with op.batch_alter_table("message_subjects", schema=None) as batch_op:
        batch_op.drop_column("sent")

    with op.batch_alter_table("disclosures", schema=None) as batch_op:
        batch_op.drop_column("retain_until")
        batch_op.drop_column("pack_digest")

    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_assignments_organisation_id"), type_="foreignkey")
        batch_op.drop_column("salt")
        batch_op.drop_column("assigned_by")
        batch_op.drop_column("organisation_id")

    with op.batch_alter_table("holds", schema=None) as batch_op:
        batch_op.drop_index("uq_holds_waiting_message")
        batch_op.drop_index("uq_holds_waiting_summary")
        batch_op.drop_index("ix_holds_subject_id_recipient_id")
        batch_op.drop_index("ix_holds_recipient_id_opened_at")
        batch_op.drop_index("ix_holds_holder_id_state")

    op.drop_table("holds")
    with op.batch_alter_table("fact_organisations", schema=None) as batch_op:
        batch_op.drop_index("ix_fact_organisations_organisation_id")

    op.drop_table("fact_organisations")
    with op.batch_alter_table("fact_events", schema=None) as batch_op:
        batch_op.drop_index("ix_fact_events_fact_id")

    op.drop_table("fact_events")
    with op.batch_alter_table("emergencies", schema=None) as batch_op:
        batch_op.drop_index("ix_emergencies_holder_id")
        batch_op.drop_index("ix_emergencies_case_id_organisation_id")

    op.drop_table("emergencies")
    with op.batch_alter_table("deputies", schema=None) as batch_op:
        batch_op.drop_index("ix_deputies_organisation_id")

    op.drop_table("deputies")
    with op.batch_alter_table("timers", schema=None) as batch_op:
        batch_op.drop_index("ix_timers_organisation_id_due_at")
        batch_op.drop_index("ix_timers_done_at_due_at")

    op.drop_table("timers")
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index("ix_notices_organisation_id_at")

    op.drop_table("notices")
    op.drop_table("packs")
