"""A fake for each port: everything outside, in memory, held to the real storage by the same tests."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import copy, deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.domain.incident import facts
from bot.domain.incident.aggregate import Incident
from bot.domain.incident.facts import Fact
from bot.domain.incident.state import State
from bot.domain.incident.timeline import Message
from bot.domain.shared.errors import NotFound, Overtaken
from bot.domain.shared.severity import DEFAULT_SCALE, SeverityKey
from bot.domain.shared.vocabulary import (
    SYSTEM,
    Actor,
    ActorKind,
    ChannelId,
    IncidentId,
    Milestone,
    RequestKey,
    Status,
    TextId,
    UserId,
    label,
)
from bot.usecases.messages import Home, Said
from bot.usecases.ports import (
    FORGOTTEN,
    LOOKED,
    Account,
    Backlog,
    Deleted,
    Edited,
    Follow,
    History,
    IncidentLine,
    Job,
    JobLine,
    JobSpec,
    JobState,
    KnownRoom,
    MessageEvent,
    Outcome,
    PermanentFailure,
    Posted,
    Recorded,
    Room,
    RoomWanted,
    Show,
    TimelinePage,
    Urgency,
)

OWNER = "fake"
UNHEARD = datetime(1970, 1, 1, tzinfo=UTC)
OVER = {Status.CLOSED, Status.CANCELLED, Status.MERGED}


@dataclass
class Row:
    """A job as it stands; ``waits`` holds it, and its lane, back."""

    id: int
    owed: JobSpec
    state: JobState = JobState.DUE
    attempt: int = 0
    look: bool = False
    waits: bool = False
    error: str | None = None

    @property
    def place(self) -> tuple[datetime, int]:
        return self.owed.due_at, self.id


@dataclass
class Memory:
    """All that is stored; a unit of work has a copy, which the commit puts in its place."""

    facts: dict[IncidentId, list[Fact]] = field(default_factory=dict)
    texts: dict[IncidentId, dict[TextId, str | None]] = field(default_factory=dict)
    members: dict[IncidentId, set[UserId]] = field(default_factory=dict)
    stamps: dict[IncidentId, dict[UserId, datetime]] = field(default_factory=dict)
    posts: dict[tuple[IncidentId, str], Posted] = field(default_factory=dict)
    inbox: dict[RequestKey, str] = field(default_factory=dict)
    jobs: dict[str, Row] = field(default_factory=dict)
    messages: dict[tuple[ChannelId, str], Message] = field(default_factory=dict)

    def incident(self, number: IncidentId, *, seen_by: Actor) -> Incident:
        history = self.facts.get(number)
        if history is None or not self.visible(number, seen_by):
            msg = f"There is no {label(number)}."
            raise NotFound(msg)
        texts = dict(self.texts[number])
        return Incident.replay(number, history, version=len(history), texts_by_id=texts)

    def state(self, number: IncidentId) -> State:
        return Incident.replay(number, self.facts[number], version=0, texts_by_id={}).state

    def visible(self, number: IncidentId, actor: Actor) -> bool:
        if actor.kind is ActorKind.SYSTEM or not self.state(number).private:
            return True
        return actor.user in self.members.get(number, ())

    def in_room(self, channel: ChannelId) -> IncidentId | None:
        return next((number for number in self.facts if self.state(number).channel == channel), None)

    def enqueue(self, owed: Iterable[JobSpec]) -> None:
        for one in owed:
            self.jobs.setdefault(one.key, Row(id=len(self.jobs) + 1, owed=one))


class FakeWork:
    """One transaction over a copy: its parts are its own methods' small namesakes."""

    def __init__(self, memory: Memory, follow: Follow) -> None:
        self.memory, self.follow, self.committed = memory, follow, False
        self.incidents, self.outbox, self.inbox = FakeIncidents(self), FakeJobs(memory), FakeInbox(memory)
        self.posts, self.members = FakePosts(memory), FakeMembers(memory)

    async def commit(self) -> None:
        self.committed = True


