"""What the bot says, as meaning: Slack's views turn each of these into blocks, the use cases never see one.

Words in here are as people wrote them; whoever renders them escapes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from bot.domain.incident.aggregate import Looked
from bot.domain.incident.facts import Fact
from bot.domain.shared.severity import Severity
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
class RoleLine:
    """Who has a role; ``workstream`` is an SME's."""

    role: Role
    person: UserId
    workstream: str | None = None


@dataclass(frozen=True, kw_only=True)
class NeedLine:
    """An open Need and since when it has been open."""

    id: TextId
    text: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class ReportFacts:
    """A CAN report. ``needs`` are those it opened, ``met`` those it closed, ``still`` all open after it."""

    by: Actor
    at: datetime
    status: Status
    severity: Severity
    condition: ConditionType
    conditions: str
    actions: str
    blast_radius: str | None
    needs: tuple[str, ...]
    met: tuple[str, ...]
    still: tuple[NeedLine, ...]


@dataclass(frozen=True, kw_only=True)
class HandoverFacts:
    """A hand-over under way; ``overdue`` once somebody may take over without the holder's answer."""

    holder: UserId
    to: UserId
    asked_by: Actor
    asked_at: datetime
    agreed: frozenset[UserId]
    overdue: bool = False


@dataclass(frozen=True, kw_only=True)
class PostmortemFacts:
    """The obligation as it stands."""

    due_at: datetime
    owner: UserId | None
    link: str | None
    done: bool


@dataclass(frozen=True, kw_only=True)
class EndingFacts:
    """How it ended: as what, by whom, when, and in whose words."""

    status: Status
    by: Actor
    at: datetime
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class MergedLine:
    """Another incident that was merged into this one, and its room."""

    incident: IncidentId
    room: ChannelId | None


@dataclass(frozen=True, kw_only=True)
class CardFacts:
    """All that is shown of an incident: the card in its room, the announcement, the modals.

    ``from_message`` is the address of the message it was declared from, where that is shown; ``looked`` are
    the texts that whoever edits them has before them.
    """

    incident: IncidentId
    version: int
    title: str
    summary: str | None
    affected: str | None
    severity: Severity
    status: Status
    private: bool
    drill: bool
    declared_by: Actor
    from_message: str | None
    channel: ChannelId | None
    channel_name: str | None
    merged_into: IncidentId | None
    milestones: Mapping[Milestone, datetime]
    roles: tuple[RoleLine, ...]
    handover: HandoverFacts | None
    report: ReportFacts | None
    report_due: datetime | None
    needs: tuple[NeedLine, ...]
    postmortem: PostmortemFacts | None
    merged_room: ChannelId | None = None
    merged_in: tuple[MergedLine, ...] = ()
    ending: EndingFacts | None = None
    looked: Looked | None = None


@dataclass(frozen=True, kw_only=True)
class Card:
    """The pinned message of a war room, edited in place."""

    facts: CardFacts


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """The message in the incidents channel, edited in place."""

    facts: CardFacts


@dataclass(frozen=True, kw_only=True)
class Noticed:
    """A word under the announcement: what people outside the war room should not miss."""

    facts: CardFacts
    fact: Fact
    words: Mapping[TextId, str | None]


@dataclass(frozen=True, kw_only=True)
class MergedIn:
    """A line in the war room that goes on: what was merged into it; None where that was private."""

    incident: IncidentId
    by: Actor
    merged: CardFacts | None


@dataclass(frozen=True, kw_only=True)
class RoomOpened:
    """To the declarer, who waited for it: the war room is there at last."""

    incident: IncidentId
    title: str
    channel: ChannelId


@dataclass(frozen=True, kw_only=True)
class Happened:
    """A line in the war room that says what just happened."""

    incident: IncidentId
    fact: Fact
    words: Mapping[TextId, str | None]


@dataclass(frozen=True, kw_only=True)
class ReportShown:
    """A CAN update in the war room."""

    incident: IncidentId
    report: ReportFacts


@dataclass(frozen=True, kw_only=True)
class Duties:
    """What a person who was put into a role has to do, told by direct message."""

    incident: IncidentId
    title: str
    channel: ChannelId | None
    role: Role
    workstream: str | None
    by: Actor


