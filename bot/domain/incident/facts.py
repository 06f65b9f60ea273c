"""What happened: past tense, immutable, and without a word of free text.

``stored_as`` is what the database knows a fact by; it stays when the class is renamed. A fact holds ids,
enums and times; words live in texts and are named by their id. A correction is another fact.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from bot.domain.shared.severity import SeverityKey
from bot.domain.shared.vocabulary import (
    Actor,
    ChannelId,
    ConditionType,
    IncidentId,
    Milestone,
    Role,
    Status,
    TextId,
    UserId,
)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that happened: by whom, when it occurred and when it was recorded (UTC)."""

    stored_as: ClassVar[str]

    by: Actor
    occurred_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class IncidentDeclared(Fact):
    """Somebody said: this is an incident."""

    stored_as = "incident_declared"

    title: TextId
    severity: SeverityKey
    started_at: datetime
    summary: TextId | None = None
    affected: TextId | None = None
    private: bool = False
    drill: bool = False
    from_channel: ChannelId | None = None
    from_message: str | None = None


@dataclass(frozen=True, kw_only=True)
class WarRoomOpened(Fact):
    """The incident got its channel."""

    stored_as = "war_room_opened"

    channel: ChannelId
    name: str


@dataclass(frozen=True, kw_only=True)
class MadePrivate(Fact):
    """Its room was made private in Slack: from now on only people in it see anything of the incident."""

    stored_as = "made_private"


@dataclass(frozen=True, kw_only=True)
class PrivateRead(Fact):
    """Somebody who need not be in its room read a private incident, such as an operator in the shell."""

    stored_as = "private_read"


@dataclass(frozen=True, kw_only=True)
class StatusChanged(Fact):
    """The incident moved; ``into`` names the other incident when it was merged, ``into_room`` its room."""

    stored_as = "status_changed"

    before: Status
    after: Status
    reason: TextId | None = None
    into: IncidentId | None = None
    into_room: ChannelId | None = None


@dataclass(frozen=True, kw_only=True)
class MergeReceived(Fact):
    """Another incident was merged into this one; of a private one no more is told than that."""

    stored_as = "merge_received"

    merged: IncidentId
    room: ChannelId | None = None
    private: bool = False


@dataclass(frozen=True, kw_only=True)
class IncidentRenamed(Fact):
    """It turned out to be something else than its title said."""

    stored_as = "incident_renamed"

    title: TextId


@dataclass(frozen=True, kw_only=True)
class DetailsChanged(Fact):
    """The summary, or what is affected, now reads so; None where there is nothing to say any more."""

    stored_as = "details_changed"

    summary: TextId | None
    affected: TextId | None


@dataclass(frozen=True, kw_only=True)
class SeverityChanged(Fact):
    """It turned out better or worse than thought."""

    stored_as = "severity_changed"

    before: SeverityKey
    after: SeverityKey
    reason: TextId | None = None


@dataclass(frozen=True, kw_only=True)
class RoleAssigned(Fact):
    """A person took a role, or was given it."""

    stored_as = "role_assigned"

    role: Role
    person: UserId
    workstream: TextId | None = None


@dataclass(frozen=True, kw_only=True)
class RoleReleased(Fact):
    """A person no longer has a role."""

    stored_as = "role_released"

    role: Role
    person: UserId
    workstream: TextId | None = None


@dataclass(frozen=True, kw_only=True)
class HandoverAsked(Fact):
    """Somebody asked that the commander's role go from one person to another."""

    stored_as = "handover_asked"

    holder: UserId
    to: UserId


@dataclass(frozen=True, kw_only=True)
class HandoverAgreed(Fact):
    """One side of a hand-over said yes."""

    stored_as = "handover_agreed"

    holder: UserId
    to: UserId
    person: UserId


@dataclass(frozen=True, kw_only=True)
class HandoverDeclined(Fact):
    """One side of a hand-over said no, or it was called off."""

    stored_as = "handover_declined"

    holder: UserId
    to: UserId
    person: UserId


@dataclass(frozen=True, kw_only=True)
class CommandTakenOver(Fact):
    """Somebody took the commander's role without the holder's answer, and said why."""

    stored_as = "command_taken_over"

    holder: UserId
    person: UserId
    reason: TextId


@dataclass(frozen=True, kw_only=True)
class ReportPosted(Fact):
    """A CAN report: conditions, actions, and the needs it opened and met."""

    stored_as = "report_posted"

    status: Status
    severity: SeverityKey
    condition: ConditionType
    conditions: TextId
    actions: TextId
    blast_radius: TextId | None = None
    needs: tuple[TextId, ...] = ()
    met: tuple[TextId, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NeedsMet(Fact):
    """Somebody said, outside a CAN report, which Needs are no longer open."""

    stored_as = "needs_met"

    needs: tuple[TextId, ...]


@dataclass(frozen=True, kw_only=True)
class NoteAdded(Fact):
    """Somebody wrote down something that was not said in the room."""

    stored_as = "note_added"

    text: TextId


@dataclass(frozen=True, kw_only=True)
class MomentMarked(Fact):
    """A message of the war room was marked as a key moment; it occurred when it was written."""

    stored_as = "moment_marked"

    channel: ChannelId
    ts: str


@dataclass(frozen=True, kw_only=True)
class MomentUnmarked(Fact):
    """The mark was taken away again."""

    stored_as = "moment_unmarked"

    channel: ChannelId
    ts: str


@dataclass(frozen=True, kw_only=True)
class MilestoneCorrected(Fact):
    """A milestone happened at another time than was thought (``occurred_at``)."""

    stored_as = "milestone_corrected"

    milestone: Milestone
    reason: TextId


@dataclass(frozen=True, kw_only=True)
class PostmortemOwed(Fact):
    """A postmortem has to be written by ``due_at``."""

    stored_as = "postmortem_owed"

    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class PostmortemWithdrawn(Fact):
    """Nothing is owed any more: the incident went on or, where there is a ``reason``, somebody waived it."""

    stored_as = "postmortem_withdrawn"

    reason: TextId | None = None


@dataclass(frozen=True, kw_only=True)
class PostmortemOwned(Fact):
    """A person said they will write it."""

    stored_as = "postmortem_owned"

    person: UserId


@dataclass(frozen=True, kw_only=True)
class PostmortemDone(Fact):
    """It is written; the text is the link to it. ``corrects`` says that another link stood before."""

    stored_as = "postmortem_done"

    link: TextId
    corrects: bool = False


@dataclass(frozen=True, kw_only=True)
class NudgeSnoozed(Fact):
    """Somebody asked the bot to be quiet about one thing until a time."""

    stored_as = "nudge_snoozed"

    nudge: str
    until: datetime


ALL: tuple[type[Fact], ...] = (
    IncidentDeclared,
    WarRoomOpened,
    MadePrivate,
    PrivateRead,
    StatusChanged,
    MergeReceived,
    IncidentRenamed,
    DetailsChanged,
    SeverityChanged,
    RoleAssigned,
    RoleReleased,
    HandoverAsked,
    HandoverAgreed,
    HandoverDeclined,
    CommandTakenOver,
    ReportPosted,
    NeedsMet,
    NoteAdded,
    MomentMarked,
    MomentUnmarked,
    MilestoneCorrected,
    PostmortemOwed,
    PostmortemWithdrawn,
    PostmortemOwned,
    PostmortemDone,
    NudgeSnoozed,
)
"""Every kind of fact; storage reads rows back through this."""
