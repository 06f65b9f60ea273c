"""The postmortem: owned, done with a link, asked for."""

from bot.domain.errors import Refused
from bot.domain.vocabulary import UserId
from bot.slack.grammar import named_or_me
from bot.slack.ids import Action
from bot.slack.listeners.asked import NOTHING, Answer, Asked, Opening
from bot.slack.views import postmortem as view
from bot.slack.views.carried import Carried
from bot.usecases import postmortem as usecase


async def typed(asked: Asked) -> Answer:
    """Do what was typed: ``own [@someone]``, ``done <link>`` or ``start``."""
    word, _, rest = asked.rest.partition(" ")
    match word.casefold():
        case "own" | "mine" | "i":
            person, _ = named_or_me(rest)
            return await _own(asked, person)
        case "done" | "link" | "written":
            return await _finish(asked, rest) if rest else await finishing(asked)
        case "start" | "owe" | "ask":
            return await ask_for(asked)
        case _:
            msg = "Type `/incident postmortem own`, `postmortem done <link>` or `postmortem start`."
            raise Refused(msg)


async def own(asked: Asked) -> Answer:
    """Make the person who pressed its owner."""
    return await _own(asked, None)


async def _own(asked: Asked, person: UserId | None) -> Answer:
    owner = person or asked.actor.user
    if owner is None:
        msg = "Say who owns it."
        raise Refused(msg)
    command = usecase.OwnPostmortem(
        actor=asked.actor, incident=asked.about, request=asked.request, person=owner
    )
    await usecase.own(command, asked.ports)
    return NOTHING


async def ask_for(asked: Asked) -> Answer:
    """Make a postmortem due."""
    command = usecase.AskForPostmortem(actor=asked.actor, incident=asked.about, request=asked.request)
    await usecase.ask_for(command, asked.ports)
    return NOTHING


async def finishing(asked: Asked) -> Answer:
    """Open the modal that asks for the link."""
    shown = view.postmortem_done(await asked.card(), answer_in=asked.channel)
    carried = Carried(incident=asked.incident)
    return Answer(modal=Opening(view=shown, action=Action.POSTMORTEM_DONE, carried=carried))


async def submitted(asked: Asked) -> Answer:
    """Finish it with the link that was entered."""
    return await _finish(asked, view.submission(asked.values))


async def _finish(asked: Asked, link: str) -> Answer:
    command = usecase.FinishPostmortem(
        actor=asked.actor, incident=asked.about, request=asked.request, link=link
    )
    await usecase.finish(command, asked.ports)
    return NOTHING
