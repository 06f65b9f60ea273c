"""What the composer offers while somebody types: the names of commands, people and channels."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.sandbox.people import Person
from bot.sandbox.state import Kind

AT_MOST = 10
_COMMAND = re.compile(r"/\S*\Z")
_PERSON = re.compile(r"(?:^|[\s(])(@[\w.-]*)\Z")
_CHANNEL = re.compile(r"(?:^|[\s(])(#[a-z0-9_-]*)\Z")


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


def completion(person: Person, text: str) -> Offers:
    """Return what fits the text up to the cursor; nothing fits most of the time."""
    if _COMMAND.match(text):
        return Offers(start=0, offers=_fitting(_commands(person), text))
    if found := _PERSON.search(text):
        return Offers(start=found.start(1), offers=_fitting(_people(person), found[1]))
    if found := _CHANNEL.search(text):
        return Offers(start=found.start(1), offers=_fitting(_channels(person), found[1]))
    return Offers(start=len(text), offers=())


def _fitting(offers: Iterator[Offer], typed: str) -> Sequence[Offer]:
    """Return the offers that begin as typed, then the people whose full names hold it."""
    wanted, all_ = typed.casefold(), list(offers)
    first = [each for each in all_ if each.shown.casefold().startswith(wanted)]
    named = typed.startswith("@") and [each for each in all_ if wanted[1:] in each.about.casefold()]
    return list(dict.fromkeys([*first, *(named or ())]))[:AT_MOST]


def _commands(person: Person) -> Iterator[Offer]:
    for each in person.slack.manifest.commands.values():
        about = f"{each.description} {each.usage_hint}"
        yield Offer(insert=f"{each.command} ", shown=each.command, about=about)


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
