"""A message keeps the time that its sender names

Revision: 0023
Follows: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("created_at", sa.String(length=27), nullable=True))


def downgrade() -> None:
    op.drop_column("messages", "created_at")
