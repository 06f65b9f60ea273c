"""One checker for every fault: what was promised, asserted from the database and from the sandbox's journal.

I1 every acked declare exists · I2 one incident per submission · I3 exactly one channel per incident, with
the right privacy · I4 every owed message visible once · I5 order kept within a room · I6 every nudge once,
none before its time · I7 no call inside a Retry-After · I8 no private text outside its audience ·
I9 facts only grow, every status reachable by `MOVES` · I10 what people said is recorded as it stands.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Row, Table, select

from bot.domain.incident.status import MOVES
from bot.domain.shared.vocabulary import Status
from bot.sandbox import Sandbox
from bot.sandbox.journal import Call, Delivery
from bot.sandbox.state import Channel, Kind, Message
from bot.slack.ids import Form
from bot.usecases.incident import notifications, nudges
from storage.engine import Database
from storage.tables import FACTS, INCIDENTS, JOBS, MESSAGES, POSTS, TEXTS

ALWAYS_SAID = frozenset({notifications.SAY_HAPPENED, notifications.SHOW_REPORT})
"""Kinds whose done job is a message: others may find, when due, that nothing is wanted any more."""
NUDGES = frozenset(nudges.BY_KIND)
BELIEVED, UNTOLD = 300.0, 30.0
IN_FLIGHT = 0.05
"""Seconds a 429 may take to arrive: a call that was under way by then is no fault."""
ROOM_NAMED = "inc-"


@dataclass(kw_only=True)
class Tried:
    """What a campaign did and what came of it."""

    seed: int | None = None
    kills: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    inputs: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    recovery_s: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        """Return all of it in a line, the violations below."""
        slowest = f", slowest recovery {max(self.recovery_s):.1f} s" if self.recovery_s else ""
        faults = ", ".join(f"{count} x {name}" for name, count in sorted(self.faults.items())) or "none"
        inputs = ", ".join(f"{count} {name}" for name, count in sorted(self.inputs.items())) or "none"
        head = (
            f"seed {self.seed}, kills {self.kills}, faults: {faults}; inputs: {inputs}; "
            f"lost {len(self.lost)}, duplicated {len(self.duplicated)}, wrong {len(self.wrong)}{slowest}"
        )
        return "\n".join([head, *self.lost, *self.duplicated, *self.wrong])

    def add(self, other: "Tried") -> None:
        """Count another campaign with this one."""
        self.kills += other.kills
        self.faults += other.faults
        self.inputs += other.inputs
        self.lost += other.lost
        self.duplicated += other.duplicated
        self.wrong += other.wrong
        self.recovery_s += other.recovery_s

    @property
    def is_clean(self) -> bool:
        """Return whether nothing was lost, doubled or otherwise wrong."""
        return not (self.lost or self.duplicated or self.wrong)


@dataclass(kw_only=True)
class Standing:
    """What the database holds."""

    incidents: list[Row[Any]]
    facts: dict[int, list[Row[Any]]]
    words: dict[str, str | None]
    texts: list[Row[Any]]
    jobs: list[Row[Any]]
    posts: dict[tuple[int, str], Row[Any]]
    said: dict[tuple[str, str], Row[Any]]

    def title(self, incident: Row[Any]) -> str | None:
        """Return an incident's title in words."""
        return self.words.get(incident.title)


