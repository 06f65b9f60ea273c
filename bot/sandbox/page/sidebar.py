"""The sidebar: who can be acted as, the channels, the direct messages, the app; each with what is unread."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.sandbox.page.rows import Face
from bot.sandbox.page.where import HOME, Scene
from bot.sandbox.state import Channel, Kind, Unread

NOTHING_UNREAD = Unread()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the sidebar; ``direct`` names with whom a conversation is opened, where there is none."""

    name: str
    url: str
    unread: Unread = NOTHING_UNREAD
    active: bool = False
    private: bool = False
    face: Face | None = None
    direct: str = ""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Somebody to act as, and the number of the key that does it."""

    face: Face
    name: str
    key: int
    url: str
    active: bool
    unread: Unread


@dataclass(frozen=True, kw_only=True)
class Sidebar:
    """All of it."""

    actors: Sequence[Actor]
    channels: Sequence[Entry]
    others: Sequence[Entry]
    """Public channels this person is not in."""
    directs: Sequence[Entry]
    home: Entry
    messages: Entry


def sidebar(scene: Scene) -> Sidebar:
    """Return the sidebar of a scene."""
    person = scene.person
    rooms = [each for each in scene.slack.workspace.channels.visible_to(person.id) if not each.archived]
    named = sorted(
        (each for each in rooms if each.kind in (Kind.PUBLIC, Kind.PRIVATE)), key=lambda each: each.name
    )
    bot = scene.slack.bot_user
    return Sidebar(
        actors=_actors(scene),
        channels=[_channel(scene, each) for each in named if person.id in each.members],
        others=[_channel(scene, each) for each in named if person.id not in each.members],
        directs=[_direct(scene, each.id) for each in scene.slack.workspace.people if each.id != person.id],
        home=Entry(
            name=scene.slack.manifest.name, url=f"/?as={person.name}&in={HOME}", active=scene.channel is None,
            face=Face.of(bot),
        ),
        messages=_direct(scene, bot.id),
    )  # fmt: skip


def _actors(scene: Scene) -> Sequence[Actor]:
    slack = scene.slack
    return [
        Actor(
            face=Face.of(user), name=user.name, key=number, active=user.id == scene.person.id,
            url=scene.url(**{"as": user.name, "thread": scene.thread}),
            unread=total(slack.workspace.unread(user.id, each) for each in slack.person(user.id).channels()),
        )
        for number, user in enumerate(slack.workspace.people, start=1)
    ]  # fmt: skip


def total(unread: Iterable[Unread]) -> Unread:
    """Return several channels' unread messages together."""
    all_ = list(unread)
    return Unread(count=sum(each.count for each in all_), mentions=sum(each.mentions for each in all_))


def _channel(scene: Scene, room: Channel) -> Entry:
    return Entry(
        name=room.name, url=f"/?as={scene.person.name}&in={room.id}", private=room.kind is Kind.PRIVATE,
        unread=scene.person.unread(room), active=scene.channel is room,
    )  # fmt: skip


def _direct(scene: Scene, other: str) -> Entry:
    workspace, me = scene.slack.workspace, scene.person
    user = workspace.users[other]
    pair = sorted([me.id, other])
    rooms = (each for each in workspace.channels.all.values() if each.kind is Kind.IM)
    room = next((each for each in rooms if sorted(each.members) == pair), None)
    if room is None:
        return Entry(name=user.real_name, url="", face=Face.of(user), direct=user.name)
    return Entry(
        name=user.real_name, url=f"/?as={me.name}&in={room.id}", unread=me.unread(room),
        active=scene.channel is room, face=Face.of(user),
    )  # fmt: skip


def title(scene: Scene) -> str:
    """Return what the scene's channel is called for this person."""
    room = scene.channel
    if room is None:
        return scene.slack.manifest.name
    if room.kind in (Kind.PUBLIC, Kind.PRIVATE):
        return room.name
    others = [each for each in room.members if each != scene.person.id]
    return (
        ", ".join(scene.slack.workspace.users[each].real_name for each in others)
        or scene.person.user.real_name
    )
