"""Keeping the bot quiet about one thing, and trying again what failed."""

from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import Role
from bot.slack.grammar import length_in
from bot.slack.ids import Action, Nudge
from bot.slack.interactions.interaction import NOTHING, Answer, Interaction, tell
from bot.slack.interactions.registration import Command, Registration
from bot.slack.views.incident.roles import held_by
from bot.usecases import upkeep
from bot.usecases.incident import nudges

OTHER_WORDS = {"update": Nudge.REPORT, "can": Nudge.REPORT, "ic": Nudge.COMMANDER, "pm": Nudge.POSTMORTEM}


async def typed(interaction: Interaction) -> Answer:
    """Snooze what was typed, for as long as was typed; without a word, what would come next."""
    length, word = length_in(interaction.rest)
    nudge = await _find(interaction, word.casefold())
    command = nudges.Snooze(
        actor=interaction.actor,
        incident=interaction.about,
        request=interaction.request,
        nudge=nudge,
        length=length,
    )
    await nudges.snooze(command, interaction.ports)
    return NOTHING


async def _find(interaction: Interaction, word: str) -> Nudge:
    if word in set(Nudge):
        return Nudge(word)
    if word in OTHER_WORDS:
        return OTHER_WORDS[word]
    if word:
        msg = f"There is no reminder “{word[:40]}”. Choose one of {', '.join(Nudge)}."
        raise Refused(msg)
    card = await interaction.card()
    if card.postmortem and not card.postmortem.done:
        return Nudge.POSTMORTEM
    return Nudge.REPORT if held_by(card, Role.COMMANDER) else Nudge.COMMANDER


async def pressed(interaction: Interaction) -> Answer:
    """Snooze what a button stands for, as long as the settings say."""
    if interaction.payload.nudge not in set(Nudge):
        msg = "This button is out of date. Type `/incident snooze` instead."
        raise Refused(msg)
    command = nudges.Snooze(
        actor=interaction.actor,
        incident=interaction.about,
        request=interaction.request,
        nudge=interaction.payload.nudge or "",
    )
    await nudges.snooze(command, interaction.ports)
    return NOTHING


async def retried(interaction: Interaction) -> Answer:
    """Put a dead job back among the due ones."""
    job = interaction.payload.job
    if job is None:
        msg = "This button is out of date. An operator can try again with `warroom jobs retry`."
        raise Refused(msg)
    revived = await upkeep.retry(
        job, interaction.ports, actor=interaction.actor, incident=interaction.payload.incident
    )
    return tell("Trying again." if revived else "It was already tried again.")


REGISTERED = Registration(
    commands=(
        Command(
            name="snooze",
            also=("quiet", "mute"),
            usage="[commander | report | postmortem] [30m]",
            says="Keep a reminder quiet for a while",
            listener=typed,
        ),
    ),
    buttons={
        Action.SNOOZE: pressed,
        Action.RETRY: retried,
    },
)
