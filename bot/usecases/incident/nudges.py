"""What the bot asks for when nobody does it: which nudges ought to be waiting, and how each is said.

Nudges are reconciled, not chained: `expected_nudges` says what ought to be waiting, from the incident, the
settings and the time alone. It is asked after every fact, after every nudge and on a schedule, and what it
names is planned by its key, once. A nudge that is no longer expected when it is due says nothing. So nothing
has to be cancelled, and a setting that changed, a row that was lost or a job that died mends itself.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.incident.aggregate import Incident
from bot.domain.incident.facts import Fact, PostmortemOwed, StatusChanged
from bot.domain.incident.status import is_reopening
from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import SYSTEM, ChannelId, Milestone, Status, UserId, label
from bot.usecases.incident.acting import Act, change
from bot.usecases.incident.card import edited
from bot.usecases.incident.nudge import Asking, Due, Nudge
from bot.usecases.incident.nudge_commander import COMMANDER
from bot.usecases.incident.nudge_postmortem import POSTMORTEM
from bot.usecases.incident.nudge_report import REPORT
from bot.usecases.incident.room import in_room, incident_of, why_not
from bot.usecases.messages import Answered, InsteadOfRoom, NoRoom, PostmortemOffered
from bot.usecases.outbox import After, new_job, room_lane, slot
from bot.usecases.policy import Policy
from bot.usecases.ports import DONE, Effects, Job, JobSpec, PermanentFailure, Ports, Posted, nothing_to_do

NUDGES: tuple[Nudge, ...] = (COMMANDER, REPORT, POSTMORTEM)
"""Everything that the bot asks for. To add one, write its descriptor beside these and name it here."""

BY_KIND = {nudge.kind: nudge for nudge in NUDGES}

OFFER = "offer_postmortem"
SHOW_ANSWER = "show_answer"
SHOW_REPEATED = "show_repeated"
NUDGE_DIRECTLY = "nudge_directly"

MENDED_WITHIN = timedelta(days=7)
"""How old a time may be that is asked for belatedly. Far below how long done jobs are kept: they are what
shows that it was asked."""
SETTLED = 0
"""The version of a question that was answered; it is not edited again."""
TAKEN = -1
"""The sign of the version of a reminder to somebody who has said they will do it."""
SNOOZE_MOST = timedelta(days=7)
"""The longest that one person keeps a reminder quiet for everybody."""


# -- planning


def expected_nudges(incident: Incident, policy: Policy, now: datetime) -> tuple[JobSpec, ...]:
    """Return the nudges of an incident that ought to be waiting at a time, or to have been said by then."""
    found: list[JobSpec] = []
    for nudge in NUDGES:
        due = nudge.due(incident.state, policy)
        if due is not None:
            times = due.around(now)
            found += [_planned(incident, nudge, due, at, now) for at in times if now - at <= MENDED_WITHIN]
    return tuple(found)


def _planned(incident: Incident, nudge: Nudge, due: Due, at: datetime, now: datetime) -> JobSpec:
    """Return the job of one time to ask at. Two of one lack at one time are one: the key says so."""
    # The moment is what earlier versions asked by; one of them may still run beside this one.
    moment = "asked" if at == due.series.times[0] else "before"
    return new_job(
        incident,
        nudge.kind,
        f"{slot(due.of)}:{slot(at)}",
        at=max(at, now),
        lane=room_lane(incident),
        payload={"of": slot(due.of), "moment": moment},
    )


def reconcile(after: After) -> tuple[JobSpec, ...]:
    """Owe the nudges that ought to be waiting after a fact, whatever it was."""
    return expected_nudges(after.incident, after.policy, after.fact.recorded_at)


def show_answers(after: After) -> tuple[JobSpec, ...]:
    """Owe the edit of each question that a fact may have answered."""
    words = [nudge.word for nudge in NUDGES if nudge.answers(after.fact)]
    if _ends_offer(after.fact):
        words.append(OFFER)
    at = after.fact.recorded_at
    return tuple(_answer(after.incident, word, str(after.seq), at=at) for word in words)


def answers_again(incident: Incident, suffix: str, *, at: datetime) -> tuple[JobSpec, ...]:
    """Return the edit of each question that may have been answered while its room was closed."""
    return tuple(_answer(incident, word, suffix, at=at) for word in (*(one.word for one in NUDGES), OFFER))


def _answer(incident: Incident, word: str, suffix: str, *, at: datetime) -> JobSpec:
    lane, payload = room_lane(incident), {"word": word}
    return new_job(incident, SHOW_ANSWER, f"{word}:{suffix}", at=at, lane=lane, payload=payload)


# -- saying


async def nudge(job: Job, ports: Ports) -> Effects:
    """Ask for what is missing, in the room or, where that cannot be written in, by direct message.

    A time that is not the newest of its series has been overtaken: by an answer, quiet, another setting.
    Whatever comes of it, what ought to be waiting now is planned.
    """
    about = BY_KIND[job.kind]
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    now = max(ports.now(), job.due_at)
    expected = expected_nudges(incident, ports.policy, now)
    due = about.due(incident.state, ports.policy)
    if due is None or job.key not in {one.key for one in expected}:
        return replace(nothing_to_do("It is asked for no longer, or not at this time."), jobs=expected)
    said = about.message(_asking(job, incident, ports, now))
    before = await ports.reads.posted(incident.id, _what(about.word))
    try:
        room = in_room(incident)
        posted = await ports.chat.post(room, said, key=job.key, look=job.look, since=job.due_at)
    except PermanentFailure as refusal:
        return Effects(jobs=(*expected, *_directly(job, incident, ports, why=why_not(refusal))))
    version = _version(due) * (TAKEN if about.taken(incident.state) else 1)
    shown = replace(posted, version=version)
    repeats = _repeated(incident, before, posted, at=now)
    return Effects(jobs=(*expected, *repeats), posts={_what(about.word): shown})


def _asking(job: Job, incident: Incident, ports: Ports, at: datetime) -> Asking:
    first = job.payload.get("moment") == "asked"
    return Asking(incident=incident, policy=ports.policy, at=at, first=first)


def _repeated(incident: Incident, before: Posted | None, now: Posted, *, at: datetime) -> tuple[JobSpec, ...]:
    """Return what takes the buttons from the question before this one; a job of its own, it may fail."""
    if before is None or before.version == SETTLED or before.ts == now.ts:
        return ()
    payload = {"channel": before.channel, "ts": before.ts}
    return (new_job(incident, SHOW_REPEATED, before.ts, at=at, lane=room_lane(incident), payload=payload),)


def _directly(job: Job, incident: Incident, ports: Ports, *, why: NoRoom) -> tuple[JobSpec, ...]:
    """Return what asks people one by one, each a job of their own; where nobody is known, the admins."""
    whom = BY_KIND[job.kind].whom(incident.state) or tuple(sorted(ports.policy.who_may.admins))
    return tuple(
        JobSpec(
            kind=NUDGE_DIRECTLY,
            key=f"{job.key}:{person}",
            due_at=job.due_at,
            incident=incident.id,
            lane=f"dm:{person}",
            payload={**job.payload, "nudge": job.kind, "person": person, "why": why, "alone": len(whom) == 1},
        )
        for person in whom
    )


async def nudge_directly(job: Job, ports: Ports) -> Effects:
    """Ask one person by direct message what cannot be asked in the room, and say why it comes this way."""
    about = BY_KIND[str(job.payload["nudge"])]
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    due = about.due(incident.state, ports.policy)
    if due is None or slot(due.of) != job.payload["of"]:
        return nothing_to_do("It is asked for no longer.")
    said = InsteadOfRoom(
        incident=incident.id,
        said=about.message(_asking(job, incident, ports, max(ports.now(), job.due_at))),
        why=NoRoom(str(job.payload["why"])),
    )
    person = UserId(str(job.payload["person"]))
    try:
        await ports.chat.tell(person, said, key=job.key, look=job.look, since=job.due_at)
    except PermanentFailure as refusal:
        if job.payload["alone"]:
            raise
        return nothing_to_do(f"That person cannot be told: {refusal.code}. Others are.")
    return DONE


def _what(word: str) -> str:
    return f"nudge:{word}"


def _version(due: Due) -> int:
    """Return what tells one lack from another where a question stands: the minute it began, never zero."""
    return int(due.of.timestamp()) // 60


async def show_answer(job: Job, ports: Ports) -> Effects:
    """Make a question say that it was answered, in place, once it was."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    word = str(job.payload["word"])
    stands = await ports.reads.posted(incident.id, _what(word))
    if stands is None or stands.version == SETTLED:
        return nothing_to_do("No question stands in the room.")
    about = named(word)
    due = about.due(incident.state, ports.policy) if about else None
    still = due is not None and _version(due) == abs(stands.version)
    if still and stands.version < 0:
        return nothing_to_do("It reminds somebody who has taken it on.")
    said = about.answered(incident, still=still) if about else _offer_answered(incident)
    if said is None:
        return nothing_to_do("It was not answered yet.")
    await edited(ports, stands, said)
    return DONE if still else Effects(posts={_what(word): replace(stands, version=SETTLED)})


