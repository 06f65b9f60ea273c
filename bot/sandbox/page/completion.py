"""What the composer offers while somebody types: commands and their words, people, channels."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.sandbox.delivery import COMMAND
from bot.sandbox.people import Person
from bot.sandbox.state import Channel, Kind
from bot.sandbox.wire import Json, text_of, unescape

AT_MOST = 10
HELP = "help"
_COMMAND = re.compile(r"/\S*\Z")
_WORD = re.compile(r"(/\S+)\s+(\S*)\Z")
_PERSON = re.compile(r"(?:^|[\s(])@([\w.-]*)\Z")
_CHANNEL = re.compile(r"(?:^|[\s(])#([a-z0-9_-]*)\Z")
_SENTENCE = re.compile(r"`(?P<typed>/[^`]+)`(?P<says>[^`\n]*)")
_HINTED = re.compile(r"[a-z][a-z-]+")


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One thing to complete with: what is put in, what is shown, and a word about it."""

    insert: str
    shown: str
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class Offers:
    """What is offered, and where in the text it would go (the start of what it replaces)."""

    start: int
    offers: Sequence[Offer]


class Completion:
    """Completes what people type; asks the app for its help once for each command."""

    def __init__(self) -> None:
        """Start without knowing any command's words."""
        self._words: dict[str, Sequence[Offer]] = {}

    async def offers(self, person: Person, channel: Channel | None, text: str) -> Offers:
        """Return what fits the text up to the cursor; nothing fits most of the time."""
        if _COMMAND.match(text):
            return Offers(start=0, offers=_fitting(_commands(person), text))
        if (found := _WORD.match(text)) and found[1] in person.slack.manifest.commands and channel:
            known = await self._known(person, channel, found[1])
            return Offers(start=found.start(2), offers=_fitting(known, found[2]))
        if found := _PERSON.search(text):
            return Offers(start=found.start(1) - 1, offers=_fitting(_people(person), f"@{found[1]}"))
        if found := _CHANNEL.search(text):
            return Offers(start=found.start(1) - 1, offers=_fitting(_channels(person), f"#{found[1]}"))
        return Offers(start=len(text), offers=())

    async def _known(self, person: Person, channel: Channel, command: str) -> Sequence[Offer]:
        if command not in self._words:
            told = await _told(person, channel, command)
            if not told:
                return _hinted(person, command)
            self._words[command] = told
        return self._words[command]


def _fitting(offers: Iterator[Offer] | Sequence[Offer], typed: str) -> Sequence[Offer]:
    """Return the offers that begin as typed, then the people whose full names hold it."""
    wanted, all_ = typed.casefold(), list(offers)
    first = [each for each in all_ if each.shown.casefold().startswith(wanted)]
    named = typed.startswith("@") and [each for each in all_ if wanted[1:] in each.about.casefold()]
    return list(dict.fromkeys([*first, *(named or ())]))[:AT_MOST]


def _commands(person: Person) -> Iterator[Offer]:
    for each in person.slack.manifest.commands.values():
        yield Offer(
            insert=f"{each.command} ", shown=each.command, about=f"{each.description} {each.usage_hint}"
        )


def _people(person: Person) -> Iterator[Offer]:
    workspace = person.slack.workspace
    for each in [*workspace.people, workspace.bot]:
        yield Offer(insert=f"@{each.name} ", shown=f"@{each.name}", about=each.real_name)
    yield Offer(insert="@here ", shown="@here", about="Everybody who is active in this channel")
    yield Offer(insert="@channel ", shown="@channel", about="Everybody in this channel")


def _channels(person: Person) -> Iterator[Offer]:
    for each in person.slack.workspace.channels.visible_to(person.id):
        if each.kind in (Kind.PUBLIC, Kind.PRIVATE) and not each.archived:
            yield Offer(insert=f"#{each.name} ", shown=f"#{each.name}", about=str(each.topic["value"]))


def _hinted(person: Person, command: str) -> Sequence[Offer]:
    """Return the words of the manifest's usage hint."""
    hint = person.slack.manifest.commands[command].usage_hint
    return [Offer(insert=f"{word} ", shown=word) for word in _HINTED.findall(hint)]


async def _told(person: Person, channel: Channel, command: str) -> Sequence[Offer]:
    """Return the words of the app's own help, where it answers ``<command> help`` with its ack."""
    body = person.slack.payloads.command(person.user, channel, command, HELP)
    ack = await person.slack.courier.ask("command", COMMAND, body)
    text = "\n".join(_texts(ack.payload or {}))
    offers: dict[str, Offer] = {}
    for found in _SENTENCE.finditer(text):
        words = unescape(found["typed"]).removeprefix(command).split()
        if words and unescape(found["typed"]).startswith(command) and _HINTED.fullmatch(words[0]):
            about = " ".join([*words[1:], "·", found["says"].strip()]) if words[1:] else found["says"].strip()
            offers.setdefault(words[0], Offer(insert=f"{words[0]} ", shown=words[0], about=about))
    return list(offers.values())


def _texts(answer: Json) -> Iterator[str]:
    blocks = answer.get("blocks")
    for block in blocks if isinstance(blocks, list) else []:
        if isinstance(block, dict):
            yield text_of(block.get("text"))
