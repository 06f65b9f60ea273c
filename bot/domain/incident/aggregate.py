"""The incident: it takes what a command means, checks the rules, and answers with facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self, TypedDict

from bot.domain.incident import facts, handover, milestones, status
from bot.domain.incident.milestones import not_in_future
from bot.domain.incident.postmortem import PostmortemTerms, checked_link
from bot.domain.incident.state import State, fold
from bot.domain.shared import texts
from bot.domain.shared.errors import Overtaken, Refused
from bot.domain.shared.severity import Severity
from bot.domain.shared.texts import Text
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
    label,
)

READ_AGAIN = timedelta(hours=1)
"""Within this, reading on is the same reading: a program that looks every minute is recorded hourly."""


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What a person says when they declare; words as they were typed."""

    title: str
    severity: Severity
    summary: str | None = None
    affected: str | None = None
    started_at: datetime | None = None
    private: bool = False
    drill: bool = False
    from_channel: ChannelId | None = None
    from_message: str | None = None


@dataclass(frozen=True, kw_only=True)
class Details:
    """What an incident is called, what is known and what is affected, as somebody typed it."""

    title: str
    summary: str | None
    affected: str | None


@dataclass(frozen=True, kw_only=True)
class Looked:
    """The texts that stood there when somebody began to edit them."""

    title: TextId
    summary: TextId | None
    affected: TextId | None


@dataclass(frozen=True, kw_only=True)
class ReportDraft:
    """A CAN report as it was typed; ``needs`` holds new Needs, ``met`` those no longer open."""

    condition: ConditionType
    conditions: str
    actions: str
    blast_radius: str | None = None
    needs: tuple[str, ...] = ()
    met: tuple[TextId, ...] = ()


class Stamp(TypedDict):
    """What every fact carries."""

    by: Actor
    occurred_at: datetime
    recorded_at: datetime


def stamp(by: Actor, at: datetime) -> Stamp:
    """Return what a fact carries that is recorded as it occurs."""
    return {"by": by, "occurred_at": at, "recorded_at": at}


