"""The tables, as SQLModel rows without behaviour; `bot.domain` is what they are read into."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, MetaData, String, Table, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from bot.domain.incident.status import OPEN
from bot.domain.shared.vocabulary import Role, Status
from bot.usecases.ports import JobState, Outcome

JSON_TYPE = JSON().with_variant(JSONB(), "postgresql")


class Row(SQLModel):
    """What all rows share: one metadata, whose constraints have names that a migration can speak of."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def _one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Return the check that a stored string is one of these."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _to_incident(*, primary_key: bool = False, nullable: bool = False) -> Any:  # noqa: ANN401 - as `Field`
    # No CASCADE anywhere: nothing about an incident goes away because something else did.
    return Field(
        default=None,
        sa_column=Column("incident", ForeignKey("incidents.id"), primary_key=primary_key, nullable=nullable),
    )


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index over the rows for which a condition holds, on both databases."""
    held = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=held, postgresql_where=held)


IN_USE = tuple(status for status in Status if status not in {Status.CLOSED, Status.CANCELLED, Status.MERGED})
"""Where an incident stands while its room is still listened to."""
_IN_USE = ", ".join(f"'{status}'" for status in IN_USE)
_OPEN = ", ".join(f"'{status}'" for status in Status if status in OPEN)


class IncidentRow(Row, table=True):
    """An incident as lists show it: a snapshot, written anew with every fact. ``version`` counts facts."""

    __tablename__ = "incidents"
    __table_args__ = (
        _one_of("status", Status),
        CheckConstraint("severity <> ''", name="severity"),
        _partial("ix_incidents_open", *("declared_at", "id"), where=f"status IN ({_OPEN})"),
        Index(None, "declared_at", "id"),
        _partial(
            "ix_incidents_owing",
            *("postmortem_due", "id"),
            where="postmortem_due IS NOT NULL AND postmortem_done IS NULL",
        ),
        _partial("ix_incidents_in_use", "id", where=f"channel IS NOT NULL AND status IN ({_IN_USE})"),
    )

    id: int | None = Field(default=None, primary_key=True)
    version: int
    title: str
    severity: str
    status: str
    private: bool
    drill: bool
    channel: str | None = Field(default=None, unique=True)
    channel_name: str | None = None
    declared_at: datetime
    declared_by: str
    commander: str | None = None
    postmortem_due: datetime | None = None
    postmortem_owner: str | None = None
    postmortem_done: datetime | None = None
    milestones: dict[str, list[str]] = Field(sa_column=Column("milestones", JSON_TYPE, nullable=False))


class RoleRow(Row, table=True):
    """Who has a role now: the part of the snapshot that people are looked up by."""

    __tablename__ = "roles"
    __table_args__ = (_one_of("role", Role), Index(None, "person"))

    incident: int = _to_incident(primary_key=True)
    role: str = Field(primary_key=True)
    person: str = Field(primary_key=True)


class FactRow(Row, table=True):
    """What happened in a stream; rows are only ever added (a trigger holds that).

    ``incident`` says of an incident's rows the same as the stream does, for its foreign key and for replicas
    of older code; so it does in `TextRow` and `JobRow`.
    """

    __tablename__ = "facts"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name"),
        Index(None, "name"),
        Index(None, "stream_type", "stream_id", "occurred_at", "seq"),
    )

    stream_type: str = Field(primary_key=True)
    stream_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    incident: int | None = _to_incident(nullable=True)
    name: str
    # "by" is a word of SQL and has to be quoted.
    by: str = Field(sa_column=Column("by", String, nullable=False, quote=True))
    occurred_at: datetime
    recorded_at: datetime
    data: dict[str, Any] = Field(sa_column=Column("data", JSON_TYPE, nullable=False))


class TextRow(Row, table=True):
    """The words that facts name; ``body`` is NULL once they were erased."""

    __tablename__ = "texts"
    __table_args__ = (Index(None, "stream_type", "stream_id"),)

    id: str = Field(primary_key=True)
    stream_type: str
    stream_id: int
    incident: int | None = _to_incident(nullable=True)
    author: str
    body: str | None = None
    written_at: datetime


class SnapshotRow(Row, table=True):
    """What a long stream's first ``seq`` facts add up to, for the code that the fingerprint is of."""

    __tablename__ = "snapshots"

    stream_type: str = Field(primary_key=True)
    stream_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int
    fingerprint: str
    state: dict[str, Any] = Field(sa_column=Column("state", JSON_TYPE, nullable=False))


