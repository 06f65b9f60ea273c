"""Scripted incidents: who does what, and what Slack has to show for it."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from bot.sandbox import Person
from bot.sandbox.state import Message


class NotShown(AssertionError):  # noqa: N818 - what it says, not what kind of thing it is
    """Slack does not show what the story says it shows; the message says what was there instead."""


class Stage(Protocol):
    """Where a story is played: people, a clock, and a way to wait until nothing more happens."""

    def person(self, name: str) -> Person:
        """Return somebody of the workspace."""

    async def settle(self) -> None:
        """Return when everything that follows from what was done has been done."""

    async def forward(self, by: timedelta) -> None:
        """Move the clock, and return when what became due is done."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something that was done: by whom (None for time itself), and what, as a sentence."""

    who: str | None
    what: str
    room: str = ""
    """The channel in which it can be seen."""


def shows(text: str, *wanted: str, where: str) -> None:
    """Raise ``NotShown`` unless all of ``wanted`` stand in a text."""
    missing = [words for words in wanted if words not in text]
    if missing:
        msg = f"{where} does not show {missing!r}. It shows:\n{text}"
        raise NotShown(msg)


def hides(text: str, *unwanted: str, where: str) -> None:
    """Raise ``NotShown`` if any of ``unwanted`` stands in a text."""
    found = [words for words in unwanted if words in text]
    if found:
        msg = f"{where} still shows {found!r}:\n{text}"
        raise NotShown(msg)


@dataclass(kw_only=True)
class Room:
    """The war room of a story, as the people in it use it."""

    stage: Stage
    name: str
    label: str = ""

    def reads(self, who: str) -> str:
        """Return all that a person reads in the room."""
        return self.stage.person(who).reads(self.name)

    def card(self, who: str) -> Message:
        """Return the pinned card."""
        channel = self.stage.person(who).channel(self.name)
        return channel.messages[next(iter(channel.pins))]

    def card_text(self, who: str) -> str:
        """Return the card as a person reads it."""
        person = self.stage.person(who)
        return person.slack.screen.message(self.card(who))

    def latest(self, who: str, containing: str) -> Message:
        """Return the newest message with these words in it."""
        person = self.stage.person(who)
        for message in reversed(person.sees(self.name)):
            if containing in person.slack.screen.message(message):
                return message
        msg = f"#{self.name} shows nothing with {containing!r}:\n{self.reads(who)}"
        raise NotShown(msg)

    async def click(self, who: str, where: Message, button: str, *, selected: str | None = None) -> None:
        """Press a button, or choose from a menu, and wait for what follows."""
        clicked = await self.stage.person(who).click(where, button, selected=selected)
        if clicked.error:
            msg = f"{who} pressed {button!r} and Slack said: {clicked.error}"
            raise NotShown(msg)
        await self.stage.settle()

    async def type(self, who: str, words: str) -> str:
        """Type ``/incident ...`` in the room; returns what the person alone was told."""
        person = self.stage.person(who)
        reply = await person.command("/incident", words, channel=self.name)
        if reply.error:
            msg = f"{who} typed /incident {words} and Slack said: {reply.error}"
            raise NotShown(msg)
        await self.stage.settle()
        return person.slack.screen.message(reply.message) if reply.message else reply.text

    async def fill(self, who: str, values: Mapping[str, object]) -> None:
        """Fill in the modal on a person's screen and send it."""
        person = self.stage.person(who)
        view = await person.wait_for_modal()
        submitted = await person.submit(view, dict(values))
        if not submitted.ok:
            msg = f"{who} sent a modal and Slack said: {submitted.error or dict(submitted.errors)}"
            raise NotShown(msg)
        await self.stage.settle()


Act = Callable[[Stage, Room], AsyncIterator[Step]]
Story = Callable[[Stage], AsyncIterator[Step]]

TITLE = "Revenue dashboard counts yesterday twice"
SLUG = TITLE.lower().replace(" ", "-")
"""What the name of its war room ends with."""
MORNING = (
    ("barbara", "Good morning! The board mail goes out at nine, and yesterday looks *great* :tada:"),
    ("linus", "Suspiciously great. Did we sell everything twice?"),
    ("grace", "The finance dashboard agrees with the mail: revenue has doubled overnight"),
    ("ada", "Doubled to the cent. That is not growth, that is a load that ran twice. I am looking"),
)
"""What stands in #general before anything is declared."""
DELETED = "is it me or is finance asleep"


