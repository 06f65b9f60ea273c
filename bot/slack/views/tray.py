"""What a bare ``/incident`` shows: in a war room its actions, elsewhere the ways in."""

from collections.abc import Sequence

from bot.domain.incident.status import OPEN
from bot.domain.shared.vocabulary import Role, Status, label
from bot.slack.blocks import Block, Message, actions, button, context, escape, listed, section
from bot.slack.ids import COMMAND, Action, named
from bot.slack.views import lists, words
from bot.slack.views.incident.postmortem import buttons as postmortem_buttons
from bot.slack.views.incident.roles import ALONE, held_by
from bot.slack.views.incident.status import LIKELY, green, next_moves
from bot.slack.views.payload import InteractionPayload
from bot.usecases.messages import CardFacts
from bot.usecases.ports import IncidentLine


def in_room(card: CardFacts) -> Message:
    """Return the actions of a war room's incident, with what to type for each."""
    here = InteractionPayload(incident=card.incident, seen=card.status).pack()
    head = f"{words.SIGNS[card.status]} {words.named(card.incident, card.title)}"
    level = escape(card.severity.key)
    into = f" into {words.elsewhere(card.merged_into, card.merged_room)}" if card.merged_into else ""
    blocks = [section(f"{head}\n{level} · {card.status}{into}")]
    if moves := next_moves(card):
        more = [button("Another status …", Action.STATUS, here)] if card.status in OPEN else []
        blocks.append(actions("tray:status", [*moves, *more]))
    said = [button("Add a note …", Action.NOTE, here), button("Edit details …", Action.EDIT, here)]
    typed = (
        f"Typed: `{COMMAND} note …`, `reopen why`, `close`, `postmortem done https://…`, `edit`, `timeline`, "
        "`help`"
    )
    if card.status in OPEN:
        said.insert(0, button("Post CAN update", Action.REPORT, here, style=green(card, Action.REPORT)))
        blocks.append(actions("tray:roles", _roles(card)))
        typed = (
            f"Typed: `{COMMAND} update`, `status fixing`, `sev 2`, `ic me`, `ic @someone`, `sme @someone`, "
            "`note …`, `edit`, `resolve`, `merge INC-2`, `timeline`, `help`"
        )
    blocks += [actions("tray:say", said), actions("tray:look", _looking(card, here))]
    if owed := postmortem_buttons(card):
        blocks.append(actions("tray:postmortem", owed))
    blocks.append(context(typed))
    return Message(text=f"{label(card.incident)}: what do you want to do?", blocks=blocks)


def _looking(card: CardFacts, here: str) -> list[Block]:
    """Return what is needed less often: to rate, to catch up, to put right, to call off."""
    row = [
        button("Severity …", Action.SEVERITY, here),
        button("Timeline", Action.TIMELINE, here),
        button("Correct a time …", Action.CORRECT, here),
    ]
    if card.needs:
        row.append(button("Needs …", Action.NEEDS, here))
    if card.status in OPEN and Status.CANCELLED not in LIKELY[card.status]:
        row.append(button("Cancel incident …", Action.CANCEL, here))
    return [*row, button("Help", Action.HELP, here)]


def _roles(card: CardFacts) -> list[Block]:
    """Return the buttons of all roles: what is free is taken, and any is given to somebody."""
    row: list[Block] = []
    for role in ALONE:
        holder = held_by(card, role)
        payload = InteractionPayload(incident=card.incident, role=role, seen=holder).pack()
        if not holder:
            style = green(card, Action.TAKE) if role is Role.COMMANDER else None
            row.append(button(f"Take {role}", named(Action.TAKE, role), payload, style=style))
        row.append(button(f"Assign {role} …", named(Action.ASSIGN, role), payload))
    sme = InteractionPayload(incident=card.incident, role=Role.SME).pack()
    add = button("Add an SME …", named(Action.ASSIGN, Role.SME), sme)
    return [*row, button("Join as SME", Action.JOIN, sme), add]


def elsewhere(lines: Sequence[IncidentLine]) -> Message:
    """Return the ways in: declare, the list, one's own; and what is open right now."""
    open_now = [lists.row(line) for line in lines if line.status in OPEN]
    text = f"{len(open_now)} open" if open_now else "No incident is open"
    blocks = [section(f"*{text}*\n{listed(open_now, 2500, each=420)}" if open_now else f"*{text}*")]
    blocks += [
        actions(
            "tray:ways",
            [
                button("Declare an incident", Action.DECLARE, InteractionPayload().pack(), style="danger"),
                button("List", Action.LIST, InteractionPayload().pack()),
                button("Mine", Action.MINE, InteractionPayload().pack()),
                button("Help", Action.HELP, InteractionPayload().pack()),
            ],
        ),
        context(f"Typed: `{COMMAND} declare what is wrong`, `list`, `mine`, `help`"),
    ]
    return Message(text=f"{text}. Declare, list, or see yours.", blocks=blocks)
