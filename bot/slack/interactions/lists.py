"""What is shown to one person: the tray, the lists, the help, the incidents to choose from."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.incident import status
from bot.domain.incident.status import ENDED
from bot.domain.shared.vocabulary import Status
from bot.slack.grammar import WORD_SHOWN, Unknown, nearest
from bot.slack.ids import COMMAND, Action
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
    """Show the incidents, the open ones first; or those that a word chooses."""
    word = interaction.rest.strip().casefold()
    if word in {"mine", "me", "my"}:
        return await mine(interaction)
    reads, scale = interaction.ports.reads, interaction.ports.policy.scale
    if word in {"", "all"}:
        return Answer(message=lists.incidents(await reads.incidents(seen_by=interaction.actor)))
    if word == "open":
        lines = await reads.open_incidents(seen_by=interaction.actor)
        return Answer(message=lists.incidents(lines, title="Open incidents"))
    if (to := _status(word)) is not None:
        lines = await reads.incidents(seen_by=interaction.actor, statuses=[to])
        return Answer(message=lists.incidents(lines, title=f"Incidents that are {to}"))
    level = next((level for level in scale if word in {level.key.casefold(), _digits(level.key)}), None)
    if level is None:
        raise _no_such_list(interaction.rest.strip(), [level.key for level in scale])
    lines = await reads.incidents(seen_by=interaction.actor, severity=level.key)
    return Answer(message=lists.incidents(lines, title=f"Incidents of {level.key}"))


def _status(word: str) -> Status | None:
    if word in set(Status):
        return Status(word)
    return status.SYNONYMS.get(word)


def _digits(key: str) -> str:
    """Return what tired people type of a severity: ``2`` of ``SEV2``."""
    return key.lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") or key.casefold()


def _no_such_list(typed: str, keys: Sequence[str]) -> Unknown:
    known = ["open", "all", "mine", *Status, *keys]
    near = nearest(typed, [word.casefold() for word in known])
    hint = f" Did you mean `{COMMAND} list {near}`?" if near else ""
    msg = f"There is no list “{typed[:WORD_SHOWN]}”.{hint} Choose one of {', '.join(known)}."
    return Unknown(msg, instead=f"list {near}" if near else None)


async def mine(interaction: Interaction) -> Answer:
    """Show what the person is part of, and which postmortems they owe."""
    user = interaction.actor.user
    if user is None:
        return await listed(replace(interaction, rest=""))
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
            usage="[open | all | mine | closed | SEV1 …]",
            says="Show the incidents, the open ones first; or those of a status or a severity",
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