@dataclass(frozen=True, kw_only=True)
class HandoverQuestion:
    """A hand-over's question to both sides; without ``handover`` it has been settled (``outcome``)."""

    incident: IncidentId
    handover: HandoverFacts | None
    outcome: str | None = None


@dataclass(frozen=True, kw_only=True)
class CommanderMissing:
    """A nudge: nobody has the commander's role. ``snooze`` is how long its button keeps it quiet."""

    word: ClassVar[str] = "commander"

    incident: IncidentId
    since: datetime
    snooze: timedelta
    ask: UserId | None = None


@dataclass(frozen=True, kw_only=True)
class ReportOverdue:
    """A nudge: a CAN update is due. ``ask`` is who is asked: the liaison, else the commander."""

    word: ClassVar[str] = "report"

    incident: IncidentId
    last_at: datetime | None
    due_at: datetime
    ask: UserId | None
    snooze: timedelta


class PostmortemMoment(StrEnum):
    """Why the bot speaks of the postmortem now."""

    ASKED = "asked"
    BEFORE = "before"
    DUE = "due"
    LATE = "late"


@dataclass(frozen=True, kw_only=True)
class PostmortemNudge:
    """A nudge: a postmortem is owed. ``ask`` is who is asked where nobody owns it yet."""

    word: ClassVar[str] = "postmortem"

    incident: IncidentId
    title: str
    moment: PostmortemMoment
    due_at: datetime
    owner: UserId | None
    snooze: timedelta
    ask: UserId | None = None


@dataclass(frozen=True, kw_only=True)
class PostmortemOffered:
    """After a minor incident: one click makes a postmortem due."""

    incident: IncidentId
    title: str


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What a nudge's message says once it was answered, in place of its buttons."""

    incident: IncidentId
    outcome: str


NudgeSaid = CommanderMissing | ReportOverdue | PostmortemNudge
"""What the bot says of its own accord, again and again, until somebody does it."""


class NoRoom(StrEnum):
    """Why something could not be said in the war room."""

    NOT_OPENED = "not_opened"
    ARCHIVED = "archived"
    REMOVED = "removed"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True)
class RoomClosed:
    """Told to who leads an open incident: its war room cannot be written in any more."""

    incident: IncidentId
    title: str
    why: NoRoom


@dataclass(frozen=True, kw_only=True)
class InsteadOfRoom:
    """What belongs into the war room, said to one person, and why it comes this way."""

    incident: IncidentId
    said: "NudgeSaid | Failed"
    why: NoRoom


@dataclass(frozen=True, kw_only=True)
class PostmortemGiven:
    """What somebody is told who was asked to write the postmortem."""

    incident: IncidentId
    title: str
    channel: ChannelId | None
    due_at: datetime
    by: Actor


@dataclass(frozen=True, kw_only=True)
class Failed:
    """An effect outside was refused for good; the incident goes on, and a button retries it."""

    incident: IncidentId | None
    job: int
    what: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Plain:
    """A sentence to one person."""

    text: str


Said = (
    Card
    | Announcement
    | Noticed
    | MergedIn
    | RoomOpened
    | Happened
    | ReportShown
    | Duties
    | HandoverQuestion
    | CommanderMissing
    | ReportOverdue
    | PostmortemNudge
    | Answered
    | InsteadOfRoom
    | RoomClosed
    | PostmortemGiven
    | PostmortemOffered
    | Failed
    | Plain
)


@dataclass(frozen=True, kw_only=True)
class HomeLine:
    """An incident as the App Home lists it."""

    incident: IncidentId
    title: str
    severity: str
    status: Status
    private: bool
    drill: bool
    channel: ChannelId | None
    commander: UserId | None
    declared_at: datetime
    postmortem_due: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class DeadJob:
    """A job that was given up, as admins see it."""

    id: int
    kind: str
    incident: IncidentId | None
    why: str


@dataclass(frozen=True, kw_only=True)
class Home:
    """The App Home of one person: open incidents, theirs, what they owe; for admins what died."""

    at: datetime
    open: tuple[HomeLine, ...]
    mine: tuple[HomeLine, ...]
    owed: tuple[HomeLine, ...]
    dead: tuple[DeadJob, ...] = ()