class Incident:
    """One incident and its rules.

    ``state`` is the fold of its facts, ``texts`` the words that the facts name; ``new_facts`` and
    ``new_texts`` are what has to be saved. ``id`` is given by the storage when it is added; ``version`` is
    the place of its newest stored fact, counted from 1, whether or not this code knows that fact.
    """

    def __init__(self, *, version: int = 0, texts_by_id: Mapping[TextId, str | None] | None = None) -> None:
        """Start empty; `declare` and `replay` are the two ways to a usable one."""
        self.id: IncidentId = IncidentId(0)
        self.version = version
        self.state = State()
        self.texts: dict[TextId, str | None] = dict(texts_by_id or {})
        self.new_facts: list[facts.Fact] = []
        self.new_texts: list[Text] = []

    @classmethod
    def replay(
        cls,
        incident: IncidentId,
        history: Iterable[facts.Fact],
        *,
        version: int,
        texts_by_id: Mapping[TextId, str | None],
        state: State | None = None,
    ) -> Self:
        """Return the incident that a history adds up to, with nothing to save.

        With a ``state`` the history goes on from there.
        """
        self = cls(version=version, texts_by_id=texts_by_id)
        self.id = incident
        self.state = state or self.state
        for fact in history:
            self.state = fold(fact, self.state)
        return self

    @classmethod
    def declare(cls, said: Declaration, *, by: Actor, at: datetime) -> Self:
        """Return a new incident; refuses an empty title, overlong texts and a start yet to come."""
        self = cls()
        title = texts.one_line(said.title, field="title", name="The title")
        summary = texts.optional_paragraph(said.summary, field="summary", name="The summary")
        affected = texts.optional_paragraph(said.affected, field="affected", name="What is affected")
        started = not_in_future(said.started_at or at, now=at, field="started_at")
        self._record(
            facts.IncidentDeclared(
                **stamp(by, at),
                title=self._write(title, by, at),
                severity=said.severity.key,
                summary=self._write(summary, by, at) if summary else None,
                affected=self._write(affected, by, at) if affected else None,
                started_at=started,
                private=said.private,
                drill=said.drill,
                from_channel=said.from_channel,
                from_message=said.from_message,
            )
        )
        return self

    @property
    def length(self) -> int:
        """Return the place of its newest fact, saved or not, which also numbers what is shown of it."""
        return self.version + len(self.new_facts)

    @property
    def title(self) -> str:
        """Return the title, or what is shown where it was erased."""
        return self.text(self.state.title) or "(erased)"

    def text(self, text: TextId | None) -> str | None:
        """Return the words of a text; None where there are none or they were erased."""
        return self.texts.get(text) if text else None

    def open_room(self, channel: ChannelId, name: str, *, by: Actor, at: datetime) -> None:
        """Record the war room; a second one is not recorded."""
        if self.state.channel is None:
            self._record(facts.WarRoomOpened(**stamp(by, at), channel=channel, name=name))

    def make_private(self, *, by: Actor, at: datetime) -> None:
        """Record that only people in its room may see it from now on; once."""
        if not self.state.private:
            self._record(facts.MadePrivate(**stamp(by, at)))

    def note_reading(self, *, by: Actor, at: datetime) -> None:
        """Record that somebody read a private incident from outside its room; once in `READ_AGAIN`."""
        last = self.state.readings.get(str(by))
        if self.state.private and (last is None or at >= last + READ_AGAIN):
            self._record(facts.PrivateRead(**stamp(by, at)))

    # -- what it is called

    def rename(self, title: str, *, by: Actor, at: datetime) -> None:
        """Give it another title; refuses an empty one, and the one it has."""
        words = texts.one_line(title, field="title", name="The title")
        if words == self.title:
            msg = "It is already called that."
            raise Refused(msg, field="title")
        self._record(facts.IncidentRenamed(**stamp(by, at), title=self._write(words, by, at)))

    def describe(self, said: Details, seen: Looked, *, by: Actor, at: datetime) -> None:
        """Change what somebody changed of the title, the summary and what is affected.

        What they left as they found it (``seen``) stays as it is now; where somebody else changed the same
        thing meanwhile, this is refused with how it reads now.
        """
        now = Looked(title=self.state.title, summary=self.state.summary, affected=self.state.affected)
        summary = texts.optional_paragraph(said.summary, field="summary", name="The summary")
        affected = texts.optional_paragraph(said.affected, field="affected", name="What is affected")
        title = texts.one_line(said.title, field="title", name="The title")
        renamed = self._edited(title, seen.title, now.title, field="title", name="title")
        told = self._edited(summary, seen.summary, now.summary, field="summary", name="summary")
        hit = self._edited(
            affected, seen.affected, now.affected, field="affected", name="list of what is affected"
        )
        if not (renamed or told or hit):
            msg = "Nothing was changed: it reads as before."
            raise Refused(msg, field="title")
        if renamed:
            self._record(facts.IncidentRenamed(**stamp(by, at), title=self._write(title, by, at)))
        if told or hit:
            self._record(
                facts.DetailsChanged(
                    **stamp(by, at),
                    summary=self._kept(summary, by, at) if told else now.summary,
                    affected=self._kept(affected, by, at) if hit else now.affected,
                )
            )

    def _edited(
        self, typed: str | None, seen: TextId | None, now: TextId | None, *, field: str, name: str
    ) -> bool:
        """Return whether a person changed a text; refuses it where somebody else did so meanwhile."""
        if typed in {self.text(seen), self.text(now)}:
            return False
        if seen != now:
            msg = (
                f"Somebody changed the {name} meanwhile. It reads “{self.text(now) or '(nothing)'}” now. "
                "Open the form again to edit that."
            )
            raise Overtaken(msg, field=field)
        return True

    def _kept(self, words: str | None, by: Actor, at: datetime) -> TextId | None:
        return self._write(words, by, at) if words else None

    # -- status and severity

    def move(
        self,
        to: Status,
        *,
        by: Actor,
        at: datetime,
        terms: PostmortemTerms,
        reason: str | None = None,
        seen: Status | None = None,
        into: IncidentId | None = None,
        into_room: ChannelId | None = None,
    ) -> None:
        """Move to a status; what is owed follows.

        ``seen`` is the status the person was looking at: where another move came first, theirs is
        refused with what happened. Reopening and cancelling ask for a reason, merging for a target.
        """
        before = self.state.status
        if seen is not None and seen is not before:
            msg = f"Somebody moved it from {seen} to {before} a moment ago. Look again, then decide."
            raise Overtaken(msg, field="status")
        status.check_move(before, to)
        words = texts.optional_paragraph(reason, field="reason", name="The reason")
        if words is None and (status.is_reopening(before, to) or to is Status.CANCELLED):
            verb = "Cancelling" if to is Status.CANCELLED else "Reopening"
            msg = f"{verb} needs a reason, so that whoever reads this later understands. Add it."
            raise Refused(msg, field="reason")
        if to is Status.MERGED and (into is None or into == self.id):
            msg = "Merging needs the other incident that goes on, such as `merge INC-2`."
            raise Refused(msg, field="into")
        self._record(
            facts.StatusChanged(
                **stamp(by, at),
                before=before,
                after=to,
                reason=self._write(words, by, at) if words else None,
                into=into if to is Status.MERGED else None,
                into_room=into_room if to is Status.MERGED else None,
            )
        )
        self._settle_postmortem(before, by=by, at=at, terms=terms)

    def receive_merge(
        self, merged: IncidentId, *, room: ChannelId | None, private: bool, by: Actor, at: datetime
    ) -> None:
        """Record that another incident was merged into this one; the same one is recorded once."""
        if merged not in {fact.merged for fact in self.state.merged_in}:
            told = None if private else room
            self._record(facts.MergeReceived(**stamp(by, at), merged=merged, room=told, private=private))

    def _settle_postmortem(
        self, before: Status, *, by: Actor, at: datetime, terms: PostmortemTerms, worse: bool = False
    ) -> None:
        """Owe the postmortem of a resolved major incident; withdraw it when the work goes on."""
        now = self.state
        if status.is_reopening(before, now.status):
            if now.postmortem and now.postmortem.is_open:
                self._record(facts.PostmortemWithdrawn(**stamp(by, at)))
            return
        # Who waived it has looked at it as it was; when it turns out worse, that is looked at again.
        settled = now.postmortem is not None or (now.postmortem_waived and not worse)
        if self._may_owe() and terms.scale.get(now.severity).major and not settled:
            self.owe_postmortem(by=by, at=at, terms=terms)

    def rate(
        self,
        severity: Severity,
        *,
        by: Actor,
        at: datetime,
        terms: PostmortemTerms,
        reason: str | None = None,
    ) -> None:
        """Change the severity; refuses one that it already has."""
        before = self.state.severity
        if severity.key == before:
            msg = f"It is already {before}."
            raise Refused(msg, field="severity")
        words = texts.optional_paragraph(reason, field="reason", name="The reason")
        self._record(
            facts.SeverityChanged(
                **stamp(by, at),
                before=before,
                after=severity.key,
                reason=self._write(words, by, at) if words else None,
            )
        )
        worse = terms.scale.get(severity.key).major and not terms.scale.get(before).major
        self._settle_postmortem(self.state.status, by=by, at=at, terms=terms, worse=worse)

    # -- roles

    def assign(
        self,
        role: Role,
        person: UserId,
        *,
        by: Actor,
        at: datetime,
        workstream: str | None = None,
        seen: str | None = None,
    ) -> None:
        """Put a person into a role.

        ``seen`` is who held it where the person looked (``""`` for nobody, None where they did not
        look): when somebody was faster, this is refused with who. A held commander's role is not
        assigned but handed over; a scribe or liaison gives way; SMEs stand side by side, each person once.
        """
        self._require_open("give out roles")
        holder = None if role is Role.SME else self.state.holder(role)
        if holder == person:
            msg = f"<@{person}> is already {role}."
            raise Refused(msg, field="person")
        if seen is not None and role is not Role.SME and (holder or "") != seen:
            who = f"<@{holder}> is {role} now" if holder else f"Nobody is {role} any more"
            msg = f"{who}: somebody was a moment faster. Look again, then decide."
            raise Overtaken(msg, field="person")
        if role is Role.COMMANDER and holder:
            self._ask_handover(person, holder, by=by, at=at)
            return
        if holder:
            self._record(facts.RoleReleased(**stamp(by, at), role=role, person=holder))
        self._assign(role, person, by=by, at=at, workstream=workstream)

    def _assign(
        self, role: Role, person: UserId, *, by: Actor, at: datetime, workstream: str | None = None
    ) -> None:
        words = None
        if role is Role.SME and workstream and workstream.strip():
            words = texts.one_line(workstream, field="workstream", name="The workstream", longest=80)
        mine = [held for held in self.state.roles if (held.role, held.person) == (role, person)]
        streams = [(self.text(held.workstream) or "") for held in mine]
        if mine and (not words or words.casefold() in map(str.casefold, streams)):
            msg = f"<@{person}> is already {role}."
            if role is Role.SME:
                of = f" for {streams[0]}" if streams[0] else ""
                msg = f"<@{person}> is already an SME{of}. Say another workstream to move there."
            raise Refused(msg, field="person")
        # One person works in one place: an SME who names another workstream moves there.
        for held in mine:
            self._record(
                facts.RoleReleased(**stamp(by, at), role=role, person=person, workstream=held.workstream)
            )
        self._record(
            facts.RoleAssigned(
                **stamp(by, at),
                role=role,
                person=person,
                workstream=self._write(words, by, at) if words else None,
            )
        )

    def release(self, role: Role, person: UserId, *, by: Actor, at: datetime) -> None:
        """Take a person out of a role; refuses who does not have it."""
        held = [h for h in self.state.roles if (h.role, h.person) == (role, person)]
        if not held:
            msg = f"<@{person}> is not {role}."
            raise Refused(msg, field="person")
        for one in held:
            self._record(
                facts.RoleReleased(**stamp(by, at), role=role, person=person, workstream=one.workstream)
            )

    def _ask_handover(self, to: UserId, holder: UserId, *, by: Actor, at: datetime) -> None:
        asked = self.state.handover
        handover.check_asking(asked, to, by=by.user)
        if asked is None or asked.to != to:
            self._record(facts.HandoverAsked(**stamp(by, at), holder=holder, to=to))
        # Whoever asks has already said yes for their own side.
        if by.user in {holder, to}:
            self.answer_handover(by.user, agreed=True, by=by, at=at)

    def answer_handover(
        self, person: UserId | None, *, agreed: bool, by: Actor, at: datetime, to: UserId | None = None
    ) -> None:
        """Take one side's answer to a hand-over; with both sides' yes the role changes hands.

        ``to`` is who was to get the role where the person looked, None where they did not look.
        """
        asked, side = handover.answered(self.state.handover, person, to=to)
        answer = facts.HandoverAgreed if agreed else facts.HandoverDeclined
        if side in asked.waiting or not agreed:
            self._record(answer(**stamp(by, at), holder=asked.holder, to=asked.to, person=side))
        now = self.state.handover
        if now and not now.waiting:
            self._hand_command(now.holder, now.to, by=by, at=at)

    def take_over(
        self,
        person: UserId,
        reason: str,
        *,
        by: Actor,
        at: datetime,
        at_once: bool,
        answer_within: timedelta = handover.ANSWER_WITHIN,
    ) -> None:
        """Take the commander's role without the holder's answer, with a reason.

        Refused until a hand-over has gone unanswered for ``answer_within``, unless ``at_once`` (admins).
        """
        holder = self.state.commander
        self._require_open("take over")
        if holder is None:
            self._assign(Role.COMMANDER, person, by=by, at=at)
            return
        if holder == person:
            msg = "You already are the commander."
            raise Refused(msg)
        if not at_once:
            handover.check_unanswered(self.state.handover, holder, at=at, within=answer_within)
        words = texts.paragraph(reason, field="reason", name="The reason")
        self._record(
            facts.CommandTakenOver(
                **stamp(by, at),
                holder=holder,
                person=person,
                reason=self._write(words, by, at),
            )
        )
        self._hand_command(holder, person, by=by, at=at)

    def _hand_command(self, holder: UserId, to: UserId, *, by: Actor, at: datetime) -> None:
        self._record(facts.RoleReleased(**stamp(by, at), role=Role.COMMANDER, person=holder))
        self._assign(Role.COMMANDER, to, by=by, at=at)

    # -- what people say

    def report(self, draft: ReportDraft, *, by: Actor, at: datetime) -> None:
        """Post a CAN report; refuses empty conditions or actions, and an incident that has ended."""
        self._require_open("post a CAN update")
        conditions = texts.paragraph(draft.conditions, field="conditions", name="Conditions")
        actions = texts.paragraph(draft.actions, field="actions", name="Actions")
        blast = texts.optional_paragraph(draft.blast_radius, field="blast_radius", name="The blast radius")
        standing = {need.text for need in self.state.needs}
        known = {
            (self.text(need.text) or "").casefold() for need in self.state.needs if need.text not in draft.met
        }
        needs = [
            texts.one_line(need, field="needs", name="A need", longest=300)
            for need in draft.needs
            if need.strip()
        ]
        fresh = dict.fromkeys(need for need in needs if need.casefold() not in known)
        self._record(
            facts.ReportPosted(
                **stamp(by, at),
                status=self.state.status,
                severity=self.state.severity,
                condition=draft.condition,
                conditions=self._write(conditions, by, at),
                actions=self._write(actions, by, at),
                blast_radius=self._write(blast, by, at) if blast else None,
                needs=tuple(self._write(need, by, at) for need in fresh),
                met=tuple(need for need in draft.met if need in standing),
            )
        )

    def meet(self, needs: Iterable[TextId], *, by: Actor, at: datetime) -> None:
        """Say which Needs are met, also once it has ended; refuses where none of them is open any more."""
        wanted = set(needs)
        met = tuple(need.text for need in self.state.needs if need.text in wanted)
        if not met:
            msg = "None of these needs is open any more."
            raise Refused(msg, field="met")
        self._record(facts.NeedsMet(**stamp(by, at), needs=met))

    def note(self, body: str, *, by: Actor, at: datetime, occurred_at: datetime | None = None) -> None:
        """Write down something that was not said in the room; refuses an empty or future note."""
        words = texts.paragraph(body, field="note", name="The note")
        occurred = not_in_future(occurred_at or at, now=at, field="occurred_at")
        self._record(
            facts.NoteAdded(by=by, occurred_at=occurred, recorded_at=at, text=self._write(words, by, at))
        )

    def mark(self, ts: str, *, by: Actor, at: datetime, said_at: datetime) -> None:
        """Mark a message of the war room as a key moment; marking it twice marks it once."""
        channel = self._room()
        if (channel, ts, by) not in self.state.moments:
            said = min(said_at, at)
            self._record(facts.MomentMarked(by=by, occurred_at=said, recorded_at=at, channel=channel, ts=ts))

    def unmark(self, ts: str, *, by: Actor, at: datetime) -> None:
        """Take a mark away again, if it was this person's."""
        channel = self._room()
        if (channel, ts, by) in self.state.moments:
            self._record(facts.MomentUnmarked(**stamp(by, at), channel=channel, ts=ts))

    def correct(
        self, milestone: Milestone, occurred_at: datetime, reason: str, *, by: Actor, at: datetime
    ) -> None:
        """Correct when a milestone occurred, with a reason; refuses one that was never reached."""
        occurred = not_in_future(occurred_at, now=at, field="at")
        if milestone not in self.state.milestones:
            msg = f"It has not been {milestone} yet, so there is no time to correct."
            raise Refused(msg, field="milestone")
        milestones.check_order(self.state.milestones, milestone, occurred)
        words = texts.paragraph(reason, field="reason", name="The reason")
        self._record(
            facts.MilestoneCorrected(
                by=by,
                occurred_at=occurred,
                recorded_at=at,
                milestone=milestone,
                reason=self._write(words, by, at),
            )
        )

    # -- the postmortem and the bot's nudges

    def owe_postmortem(self, *, by: Actor, at: datetime, terms: PostmortemTerms) -> None:
        """Make a postmortem due; refuses while people still work, and a second one."""
        if not self._may_owe():
            msg = "The postmortem starts once the incident is resolved."
            raise Refused(msg)
        if self.state.postmortem:
            msg = f"Its postmortem is already {'under way' if self.state.postmortem.is_open else 'done'}."
            raise Refused(msg)
        self._record(facts.PostmortemOwed(**stamp(by, at), due_at=at + terms.due_after))

    def _may_owe(self) -> bool:
        return self.state.status in {Status.RESOLVED, Status.CLOSED}

    def own_postmortem(self, person: UserId, *, by: Actor, at: datetime) -> None:
        """Name who writes the postmortem; refuses when nothing is owed."""
        owed = self.state.postmortem
        if owed is None or not owed.is_open:
            msg = "No postmortem is owed here."
            raise Refused(msg)
        if owed.owner == person:
            msg = f"<@{person}> already owns it."
            raise Refused(msg)
        self._record(facts.PostmortemOwned(**stamp(by, at), person=person))

    def finish_postmortem(self, link: str, *, by: Actor, at: datetime) -> None:
        """Close the obligation with a link, or correct it; refuses what is no link, or is there already."""
        owed = self.state.postmortem
        if owed is None:
            msg = "No postmortem is owed here."
            raise Refused(msg)
        checked = checked_link(link)
        if not owed.is_open and checked == self.text(owed.link):
            msg = "The postmortem is already done, with this link."
            raise Overtaken(msg, field="link")
        written = self._write(checked, by, at)
        self._record(facts.PostmortemDone(**stamp(by, at), link=written, corrects=not owed.is_open))

    def waive_postmortem(self, reason: str, *, by: Actor, at: datetime) -> None:
        """Take an open obligation back, with a reason; refuses where nothing is owed, or it is done."""
        owed = self.state.postmortem
        if owed is None or not owed.is_open:
            msg = "No postmortem is owed here, so there is nothing to waive."
            raise Refused(msg)
        words = texts.paragraph(reason, field="reason", name="The reason")
        self._record(facts.PostmortemWithdrawn(**stamp(by, at), reason=self._write(words, by, at)))

    def snooze(self, nudge: str, until: datetime, *, by: Actor, at: datetime) -> None:
        """Keep the bot quiet about one thing until a time; refuses a time that has passed."""
        if until <= at:
            msg = "That time has passed. Choose one that is still to come."
            raise Refused(msg, field="until")
        self._record(facts.NudgeSnoozed(**stamp(by, at), nudge=nudge, until=until))

    # --

    def _room(self) -> ChannelId:
        if self.state.channel is None:
            msg = "Its war room is still being opened. Try again in a moment."
            raise Refused(msg)
        return self.state.channel

    def _require_open(self, what: str) -> None:
        into = self.state.merged_into
        if into:
            room = f" (<#{self.state.merged_room}>)" if self.state.merged_room else ""
            msg = f"This incident was merged into {label(into)}{room}: go there to {what}."
            raise Refused(msg)
        if not self.state.is_open:
            msg = f"This incident is {self.state.status}: reopen it to {what} (`/incident reopen <why>`)."
            raise Refused(msg)

    def _write(self, body: str, by: Actor, at: datetime) -> TextId:
        text = texts.write(body, author=by, at=at)
        self.new_texts.append(text)
        self.texts[text.id] = text.body
        return text.id

    def _record(self, fact: facts.Fact) -> None:
        self.state = fold(fact, self.state)
        self.new_facts.append(fact)
