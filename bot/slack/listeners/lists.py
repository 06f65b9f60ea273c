"""What is shown to one person: the tray, the lists, the help, the incidents to choose from."""

from bot.domain.status import ENDED
from bot.slack.grammar import help_rows
from bot.slack.listeners.asked import Answer, Asked
from bot.slack.views import help as help_view
from bot.slack.views import lists, tray

AFTERWARDS = frozenset({"close", "reopen", "postmortem"})
"""What people do once an incident has ended."""


async def bare(asked: Asked) -> Answer:
    """Show the tray that fits the place: an incident's actions in its war room, elsewhere the ways in."""
    if asked.incident is not None:
        return Answer(message=tray.in_room(await asked.card()))
    return Answer(message=tray.elsewhere(await asked.ports.reads.open_incidents(seen_by=asked.actor)))


async def listed(asked: Asked) -> Answer:
    """Show the incidents, the open ones first."""
    return Answer(message=lists.incidents(await asked.ports.reads.incidents(seen_by=asked.actor)))


async def mine(asked: Asked) -> Answer:
    """Show what the person is part of, and which postmortems they owe."""
    user = asked.actor.user
    if user is None:
        return await listed(asked)
    part = await asked.ports.reads.of_person(user)
    owed = await asked.ports.reads.postmortems_owed(seen_by=asked.actor, owner=user)
    known = {line.id for line in part}
    lines = [*part, *(line for line in owed if line.id not in known)]
    return Answer(message=lists.incidents(lines, title="Your incidents"))


async def helped(asked: Asked) -> Answer:
    """Show the commands."""
    del asked
    return explained("")


def explained(why: str) -> Answer:
    """Show the commands below a sentence about why they are shown."""
    return Answer(message=help_view.page(help_rows(), why=why))


async def choose(asked: Asked, why: str, *, command: str, name: str) -> Answer:
    """Show the incidents to do in what was typed elsewhere: the open ones, or those that have ended."""
    reads = asked.ports.reads
    lines = await reads.open_incidents(seen_by=asked.actor)
    if name in AFTERWARDS:
        ended = await reads.incidents(seen_by=asked.actor)
        lines = [line for line in ended if line.status in ENDED] or lines
    return Answer(message=lists.open_incidents(lines, why, command=command))
