"""The CAN update: its modal, filled in from the last one, and its submission."""

from bot.slack.ids import Action
from bot.slack.listeners.asked import NOTHING, Answer, Asked, Opening
from bot.slack.views import report as view
from bot.slack.views.carried import Carried
from bot.usecases import report as usecase


async def opened(asked: Asked) -> Answer:
    """Open the modal."""
    shown = view.report(await asked.card(), answer_in=asked.channel)
    carried = Carried(incident=asked.incident)
    return Answer(modal=Opening(view=shown, action=Action.REPORT, carried=carried))


async def submitted(asked: Asked) -> Answer:
    """Post what was entered, and move the status where another one was chosen."""
    said = view.submission(asked.values, asked.carried)
    command = usecase.PostReport(
        actor=asked.actor,
        incident=asked.about,
        request=asked.request,
        draft=said.draft,
        status=said.status,
        seen=said.seen,
    )
    await usecase.post(command, asked.ports)
    return NOTHING
