"""All that can be typed, pressed and sent: the sum of what each listener's module registers, and its help."""

from collections.abc import Mapping

from bot.slack.grammar import Grammar, Unknown
from bot.slack.ids import Action, Form
from bot.slack.interactions import lists
from bot.slack.interactions.incident import (
    declare,
    details,
    nudges,
    postmortem,
    report,
    roles,
    severity,
    status,
    timeline,
)
from bot.slack.interactions.interaction import Answer, Interaction, Listener
from bot.slack.interactions.registration import Command, Registration
from bot.slack.views import help as view


async def helped(interaction: Interaction) -> Answer:
    """Show the commands."""
    del interaction
    return Answer(message=view.page(GRAMMAR.help_rows()))


def explained(unknown: Unknown) -> Answer:
    """Say that a word is not known, and offer what may have been meant, and the help."""
    return Answer(message=view.mistyped(unknown.why, instead=unknown.instead))


REGISTERED: tuple[Registration, ...] = (
    declare.REGISTERED,
    lists.REGISTERED,
    status.REGISTERED,
    severity.REGISTERED,
    details.REGISTERED,
    roles.REGISTERED,
    report.REGISTERED,
    timeline.REGISTERED,
    postmortem.REGISTERED,
    nudges.REGISTERED,
    Registration(
        commands=(
            Command(
                name="help", also=("h", "?", "commands"), says="Show this", in_room=False, listener=helped
            ),
        ),
        buttons={Action.HELP: helped},
    ),
)
"""In the order in which the help shows them."""

COMMANDS: tuple[Command, ...] = tuple(command for each in REGISTERED for command in each.commands)
BUTTONS: Mapping[Action, Listener] = {name: do for each in REGISTERED for name, do in each.buttons.items()}
FORMS: Mapping[Form, Listener] = {name: do for each in REGISTERED for name, do in each.forms.items()}
GRAMMAR: Grammar[Command] = Grammar(COMMANDS)
