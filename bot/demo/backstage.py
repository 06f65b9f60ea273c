"""Behind the scenes, for the curious: the clock, trouble to switch on, the traffic, what the bot owes."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.demo.bots import OwedLine, RunningBot
from bot.demo.guide import Guide
from bot.demo.player import Player
from bot.domain.shared.errors import Refused
from bot.sandbox import Sandbox
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.journal import Call, Delivery, Journal
from bot.sandbox.page import Action, Extension, Form, Scene, Section, Trouble, templates
from bot.sandbox.page.mrkdwn import mrkdwn
from bot.sandbox.state import Channel
from bot.sandbox.wire import Json

LINES = 80
"""How many lines of traffic are shown."""
OWED_AT_MOST = 40
SHORT = 90
TELLING = ("command", "callback_id", "action_id", "name", "subtype", "channel", "channel_id", "text")
"""The fields of a payload that tell one line of traffic from another."""
MOVES = {"hour": timedelta(hours=1), "tomorrow": timedelta(hours=24, minutes=1)}
"""A day and a little, so that what is due in exactly a day has come."""
DOWN = "down"
PATIENCE = 10.0
"""Seconds a move of the clock is waited for; with Slack in trouble what follows takes longer."""
SECTIONS = ("clock", "faults", "owed", "traffic")
STYLE = Path(__file__).parent / "static" / "demo.css"


@dataclass(frozen=True, kw_only=True)
class Switch:
    """One kind of trouble that can be switched on."""

    key: str
    name: str
    says: str
    on: bool


SWITCHES: dict[str, tuple[str, str, Callable[[Faults], Fault] | None]] = {
    "slow": ("Slow Slack", "every call takes 2 s", lambda faults: faults.slow(seconds=2.0)),
    "limited": (
        "429 Too Many Requests",
        "every call is refused, “retry after 3 s”",
        lambda faults: faults.limit(retry_after=3, times=None),
    ),
    "failing": ("5xx", "every call is answered 503", lambda faults: faults.fail(times=None)),
    "lost": (
        "Replies lost",
        "calls take effect, their replies never arrive",
        lambda faults: faults.lose_reply(times=None),
    ),
    DOWN: ("Slack down", "no call, no socket, no event", None),
}


class Switchboard:
    """Switches trouble on and off; what others switched off is off here as well."""

    def __init__(self, slack: Sandbox) -> None:
        """Disturb this workspace."""
        self._slack = slack
        self._made: dict[str, Fault] = {}

    def switches(self) -> Sequence[Switch]:
        """Return every switch as it stands."""
        return [
            Switch(key=key, name=name, says=says, on=self.on(key))
            for key, (name, says, _) in SWITCHES.items()
        ]

    def on(self, key: str) -> bool:
        """Return whether a kind of trouble is on."""
        faults = self._slack.faults
        if key == DOWN:
            return faults.down
        return any(each is self._made.get(key) for each in faults.faults)

    async def turn(self, key: str) -> None:
        """Turn a switch; an unknown one is a KeyError."""
        _, _, make = SWITCHES[key]
        faults = self._slack.faults
        if make is None:
            await self._turn_slack()
        elif self.on(key):
            made = self._made.pop(key)
            faults.faults[:] = [each for each in faults.faults if each is not made]
        else:
            self._made[key] = make(faults)
        self._slack.workspace.ground.tell("trouble_switched", switch=key)

    async def _turn_slack(self) -> None:
        if self._slack.faults.down:
            self._slack.faults.slack_up()
        else:
            await self._slack.faults.slack_down()


@dataclass(frozen=True, kw_only=True)
class Line:
    """One call or delivery: when, which, about what, how it went and in how many milliseconds."""

    id: str
    outgoing: bool
    """Whether the app called Slack; else Slack delivered to the app."""
    time: str
    name: str
    about: str
    outcome: str
    state: str
    """``ok``, ``bad`` or ``waiting``."""
    milliseconds: str


def traffic(journal: Journal, zone: ZoneInfo) -> Sequence[Line]:
    """Return the newest calls and deliveries, the newest first."""
    calls = list(itertools.islice(reversed(journal.calls), LINES))
    deliveries = list(itertools.islice(reversed(journal.deliveries), LINES))
    both: list[Call | Delivery] = [*calls, *deliveries]
    both.sort(key=lambda each: each.at, reverse=True)
    return [_line(each, zone) for each in both[:LINES]]


def _line(entry: Call | Delivery, zone: ZoneInfo) -> Line:
    time = entry.at.astimezone(zone).strftime("%H:%M:%S")
    if isinstance(entry, Call):
        state, outcome = _call_outcome(entry)
        return Line(
            id=f"call-{entry.number}", outgoing=True, time=time, name=entry.method, about=_about(entry.args),
            outcome=outcome, state=state, milliseconds=_ms(entry.seconds),
        )  # fmt: skip
    tried = entry.attempts[-1] if entry.attempts else None
    waiting = tried is None or tried.outcome == "waiting"
    again = f", try {len(entry.attempts)}" if len(entry.attempts) > 1 else ""
    return Line(
        id=f"delivery-{entry.number}", outgoing=False, time=time, name=entry.kind,
        about=_about(entry.payload),
        outcome=(tried.outcome.replace("_", " ") if tried else "held back") + again,
        state="waiting" if waiting else "ok" if entry.acked else "bad",
        milliseconds=_ms(tried.seconds if tried else 0.0),
    )  # fmt: skip


def _call_outcome(call: Call) -> tuple[str, str]:
    if call.ok and call.reached:
        return "ok", "ok"
    if call.ok:
        return "bad", "reply lost"
    if call.error or call.status:
        return "bad", (call.error or f"HTTP {call.status}").replace("_", " ")
    return "waiting", "under way"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds else ""


def _about(values: Json) -> str:
    """Return the few words of a payload that tell one line from another."""
    inside = [values.get("event"), values.get("view"), *(values.get("actions") or ())]
    said = next((each for each in inside if isinstance(each, dict)), values)
    words: Iterator[str] = (
        str(said[name]) for name in TELLING if isinstance(said.get(name), str) and said[name]
    )
    text = " · ".join(words)
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


@dataclass(frozen=True, kw_only=True)
class JobSpec:
    """One job as the panel shows it."""

    when: str
    away: str
    line: OwedLine
    late: bool


def away(left: timedelta) -> str:
    """Return how far off something is, in one or two units: ``in 3 h 20 min``, ``now``."""
    minutes = round(left.total_seconds() / 60)
    if minutes <= 0:
        return "now"
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "d"), (hours, "h"), (rest, "min")]
    shown = [f"{count} {unit}" for count, unit in parts if count][:2]
    return f"in {' '.join(shown)}"


class Behind(Protocol):
    """The bot and its workspace as whoever looks behind the scenes may use them."""

    bot: RunningBot
    player: Player

    async def owed(self) -> Sequence[OwedLine]:
        """Return what is owed, the next one first."""

    async def forward(self, by: timedelta) -> None:
        """Move the clock, and return when what became due is done."""

    async def start(self, scenario: str) -> None:
        """Start a scenario in the workspace; return when it stands. An unknown one is a KeyError."""

    def is_played(self, room: Channel) -> bool:
        """Return whether a room is one of a told story."""


class Backstage:
    """The panel behind the scenes, the story above them and the guide beside them."""

    def __init__(self, slack: Sandbox, behind: Behind | None = None) -> None:
        """Look behind this workspace; without a bot of ours there are clock, trouble and traffic alone."""
        self._slack = slack
        self._behind = behind
        self._switchboard = Switchboard(slack)
        self._under_way: set[asyncio.Task[None]] = set()

    def extension(self) -> Extension:
        """Return what it adds to the page."""
        panel: dict[str, Section] = {"clock": self._clock, "faults": self._faults, "traffic": self._traffic}
        actions: dict[str, Action] = {"clock": self._move, "fault": self._turn}
        if self._behind is None:
            return Extension(panel=panel, actions=actions, panel_title="Backstage", style=STYLE)
        panel = {**panel, "owed": self._owed}
        actions |= {"start": self._start, "kill": self._kill, "story": self._story}
        return Extension(
            banner=self._banner, aside=Guide(ignores=self._behind.is_played, starts=True).draw, style=STYLE,
            panel={name: panel[name] for name in SECTIONS}, panel_title="Backstage", actions=actions,
        )  # fmt: skip

    # -- what is shown

    def _draw(self, name: str, scene: Scene, **values: object) -> str:
        shown = {"scene": scene, "behind": self._behind, **values}
        return templates("bot.demo").get_template(f"{name}.html").render(**shown)

    def _banner(self, scene: Scene) -> str:
        if self._behind is None or not self._behind.player.playing:
            return ""
        told = self._behind.player.steps[-1:]
        rooms = (scene.slack.workspace.channels.named(each.room) for each in told if each.room)
        room = next((each for each in rooms if each and each.visible_to(scene.person.id)), None)
        step = next(iter(told), None)
        what = mrkdwn(step.what, scene.look) if step else ""
        return self._draw("story", scene, player=self._behind.player, step=step, what=what, room=room)

    async def _clock(self, scene: Scene) -> str:
        now = scene.look.now.astimezone(scene.look.zone)
        return self._draw("clock", scene, now=now, connected=scene.slack.connected)

    async def _faults(self, scene: Scene) -> str:
        return self._draw("faults", scene, switches=self._switchboard.switches())

    async def _traffic(self, scene: Scene) -> str:
        return self._draw("traffic", scene, lines=traffic(scene.slack.journal, scene.look.zone))

    async def _owed(self, scene: Scene) -> str:
        look = scene.look
        lines = sorted(await self._due(), key=lambda each: each.due_at)[:OWED_AT_MOST]
        owed = [
            JobSpec(
                when=each.due_at.astimezone(look.zone).strftime("%a %-d %b %H:%M"),
                away=away(each.due_at - look.now), line=each, late=each.due_at <= look.now,
            )
            for each in lines
        ]  # fmt: skip
        return self._draw("owed", scene, owed=owed)

    async def _due(self) -> Sequence[OwedLine]:
        return await self._behind.owed() if self._behind else []

    # -- what is done

    async def _move(self, scene: Scene, form: Form) -> None:
        """Move the clock on by an hour, to tomorrow, or to the next thing that is owed."""
        by = await self._step_to(form["to"], scene.slack.clock.now())
        if not by:
            text = "Nothing is owed."
            raise Trouble(text)
        if self._behind is None:
            scene.slack.clock.forward(by)
        else:
            await self._patiently(self._behind.forward(by))

    async def _step_to(self, move: str, now: datetime) -> timedelta:
        if move != "next":
            return MOVES[move]
        later = [left for each in await self._due() if (left := each.due_at - now) > timedelta()]
        return min(later) + timedelta(seconds=1) if later else timedelta()

    async def _turn(self, _scene: Scene, form: Form) -> None:
        """Turn a kind of trouble on or off."""
        await self._switchboard.turn(form["key"])

    async def _start(self, _scene: Scene, form: Form) -> None:
        """Start a scenario."""
        if self._behind is not None:
            await self._patiently(self._behind.start(form["scenario"]))

    async def _kill(self, _scene: Scene, _form: Form) -> None:
        """Kill the bot's process; it is started again."""
        if self._behind is None:
            return
        try:
            await self._behind.bot.kill()
        except Refused as refused:
            raise Trouble(refused.why) from refused

    async def _story(self, _scene: Scene, form: Form) -> None:
        """Pause the story, go on with it, or take its next step."""
        if self._behind is not None:
            player = self._behind.player
            {"pause": player.pause, "resume": player.resume, "next": player.next}[form["to"]]()

    async def _patiently(self, doing: Awaitable[None]) -> None:
        """Wait for something of the bot's, but not for ever: it goes on behind the page."""
        task = asyncio.ensure_future(_done(doing))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        await asyncio.wait({task}, timeout=PATIENCE)
        if task.done():
            task.result()


async def _done(doing: Awaitable[None]) -> None:
    try:
        await doing
    except AssertionError as unfinished:  # what a wait of the sandbox ends in when it was in vain
        text = "The bot is still busy with what became due."
        raise Trouble(text) from unfinished
