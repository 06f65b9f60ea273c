"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
WORDS = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
OWED = sa.text("state IN ('due', 'leased')")
LEASED = sa.text("state = 'leased'")

MIN_CODE = 1


def upgrade() -> None:
    """Make them all; facts get a trigger, so that nothing can change or remove one by accident."""
    _incidents()
    _facts()
    _jobs()
    _requests()
    _rooms()
    _facts_only_grow()
    op.execute(
        sa.text("INSERT INTO schema_info (id, min_code) VALUES (1, :oldest)").bindparams(oldest=MIN_CODE)
    )


def _incidents() -> None:
    # The snapshot that lists read, and who has a role now.
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("channel_name", sa.String(), nullable=True),
        sa.Column("declared_at", AT, nullable=False),
        sa.Column("declared_by", sa.String(), nullable=False),
        sa.Column("commander", sa.String(), nullable=True),
        sa.Column("postmortem_due", AT, nullable=True),
        sa.Column("postmortem_owner", sa.String(), nullable=True),
        sa.Column("postmortem_done", AT, nullable=True),
        sa.Column("milestones", WORDS, nullable=False),
        sa.CheckConstraint("severity <> ''", name=op.f("ck_incidents_severity")),
        sa.CheckConstraint(
            "status IN ('triage', 'investigating', 'fixing', 'backfilling', 'monitoring', "
            "'resolved', 'closed', 'cancelled', 'merged')",
            name=op.f("ck_incidents_status"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.UniqueConstraint("channel", name=op.f("uq_incidents_channel")),
    )
    op.create_index(op.f("ix_incidents_status_declared_at"), "incidents", ["status", "declared_at"])
    op.create_table(
        "roles",
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.CheckConstraint("role IN ('commander', 'scribe', 'liaison', 'sme')", name=op.f("ck_roles_role")),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name=op.f("fk_roles_incident")),
        sa.PrimaryKeyConstraint("incident", "role", "person", name=op.f("pk_roles")),
    )
    op.create_index(op.f("ix_roles_person"), "roles", ["person"])


def _facts() -> None:
    # What happened, and the words it names.
    op.create_table(
        "facts",
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("occurred_at", AT, nullable=False),
        sa.Column("recorded_at", AT, nullable=False),
        sa.Column("data", WORDS, nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_facts_name")),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name=op.f("fk_facts_incident")),
        sa.PrimaryKeyConstraint("incident", "seq", name=op.f("pk_facts")),
    )
    op.create_index(op.f("ix_facts_name"), "facts", ["name"])
    op.create_table(
        "texts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=True),
        sa.Column("written_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name=op.f("fk_texts_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_texts")),
    )
    op.create_index(op.f("ix_texts_incident"), "texts", ["incident"])


def _jobs() -> None:
    # What is owed.
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("incident", sa.Integer(), nullable=True),
        sa.Column("lane", sa.String(), nullable=True),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("not_before", AT, nullable=True),
        sa.Column("payload", WORDS, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("last_outcome", sa.String(), nullable=False),
        sa.Column("lease_until", AT, nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("done_at", AT, nullable=True),
        sa.CheckConstraint(
            "last_outcome IN ('none', 'refused', 'unknown')", name=op.f("ck_jobs_last_outcome")
        ),
        sa.CheckConstraint(
            "state IN ('due', 'leased', 'done', 'dead', 'cancelled')", name=op.f("ck_jobs_state")
        ),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name=op.f("fk_jobs_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("key", name=op.f("uq_jobs_key")),
    )
    op.create_index(
        "ix_jobs_lane_owed", "jobs", ["lane", "due_at", "id"], sqlite_where=OWED, postgresql_where=OWED
    )
    op.create_index("ix_jobs_owed", "jobs", ["due_at", "id"], sqlite_where=OWED, postgresql_where=OWED)
    op.create_index(op.f("ix_jobs_state_done_at"), "jobs", ["state", "done_at"])
    op.create_index(
        "uq_jobs_lane_leased", "jobs", ["lane"], unique=True, sqlite_where=LEASED, postgresql_where=LEASED
    )


def _requests() -> None:
    # Which requests were answered, and the schema's own row.
    op.create_table(
        "inbox",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("taken_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_inbox")),
    )
    op.create_index(op.f("ix_inbox_taken_at"), "inbox", ["taken_at"])
    op.create_table(
        "schema_info",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("min_code", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_schema_info_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schema_info")),
    )


def _rooms() -> None:
    # What is known of a war room: who is in, what was said, where our messages stand.
    op.create_table(
        "members",
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name=op.f("fk_members_incident")),
        sa.PrimaryKeyConstraint("incident", "person", name=op.f("pk_members")),
    )
    op.create_index(op.f("ix_members_person"), "members", ["person"])
    op.create_table(
        "posts",
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name=op.f("fk_posts_incident")),
        sa.PrimaryKeyConstraint("incident", "what", name=op.f("pk_posts")),
    )
    op.create_table(
        "messages",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("said_at", AT, nullable=False),
        sa.Column("thread_ts", sa.String(), nullable=True),
        sa.Column("edited_at", AT, nullable=True),
        sa.Column("deleted_at", AT, nullable=True),
        sa.Column("files", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name=op.f("fk_messages_incident")),
        sa.PrimaryKeyConstraint("channel", "ts", name=op.f("pk_messages")),
    )
    op.create_index(op.f("ix_messages_incident_said_at"), "messages", ["incident", "said_at"])


def _facts_only_grow() -> None:
    """Refuse UPDATE and DELETE on facts."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER facts_only_grow_{verb.lower()} BEFORE {verb} ON facts "
                "BEGIN SELECT RAISE(ABORT, 'facts only grow'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION facts_only_grow() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'facts only grow'; END $$"
    )
    op.execute(
        "CREATE TRIGGER facts_only_grow BEFORE UPDATE OR DELETE ON facts "
        "FOR EACH ROW EXECUTE FUNCTION facts_only_grow()"
    )