@dataclass(kw_only=True)
class Checker:
    """Looks at one database and one sandbox, as often as wanted: facts seen once have to stay.

    ``also`` are the titles of incidents that were declared elsewhere than in a modal, such as in the shell.
    """

    database_url: str
    slack: Sandbox
    tried: Tried = field(default_factory=Tried)
    also: list[str] = field(default_factory=list)
    _seen: dict[tuple[int, int], tuple[object, ...]] = field(default_factory=dict)

    async def check(self, *, complete: bool = True) -> Tried:
        """Return what was tried; raises ``AssertionError`` that lists everything lost, doubled or wrong.

        With ``complete`` nothing may still be owed; without it only what has to hold at any moment counts.
        """
        await self.look(complete=complete)
        print(self.tried)  # noqa: T201 - what was tried is part of the result
        assert self.tried.is_clean, f"{self.tried}\n{self.slack.describe()}"
        return self.tried

    async def look(self, *, complete: bool = True) -> None:
        """Note in ``tried`` what is lost, doubled or wrong."""
        standing = await self.read()
        self._declared(standing, complete=complete)
        self._rooms(standing, complete=complete)
        self._messages(standing, complete=complete)
        self._order(standing)
        self._nudges(standing)
        self._waits()
        self._private(standing)
        self._facts(standing)
        if complete:
            self._finished(standing)
            self._mirror(standing)

    # -- reading

    async def read(self) -> Standing:
        """Return what the database holds now."""
        database = Database.open(self.database_url)
        try:
            return Standing(
                incidents=await _all(database, INCIDENTS),
                facts=_grouped(await _all(database, FACTS)),
                words={row.id: row.body for row in await _all(database, TEXTS)},
                texts=await _all(database, TEXTS),
                jobs=await _all(database, JOBS),
                posts={(row.incident, row.what): row for row in await _all(database, POSTS)},
                said={(row.channel, row.ts): row for row in await _all(database, MESSAGES)},
            )
        finally:
            await database.close()

    async def paid(self, *, within: float = 30.0) -> None:
        """Return when nothing that is due is still owed, by the clock of the sandbox.

        For bots of other processes, which cannot be asked; raises ``AssertionError`` with what is left.
        """
        owed: list[Row[Any]] = []
        try:
            async with asyncio.timeout(within):
                while owed := await self._due():  # noqa: ASYNC110 - another process rings no bell
                    await asyncio.sleep(0.05)
        except TimeoutError:
            left = "\n".join(f"{job.key}: {job.state} {job.last_error}" for job in owed)
            msg = f"still owed after {within} s:\n{left}\n{self.slack.describe()}"
            raise AssertionError(msg) from None

    async def _due(self) -> list[Row[Any]]:
        database = Database.open(self.database_url)
        query = select(JOBS).where(
            JOBS.c.state.in_(("due", "leased")), JOBS.c.due_at <= self.slack.clock.now()
        )
        try:
            async with database.read() as connection:
                return list((await connection.execute(query)).all())
        finally:
            await database.close()

    # -- I1, I2

    def _declared(self, standing: Standing, *, complete: bool) -> None:
        have = Counter(standing.title(one) for one in standing.incidents)
        acked = {title for title, ok in self._submissions() if ok} | set(self.also)
        tried = {title for title, _ in self._submissions()} | set(self.also)
        self.tried.lost += [
            f"I1: {title!r} was acked and is not there" for title in sorted(acked) if not have[title]
        ]
        self.tried.duplicated += [
            f"I2: {title!r} is there {count} times" for title, count in have.items() if count > 1
        ]
        self.tried.wrong += [f"I2: nobody declared {title!r}" for title in have if title not in tried]
        if complete:
            versions = {row.id: row.version for row in standing.incidents}
            self.tried.wrong += [
                f"I9: INC-{number} has {len(standing.facts.get(number, []))} facts and is version {version}"
                for number, version in versions.items()
                if version != len(standing.facts.get(number, []))
            ]

    def _submissions(self) -> Iterator[tuple[str, bool]]:
        for one in self.slack.journal.delivered("view_submission"):
            if one.payload["view"]["callback_id"] == Form.DECLARE:
                yield _title(one), _taken(one)

    # -- I3

    def _rooms(self, standing: Standing, *, complete: bool) -> None:
        ours = {one.id: one for one in self._our_rooms()}
        held = Counter(row.channel for row in standing.incidents if row.channel)
        for row in standing.incidents:
            if row.channel is None:
                if complete:
                    self.tried.lost.append(f"I3: INC-{row.id} has no room")
                continue
            room = self.slack.workspace.channels.all[row.channel]
            if (room.kind is Kind.PRIVATE) != row.private:
                self.tried.wrong.append(f"I3: the room of INC-{row.id} has the wrong privacy")
        self.tried.duplicated += [
            f"I3: {room} serves {count} incidents" for room, count in held.items() if count > 1
        ]
        if complete:
            self.tried.duplicated += [
                f"I3: the room {room.name} belongs to no incident"
                for room in ours.values()
                if room.id not in held
            ]

    def _our_rooms(self) -> Iterable[Channel]:
        bot = self.slack.bot_user.id
        kinds = (Kind.PUBLIC, Kind.PRIVATE)
        return [
            one
            for one in self.slack.workspace.channels.all.values()
            if one.creator == bot and one.kind in kinds
        ]

    # -- I4

    def _messages(self, standing: Standing, *, complete: bool) -> None:
        keys = Counter(key for key, _ in self._keyed())
        self.tried.duplicated += [
            f"I4: {key} is visible {count} times" for key, count in keys.items() if count > 1
        ]
        if not complete:
            return
        owed = {job.key for job in standing.jobs if job.state == "done" and job.kind in ALWAYS_SAID}
        owed |= {f"card:INC-{row.id}" for row in standing.incidents if row.channel}
        owed |= {
            f"announcement:INC-{row.id}"
            for row in standing.incidents
            if row.channel and not row.private and not row.drill
        }
        self.tried.lost += [f"I4: {key} is not visible" for key in sorted(owed - set(keys))]
        for row in standing.incidents:
            if row.channel:
                self._furnished(standing, row)

    def _furnished(self, standing: Standing, row: Row[Any]) -> None:
        room = self.slack.workspace.channels.all[row.channel]
        card = standing.posts.get((row.id, "card"))
        if card is None or list(room.pins) != [card.ts]:
            self.tried.lost.append(
                f"I4: the card of INC-{row.id} is not the one thing pinned: {list(room.pins)}"
            )
        if len(room.bookmarks) != 1:
            self.tried.wrong.append(f"I4: INC-{row.id} has {len(room.bookmarks)} bookmarks")
        kind, _, person = row.declared_by.partition(":")
        if kind == "person" and person not in room.members and not self._left(room, person):
            self.tried.lost.append(f"I4: who declared INC-{row.id} is not in its room")
        if row.status not in str(room.topic["value"]) or row.severity not in str(room.topic["value"]):
            self.tried.wrong.append(
                f"I4: the topic of INC-{row.id} is {room.topic['value']!r}, it is {row.status}"
            )

    def _left(self, room: Channel, person: str) -> bool:
        return any(
            one.payload["event"].get("channel") == room.id and one.payload["event"].get("user") == person
            for one in self.slack.journal.delivered("member_left_channel")
        )

    def _keyed(self) -> Iterator[tuple[str, Message]]:
        for room in self.slack.workspace.channels.all.values():
            for message in room.messages.values():
                payload = (message.metadata or {}).get("event_payload") or {}
                if "key" in payload:
                    yield str(payload["key"]), message

    # -- I5

    def _order(self, standing: Standing) -> None:
        stands = {key: message.ts for key, message in self._keyed()}
        lanes: dict[str, list[Row[Any]]] = {}
        for job in standing.jobs:
            if job.lane and job.lane.startswith("room:") and job.key in stands:
                lanes.setdefault(job.lane, []).append(job)
        for jobs in lanes.values():
            said = sorted(jobs, key=lambda job: float(stands[job.key]))
            for at, later in enumerate(said):
                # One that was owed first and due first was there to be said first.
                early = [one for one in said[at + 1 :] if one.id < later.id and one.due_at <= later.due_at]
                self.tried.wrong += [f"I5: {later.key} was said before {one.key}" for one in early]

    # -- I6

    def _nudges(self, standing: Standing) -> None:
        due = {job.key: job.due_at for job in standing.jobs if job.kind in NUDGES}
        for key, message in self._keyed():
            if key.split(":")[0] not in NUDGES:
                continue
            said = datetime.fromtimestamp(float(message.ts), UTC)
            if key not in due:
                self.tried.wrong.append(f"I6: {key} was said and never owed")
            elif said < due[key] - timedelta(milliseconds=1):
                self.tried.wrong.append(f"I6: {key} was said {due[key] - said} too early")

    # -- I7

    def _waits(self) -> None:
        until: dict[tuple[str, str], float] = {}
        for call in self.slack.journal.calls:
            key = _limited_by(call)
            if call.monotonic < until.get(key, 0.0):
                early = until[key] - call.monotonic
                self.tried.wrong.append(f"I7: {call.method} was called {early:.2f} s inside a Retry-After")
            if call.status == 429:
                # What was under way when the answer arrived is no fault; what comes later is.
                self._in_flight(until, key, call)

    @staticmethod
    def _in_flight(until: dict[tuple[str, str], float], key: tuple[str, str], call: Call) -> None:
        wait = _wait(call.retry_after)
        if wait > IN_FLIGHT:
            until[key] = call.monotonic + call.seconds + wait - IN_FLIGHT

    # -- I8

    def _private(self, standing: Standing) -> None:
        for row in standing.incidents:
            if not row.private:
                continue
            # Short words are found everywhere; those that matter here are written to be found.
            words = {
                text.body
                for text in standing.texts
                if text.incident == row.id and text.body and len(text.body) > 8
            }
            self.tried.wrong += [
                f"I8: words of private INC-{row.id} are in {where}"
                for where, text in self._public(row.channel)
                if any(word in text for word in words)
            ]

    def _public(self, room: str | None) -> Iterator[tuple[str, str]]:
        """Yield all that is seen by people outside a room, each with where it stands."""
        channels = self.slack.workspace.channels.all
        inside = set(channels[room].members) if room else set()
        for channel in channels.values():
            if channel.id == room or (channel.kind is Kind.IM and inside & set(channel.members)):
                continue
            yield f"the topic of {channel.name}", str(channel.topic["value"])
            for one in channel.messages.values():
                if one.bot_id:
                    yield (
                        f"#{channel.name or channel.id}",
                        f"{one.text} {json.dumps(one.blocks, ensure_ascii=False)}",
                    )
            for one in channel.ephemerals:
                if one.viewer not in inside:
                    blocks = json.dumps(one.blocks, ensure_ascii=False)
                    yield f"an ephemeral in #{channel.name}", f"{one.text} {blocks}"
        for person in self.slack.workspace.people:
            home = self.slack.person(person.id).home
            if home is not None and person.id not in inside:
                yield f"the home of {person.name}", json.dumps(home.content, ensure_ascii=False)

    # -- I9

    def _facts(self, standing: Standing) -> None:
        now = {(row.incident, row.seq): _frozen(row) for rows in standing.facts.values() for row in rows}
        self.tried.lost += [f"I9: fact {key} is gone" for key in self._seen if key not in now]
        self.tried.wrong += [
            f"I9: fact {key} changed"
            for key in self._seen
            if now.get(key, self._seen[key]) != self._seen[key]
        ]
        self._seen |= now
        for row in standing.incidents:
            mine = standing.facts.get(row.id, [])
            if [one.seq for one in mine] != list(range(1, len(mine) + 1)):
                self.tried.wrong.append(f"I9: the facts of INC-{row.id} are not numbered one by one")
            self._moves(row, mine)

    def _moves(self, row: Row[Any], mine: list[Row[Any]]) -> None:
        moves = [
            (Status(one.data["before"]), Status(one.data["after"]))
            for one in mine
            if one.name == "status_changed"
        ]
        for before, after in moves:
            if after not in MOVES[before]:
                self.tried.wrong.append(f"I9: INC-{row.id} went from {before} to {after}")
        for (_, reached), (left, _) in pairwise(moves):
            if reached is not left:
                self.tried.wrong.append(f"I9: INC-{row.id} was {reached} and then left {left}")
        if moves and moves[-1][1] != row.status:
            self.tried.wrong.append(f"I9: INC-{row.id} moved to {moves[-1][1]} and stands as {row.status}")

    # -- what is left over

    def _finished(self, standing: Standing) -> None:
        now = self.slack.clock.now()
        for job in standing.jobs:
            if job.state == "dead":
                self.tried.lost.append(f"I4: {job.key} was given up: {job.last_error}")
            elif job.state in {"due", "leased"} and job.due_at <= now:
                self.tried.lost.append(f"I4: {job.key} is still owed ({job.state}): {job.last_error}")

    def _mirror(self, standing: Standing) -> None:
        """I10: every message of a person in a war room stands in the database as it stands in Slack."""
        rooms = {row.channel for row in standing.incidents if row.channel}
        there: set[tuple[str, str]] = set()
        for room in rooms:
            for message in self.slack.workspace.channels.all[room].messages.values():
                if message.bot_id or message.subtype or message.user == self.slack.bot_user.id:
                    continue
                there.add((room, message.ts))
                row = standing.said.get((room, message.ts))
                if row is None:
                    self.tried.lost.append(f"I10: {message.text!r} was said in {room} and is not recorded")
                elif row.text != message.text:
                    self.tried.wrong.append(f"I10: {message.text!r} in {room} is recorded as {row.text!r}")
        for key, row in standing.said.items():
            if key not in there and row.text is not None:
                self.tried.wrong.append(f"I10: {row.text!r} in {key[0]} was deleted and its words are kept")