class FakeIncidents:
    def __init__(self, work: FakeWork) -> None:
        self._work, self._memory = work, work.memory

    async def add(self, incident: Incident) -> None:
        incident.id = IncidentId(len(self._memory.facts) + 1)
        self._memory.facts[incident.id], self._memory.texts[incident.id] = [], {}
        await self.save(incident)

    async def get(self, incident: IncidentId, *, seen_by: Actor) -> Incident:
        return self._memory.incident(incident, seen_by=seen_by)

    async def in_room(self, channel: ChannelId) -> IncidentId | None:
        return self._memory.in_room(channel)

    async def save(self, incident: Incident) -> None:
        stored, new = self._memory.facts[incident.id], tuple(incident.new_facts)
        if incident.version != len(stored):
            msg = f"Somebody else changed {label(incident.id)} a moment ago. Look again, then decide."
            raise Overtaken(msg)
        stored.extend(new)
        self._memory.texts[incident.id] |= {text.id: text.body for text in incident.new_texts}
        people = [fact.person for fact in new if isinstance(fact, facts.RoleAssigned)]
        people += [fact.by.user for fact in new if isinstance(fact, facts.IncidentDeclared) and fact.by.user]
        await self._work.members.expect(incident.id, people)
        incident.version += len(new)
        incident.new_facts.clear()
        incident.new_texts.clear()
        self._memory.enqueue(self._work.follow(incident, new))


class FakeJobs:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def enqueue(self, owed: Iterable[JobSpec]) -> None:
        self._memory.enqueue(owed)

    async def complete(self, job: Job) -> bool:
        row = self._memory.jobs[job.key]
        if row.state is not JobState.LEASED or row.attempt != job.attempt:
            return False
        row.state = JobState.DONE
        return True


class FakeInbox:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def take(self, key: RequestKey) -> str | None:
        if key in self._memory.inbox:
            return self._memory.inbox[key]
        self._memory.inbox[key] = ""
        return None

    async def answer(self, key: RequestKey, answer: str) -> None:
        self._memory.inbox[key] = answer


class FakePosts:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def get(self, incident: IncidentId, what: str) -> Posted | None:
        return self._memory.posts.get((incident, what))

    async def put(self, incident: IncidentId, what: str, posted: Posted) -> None:
        self._memory.posts[incident, what] = posted


class FakeMembers:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def _in(self, incident: IncidentId) -> set[UserId]:
        return self._memory.members.setdefault(incident, set())

    def _heard(self, incident: IncidentId) -> dict[UserId, datetime]:
        return self._memory.stamps.setdefault(incident, {})

    def _is_news(self, incident: IncidentId, person: UserId, at: datetime) -> bool:
        before = self._heard(incident).get(person)
        if before is not None and before >= at:
            return False
        self._heard(incident)[person] = at
        return True

    async def of(self, incident: IncidentId) -> frozenset[UserId]:
        return frozenset(self._in(incident))

    async def expect(self, incident: IncidentId, people: Iterable[UserId]) -> None:
        self._in(incident).update(person for person in people if self._is_news(incident, person, UNHEARD))

    async def joined(self, incident: IncidentId, person: UserId, *, at: datetime) -> bool:
        if self._is_news(incident, person, at):
            self._in(incident).add(person)
        return person in self._in(incident)

    async def left(self, incident: IncidentId, person: UserId, *, at: datetime) -> bool:
        if self._is_news(incident, person, at):
            self._in(incident).discard(person)
        return person not in self._in(incident)

    async def stamps(self, incident: IncidentId) -> Mapping[UserId, datetime]:
        return dict(self._heard(incident))

    async def renew(
        self,
        incident: IncidentId,
        people: Iterable[UserId],
        *,
        known: Mapping[UserId, datetime],
        at: datetime,
    ) -> None:
        for person in set(people) ^ self._in(incident):
            if self._heard(incident).get(person) == known.get(person):
                self._heard(incident).setdefault(person, UNHEARD)
                if person in self._in(incident):
                    self._is_news(incident, person, at)
                self._in(incident).symmetric_difference_update({person})

    async def forget(self, incident: IncidentId | None = None) -> None:
        for number in self._memory.members:
            state = self._memory.state(number)
            if state.channel and (state.private if incident is None else number == incident):
                self._in(number).clear()
                if looked := self._memory.posts.get((number, LOOKED)):
                    self._memory.posts[number, LOOKED] = replace(looked, ts=FORGOTTEN)

    async def rooms(self) -> list[KnownRoom]:
        states = {number: self._memory.state(number) for number in self._memory.facts}
        over = {number for number, state in states.items() if state.status in OVER}
        numbers = [number for number, state in states.items() if state.channel]
        numbers = [number for number in numbers if states[number].private or number not in over]
        looked = self._memory.posts
        return [
            KnownRoom(
                incident=number, looks=looked[number, LOOKED].version if (number, LOOKED) in looked else 0
            )
            for number in sorted(numbers, key=lambda number: (number in over, -number))
        ]


