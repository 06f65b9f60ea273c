"""The panel for the curious: the clock, the trouble switches, the traffic, and what the bot owes."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.sandbox.faults import Fault, Faults
from bot.sandbox.journal import Call, Delivery, Journal
from bot.sandbox.page.backstage import Backstage, OwedLine
from bot.sandbox.server import Sandbox
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


async def owed(backstage: Backstage, now: datetime, zone: ZoneInfo) -> Sequence[JobSpec]:
    """Return what is owed, the next one first."""
    lines = sorted(await backstage.owed(), key=lambda each: each.due_at)[:OWED_AT_MOST]
    return [
        JobSpec(
            when=each.due_at.astimezone(zone).strftime("%a %-d %b %H:%M"), away=away(each.due_at - now),
            line=each, late=each.due_at <= now,
        )
        for each in lines
    ]  # fmt: skip


def away(left: timedelta) -> str:
    """Return how far off something is, in one or two units: ``in 3 h 20 min``, ``now``."""
    minutes = round(left.total_seconds() / 60)
    if minutes <= 0:
        return "now"
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "d"), (hours, "h"), (rest, "min")]
    shown = [f"{count} {unit}" for count, unit in parts if count][:2]
    return f"in {' '.join(shown)}"


async def step_to(move: str, backstage: Backstage | None, now: datetime) -> timedelta:
    """Return how far a move of the clock goes; to the next thing owed, nothing when nothing is."""
    if move != "next":
        return MOVES[move]
    coming = [each.due_at - now for each in await backstage.owed()] if backstage else []
    later = [each for each in coming if each > timedelta()]
    return min(later) + timedelta(seconds=1) if later else timedelta()
