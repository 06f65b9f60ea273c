"""The guided path: what to do next to live through an incident, read off what the workspace shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.sandbox import Person
from bot.sandbox.page import Scene, templates
from bot.sandbox.state import Channel, Kind, Message

# The bot's own words that show how far an incident has come.
TAKEN = "took the role of commander"
NOBODY = "*Commander* decides · _nobody yet_"
UPDATED = "CAN update for"
RESOLVED = "to resolved"
NEXT_DAY = timedelta(hours=20)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the path: what to do, how, and whether it has happened."""

    key: str
    title: str
    how: str
    done: bool


@dataclass(frozen=True, kw_only=True)
class Path:
    """The steps, which of them comes next, and the war room they happen in."""

    steps: Sequence[Step]
    room: Channel | None

    @property
    def current(self) -> Step | None:
        """The first step that has not happened; None when all have."""
        return next((each for each in self.steps if not each.done), None)

    @property
    def count(self) -> int:
        """How many steps have happened."""
        return sum(each.done for each in self.steps)


Ignored = Callable[[Channel], bool]


class Guide:
    """The path at the foot of the sidebar."""

    def __init__(self, *, ignores: Ignored, starts: bool) -> None:
        """Lead through what is not ignored; ``starts`` says whether scenarios can be started."""
        self._ignores = ignores
        self._starts = starts

    def draw(self, scene: Scene) -> str:
        """Return the path as somebody sees it."""
        shown = path(scene.person, self._ignores)
        template = templates("bot.demo").get_template("guide.html")
        return template.render(scene=scene, path=shown, starts=self._starts)


def path(person: Person, ignores: Ignored = lambda _room: False) -> Path:
    """Return how far the newest incident has come that somebody may know of and that is not ignored."""
    slack = person.slack
    room = _war_room(person, ignores)
    said = list(room.messages.values()) if room else []
    bot = slack.workspace.bot.id
    words = [(each, slack.screen.message(each)) for each in said if each.user == bot]
    resolved = next((each for each, text in reversed(words) if RESOLVED in text), None)
    card = next((text for each, text in words if room and each.ts in room.pins), "")
    taken = any(TAKEN in text for _, text in words) or (bool(card) and NOBODY not in card)
    spoken = any(each.user != bot and each.subtype is None for each in said)
    at = f"#{room.name}" if room else "the war room"
    steps = [
        Step(
            key="declare", title="Type /incident", done=room is not None,
            how="In any channel, type “/incident declare Revenue is wrong”, press Enter, choose, send it.",
        ),
        Step(
            key="commander", title="Take the commander role", done=taken,
            how=f"Open {at} and press “Take it” beside Commander. Or act as somebody else first: Alt+2.",
        ),
        Step(
            key="say", title="Say what you see", done=spoken,
            how="Write in the war room what you found. All of it is kept for the timeline.",
        ),
        Step(
            key="update", title="Post a CAN update", done=any(UPDATED in text for _, text in words),
            how="Press “Post CAN update” on the card: conditions, actions, needs.",
        ),
        Step(
            key="resolve", title="Resolve", done=resolved is not None,
            how="Press “Resolve …” on the card, or type “/incident resolve”.",
        ),
        Step(
            key="tomorrow", title="Move the clock to tomorrow",
            done=_a_day_later(slack.clock.now(), resolved),
            how="Open Backstage (top right), press “To tomorrow”: see who is asked for the postmortem.",
        ),
    ]  # fmt: skip
    return Path(steps=steps, room=room)


def _war_room(person: Person, ignores: Ignored) -> Channel | None:
    bot = person.slack.workspace.bot.id
    rooms = [
        each
        for each in person.slack.workspace.channels.visible_to(person.id)
        if each.creator == bot and each.kind in (Kind.PUBLIC, Kind.PRIVATE) and not ignores(each)
    ]
    return rooms[-1] if rooms else None


def _a_day_later(now: datetime, resolved: Message | None) -> bool:
    if resolved is None:
        return False
    return now - datetime.fromtimestamp(float(resolved.ts), tz=UTC) > NEXT_DAY
