"""Keeping the bot quiet about one thing, and seeing to what failed: again, or not any more."""

from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import Role
from bot.slack.grammar import length_in
from bot.slack.ids import Action, Form
from bot.slack.interactions.interaction import NOTHING, Answer, Interaction, Opening, tell
from bot.slack.interactions.registration import Command, Registration
from bot.slack.views import failed
from bot.slack.views.incident.roles import held_by
from bot.slack.views.payload import InteractionPayload
from bot.usecases import upkeep
from bot.usecases.incident import nudges
from bot.usecases.messages import CommanderMissing, PostmortemNudge, ReportOverdue


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


async def _find(interaction: Interaction, word: str) -> str:
    """Return what was typed, which the use case judges; without a word, what would come next."""
    if "until" in word.split():
        msg = "Say for how long, such as `1h30m` or `2 hours`: a time of day is another one for each reader."
        raise Refused(msg)
    if word:
        return word
    card = await interaction.card()
    if card.postmortem and not card.postmortem.done:
        return PostmortemNudge.word
    return ReportOverdue.word if held_by(card, Role.COMMANDER) else CommanderMissing.word


async def pressed(interaction: Interaction) -> Answer:
    """Snooze what a button stands for, as long as the settings say."""
    if nudges.named(interaction.payload.nudge or "") is None:
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


async def dismissing(interaction: Interaction) -> Answer:
    """Open the modal that asks why a failure is put aside."""
    job = interaction.payload.job
    if job is None:
        msg = "This button is out of date. An operator can put it aside with `warroom jobs dismiss`."
        raise Refused(msg)
    payload = InteractionPayload(incident=interaction.payload.incident, job=job, channel=interaction.channel)
    return Answer(modal=Opening(view=failed.dismiss(payload), action=Action.DISMISS, payload=payload))


async def submitted_dismissal(interaction: Interaction) -> Answer:
    """Put a failure aside for the reason that was entered."""
    job = interaction.payload.job
    if job is None:
        msg = "This form is out of date. Close it and press the button again."
        raise Refused(msg, field="reason")
    why = failed.dismissed(interaction.values)
    done = await upkeep.dismiss(
        job, interaction.ports, actor=interaction.actor, incident=interaction.payload.incident, why=why
    )
    return tell("Put aside." if done else "It was already tried again, or put aside.")


REGISTERED = Registration(
    commands=(
        Command(
            name="snooze",
            also=("quiet", "mute"),
            usage="[commander | update | postmortem] [30m]",
            says="Keep a reminder quiet for a while",
            listener=typed,
        ),
    ),
    buttons={
        Action.SNOOZE: pressed,
        Action.RETRY: retried,
        Action.DISMISS: dismissing,
    },
    forms={Form.DISMISS: submitted_dismissal},
)