@dataclass
class FakeStore:
    """The unit of work, the queue, the journal and the reads, over one memory."""

    follow: Follow
    memory: Memory = field(default_factory=Memory)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def work(self, urgency: Urgency = Urgency.REQUEST) -> AsyncIterator[FakeWork]:
        del urgency
        async with self.lock:
            work = FakeWork(deepcopy(self.memory), self.follow)
            yield work
            if work.committed:
                vars(self.memory).update(vars(work.memory))

    # -- the queue

    async def claim(self, *, owner: str, now: datetime, limit: int) -> list[Job]:
        claimed: list[Job] = []
        busy = {row.owed.lane for row in self._rows(JobState.LEASED)}
        for row in sorted(self._rows(JobState.DUE), key=lambda row: row.place):
            lane, held = row.owed.lane, row.owed.lane and row.owed.lane in busy
            if lane:
                busy.add(lane)
            if held or row.waits or row.owed.due_at > now or len(claimed) == limit:
                continue
            row.state, row.attempt = JobState.LEASED, row.attempt + 1
            claimed.append(Job(**vars(row.owed), id=row.id, attempt=row.attempt, owner=owner, look=row.look))
        return claimed

    def _rows(self, *states: JobState) -> list[Row]:
        return [row for row in self.memory.jobs.values() if row.state in states]

    async def renew(self, jobs: Sequence[Job]) -> None:
        del jobs

    async def release(self, owner: str) -> None:
        del owner
        for row in self._rows(JobState.LEASED):
            row.state, row.look = JobState.DUE, True

    async def postpone(
        self, job: Job, *, wait: timedelta, outcome: Outcome, error: str, failed: bool
    ) -> None:
        del failed
        row = self.memory.jobs[job.key]
        row.state, row.error, row.waits = JobState.DUE, error, wait > timedelta()
        row.look = row.look or outcome is Outcome.UNKNOWN

    async def mark_dead(self, job: Job, *, error: str, owed: Iterable[JobSpec] = ()) -> None:
        row = self.memory.jobs[job.key]
        row.state, row.error = JobState.DEAD, error
        self.memory.enqueue(owed)

    async def revive(self, job_id: int) -> bool:
        for row in self._rows(JobState.DEAD):
            if row.id == job_id:
                row.state = JobState.DUE
                return True
        return False

    async def dismiss(self, job_id: int, *, by: Actor, why: str) -> bool:
        del by, why
        for row in self._rows(JobState.DEAD):
            if row.id == job_id:
                row.state = JobState.CANCELLED
                return True
        return False

    async def sweep(self, *, older_than: timedelta, limit: int = 500) -> int:
        del older_than
        gone = self._rows(JobState.DONE)[:limit]
        for row in gone:
            del self.memory.jobs[row.owed.key]
        return len(gone)

    async def next_due(self, *, now: datetime) -> datetime | None:
        del now
        return min((row.owed.due_at for row in self._rows(JobState.DUE, JobState.LEASED)), default=None)

    # -- the journal

    async def record(self, heard: Sequence[MessageEvent]) -> None:
        for one in heard:
            if self.memory.in_room(one.channel) is None:
                continue
            place = one.channel, one.ts
            known = self.memory.messages.get(place)
            if isinstance(one, Message):
                self.memory.messages.setdefault(place, one)
            elif known and isinstance(one, Edited) and not known.deleted_at:
                self.memory.messages[place] = replace(known, text=one.text, edited_at=one.at)
            elif known and isinstance(one, Deleted):
                self.memory.messages[place] = replace(known, text=None, files=(), deleted_at=one.at)

    # -- the reads

    async def incident(self, incident: IncidentId, *, seen_by: Actor) -> Incident:
        return self.memory.incident(incident, seen_by=seen_by)

    async def history(self, incident: IncidentId, *, seen_by: Actor) -> list[Fact]:
        self.memory.incident(incident, seen_by=seen_by)
        return copy(self.memory.facts[incident])

    async def fact(self, incident: IncidentId, place: int, *, seen_by: Actor) -> Recorded | None:
        texts = self.memory.incident(incident, seen_by=seen_by).texts
        return Recorded(fact=self.memory.facts[incident][place], texts=texts)

    async def facts(
        self, incident: IncidentId, kinds: Collection[type[Fact]], *, seen_by: Actor
    ) -> list[tuple[int, Fact]]:
        history = await self.history(incident, seen_by=seen_by)
        return [(place, fact) for place, fact in enumerate(history) if type(fact) in kinds]

    async def words(self, incident: IncidentId, *, seen_by: Actor) -> Mapping[TextId, str | None]:
        return self.memory.incident(incident, seen_by=seen_by).texts

    async def messages(self, incident: IncidentId, *, seen_by: Actor) -> list[Message]:
        channel = self.memory.incident(incident, seen_by=seen_by).state.channel
        return sorted(
            (one for one in self.memory.messages.values() if one.channel == channel), key=lambda one: one.ts
        )

    async def in_room(self, channel: ChannelId) -> IncidentId | None:
        return self.memory.in_room(channel)

    def _line(self, number: IncidentId) -> IncidentLine:
        state, texts = self.memory.state(number), self.memory.texts[number]
        return IncidentLine(
            id=number,
            title=texts.get(state.title) or "(erased)",
            severity=state.severity,
            status=state.status,
            private=state.private,
            drill=state.drill,
            channel=state.channel,
            channel_name=state.channel_name,
            commander=state.commander,
            declared_at=state.milestones[Milestone.DECLARED].recorded,
            declared_by=state.declared_by,
            postmortem_due=state.postmortem.due_at if state.postmortem else None,
            postmortem_owner=state.postmortem.owner if state.postmortem else None,
        )

    async def incidents(
        self,
        *,
        seen_by: Actor,
        limit: int = 50,
        statuses: Collection[Status] = (),
        severity: SeverityKey | None = None,
    ) -> list[IncidentLine]:
        lines = [self._line(number) for number in self.memory.facts if self.memory.visible(number, seen_by)]
        lines = [line for line in lines if not statuses or line.status in statuses]
        lines = [line for line in lines if severity is None or line.severity == severity]
        return sorted(lines, key=lambda line: (line.declared_at, line.id), reverse=True)[:limit]

    async def open_incidents(self, *, seen_by: Actor) -> list[IncidentLine]:
        rank = [level.key for level in DEFAULT_SCALE]
        lines = [one for one in await self.incidents(seen_by=seen_by) if self.memory.state(one.id).is_open]
        return sorted(lines, key=lambda line: rank.index(line.severity))

    async def of_person(self, person: UserId) -> list[IncidentLine]:
        lines = await self.open_incidents(seen_by=Actor.person(person))
        return [line for line in lines if person in self.memory.state(line.id).people()]

    async def postmortems_owed(self, *, seen_by: Actor, owner: UserId | None = None) -> list[IncidentLine]:
        owed = []
        for line in await self.incidents(seen_by=seen_by):
            postmortem = self.memory.state(line.id).postmortem
            if postmortem and postmortem.is_open and owner in {None, postmortem.owner}:
                owed.append((postmortem.due_at, line.id, line))
        return [line for _, _, line in sorted(owed, key=lambda one: one[:2])]

    async def is_member(self, incident: IncidentId, person: UserId) -> bool:
        return person in self.memory.members.get(incident, ())

    async def posted(self, incident: IncidentId, what: str) -> Posted | None:
        return self.memory.posts.get((incident, what))

    async def timeline_page(
        self,
        incident: IncidentId,
        *,
        seen_by: Actor,
        limit: int = 20,
        before: str | None = None,
        show: Show = Show.EVERYTHING,
    ) -> TimelinePage:
        """Return all of it as one page: pages are the storage's own affair."""
        del limit, before, show
        found = self.memory.incident(incident, seen_by=seen_by)
        return TimelinePage(
            facts=tuple(self.memory.facts[incident]),
            messages=tuple(await self.messages(incident, seen_by=seen_by)),
            texts=found.texts,
            marked=frozenset(ts for _, ts, _ in found.state.moments),
            earlier=None,
        )

    async def open_by_severity(self) -> Mapping[str, int]:
        states = [self.memory.state(number) for number in self.memory.facts]
        return Counter(one.severity for one in states if one.is_open and not (one.private or one.drill))

    async def open_rooms(self, *, limit: int = 500) -> list[IncidentId]:
        del limit
        states = {number: self.memory.state(number) for number in self.memory.facts}
        return [number for number, state in states.items() if state.channel and state.status not in OVER]

    def _shows(self, incident: IncidentId | None, actor: Actor) -> bool:
        return incident is None or self.memory.visible(incident, actor)

    async def job(self, number: int) -> JobLine | None:
        lines = await self.jobs(limit=len(self.memory.jobs))
        return next((line for line in lines if line.id == number), None)

    async def jobs(
        self, *, states: Sequence[JobState] = (), limit: int = 200, seen_by: Actor = SYSTEM
    ) -> list[JobLine]:
        rows = sorted(self._rows(*(states or JobState)), key=lambda row: row.place)[:limit]
        rows = [row for row in rows if self._shows(row.owed.incident, seen_by)]
        return [
            JobLine(
                id=row.id, kind=row.owed.kind, key=row.owed.key, state=row.state, due_at=row.owed.due_at,
                incident=row.owed.incident, lane=row.owed.lane, attempt=row.attempt, last_error=row.error,
                done_at=None,
            )
            for row in rows
        ]  # fmt: skip

    async def backlog(self, *, now: datetime) -> Backlog:
        owed = [row for row in self._rows(JobState.DUE, JobState.LEASED) if row.owed.due_at <= now]
        oldest = min((row.owed.due_at for row in owed), default=None)
        return Backlog(oldest_due=oldest, owed=len(owed), dead=len(self._rows(JobState.DEAD)))


