"""One round of a kill campaign: somebody declares, the bot dies at a chosen moment, another one goes on."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from bot.sandbox import Person, Sandbox
from bot.sandbox.journal import Call, Delivery
from bot.sandbox.people import Submitted
from bot.sandbox.state import View
from tests.databases import fresh
from tests.faults.checker import Checker, Tried
from tests.faults.processes import Nursery, environment, sandbox

WITHIN = 30.0
"""Seconds after the restart in which a declaration has to be complete."""
EVENTS = 22
"""About how many entries the journal gets from a submission to the finished war room."""


SLACKS_RETRY = timedelta(seconds=61)
"""What Slack could not deliver it tries again at once, and after a minute."""


class When(StrEnum):
    """On which side of an effect the bot dies."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, kw_only=True)
class Moment:
    """When the bot dies: before or after the ``nth`` call of a method, or at the ``nth`` entry."""

    method: str = "*"
    when: When = When.AFTER
    nth: int = 1

    def __str__(self) -> str:
        """Return it in words, for the report."""
        if self.method == "*":
            return f"at entry {self.nth}"
        return f"{self.when} {self.method} {self.nth}"

    @classmethod
    def any(cls, chance: random.Random) -> "Moment":
        """Return a moment anywhere in a declaration."""
        return cls(nth=chance.randint(1, EVENTS))


SUBMISSION = "view_submission"
FAILPOINTS = tuple(
    Moment(method=method, when=when, nth=nth)
    for method, nth in (
        (SUBMISSION, 1),
        ("conversations.create", 1),
        ("conversations.invite", 1),
        ("conversations.setTopic", 1),
        ("chat.postMessage", 1),
        ("chat.postMessage", 2),
        ("pins.add", 1),
        ("bookmarks.add", 1),
    )
    for when in When
)
"""Both sides of everything that a declaration does outside."""


class Trap:
    """Kills once, from within the sandbox, at the very moment; what the bot then sends or hears is lost."""

    def __init__(self, slack: Sandbox, moment: Moment, kill: Callable[[], None]) -> None:
        """Lie in wait; a moment before a call also keeps the call from having its effect."""
        self._moment, self._kill = moment, kill
        self._entries = 0
        self._seen: set[int] = set()
        self.sprung = False
        slack.journal.watchers.append(self._written)
        if moment.when is When.BEFORE and moment.method not in {"*", SUBMISSION}:
            self._slack: Sandbox | None = slack
        else:
            self._slack = None

    def _written(self, entry: Call | Delivery) -> None:
        self._entries += 1
        if not self.sprung and self._is_it(entry):
            self.sprung = True
            if self._slack:
                self._slack.faults.cut(self._moment.method)
            self._kill()

    def _is_it(self, entry: Call | Delivery) -> bool:
        if self._moment.method == "*":
            return self._entries == self._moment.nth
        if (entry.method if isinstance(entry, Call) else entry.kind) != self._moment.method:
            return False
        self._seen.add(entry.number)
        if len(self._seen) < self._moment.nth:
            return False
        return _is_done(entry) if self._moment.when is When.AFTER else not _is_done(entry)


def _is_done(entry: Call | Delivery) -> bool:
    return entry.ok if isinstance(entry, Call) else entry.acked


async def killed_while_declaring(
    nursery: Nursery, folder: Path, moment: Moment, *, title: str, private: bool = False
) -> Tried:
    """Return what came of one declaration during which the bot was killed at a moment and started again."""
    tried = Tried()
    async with fresh("sqlite", folder) as url, sandbox() as slack:
        settings, log = environment(slack, url), folder / f"{title}.log"
        checker = Checker(database_url=url, slack=slack, tried=tried)
        pid = await nursery.start(settings, log)
        await slack.connection(1, timeout=WITHIN)
        ada = slack.person("ada")
        view = await _asked(ada, title)
        first = pid
        trap = Trap(slack, moment, lambda: nursery.kill(first))
        given: dict[str, object] = {"severity": "SEV1"}
        submitted = await ada.submit(view, given | ({"marks": ["private"]} if private else {}))
        tried.inputs["submissions"] += 1
        await slack.until(lambda: trap.sprung or is_complete(slack), WITHIN, what=f"the kill {moment}")
        nursery.kill(pid)  # where the moment never came, it dies after all is done
        tried.kills += 1
        tried.faults[str(moment) if trap.sprung else "after all was done"] += 1
        trap.sprung = True  # a moment that has not come by now must not strike the next bot
        await slack.until(lambda: slack.connected == 0, what="the bot to be gone")
        began = time.monotonic()
        pid = await nursery.start(settings, log)
        await slack.connection(1, timeout=WITHIN)
        await _asked_again(ada, view, submitted, tried)
        await slack.until(lambda: is_complete(slack), WITHIN, what=f"recovery from a kill {moment}")
        tried.recovery_s.append(time.monotonic() - began)
        await checker.paid()
        slack.clock.forward(SLACKS_RETRY)
        await slack.settled()
        await checker.paid()  # what was told again may have been a reason to ask who is in the room
        await checker.look()
        nursery.kill(pid)
    return tried


async def _asked(person: Person, title: str) -> View:
    reply = await person.command("/incident", f"declare {title}")
    assert reply.acked, reply
    return await person.wait_for_modal(timeout=WITHIN)


async def _asked_again(person: Person, view: View, submitted: Submitted, tried: Tried) -> None:
    """Submit once more, as a person does who was told that it did not work."""
    if not submitted.acked:
        tried.inputs["submissions again"] += 1
        again = await person.submit(view)
        assert again.ok, again


def is_complete(slack: Sandbox) -> bool:
    """Return whether all of one declaration is visible: the room and what is in it, the announcement."""
    bot = slack.bot_user.id
    rooms = [
        one
        for one in slack.workspace.channels.all.values()
        if one.creator == bot and one.name.startswith("inc-")
    ]
    if not rooms:
        return False
    room = rooms[0]
    announced = any(
        one.bot_id and one.metadata for one in slack.workspace.channel("incidents").messages.values()
    )
    inside = slack.person("ada").id in room.members
    public = room.kind.value == "channel"
    return bool(room.pins and room.bookmarks and room.topic["value"] and inside and (announced or not public))