async def revenue_is_wrong(stage: Stage) -> AsyncIterator[Step]:
    """Play an incident of four people from its declaration to its postmortem; yields after each step."""
    async for step in _played(stage, *UNDER_WAY, _reported, _fixed, _handed_over, _resolved, _learnt):
        yield step


async def revenue_under_way(stage: Stage) -> AsyncIterator[Step]:
    """Play the same incident to where four people are in the room and know what went wrong."""
    async for step in _played(stage, *UNDER_WAY):
        yield step


async def _played(stage: Stage, *acts: Act) -> AsyncIterator[Step]:
    await _wondered(stage)
    yield Step(who="linus", what="and the others wonder in #general about the figures", room="general")
    room = await _declared(stage)
    yield Step(
        who="ada",
        what=f"types `/incident declare {TITLE}`, says SEV2 and what is affected, and sends it",
        room=room.name,
    )
    for act in acts:
        async for step in act(stage, room):
            yield replace(step, room=room.name)


async def _wondered(stage: Stage) -> None:
    for who, words in MORNING:
        await stage.person(who).say("general", words)
    await stage.settle()


async def _declared(stage: Stage) -> Room:
    ada = stage.person("ada")
    before = {channel.id for channel in ada.channels()}
    await ada.command("/incident", f"declare {TITLE}", channel="general")
    room = Room(stage=stage, name="")
    await room.fill(
        "ada",
        {
            "severity": "SEV2",
            "summary": "Revenue of yesterday is exactly twice what the orders say.",
            "affected": "Finance dashboard, morning mail to the board",
        },
    )
    new = [channel for channel in ada.channels() if channel.id not in before]
    if len(new) != 1:
        msg = f"ada declared, and has {len(new)} new channels instead of one"
        raise NotShown(msg)
    room.name, room.label = new[0].name, "-".join(new[0].name.upper().split("-")[:2])
    shows(ada.reads(room.name), "SEV2", "Messages in this channel are recorded", where="the room")
    shows(ada.reads("incidents"), TITLE, room.label, where="#incidents")
    return room


async def _mobilized(stage: Stage, room: Room) -> AsyncIterator[Step]:
    grace = stage.person("grace")
    await grace.join(room.name)
    await room.click("grace", room.card("grace"), "take:commander")
    shows(room.card_text("ada"), "Commander", "@grace", where="the card")
    shows("\n".join(map(grace.slack.screen.message, grace.dms())), "decide", where="grace's direct messages")
    yield Step(who="grace", what="comes from #incidents and presses *Take it*: she is commander")

    await room.click("grace", room.card("grace"), "more:roles", selected="Add an SME …")
    await room.fill("grace", {"person": "linus", "workstream": "Orders pipeline"})
    shows(room.card_text("ada"), "@linus (Orders pipeline)", where="the card")
    yield Step(who="grace", what="chooses *Add an SME …* and names linus, for the orders pipeline")

    reply = await room.type("ada", "liaison @barbara")
    hides(reply, "nobody", where="the answer")
    shows(room.card_text("ada"), "@barbara", where="the card")
    yield Step(who="ada", what="types `/incident liaison @barbara`")


async def _diagnosed(stage: Stage, room: Room) -> AsyncIterator[Step]:
    ada, grace = stage.person("ada"), stage.person("grace")
    linus, barbara = stage.person("linus"), stage.person("barbara")
    found = await linus.say(
        room.name, "The load of 02:00 ran twice: the retry does not remove its rows first"
    )
    await ada.say(room.name, "Since the upgrade on Friday?", thread=found.ts)
    typo = await linus.say(room.name, "I am pausing the nightly laod")
    await linus.edit(typo, "I am pausing the nightly load")
    slip = await barbara.say(room.name, DELETED)
    await barbara.delete(slip)
    await stage.settle()
    yield Step(
        who="linus", what="says what he sees; ada asks in a thread; a typo is mended, a slip taken back"
    )

    await grace.react(found, "pushpin")
    await stage.settle()
    yield Step(who="grace", what="marks what linus found with :pushpin:")

    await ada.say(
        room.name, "@warroom note Vendor confirms: retries append since version 4.2", thread=found.ts
    )
    await stage.settle()
    shows(room.reads("grace"), "Vendor confirms", where="the room")
    yield Step(who="ada", what="adds a note from the thread: `@warroom note Vendor confirms ...`")


