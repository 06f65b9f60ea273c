"""Changing how bad an incident is rated, by word and by modal."""

from bot.domain.vocabulary import label
from bot.slack.grammar import spoken
from bot.slack.ids import Action
from bot.slack.listeners.asked import NOTHING, Answer, Asked, Opening, done
from bot.slack.views import severity as view
from bot.slack.views.carried import Carried
from bot.usecases import severity as usecase


async def typed(asked: Asked) -> Answer:
    """Rate it as was typed (``2``, ``sev2 wrong numbers went out``); without a word, choose."""
    if not asked.rest:
        return await choose(asked)
    words = asked.rest.split()
    # "sev 2" after the command "severity" is what tired people type.
    if words[0].casefold() in {"sev", "severity"} and len(words) > 1:
        words = words[1:]
    command = usecase.Rate(
        actor=asked.actor,
        incident=asked.about,
        request=asked.request,
        severity=asked.ports.policy.scale.find(words[0]),
        reason=spoken(" ".join(words[1:])) or None,
    )
    incident = await usecase.rate(command, asked.ports)
    return done(f"{label(incident.id)} is {incident.state.severity} now.")


async def choose(asked: Asked) -> Answer:
    """Open the modal with the test of each level."""
    shown = view.severity(await asked.card(), asked.ports.policy.scale, answer_in=asked.channel)
    carried = Carried(incident=asked.incident)
    return Answer(modal=Opening(view=shown, action=Action.SEVERITY, carried=carried))


async def submitted(asked: Asked) -> Answer:
    """Rate it as was chosen."""
    said = view.submission(asked.values, asked.ports.policy.scale)
    command = usecase.Rate(
        actor=asked.actor,
        incident=asked.about,
        request=asked.request,
        severity=said.severity,
        reason=said.reason,
    )
    await usecase.rate(command, asked.ports)
    return NOTHING
