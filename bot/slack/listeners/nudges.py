"""Keeping the bot quiet about one thing, and trying again what failed."""

from bot.domain.errors import Refused
from bot.domain.vocabulary import Role
from bot.slack.grammar import length_in
from bot.slack.ids import Nudge
from bot.slack.listeners.asked import NOTHING, Answer, Asked, tell
from bot.slack.views.roles import held_by
from bot.usecases import nudges, upkeep

OTHER_WORDS = {"update": Nudge.REPORT, "can": Nudge.REPORT, "ic": Nudge.COMMANDER, "pm": Nudge.POSTMORTEM}


async def typed(asked: Asked) -> Answer:
    """Snooze what was typed, for as long as was typed; without a word, what would come next."""
    length, word = length_in(asked.rest)
    nudge = await _find(asked, word.casefold())
    command = nudges.Snooze(
        actor=asked.actor, incident=asked.about, request=asked.request, nudge=nudge, length=length
    )
    await nudges.snooze(command, asked.ports)
    return NOTHING


async def _find(asked: Asked, word: str) -> Nudge:
    if word in set(Nudge):
        return Nudge(word)
    if word in OTHER_WORDS:
        return OTHER_WORDS[word]
    if word:
        msg = f"There is no reminder “{word[:40]}”. Choose one of {', '.join(Nudge)}."
        raise Refused(msg)
    card = await asked.card()
    if card.postmortem and not card.postmortem.done:
        return Nudge.POSTMORTEM
    return Nudge.REPORT if held_by(card, Role.COMMANDER) else Nudge.COMMANDER


async def pressed(asked: Asked) -> Answer:
    """Snooze what a button stands for, as long as the settings say."""
    if asked.carried.nudge not in set(Nudge):
        msg = "This button is out of date. Type `/incident snooze` instead."
        raise Refused(msg)
    command = nudges.Snooze(
        actor=asked.actor, incident=asked.about, request=asked.request, nudge=asked.carried.nudge or ""
    )
    await nudges.snooze(command, asked.ports)
    return NOTHING


async def retried(asked: Asked) -> Answer:
    """Put a dead job back among the due ones."""
    job = asked.carried.job
    if job is None:
        msg = "This button is out of date. An operator can try again with `warroom jobs retry`."
        raise Refused(msg)
    revived = await upkeep.retry(job, asked.ports, actor=asked.actor, incident=asked.carried.incident)
    return tell("Trying again." if revived else "It was already tried again.")
