"""The timeline: what happened (facts) and what was said (messages), in the order it occurred."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import singledispatch

from bot.domain.incident import facts
from bot.domain.shared.vocabulary import SYSTEM, Actor, ActorKind, ChannelId, Role, TextId, UserId, label

Words = Callable[[TextId | None], str | None]
"""Looks up the words of a text; None where there are none or they were erased."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message of the war room as it stands in Slack; ``text`` is None once it was deleted."""

    channel: ChannelId
    ts: str
    user: UserId | None
    text: str | None
    said_at: datetime
    thread_ts: str | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the timeline. ``key_moment`` is a message somebody marked."""

    at: datetime
    by: Actor | None
    sentence: str
    kind: str
    ts: str | None = None
    thread_ts: str | None = None
    key_moment: bool = False
    edited: bool = False
    deleted: bool = False


def merge(
    history: Iterable[facts.Fact], messages: Sequence[Message], words: Words, *, everything: bool = True
) -> list[Entry]:
    """Return the timeline, oldest first; with ``everything`` False, of messages the marked ones only."""
    history = list(history)
    marked = _marked(history)
    entries = [
        Entry(at=fact.occurred_at, by=fact.by, sentence=tell(fact, words), kind=fact.stored_as)
        for fact in history
        if not isinstance(fact, facts.MomentMarked | facts.MomentUnmarked)
    ]
    entries += [
        _said(message, key_moment=message.ts in marked)
        for message in messages
        if everything or message.ts in marked
    ]
    return sorted(entries, key=lambda entry: entry.at)


def _marked(history: Iterable[facts.Fact]) -> set[str]:
    standing: set[tuple[str, Actor]] = set()
    for fact in history:
        if isinstance(fact, facts.MomentMarked):
            standing.add((fact.ts, fact.by))
        elif isinstance(fact, facts.MomentUnmarked):
            standing.discard((fact.ts, fact.by))
    return {ts for ts, _ in standing}


def _said(message: Message, *, key_moment: bool) -> Entry:
    body = "(deleted)" if message.deleted_at else message.text or ""
    if message.files and not message.deleted_at:
        body = f"{body} [{', '.join(message.files)}]".strip()
    return Entry(
        at=message.said_at,
        by=Actor(ActorKind.PERSON, message.user) if message.user else None,
        sentence=body,
        kind="message",
        ts=message.ts,
        thread_ts=message.thread_ts,
        key_moment=key_moment,
        edited=message.edited_at is not None,
        deleted=message.deleted_at is not None,
    )


@singledispatch
def tell(fact: facts.Fact, words: Words) -> str:
    """Return the sentence of a fact. Every kind of fact has one; a missing one is a mistake here."""
    msg = f"{type(fact).__name__} has no sentence"
    raise NotImplementedError(msg)


def _for_workstream(fact: facts.RoleAssigned | facts.RoleReleased, words: Words) -> str:
    role = "SME" if fact.role is Role.SME else str(fact.role)
    stream = words(fact.workstream)
    return f"{role} for {stream}" if stream else role


def _because(text: TextId | None, words: Words) -> str:
    reason = words(text)
    return f": {reason}" if reason else ""


@tell.register
def _(fact: facts.IncidentDeclared, words: Words) -> str:
    kind = "drill" if fact.drill else "incident"
    return f"declared this {kind} as {fact.severity}: {words(fact.title) or '(erased)'}"


@tell.register
def _(fact: facts.WarRoomOpened, words: Words) -> str:
    del words
    return f"opened the war room #{fact.name}"


@tell.register
def _(fact: facts.MadePrivate, words: Words) -> str:
    del words
    what = "noticed that this room was made private" if fact.by == SYSTEM else "made this room private"
    return (
        f"{what}. Until now everybody in the workspace could read it, its announcement and the incident's "
        "timeline; from now on the incident is private too, and only people in this room see anything of it"
    )


@tell.register
def _(fact: facts.PrivateRead, words: Words) -> str:
    del fact, words
    return "read this private incident from outside its room"


@tell.register
def _(fact: facts.StatusChanged, words: Words) -> str:
    into = f" into {label(fact.into)}" if fact.into else ""
    return f"moved it from {fact.before} to {fact.after}{into}{_because(fact.reason, words)}"


@tell.register
def _(fact: facts.SeverityChanged, words: Words) -> str:
    return f"changed the severity from {fact.before} to {fact.after}{_because(fact.reason, words)}"


@tell.register
def _(fact: facts.RoleAssigned, words: Words) -> str:
    role = _for_workstream(fact, words)
    if fact.by.user == fact.person:
        return f"took the role of {role}"
    return f"made <@{fact.person}> {role}"


@tell.register
def _(fact: facts.RoleReleased, words: Words) -> str:
    role = _for_workstream(fact, words)
    if fact.by.user == fact.person:
        return f"gave back the role of {role}"
    return f"released <@{fact.person}> from the role of {role}"


@tell.register
def _(fact: facts.HandoverAsked, words: Words) -> str:
    del words
    return f"asked that command go from <@{fact.holder}> to <@{fact.to}>"


@tell.register
def _(fact: facts.HandoverAgreed, words: Words) -> str:
    del words
    return f"agreed that command goes from <@{fact.holder}> to <@{fact.to}>"


@tell.register
def _(fact: facts.HandoverDeclined, words: Words) -> str:
    del words
    return f"declined that command goes from <@{fact.holder}> to <@{fact.to}>"


@tell.register
def _(fact: facts.CommandTakenOver, words: Words) -> str:
    return f"took command over from <@{fact.holder}>{_because(fact.reason, words)}"


@tell.register
def _(fact: facts.ReportPosted, words: Words) -> str:
    said: list[tuple[str, TextId | None]] = [("Conditions", fact.conditions)]
    said += [("Blast radius", fact.blast_radius)] if fact.blast_radius else []
    said += [("Actions", fact.actions)]
    said += [("Need", need) for need in fact.needs] + [("Met", need) for need in fact.met]
    return "posted a CAN update. " + " / ".join(f"{name}: {words(text) or '(erased)'}" for name, text in said)


@tell.register
def _(fact: facts.NoteAdded, words: Words) -> str:
    return f"noted: {words(fact.text) or '(erased)'}"


@tell.register
def _(fact: facts.MomentMarked, words: Words) -> str:
    del words
    return f"marked the message of {fact.occurred_at:%H:%M:%S} UTC as a key moment"


@tell.register
def _(fact: facts.MomentUnmarked, words: Words) -> str:
    del fact, words
    return "took a key moment's mark away"


@tell.register
def _(fact: facts.MilestoneCorrected, words: Words) -> str:
    return (
        f"corrected when it was {fact.milestone} to {fact.occurred_at:%Y-%m-%d %H:%M} UTC"
        f"{_because(fact.reason, words)}"
    )


@tell.register
def _(fact: facts.PostmortemOwed, words: Words) -> str:
    del words
    return f"made a postmortem due by {fact.due_at:%Y-%m-%d %H:%M} UTC"


@tell.register
def _(fact: facts.PostmortemWithdrawn, words: Words) -> str:
    del fact, words
    return "took the postmortem off the list, because the work goes on"


@tell.register
def _(fact: facts.PostmortemOwned, words: Words) -> str:
    del words
    if fact.by.user == fact.person:
        return "took on the postmortem"
    return f"asked <@{fact.person}> to write the postmortem"


@tell.register
def _(fact: facts.PostmortemDone, words: Words) -> str:
    return f"finished the postmortem: {words(fact.link) or '(erased)'}"


@tell.register
def _(fact: facts.NudgeSnoozed, words: Words) -> str:
    del words
    return f"asked for quiet about the {fact.nudge} until {fact.until:%Y-%m-%d %H:%M} UTC"