async def show_repeated(job: Job, ports: Ports) -> Effects:
    """Take the buttons from a question that was asked again, or there seem to be two things to do."""
    incident = incident_of(job)
    stands = Posted(channel=ChannelId(str(job.payload["channel"])), ts=str(job.payload["ts"]))
    await edited(ports, stands, Answered(incident=incident, outcome="Asked again below."))
    return DONE


# -- the offer after a minor incident: made once, so no series


def offer_postmortem(after: After) -> tuple[JobSpec, ...]:
    """Owe the one-click offer after an incident whose severity does not ask for a postmortem."""
    fact = after.fact
    is_end = isinstance(fact, StatusChanged) and fact.after is Status.RESOLVED
    if not is_end or after.incident.state.postmortem:
        return ()
    return (after.job(OFFER, lane=room_lane(after.incident)),)


def _ends_offer(fact: Fact) -> bool:
    reopens = isinstance(fact, StatusChanged) and is_reopening(fact.before, fact.after)
    return reopens or isinstance(fact, PostmortemOwed)


def _offer_answered(incident: Incident) -> Answered:
    outcome = f"A postmortem of {label(incident.id)} was asked for."
    if incident.state.postmortem is None:
        outcome = f"{label(incident.id)} goes on, so there is nothing to look back on yet."
    return Answered(incident=incident.id, outcome=outcome)


