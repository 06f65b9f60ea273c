"""What is read often does not grow with the tables; dead jobs can be dismissed; writing can be tried."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OWING = sa.text("postmortem_due IS NOT NULL AND postmortem_done IS NULL")
OPEN = sa.text("status IN ('triage', 'investigating', 'fixing', 'backfilling', 'monitoring')")
IN_USE = sa.text(
    "channel IS NOT NULL AND "
    "status IN ('triage', 'investigating', 'fixing', 'backfilling', 'monitoring', 'resolved')"
)
ENDED = sa.text("done_at IS NOT NULL")


def upgrade() -> None:
    """Add indexes, two columns and a table, none of which older code minds."""
    op.drop_index(op.f("ix_incidents_status_declared_at"), "incidents")
    op.create_index(
        "ix_incidents_open", "incidents", ["declared_at", "id"], sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_index(op.f("ix_incidents_declared_at_id"), "incidents", ["declared_at", "id"])
    op.create_index(
        "ix_incidents_owing",
        "incidents",
        ["postmortem_due", "id"],
        sqlite_where=OWING,
        postgresql_where=OWING,
    )
    op.create_index("ix_incidents_in_use", "incidents", ["id"], sqlite_where=IN_USE, postgresql_where=IN_USE)
    op.add_column("jobs", sa.Column("dismissed_by", sa.String(), nullable=True))
    op.add_column("jobs", sa.Column("dismissed_why", sa.String(), nullable=True))
    op.drop_index(op.f("ix_jobs_state_done_at"), "jobs")
    op.create_index(op.f("ix_jobs_state_due_at_id"), "jobs", ["state", "due_at", "id"])
    op.create_index("ix_jobs_ended", "jobs", ["done_at"], sqlite_where=ENDED, postgresql_where=ENDED)
    op.drop_index(op.f("ix_messages_incident_said_at"), "messages")
    op.create_index(op.f("ix_messages_incident_said_at_ts"), "messages", ["incident", "said_at", "ts"])
    op.create_table(
        "write_probe",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_write_probe_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write_probe")),
    )
    op.execute("INSERT INTO write_probe (id, times) VALUES (1, 0)")
