"""The timeline: what happened (facts) and what was said (messages), in the order it occurred."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import singledispatch

from bot.domain.incident import facts
from bot.domain.shared.vocabulary import SYSTEM, Actor, ActorKind, ChannelId, Role, TextId, UserId, label


@dataclass(frozen=True, kw_only=True)
class Link:
    """An address that somebody wrote; whoever shows it shows where it leads."""

    address: str


Part = str | datetime | Link
Sentence = tuple[Part, ...]
"""What happened, in words; its instants and links are for whoever shows it to write down."""

Words = Callable[[TextId | None], str | None]
"""Looks up the words of a text; None where there are none or they were erased."""


NUDGES: Mapping[str, str] = {
    "commander": "the missing commander",
    "report": "CAN updates",
    "postmortem": "the postmortem",
}
"""What people call each thing that the bot can be asked to keep quiet about, by its stored name."""


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
    sentence: Sentence
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
        Entry(at=fact.occurred_at, by=fact.by, sentence=sentence, kind=fact.stored_as)
        for fact, sentence in _told_once(history, words)
    ]
    entries += [
        _said(message, key_moment=message.ts in marked)
        for message in messages
        if everything or message.ts in marked
    ]
    return sorted(entries, key=lambda entry: entry.at)


def spell(sentence: Sentence, *, instant: Callable[[datetime], str], link: Callable[[str], str]) -> str:
    """Return a sentence as one text, its instants and links written by whoever shows it."""
    return "".join(
        instant(part)
        if isinstance(part, datetime)
        else link(part.address)
        if isinstance(part, Link)
        else part
        for part in sentence
    )


def _told_once(history: Sequence[facts.Fact], words: Words) -> Iterator[tuple[facts.Fact, Sentence]]:
    """Yield what happened with its sentence; what follows from what was just told is not told again."""
    for at, fact in enumerate(history):
        before = history[at - 1] if at else None
        following = [*history[at + 1 : at + 3]]
        match fact:
            case facts.MomentMarked() | facts.MomentUnmarked():
                continue
            case facts.HandoverAgreed() if isinstance(before, facts.HandoverAsked) and _at_once(before, fact):
                # Whoever asks for the command has said yes by asking.
                continue
            case facts.HandoverAgreed() if (
                len(following) > 1 and _handed(fact, following[0]) and _passed(*following)
            ):
                yield fact, (f"agreed: <@{fact.to}> commands now, in place of <@{fact.holder}>",)
            case facts.RoleReleased() if following and _passed(fact, following[0]):
                continue
            case facts.RoleAssigned() if before and _passed(before, fact):
                if not _handed(history[at - 2] if at > 1 else None, fact):
                    yield fact, _in_place_of(before, fact, words)
            case _:
                yield fact, tell(fact, words)


def _at_once(before: facts.Fact, fact: facts.Fact) -> bool:
    """Return whether two facts came of one act."""
    return (before.by, before.recorded_at) == (fact.by, fact.recorded_at)


def _passed(before: facts.Fact, fact: facts.Fact) -> bool:
    """Return whether one act took a role from somebody and gave it on, or moved an SME to other work."""
    if not (isinstance(before, facts.RoleReleased) and isinstance(fact, facts.RoleAssigned)):
        return False
    is_one = fact.role is not Role.SME or before.person == fact.person
    return before.role is fact.role and is_one and _at_once(before, fact)


def _passes_on(fact: facts.Fact, following: Sequence[facts.Fact]) -> bool:
    """Return whether an answer was the second yes: with it the command changed hands."""
    return len(following) > 1 and _at_once(fact, following[0]) and _passed(*following)


def _handed(before: facts.Fact | None, fact: facts.Fact) -> bool:
    """Return whether what came before has told already who commands now."""
    return isinstance(before, facts.HandoverAgreed | facts.CommandTakenOver) and _at_once(before, fact)


def _in_place_of(before: facts.Fact, fact: facts.RoleAssigned, words: Words) -> Sentence:
    if fact.role is Role.SME:
        stream = words(fact.workstream) or "other work"
        return (
            f"moved to {stream}" if fact.by.user == fact.person else f"moved <@{fact.person}> to {stream}",
        )
    gone = before.person if isinstance(before, facts.RoleReleased) else None
    return (*tell(fact, words), f" in place of <@{gone}>")


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
        sentence=(body,),
        kind="message",
        ts=message.ts,
        thread_ts=message.thread_ts,
        key_moment=key_moment,
        edited=message.edited_at is not None,
        deleted=message.deleted_at is not None,
    )


@singledispatch
def tell(fact: facts.Fact, words: Words) -> Sentence:
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
def _(fact: facts.IncidentDeclared, words: Words) -> Sentence:
    kind = "drill" if fact.drill else "incident"
    return (f"declared this {kind} as {fact.severity}: {words(fact.title) or '(erased)'}",)


@tell.register
def _(fact: facts.WarRoomOpened, words: Words) -> Sentence:
    del words
    return (f"opened the war room #{fact.name}",)


@tell.register
def _(fact: facts.MadePrivate, words: Words) -> Sentence:
    del words
    what = "noticed that this room was made private" if fact.by == SYSTEM else "made this room private"
    return (
        (
            f"{what}. Until now everybody in the workspace could read it, its announcement and the "
            "incident's timeline; from now on the incident is private too, and only people in this room see "
            "anything of it"
        ),
    )


@tell.register
def _(fact: facts.PrivateRead, words: Words) -> Sentence:
    del fact, words
    return ("read this private incident from outside its room",)


@tell.register
def _(fact: facts.StatusChanged, words: Words) -> Sentence:
    into = f" into {label(fact.into)}" if fact.into else ""
    return (f"moved it from {fact.before} to {fact.after}{into}{_because(fact.reason, words)}",)


@tell.register
def _(fact: facts.SeverityChanged, words: Words) -> Sentence:
    return (f"changed the severity from {fact.before} to {fact.after}{_because(fact.reason, words)}",)


@tell.register
def _(fact: facts.RoleAssigned, words: Words) -> Sentence:
    role = _for_workstream(fact, words)
    if fact.by.user == fact.person:
        return (f"took the role of {role}",)
    return (f"made <@{fact.person}> {role}",)


@tell.register
def _(fact: facts.RoleReleased, words: Words) -> Sentence:
    role = _for_workstream(fact, words)
    if fact.by.user == fact.person:
        return (f"gave back the role of {role}",)
    return (f"released <@{fact.person}> from the role of {role}",)


@tell.register
def _(fact: facts.HandoverAsked, words: Words) -> Sentence:
    del words
    return (f"asked that command go from <@{fact.holder}> to <@{fact.to}>",)


@tell.register
def _(fact: facts.HandoverAgreed, words: Words) -> Sentence:
    del words
    return (f"agreed that command goes from <@{fact.holder}> to <@{fact.to}>",)


@tell.register
def _(fact: facts.HandoverDeclined, words: Words) -> Sentence:
    del words
    return (f"declined that command goes from <@{fact.holder}> to <@{fact.to}>",)


@tell.register
def _(fact: facts.CommandTakenOver, words: Words) -> Sentence:
    return (f"took command over from <@{fact.holder}>{_because(fact.reason, words)}",)


@tell.register
def _(fact: facts.ReportPosted, words: Words) -> Sentence:
    said: list[tuple[str, TextId | None]] = [("Conditions", fact.conditions)]
    said += [("Blast radius", fact.blast_radius)] if fact.blast_radius else []
    said += [("Actions", fact.actions)]
    said += [("Need", need) for need in fact.needs] + [("Met", need) for need in fact.met]
    told = " / ".join(f"{name}: {words(text) or '(erased)'}" for name, text in said)
    return (f"posted a CAN update. {told}",)


@tell.register
def _(fact: facts.NoteAdded, words: Words) -> Sentence:
    return (f"noted: {words(fact.text) or '(erased)'}",)


@tell.register
def _(fact: facts.MomentMarked, words: Words) -> Sentence:
    del words
    return ("marked the message of ", fact.occurred_at, " as a key moment")


@tell.register
def _(fact: facts.MomentUnmarked, words: Words) -> Sentence:
    del fact, words
    return ("took a key moment's mark away",)


@tell.register
def _(fact: facts.MilestoneCorrected, words: Words) -> Sentence:
    return f"corrected when it was {fact.milestone} to ", fact.occurred_at, _because(fact.reason, words)


@tell.register
def _(fact: facts.PostmortemOwed, words: Words) -> Sentence:
    del words
    return "made a postmortem due by ", fact.due_at


@tell.register
def _(fact: facts.PostmortemWithdrawn, words: Words) -> Sentence:
    because = _because(fact.reason, words) or ", because the work goes on"
    return (f"took the postmortem off the list{because}",)


@tell.register
def _(fact: facts.PostmortemOwned, words: Words) -> Sentence:
    del words
    if fact.by.user == fact.person:
        return ("took on the postmortem",)
    return (f"asked <@{fact.person}> to write the postmortem",)


@tell.register
def _(fact: facts.PostmortemDone, words: Words) -> Sentence:
    address, did = words(fact.link), "corrected the link to" if fact.corrects else "finished"
    return f"{did} the postmortem: ", Link(address=address) if address else "(erased)"


@tell.register
def _(fact: facts.NudgeSnoozed, words: Words) -> Sentence:
    del words
    return f"asked for quiet about {NUDGES.get(fact.nudge, fact.nudge)} until ", fact.until
