"""Facts, texts and jobs belong to a stream, of which an incident is one kind; long ones have snapshots.

On PostgreSQL replicas of older code go on working: they write and read ``incident``, which stays and is
filled by both, and a trigger names the stream of what they write. A SQLite file has one process, so there the
tables are made anew and older code no longer starts.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
WORDS = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOVED = ("facts", "texts", "jobs")
OWED = sa.text("state IN ('due', 'leased')")
LEASED = sa.text("state = 'leased'")
MIN_CODE_OF_A_FILE = 2
LOCK_TRIES = 200
JOB_COLUMNS = (
    "id, kind, key, lane, due_at, not_before, payload, state, attempt, last_outcome, lease_until, owner, "
    "failures, last_error, done_at"
)


def upgrade() -> None:
    """Say of each row which stream it belongs to; what is there belongs to incidents."""
    op.create_table(
        "snapshots",
        sa.Column("stream_type", sa.String(), nullable=False),
        sa.Column("stream_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("stream_type", "stream_id", name=op.f("pk_snapshots")),
    )
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_the_file()
    else:
        _expand_the_server()
    op.create_index(
        op.f("ix_facts_stream_type_stream_id_occurred_at_seq"),
        "facts",
        ["stream_type", "stream_id", "occurred_at", "seq"],
    )
    op.create_index(op.f("ix_texts_stream_type_stream_id"), "texts", ["stream_type", "stream_id"])


# -- PostgreSQL: what is there is added to, under one lock


def _expand_the_server() -> None:
    _lock_all()
    op.execute("DROP TRIGGER facts_only_grow ON facts")
    for table in MOVED:
        op.add_column(table, sa.Column("stream_type", sa.String(), nullable=True))
        op.add_column(table, sa.Column("stream_id", sa.Integer(), nullable=True))
        op.execute(
            f"UPDATE {table} SET stream_type = 'incident', stream_id = incident "  # noqa: S608 - names of ours
            "WHERE incident IS NOT NULL"
        )
    for table in ("facts", "texts"):
        op.alter_column(table, "stream_type", nullable=False)
        op.alter_column(table, "stream_id", nullable=False)
    op.drop_constraint("pk_facts", "facts")
    op.create_primary_key(op.f("pk_facts"), "facts", ["stream_type", "stream_id", "seq"])
    for table in ("facts", "texts"):
        op.alter_column(table, "incident", nullable=True)
    op.drop_index(op.f("ix_texts_incident"), "texts")
    op.create_check_constraint(op.f("ck_jobs_stream"), "jobs", "(stream_type IS NULL) = (stream_id IS NULL)")
    _name_the_stream_of_what_older_code_writes()
    op.execute(
        "CREATE TRIGGER facts_only_grow BEFORE UPDATE OR DELETE ON facts "
        "FOR EACH ROW EXECUTE FUNCTION facts_only_grow()"
    )


def _lock_all() -> None:
    """Lock all tables at once or none: replicas at work lock them in orders of their own."""
    connection = op.get_bind()
    for _ in range(LOCK_TRIES):
        try:
            with connection.begin_nested():
                connection.execute(
                    sa.text("LOCK TABLE jobs, incidents, texts, facts IN ACCESS EXCLUSIVE MODE NOWAIT")
                )
        except DBAPIError:
            connection.execute(sa.text("SELECT pg_sleep(0.05)"))
        else:
            return
    connection.execute(sa.text("LOCK TABLE jobs, incidents, texts, facts IN ACCESS EXCLUSIVE MODE"))


def _name_the_stream_of_what_older_code_writes() -> None:
    op.execute(
        "CREATE FUNCTION name_the_stream() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.stream_type IS NULL AND NEW.incident IS NOT NULL THEN "
        "NEW.stream_type := 'incident'; NEW.stream_id := NEW.incident; END IF; RETURN NEW; END $$"
    )
    for table in MOVED:
        op.execute(
            f"CREATE TRIGGER name_the_stream BEFORE INSERT ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION name_the_stream()"
        )


# -- SQLite: made anew, with foreign keys off and checked before the commit


def _rebuild_the_file() -> None:
    for table in MOVED:
        op.rename_table(table, f"old_{table}")
    for index in ("facts_name", "texts_incident", "jobs_lane_owed", "jobs_owed", "jobs_state_done_at"):
        op.execute(f"DROP INDEX ix_{index}")
    op.execute("DROP INDEX uq_jobs_lane_leased")
    _facts()
    _texts()
    _jobs()
    for table, columns in (
        ("facts", 'seq, name, "by", occurred_at, recorded_at, data'),
        ("texts", "id, author, body, written_at"),
        ("jobs", JOB_COLUMNS),
    ):
        op.execute(
            f"INSERT INTO {table} (stream_type, stream_id, incident, {columns}) "  # noqa: S608 - as above
            "SELECT CASE WHEN incident IS NOT NULL THEN 'incident' END, incident, incident, "
            f"{columns} FROM old_{table}"
        )
        op.drop_table(f"old_{table}")
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER facts_only_grow_{verb.lower()} BEFORE {verb} ON facts "
            "BEGIN SELECT RAISE(ABORT, 'facts only grow'); END"
        )
    op.execute(f"UPDATE schema_info SET min_code = {MIN_CODE_OF_A_FILE}")  # noqa: S608 - a number


def _facts() -> None:
    op.create_table(
        "facts",
        sa.Column("stream_type", sa.String(), nullable=False),
        sa.Column("stream_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("incident", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("occurred_at", AT, nullable=False),
        sa.Column("recorded_at", AT, nullable=False),
        sa.Column("data", WORDS, nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_facts_name")),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name=op.f("fk_facts_incident")),
        sa.PrimaryKeyConstraint("stream_type", "stream_id", "seq", name=op.f("pk_facts")),
    )
    op.create_index(op.f("ix_facts_name"), "facts", ["name"])


def _texts() -> None:
    op.create_table(
        "texts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("stream_type", sa.String(), nullable=False),
        sa.Column("stream_id", sa.Integer(), nullable=False),
        sa.Column("incident", sa.Integer(), nullable=True),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=True),
        sa.Column("written_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name=op.f("fk_texts_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_texts")),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("stream_type", sa.String(), nullable=True),
        sa.Column("stream_id", sa.Integer(), nullable=True),
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
        sa.CheckConstraint("(stream_type IS NULL) = (stream_id IS NULL)", name=op.f("ck_jobs_stream")),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name=op.f("fk_jobs_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("key", name=op.f("uq_jobs_key")),
    )
    for name, columns in (("lane_owed", ["lane", "due_at", "id"]), ("owed", ["due_at", "id"])):
        op.create_index(f"ix_jobs_{name}", "jobs", columns, sqlite_where=OWED)
    op.create_index(op.f("ix_jobs_state_done_at"), "jobs", ["state", "done_at"])
    op.create_index("uq_jobs_lane_leased", "jobs", ["lane"], unique=True, sqlite_where=LEASED)
