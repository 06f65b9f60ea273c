"""The App Home: what is open, what is yours, what you owe, and for admins what died."""

from collections.abc import Sequence

from bot.domain.shared.vocabulary import label
from bot.slack.blocks import (
    Block,
    actions,
    button,
    channel,
    clip,
    context,
    date,
    divider,
    escape,
    header,
    literal,
    person,
    section,
)
from bot.slack.ids import COMMAND, Action, named
from bot.slack.views import words
from bot.slack.views.payload import InteractionPayload
from bot.usecases.messages import DeadJob, Home, HomeLine

SHOWN = 15
"""How many of each are listed: with two blocks a line, four lists stay under a view's hundred."""


def home_view(now: Home) -> Block:
    """Return the whole view."""
    blocks = [
        header("Incidents"),
        actions(
            "home:ways",
            [
                button("Declare an incident", Action.DECLARE, InteractionPayload().pack(), style="danger"),
                button("Help", Action.HELP, InteractionPayload().pack()),
            ],
        ),
        *_group("Open now", now.open, empty="Nothing is open."),
        *_group("Yours", now.mine, empty="You have no role in an open incident."),
        *_owed(now.owed),
        *_dead(now.dead),
        context(f"As of {date(now.at)}. Anywhere in Slack: `{COMMAND}`"),
    ]
    return {"type": "home", "blocks": blocks}


def _group(title: str, lines: Sequence[HomeLine], *, empty: str) -> list[Block]:
    blocks = [divider(), section(f"*{title}*" if lines else f"*{title}*\n{empty}")]
    blocks += [section(_row(line)) for line in lines[:SHOWN]]
    return [*blocks, *_left(lines)]


def _left(lines: Sequence[object]) -> list[Block]:
    more = len(lines) - SHOWN
    return [context(f"+ {more} more: `{COMMAND} list`")] if more > 0 else []


def _row(line: HomeLine) -> str:
    marks = "".join(f"`{mark}` " for mark in words.marks(private=line.private, drill=line.drill))
    where = f" · {channel(line.channel)}" if line.channel else ""
    lead = f"commander {person(line.commander)}" if line.commander else "no commander yet"
    return (
        f"{words.SIGNS[line.status]} {marks}*{label(line.incident)}* {escape(line.severity)} · "
        f"{clip(literal(line.title), 300)}{where}\n{line.status} · {lead} · declared {date(line.declared_at)}"
    )


def _owed(lines: Sequence[HomeLine]) -> list[Block]:
    blocks = [
        divider(),
        section("*Postmortems you owe*" if lines else "*Postmortems you owe*\nNone. Nothing to write."),
    ]
    for line in lines[:SHOWN]:
        due = f"\nDue {date(line.postmortem_due)}" if line.postmortem_due else ""
        payload = InteractionPayload(incident=line.incident).pack()
        done = button("Done …", named(Action.POSTMORTEM_DONE, line.incident), payload)
        blocks.append(section(f"{words.named(line.incident, line.title)}{due}", accessory=done))
    return [*blocks, *_left(lines)]


def _dead(jobs: Sequence[DeadJob]) -> list[Block]:
    if not jobs:
        return []
    blocks = [divider(), section("*Gave up* (admins see this)")]
    for job in jobs[:SHOWN]:
        about = f"{label(job.incident)}: " if job.incident is not None else ""
        payload = InteractionPayload(incident=job.incident, job=job.id).pack()
        text = f"{about}{clip(escape(words.work(job.kind)), 80)}\n{clip(escape(job.why), 400)}"
        buttons = [
            button("Retry", named(Action.RETRY, job.id), payload),
            button("Dismiss …", named(Action.DISMISS, job.id), payload),
        ]
        blocks += [section(text), actions(f"dead:{job.id}", buttons)]
    return [*blocks, *_left(jobs)]
