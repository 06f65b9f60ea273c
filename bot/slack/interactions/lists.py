"""What is shown to one person: the tray, the lists, the help, the incidents to choose from."""

from bot.domain.incident.status import ENDED
from bot.slack.ids import Action
from bot.slack.interactions.interaction import Answer, Interaction
from bot.slack.interactions.registration import Command, Registration
from bot.slack.views import lists, tray

AFTERWARDS = frozenset({"close", "reopen", "postmortem"})
"""What people do once an incident has ended."""


async def bare(interaction: Interaction) -> Answer:
    """Show the tray that fits the place: an incident's actions in its war room, elsewhere the ways in."""
    if interaction.incident is not None:
        return Answer(message=tray.in_room(await interaction.card()))
    return Answer(
        message=tray.elsewhere(await interaction.ports.reads.open_incidents(seen_by=interaction.actor))
    )


async def listed(interaction: Interaction) -> Answer:
    """Show the incidents, the open ones first."""
    return Answer(message=lists.incidents(await interaction.ports.reads.incidents(seen_by=interaction.actor)))


async def mine(interaction: Interaction) -> Answer:
    """Show what the person is part of, and which postmortems they owe."""
    user = interaction.actor.user
    if user is None:
        return await listed(interaction)
    part = await interaction.ports.reads.of_person(user)
    owed = await interaction.ports.reads.postmortems_owed(seen_by=interaction.actor, owner=user)
    known = {line.id for line in part}
    lines = [*part, *(line for line in owed if line.id not in known)]
    return Answer(message=lists.incidents(lines, title="Your incidents"))


async def choose(interaction: Interaction, why: str, *, command: str, name: str) -> Answer:
    """Show the incidents to do in what was typed elsewhere: the open ones, or those that have ended."""
    reads = interaction.ports.reads
    lines = await reads.open_incidents(seen_by=interaction.actor)
    if name in AFTERWARDS:
        ended = await reads.incidents(seen_by=interaction.actor)
        lines = [line for line in ended if line.status in ENDED] or lines
    return Answer(message=lists.open_incidents(lines, why, command=command))


REGISTERED = Registration(
    commands=(
        Command(
            name="list",
            also=("ls", "incidents"),
            says="Show the open incidents",
            in_room=False,
            listener=listed,
        ),
        Command(
            name="mine",
            also=("me", "my"),
            says="Show the incidents you are part of",
            in_room=False,
            listener=mine,
        ),
    ),
    buttons={
        Action.LIST: listed,
        Action.TRAY: bare,
        Action.MINE: mine,
    },
)