@dataclass
class FakeChat:
    """Slack as the use cases know it; ``refusing`` makes a method raise, ``whole`` shows all it holds."""

    bots: frozenset[UserId] = frozenset()
    called: Mapping[UserId, str] = field(default_factory=dict)
    announced_in: ChannelId | None = field(default_factory=lambda: ChannelId("C0INCIDENTS"))
    refusing: dict[str, Exception] = field(default_factory=dict)
    said: dict[tuple[str, str], Said] = field(default_factory=dict)
    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    topics: dict[ChannelId, str] = field(default_factory=dict)
    invited: dict[ChannelId, set[UserId]] = field(default_factory=dict)
    pinned: list[Posted] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)
    homes: dict[UserId, Home] = field(default_factory=dict)
    missed: list[Message] = field(default_factory=list)
    whole: bool = False
    private: set[ChannelId] = field(default_factory=set)
    accounts: dict[UserId, Account] = field(default_factory=dict)
    answers: dict[UserId, Account] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    spoken: list[Said] = field(default_factory=list)
    """All that was ever said, as it was said first."""
    closed: dict[str, str] = field(default_factory=dict)
    """Channels that cannot be written in, each with Slack's word for why."""

    def _called(self, method: str, channel: str = "") -> None:
        self.calls[method] += 1
        if channel in self.closed:
            raise PermanentFailure(method, code=self.closed[channel])
        if method in self.refusing:
            raise self.refusing[method]

    def in_channel(self, channel: str) -> list[Said]:
        """Return what stands in a channel, oldest first."""
        return [said for (place, _), said in self.said.items() if place == channel]

    def account(self, person: UserId) -> Account:
        return Account.BOT if person in self.bots else self.accounts.get(person, Account.PERSON)

    async def look_up(self, person: UserId) -> None:
        self._called("look_up")
        self.accounts[person] = self.answers.get(person, Account.PERSON)

    def is_away(self) -> bool:
        return False

    async def named(self, name: str) -> Sequence[UserId]:
        self._called("named")
        return [person for person, called in self.called.items() if called == name.lstrip("@")]

    async def names(self, people: Sequence[UserId]) -> Mapping[UserId, str]:
        self._called("names")
        return {person: self.called[person] for person in people if person in self.called}

    async def open_room(self, wanted: RoomWanted, *, look: bool) -> Room:
        del look
        self._called("open_room")
        kind = "G" if wanted.private else "C"
        return Room(channel=ChannelId(f"{kind}0{wanted.incident}"), name=wanted.name)

    async def post(
        self,
        channel: ChannelId,
        said: Said,
        *,
        key: str,
        look: bool,
        since: datetime | None = None,
        thread: str | None = None,
        broadcast: bool = False,
    ) -> Posted:
        del since
        self._called("broadcast" if broadcast else "post", channel)
        known = next((place for place, at in self.keys.items() if look and at == key), None)
        if known:
            return Posted(channel=channel, ts=known[1])
        place = channel if thread is None else ChannelId(f"{channel}:{thread}")
        ts = f"{len(self.said) + 1}.0"
        self.said[place, ts], self.keys[place, ts] = said, key
        self.spoken.append(said)
        return Posted(channel=channel, ts=ts)

    async def tell(
        self, person: UserId, said: Said, *, key: str, look: bool, since: datetime | None = None
    ) -> Posted:
        del since
        self._called("tell", f"D:{person}")
        return await self.post(ChannelId(f"D:{person}"), said, key=key, look=look)

    async def edit(self, posted: Posted, said: Said) -> None:
        self._called("edit", posted.channel)
        if (posted.channel, posted.ts) not in self.said:
            what = "chat.update"
            raise PermanentFailure(what, code="message_not_found")
        self.said[posted.channel, posted.ts] = said

    async def invite(self, channel: ChannelId, people: Sequence[UserId]) -> None:
        self._called("invite")
        self.invited.setdefault(channel, set()).update(people)

    async def join(self, channel: ChannelId) -> None:
        del channel
        self._called("join")

    async def set_topic(self, channel: ChannelId, topic: str) -> None:
        self._called("set_topic", channel)
        self.topics[channel] = topic

    async def pin(self, posted: Posted) -> None:
        self._called("pin")
        self.pinned.append(posted)

    async def bookmark(self, channel: ChannelId, *, title: str, link: str, look: bool) -> None:
        del channel, link, look
        self._called("bookmark")
        self.marked.append(title)

    async def link_to(self, posted: Posted) -> str:
        return f"https://example.slack.com/archives/{posted.channel}/p{posted.ts}"

    async def show_home(self, person: UserId, home: Home) -> None:
        self._called("show_home")
        self.homes[person] = home

    async def incidents_channel(self, *, anew: bool = False) -> ChannelId | None:
        del anew
        return self.announced_in

    async def members(self, channel: ChannelId) -> frozenset[UserId]:
        self._called("members")
        return frozenset(self.invited.get(channel, ()))

    async def is_private(self, channel: ChannelId) -> bool:
        self._called("is_private")
        return channel in self.private

    async def history(self, channel: ChannelId, *, after: str | None) -> History:
        self._called("history")
        found = [one for one in self.missed if one.channel == channel and one.ts > (after or "")]
        return History(messages=tuple(found), roots=frozenset(one.ts for one in found), whole=self.whole)


@dataclass
class FakeClock:
    """Business time, moved by hand."""

    at: datetime = field(default_factory=lambda: datetime(2026, 11, 20, 12, 0, tzinfo=UTC))

    def now(self) -> datetime:
        return self.at
