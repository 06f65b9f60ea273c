"""Declaring: the modal from a command, a button or a shortcut, and its submission."""

from bot.domain.texts import TITLE_MAX
from bot.slack.grammar import spoken
from bot.slack.ids import Action
from bot.slack.listeners.asked import NOTHING, Answer, Asked, Opening
from bot.slack.views import declare as view
from bot.slack.views.carried import Carried
from bot.usecases import declare as usecase
from bot.usecases.acting import require

OPEN_SHOWN = 5
"""How many open incidents stand above the form: enough to recognise one's own, few enough to be read."""


async def opened(asked: Asked, *, summary: str = "", carried: Carried | None = None) -> Answer:
    """Open the modal, with what is already open above it; refuses who may not declare.

    A button in its place carries the message it starts from, or the title that was typed.
    """
    who_may = asked.ports.policy.who_may
    require(asked.actor, who_may.declare, who_may, to="declare incidents")
    lines = await asked.ports.reads.open_incidents(seen_by=asked.actor)
    title = (spoken(asked.rest) or asked.carried.command or "")[:TITLE_MAX]
    if carried is None:
        carried = Carried(channel=asked.channel, message=asked.carried.message, command=title or None)
    return Answer(
        modal=Opening(
            view=view.declare(
                asked.ports.policy.scale,
                carried=carried,
                open_incidents=lines[:OPEN_SHOWN],
                title=title,
                summary=summary,
            ),
            action=Action.DECLARE,
            carried=carried,
        )
    )


async def submitted(asked: Asked) -> Answer:
    """Declare what was entered."""
    said = view.submission(asked.values, asked.ports.policy.scale, asked.carried)
    command = usecase.Declare(actor=asked.actor, said=said, request=asked.request)
    await usecase.declare(command, asked.ports)
    # The war room is there in under a second and invites the declarer: nothing more needs saying.
    return NOTHING
