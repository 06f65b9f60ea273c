"""Runs a workspace with a bot in it: moves time, waits until all is quiet, tells what Slack newly shows."""

import asyncio
import difflib
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from bot.demo.bots import OwedLine, RunningBot
from bot.demo.player import Player
from bot.demo.stories import SLUG, NotShown, Step, Story, revenue_is_wrong, revenue_under_way
from bot.sandbox import Person, Sandbox
from bot.sandbox.state import Change, Channel, Message

Print = Callable[[str], None]

ANSWERING = 0.3
"""Seconds that the page's own request has to be answered before the server it asked begins anew."""
RULE = "─" * 78

STORY, UNDER_WAY, EMPTY = "story", "revenue", "empty"
SCENARIOS: Mapping[str, Story | None] = {STORY: revenue_is_wrong, UNDER_WAY: revenue_under_way, EMPTY: None}
"""What a workspace can begin with: the whole story, an incident under way, or nothing at all."""


class Runner:
    """A stage with an audience: after each step it prints what Slack newly shows."""

    def __init__(self, slack: Sandbox, show: Print) -> None:
        """Play in a sandbox; `runs` names the bot in it."""
        self.slack = slack
        self.wanted: str | None = None
        self.player = Player(self._story_moved)
        self._print = show
        self._seen: dict[tuple[str, str, str | None], str] = {}
        self._another = asyncio.Event()
        self._played: set[str] = set()
        slack.workspace.ground.watchers.append(self._note_played)

    def runs(self, running: RunningBot) -> None:
        """Play with this bot from now on; what stands in the workspace already is not news."""
        self.bot = running
        self.shown()

    # -- what the page may ask

    async def owed(self) -> Sequence[OwedLine]:
        """Return what is owed, the next one first."""
        return await self.bot.owed()

    async def start(self, scenario: str) -> None:
        """Play a scenario here, and return when it stands; an unknown one is a KeyError.

        An empty workspace is a new one: it begins once this request has been answered.
        """
        story = SCENARIOS[scenario]
        if story is None:
            self.wanted = scenario
            asyncio.get_running_loop().call_later(ANSWERING, self._another.set)
            return
        async for step in story(self):
            self.tell(step)

    async def another(self) -> None:
        """Return when the page has asked to begin anew."""
        await self._another.wait()

    # -- what a story may ask

    def person(self, name: str) -> Person:
        """Return somebody of the workspace."""
        return self.slack.person(name)

    async def settle(self) -> None:
        """Return when nothing is under way: no delivery, no answer, no due job."""
        while True:
            await self.slack.settled()
            before = self._traffic()
            await self.bot.idle()
            await self.slack.settled()
            if before == self._traffic():
                return

    def _traffic(self) -> tuple[int, int]:
        return len(self.slack.journal.calls), len(self.slack.journal.deliveries)

    async def forward(self, by: timedelta) -> None:
        """Move the clock, and return when what became due is done."""
        self.slack.clock.forward(by)
        await self.bot.plan()
        await self.settle()

    # -- telling

    async def play(self, story: Story) -> None:
        """Tell a story at a reader's pace, in the page and in the terminal; its incident is nobody's own."""
        try:
            await self.player.play(story, self, self.tell)
            self._print(f"\n{RULE}\nThe story stands as far as it goes; the workspace stays up until Ctrl-C.")
        except (NotShown, AssertionError) as interrupted:
            # Somebody acted in the room meanwhile, or switched Slack off: it is theirs now.
            self._print(
                f"\n{RULE}\nThe story ends here, because the room no longer is as it left it: {interrupted}"
            )

    def _note_played(self, change: Change) -> None:
        if self.player.playing and change.kind == "channel_created" and SLUG in str(change.detail["name"]):
            self._played.add(change.channel)

    def _story_moved(self) -> None:
        self.slack.workspace.ground.tell("story_moved")

    def is_played(self, room: Channel) -> bool:
        """Return whether a room is one of the told story rather than of whoever looks."""
        return room.id in self._played

    def tell(self, step: Step) -> None:
        """Print a step and what Slack shows since the last one."""
        when = self.slack.clock.now().strftime("%a %H:%M")
        told = f"{step.who} {step.what}" if step.who else step.what
        self._print(f"\n{RULE}\n{when}  {told}")
        self.print_news()

    def print_news(self) -> None:
        """Print what is new or has changed on anybody's screen."""
        for line in self.shown():
            self._print(line)

    def shown(self) -> list[str]:
        """Return what is new or has changed on anybody's screen since this was last asked."""
        lines: list[str] = []
        for channel in list(self.slack.workspace.channels.all.values()):
            name = f"#{channel.name}" if channel.name else self._direct(channel.members)
            new = [*channel.messages.values(), *channel.ephemerals]
            for message in new:
                lines += self._difference(name, message)
        return lines

    def _direct(self, members: list[str]) -> str:
        people = [self.slack.screen.name(user) for user in members if user != self.slack.bot_user.id]
        return f"direct message to {', '.join(people)}"

    def _difference(self, where: str, message: Message) -> list[str]:
        """Return a message that is new as it stands, and of one that was edited what changed."""
        key = (message.channel, message.ts, message.viewer)
        now, before = self.slack.screen.message(message), self._seen.get(key)
        self._seen[key] = now
        if before == now or message.subtype in {"channel_topic", "group_topic"}:
            return []
        only = f", visible to {self.slack.screen.name(message.viewer)} alone" if message.viewer else ""
        if before is None:
            return [f"\n  {where}{only}", *(f"    {line}" for line in now.splitlines())]
        changed = difflib.ndiff(before.splitlines(), now.splitlines())
        kept = [line for line in changed if line[:2] in {"- ", "+ "} and "(edited)" not in line]
        return [f"\n  {where}: changed in place", *(f"    {line}" for line in kept)]
