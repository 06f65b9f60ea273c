"""Incidents as lists: all of them, and the open ones to choose from."""

from collections.abc import Sequence

from bot.domain.incident.status import OPEN
from bot.domain.shared.vocabulary import label
from bot.slack.blocks import (
    MESSAGE_MAX,
    Block,
    Message,
    actions,
    button,
    channel,
    clip,
    context,
    date,
    escape,
    fitting,
    listed,
    literal,
    person,
    section,
    sentence,
)
from bot.slack.ids import COMMAND, Action, named
from bot.slack.views import words
from bot.slack.views.payload import InteractionPayload
from bot.usecases.ports import IncidentLine

GROUP_MAX = 2600
"""A section holds 3,000 characters; its heading needs the rest."""
PICKS = 10
"""How many incidents are offered as buttons: more are quicker found by typing."""
PICKS_MAX = MESSAGE_MAX - 3000
"""What all buttons may take, each with the command it carries; what stands around them needs the rest."""


def row(line: IncidentLine) -> str:
    """Return an incident as one line of mrkdwn, its marks first."""
    marks = "".join(f"`{mark}` " for mark in words.marks(private=line.private, drill=line.drill))
    where = f" · {channel(line.channel)}" if line.channel else ""
    lead = f" · {person(line.commander)}" if line.commander else ""
    day = date(line.declared_at, "{date_short_pretty}")
    return (
        f"{words.SIGNS[line.status]} {marks}*{label(line.id)}* {escape(line.severity)} · "
        f"{clip(literal(line.title), 120)} · {line.status}{where}{lead} · {day}"
    )


def incidents(lines: Sequence[IncidentLine], *, title: str = "Incidents") -> Message:
    """Return incidents grouped: what is open, what is to be learnt from, what is over."""
    now = [line for line in lines if line.status in OPEN]
    owed = [line for line in lines if line.status not in OPEN and line.postmortem_due]
    over = [line for line in lines if line.status not in OPEN and not line.postmortem_due]
    name = clip(escape(title), 150)
    blocks: list[Block] = []
    for heading, group in (("Open", now), ("Postmortem owed", owed), ("Over", over)):
        if group:
            rows = listed(list(map(row, group)), GROUP_MAX, each=420)
            blocks.append(section(f"*{heading}* ({len(group)})\n{rows}"))
    if not blocks:
        text = f"{name}: none. Declare one with `{COMMAND} declare what is wrong`."
        return Message(text=text, blocks=[section(text)])
    return Message(text=f"{name}: {len(now)} open, {len(lines)} in all", blocks=blocks)


def open_incidents(lines: Sequence[IncidentLine], why: str, *, command: str = "") -> Message:
    """Return why a war room's command did nothing here, and the open incidents to do it in.

    Each button carries ``command``, so that one press does what was typed; of a long command there is
    room for fewer buttons.
    """
    text = sentence(why, 2000)
    if not lines:
        return Message(
            text=text,
            blocks=[section(text), context(f"No incident is open. `{COMMAND} declare` opens one.")],
        )
    offered = (
        button(
            words.heading(line.title, label(line.id), private=line.private, drill=line.drill),
            named(Action.PICK, line.id),
            InteractionPayload(incident=line.id, command=command or None).pack(),
        )
        for line in lines[:PICKS]
    )
    picks = fitting(offered, PICKS_MAX)
    left = len(lines) - len(picks)
    hint = f" + {left} more: `{COMMAND} list`." if left else ""
    return Message(
        text=text,
        blocks=[
            section(text),
            actions("pick", picks),
            context(f"Or type it in the incident's war room.{hint}"),
        ],
    )