async def _all(database: Database, table: Table) -> list[Row[Any]]:
    async with database.read() as connection:
        return list((await connection.execute(select(table).order_by(*table.primary_key.columns))).all())


def _grouped(rows: list[Row[Any]]) -> dict[int, list[Row[Any]]]:
    grouped: dict[int, list[Row[Any]]] = {}
    for row in rows:
        grouped.setdefault(row.incident, []).append(row)
    return grouped


def _frozen(row: Row[Any]) -> tuple[object, ...]:
    return (row.name, row.by, row.occurred_at, row.recorded_at, json.dumps(row.data, sort_keys=True))


def _title(submission: Delivery) -> str:
    values = submission.payload["view"]["state"]["values"]
    return str(next(field["title"]["value"] for field in values.values() if "title" in field)).strip()


def _taken(submission: Delivery) -> bool:
    return submission.acked and (submission.ack or {}).get("response_action") != "errors"


def _limited_by(call: Call) -> tuple[str, str]:
    return call.method, str(call.args.get("channel")) if call.method == "chat.postMessage" else ""


def _wait(retry_after: str | None) -> float:
    """Return the seconds that a 429 silences a method for, absurd ones made sensible."""
    try:
        wait = float(retry_after or "")
    except ValueError:
        return UNTOLD
    return min(wait, BELIEVED) if wait >= 0 else UNTOLD