async def _reported(stage: Stage, room: Room) -> AsyncIterator[Step]:
    await stage.forward(timedelta(minutes=61))
    shows(room.reads("grace"), "CAN update", "due", where="the room")
    yield Step(who=None, what="An hour passes without a CAN update, and the bot asks for one")

    await room.click("grace", room.latest("grace", "CAN update of"), "Post CAN update")
    await room.fill(
        "grace",
        {
            "condition": "duplicated",
            "conditions": "Orders of yesterday are loaded twice; all revenue figures are doubled.",
            "blast_radius": "Finance dashboard, board mail; no customer sees it.",
            "actions": "linus removes the second load; barbara has stopped the board mail.",
            "needs": "Write access to the warehouse\nA decision: do we restate the mail of this morning?",
        },
    )
    shows(room.card_text("ada"), "Write access to the warehouse", where="the card")
    yield Step(who="grace", what="posts the CAN update, with two Needs")


async def _fixed(stage: Stage, room: Room) -> AsyncIterator[Step]:
    await room.click("grace", room.card("grace"), "Fixing")
    shows(room.card_text("ada"), "Fixing", where="the card")
    yield Step(who="grace", what="presses *Fixing*")

    await stage.forward(timedelta(minutes=20))
    await room.type("linus", "status backfilling the second load is gone, reloading the marts")
    shows(room.card_text("ada"), "Backfilling", where="the card")
    yield Step(who="linus", what="types `/incident status backfilling ...`: fixed code is not yet fixed data")


async def _handed_over(stage: Stage, room: Room) -> AsyncIterator[Step]:
    await stage.forward(timedelta(minutes=15))
    await room.type("grace", "ic @ada")
    question = room.latest("ada", "Shall command")
    yield Step(who="grace", what="has to leave and types `/incident ic @ada`")

    await room.click("ada", question, "Agree")
    shows(room.card_text("linus"), "*Commander* decides · @ada", where="the card")
    yield Step(who="ada", what="agrees: both sides said yes, the command changes hands")


async def _resolved(stage: Stage, room: Room) -> AsyncIterator[Step]:
    await room.type("ada", "update")
    view = await stage.person("ada").wait_for_modal()
    shows(stage.person("ada").slack.screen.view(view), "Write access to the warehouse", where="the modal")
    await room.fill(
        "ada",
        {
            "conditions": "All figures of yesterday are right again.",
            "actions": "linus watches tonight's load.",
            "met": ["Write access to the warehouse"],
        },
    )
    hides(room.card_text("ada"), "Write access to the warehouse", where="the card")
    shows(room.card_text("ada"), "do we restate", where="the card")
    yield Step(
        who="ada", what="posts the next update: the modal holds the last one; one Need is met, one stays open"
    )

    await room.click("ada", room.card("ada"), "Resolve …")
    await room.fill("ada", {"reason": "Figures verified against the ledger"})
    shows(room.card_text("grace"), "Resolved", "Postmortem", where="the card")
    shows(room.reads("grace"), "Who writes it?", where="the room")
    shows(stage.person("grace").reads("incidents"), "resolved", where="#incidents")
    yield Step(who="ada", what="resolves it, and the bot asks at once who writes the postmortem")


async def _learnt(stage: Stage, room: Room) -> AsyncIterator[Step]:
    await room.click("linus", room.latest("linus", "Who writes it?"), "I own it")
    shows(room.card_text("ada"), "owner @linus", where="the card")
    yield Step(who="linus", what="presses *I own it*")

    for hours, what in ((24, "24 hours before it is due"), (20, "4 hours before"), (4, "The hour has come")):
        before = room.latest("linus", f"postmortem of {room.label}")
        await stage.forward(timedelta(hours=hours, minutes=1 if hours == 24 else 0))  # noqa: PLR2004 - a little past
        if room.latest("linus", f"postmortem of {room.label}").ts == before.ts:
            msg = f"no reminder came ({what}):\n{room.reads('linus')}"
            raise NotShown(msg)
        yield Step(who=None, what=f"{what}: the bot reminds the owner")

    await room.click("linus", room.latest("linus", f"postmortem of {room.label}"), "Done …")
    await room.fill("linus", {"link": "https://wiki.example.com/postmortems/inc-1"})
    shows(room.card_text("ada"), "done", where="the card")
    yield Step(who="linus", what="presses *Done* and gives the link")

    caught_up = await room.type("barbara", "timeline")
    shows(caught_up, "The load of 02:00 ran twice", "I am pausing the nightly load", where="the timeline")
    hides(caught_up, DELETED, "laod", where="the timeline")
    yield Step(who="barbara", what="types `/incident timeline` and reads what she missed")

    await room.type("ada", "close")
    shows(room.card_text("ada"), "Closed", where="the card")
    yield Step(who="ada", what="types `/incident close`")


UNDER_WAY: tuple[Act, ...] = (_mobilized, _diagnosed)
