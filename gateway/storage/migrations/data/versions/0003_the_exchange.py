"""The exchange: messages of all types, their lanes, answers and receipts

Revision: 0003
Follows: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ended_at", sa.String(length=27), nullable=True))
        batch_op.add_column(sa.Column("inherits_id", sa.String(length=64), nullable=True))
        batch_op.create_foreign_key(op.f("fk_cases_inherits_id"), "cases", ["inherits_id"], ["id"])

    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("case_id", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("lane", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("corrects_id", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("redirects_id", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("agenda_id", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("incoming_number", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("incoming_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("sealed_words", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("delivered_at", sa.String(length=27), nullable=True))
    op.execute("UPDATE messages SET case_id = (SELECT case_id FROM threads WHERE threads.id = messages.thread_id)")
    op.execute(
        "UPDATE messages SET lane = CASE WHEN type = 'recall' THEN 'gateway' WHEN type = 'referral' THEN 'consent'"
        " ELSE 'duty' END"
    )
    op.execute(
        "UPDATE messages SET delivered_at = (SELECT MIN(at) FROM receipts WHERE receipts.message_id = messages.id"
        " AND receipts.state = 'delivered')"
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.alter_column("case_id", existing_type=sa.String(length=64), nullable=False)
        batch_op.alter_column("lane", existing_type=sa.String(length=20), nullable=False)
        batch_op.create_foreign_key(op.f("fk_messages_case_id"), "cases", ["case_id"], ["id"])
        batch_op.create_foreign_key(op.f("fk_messages_corrects_id"), "messages", ["corrects_id"], ["id"])
        batch_op.create_foreign_key(op.f("fk_messages_redirects_id"), "messages", ["redirects_id"], ["id"])
        batch_op.create_index("ix_messages_case_id_recipient_id", ["case_id", "recipient_id"], unique=False)
        batch_op.create_index("ix_messages_agenda_id", ["agenda_id"], unique=False)

    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.drop_index("ix_threads_case_id")
        batch_op.drop_constraint(op.f("fk_threads_case_id"), type_="foreignkey")
        batch_op.drop_column("case_id")

    with op.batch_alter_table("receipts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("event", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("reason", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("sealed_words", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("signature", sa.Text(), nullable=True))
    op.execute(
        "UPDATE receipts SET event = CASE state WHEN 'submitted' THEN 'submit' WHEN 'delivered' THEN 'deliver'"
        " WHEN 'opened' THEN 'open' WHEN 'accepted' THEN 'accept' WHEN 'rejected' THEN 'reject'"
        " WHEN 'redirected' THEN 'redirect' WHEN 'acknowledged' THEN 'acknowledge' WHEN 'recalled' THEN 'recall'"
        " ELSE 'fail' END"
    )
    with op.batch_alter_table("receipts", schema=None) as batch_op:
        batch_op.alter_column("event", existing_type=sa.String(length=20), nullable=False)

    with op.batch_alter_table("sections", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sealed_case", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("sealed_as", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("sections", schema=None) as batch_op:
        batch_op.drop_column("sealed_as")
        batch_op.drop_column("sealed_case")

    with op.batch_alter_table("receipts", schema=None) as batch_op:
        batch_op.drop_column("signature")
        batch_op.drop_column("sealed_words")
        batch_op.drop_column("reason")
        batch_op.drop_column("event")

    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.add_column(sa.Column("case_id", sa.String(length=64), nullable=True))
    op.execute(
        "UPDATE threads SET case_id = (SELECT case_id FROM messages WHERE messages.thread_id = threads.id"
        " ORDER BY submitted_at LIMIT 1)"
    )
    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.alter_column("case_id", existing_type=sa.String(length=64), nullable=False)
        batch_op.create_foreign_key(op.f("fk_threads_case_id"), "cases", ["case_id"], ["id"])
        batch_op.create_index("ix_threads_case_id", ["case_id"], unique=False)

    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("ix_messages_agenda_id")
        batch_op.drop_index("ix_messages_case_id_recipient_id")
        batch_op.drop_constraint(op.f("fk_messages_redirects_id"), type_="foreignkey")
        batch_op.drop_constraint(op.f("fk_messages_corrects_id"), type_="foreignkey")
        batch_op.drop_constraint(op.f("fk_messages_case_id"), type_="foreignkey")
        for column in (
            "delivered_at",
            "sealed_words",
            "incoming_on",
            "incoming_number",
            "agenda_id",
            "redirects_id",
            "corrects_id",
            "lane",
            "case_id",
        ):
            batch_op.drop_column(column)

    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_cases_inherits_id"), type_="foreignkey")
        batch_op.drop_column("inherits_id")
        batch_op.drop_column("ended_at")