async def offer(job: Job, ports: Ports) -> Effects:
    """Offer the postmortem of a minor incident, unless one is owed or the work went on."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    state = incident.state
    if state.at(Milestone.RESOLVED) is None or state.postmortem:
        return nothing_to_do("It is owed already, or the work goes on.")
    said = PostmortemOffered(incident=incident.id, title=incident.title)
    posted = await ports.chat.post(in_room(incident), said, key=job.key, look=job.look, since=job.due_at)
    return Effects(posts={_what(OFFER): replace(posted, version=1)})


# -- snoozing


def named(word: str) -> Nudge | None:
    """Return the nudge that people call by a word."""
    return next((nudge for nudge in NUDGES if word == nudge.word or word in nudge.also), None)


@dataclass(frozen=True, kw_only=True)
class Snooze(Act):
    """Keep the bot quiet about one thing; without a length, as long as the settings say."""

    nudge: str
    length: timedelta | None = None


async def snooze(command: Snooze, ports: Ports) -> Incident:
    """Return the incident with one nudge snoozed; who asked and until when is shown in the room."""
    about = named(command.nudge)
    if about is None:
        words = ", ".join(nudge.called or nudge.word for nudge in NUDGES)
        msg = (
            f"There is no reminder “{command.nudge[:40]}”. Choose one of {words}, and a time such as `1h30m`."
        )
        raise Refused(msg)
    if command.length and command.length > SNOOZE_MOST:
        msg = f"A reminder can be kept quiet for {SNOOZE_MOST.days} days at most. Choose a shorter time."
        raise Refused(msg, field="until")
    until = ports.now() + (command.length or about.snooze(ports.policy.nudges))
    return await change(
        command,
        ports,
        lambda incident: incident.snooze(about.word, until, by=command.actor, at=ports.now()),
    )