class JobRow(Row, table=True):
    """Something owed at ``due_at`` (business time); leases and ``not_before`` are real time."""

    __tablename__ = "jobs"
    __table_args__ = (
        _one_of("state", JobState),
        _one_of("last_outcome", Outcome),
        CheckConstraint("(stream_type IS NULL) = (stream_id IS NULL)", name="stream"),
        # Whatever a claim believes, of one lane only one job is ever under way.
        _partial("uq_jobs_lane_leased", "lane", where="state = 'leased'", unique=True),
        _partial("ix_jobs_owed", *("due_at", "id"), where="state IN ('due', 'leased')"),
        _partial("ix_jobs_lane_owed", *("lane", "due_at", "id"), where="state IN ('due', 'leased')"),
        _partial("ix_jobs_ended", "done_at", where="done_at IS NOT NULL"),
        Index(None, "state", "due_at", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    key: str = Field(unique=True)
    stream_type: str | None = None
    stream_id: int | None = None
    incident: int | None = _to_incident(nullable=True)
    lane: str | None = None
    due_at: datetime
    not_before: datetime | None = None
    payload: dict[str, Any] = Field(sa_column=Column("payload", JSON_TYPE, nullable=False))
    state: str
    attempt: int
    last_outcome: str
    lease_until: datetime | None = None
    owner: str | None = None
    failures: int
    last_error: str | None = None
    done_at: datetime | None = None
    dismissed_by: str | None = None
    dismissed_why: str | None = None


class InboxRow(Row, table=True):
    """A request that was taken, and what it was answered."""

    __tablename__ = "inbox"
    __table_args__ = (Index(None, "taken_at"),)

    key: str = Field(primary_key=True)
    answer: str | None = None
    taken_at: datetime


class PostRow(Row, table=True):
    """Where a message of ours that is edited in place stands, and the version it shows."""

    __tablename__ = "posts"

    incident: int = _to_incident(primary_key=True)
    what: str = Field(primary_key=True)
    channel: str
    ts: str
    version: int


class MemberRow(Row, table=True):
    """Who is in a war room: who may see a private incident."""

    __tablename__ = "members"
    __table_args__ = (Index(None, "person"),)

    incident: int = _to_incident(primary_key=True)
    person: str = Field(primary_key=True)


class MemberStampRow(Row, table=True):
    """The time (Slack's) of the newest word about whether a person is in a war room, whichever it was.

    Who left keeps one, so that an older word of their joining is known to be older.
    """

    __tablename__ = "member_stamps"

    incident: int = _to_incident(primary_key=True)
    person: str = Field(primary_key=True)
    as_of: datetime


class MessageRow(Row, table=True):
    """A message of a war room as it stands in Slack; ``text`` is NULL once it was deleted."""

    __tablename__ = "messages"
    __table_args__ = (Index(None, "incident", "said_at", "ts"),)

    channel: str = Field(primary_key=True)
    ts: str = Field(primary_key=True)
    incident: int = _to_incident()
    person: str | None = None
    text: str | None = None
    said_at: datetime
    thread_ts: str | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    files: list[str] = Field(sa_column=Column("files", JSON_TYPE, nullable=False))


class WaitRow(Row, table=True):
    """Until when (real time) Slack asked to be left alone: a method, or a method in one channel."""

    __tablename__ = "waits"

    scope: str = Field(primary_key=True)
    until: datetime


class WriteProbeRow(Row, table=True):
    """One row, written to see whether anything can be."""

    __tablename__ = "write_probe"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int | None = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    times: int


class SchemaInfoRow(Row, table=True):
    """One row: the oldest code (`storage.migrations.CODE`) that this schema serves."""

    __tablename__ = "schema_info"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int | None = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    min_code: int


def _table(row: type[Row]) -> Table:
    return Row.metadata.tables[str(row.__tablename__)]


INCIDENTS = _table(IncidentRow)
ROLES = _table(RoleRow)
FACTS = _table(FactRow)
TEXTS = _table(TextRow)
SNAPSHOTS = _table(SnapshotRow)
JOBS = _table(JobRow)
INBOX = _table(InboxRow)
POSTS = _table(PostRow)
MEMBERS = _table(MemberRow)
MEMBER_STAMPS = _table(MemberStampRow)
MESSAGES = _table(MessageRow)
WAITS = _table(WaitRow)
WRITE_PROBE = _table(WriteProbeRow)
SCHEMA_INFO = _table(SchemaInfoRow)
