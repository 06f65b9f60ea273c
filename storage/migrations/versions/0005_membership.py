"""When Slack last said whether somebody is in a war room; code before this one goes on without."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table, which older code does not mind: `members` stays what it was."""
    op.create_table(
        "member_stamps",
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name=op.f("fk_member_stamps_incident")),
        sa.PrimaryKeyConstraint("incident", "person", name=op.f("pk_member_stamps")),
    )
