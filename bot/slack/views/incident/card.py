"""The card of an incident in its war room, and its announcement: each one message, edited in place."""

from bot.domain.incident.status import OPEN
from bot.domain.shared.vocabulary import Milestone, Role, Status, label
from bot.slack.blocks import (
    Block,
    Message,
    actions,
    button,
    clip,
    context,
    date,
    divider,
    escape,
    fields,
    header,
    link,
    overflow,
    person,
    section,
)
from bot.slack.ids import Action
from bot.slack.views import words
from bot.slack.views.incident import postmortem, report
from bot.slack.views.incident.roles import held_by, role_lines
from bot.slack.views.incident.status import next_moves
from bot.slack.views.payload import InteractionPayload
from bot.usecases.messages import Announcement, Card, CardFacts

RECORDED = "Messages in this channel are recorded for the timeline. :pushpin: marks a key moment."


def card(said: Card) -> Message:
    """Return the pinned card: what, how bad, where it stands, who does what, what to press."""
    now = said.facts
    working = now.status in OPEN
    blocks = [
        header(_heading(now)),
        context(_under(now)),
        fields(*_facts(now)),
        *_about(now),
        divider(),
        *role_lines(now, buttons=working),
        divider(),
        *_said_last(now),
        *_after(now),
        *_controls(now),
        context(RECORDED),
    ]
    return Message(text=_fallback(now), blocks=blocks)


def announcement(said: Announcement) -> Message:
    """Return what the incidents channel sees: short, and true at every status."""
    now = said.facts
    holder = held_by(now, Role.COMMANDER)
    lead = person(holder) if holder else "_nobody yet_"
    lines = [
        f"{words.SIGNS[now.status]} *{_headed(now)}*",
        f"{label(now.incident)} · {_standing(now)} · war room {words.room(now.channel)}",
        f"Commander {lead} · declared by {words.who(now.declared_by)}",
    ]
    blocks = [section("\n".join(lines))]
    if now.report:
        blocks.append(section(report.brief(now.report, 800)))
        blocks.append(context(f"As of {date(now.report.at)}"))
    elif now.summary:
        blocks.append(section(clip(escape(now.summary), 600)))
    if now.postmortem:
        blocks.append(context(postmortem.line(now.postmortem)))
    return Message(text=_fallback(now), blocks=blocks)


def _fallback(now: CardFacts) -> str:
    return f"{label(now.incident)} · {_headed(now)} · {now.status}"


def _heading(now: CardFacts) -> str:
    return words.heading(now.title, now.severity.key, private=now.private, drill=now.drill)


def _headed(now: CardFacts) -> str:
    return clip(escape(_heading(now)), words.TITLE_SHOWN)


def _standing(now: CardFacts) -> str:
    """Return the status with the time that matters to it."""
    started, ended = now.milestones.get(Milestone.STARTED), now.milestones.get(Milestone.RESOLVED)
    if now.status is Status.MERGED and now.merged_into is not None:
        return f"*merged into {label(now.merged_into)}*"
    if now.status in {Status.RESOLVED, Status.CLOSED} and started and ended:
        return f"*{now.status}* {date(ended)}, after {words.lasted(started, ended)}"
    return f"*{now.status}*" + (f", started {date(started)}" if started else "")


def _under(now: CardFacts) -> str:
    """Return the small print under the heading."""
    parts = [label(now.incident)]
    if now.drill:
        parts.append("this is practice: it counts in no metric and nobody outside is told")
    if now.private:
        parts.append("only people in this room see anything of it")
    if now.merged_into is not None:
        parts.append(f"merged into {label(now.merged_into)}, which goes on")
    if now.from_message:
        parts.append(link(now.from_message, "the message it came from"))
    return " · ".join(parts)


def _facts(now: CardFacts) -> list[str]:
    level = now.severity
    major = " (major)" if level.major else ""
    started, resolved = now.milestones.get(Milestone.STARTED), now.milestones.get(Milestone.RESOLVED)
    cells = [
        f"*Severity*\n{escape(level.key)}{major}: {clip(escape(level.test), 200)}",
        f"*Status*\n{words.status(now.status)}",
        f"*Declared by*\n{words.who(now.declared_by)}",
    ]
    if started:
        cells.append(f"*Started*\n{date(started)}")
    if resolved:
        after = f", after {words.lasted(started, resolved)}" if started else ""
        cells.append(f"*Resolved*\n{date(resolved)}{after}")
    return cells


def _about(now: CardFacts) -> list[Block]:
    told = []
    if now.summary:
        told.append(section(f"*Summary*\n{clip(escape(now.summary), 600)}"))
    if now.affected:
        told.append(section(f"*Affected*\n{clip(escape(now.affected), 400)}"))
    return told


def _said_last(now: CardFacts) -> list[Block]:
    """Return the last update, what is still needed, and when the next update is due."""
    blocks: list[Block] = []
    if now.report:
        told = f"{words.who(now.report.by)}, {date(now.report.at)}"
        blocks.append(section(f"*Last update* · {told}\n{report.brief(now.report, 800)}"))
    if now.needs:
        blocks.append(section(f"*Open needs*\n{report.open_needs(now.needs, 1000)}"))
    if now.report_due and now.status in OPEN:
        blocks.append(context(f"Next update due {date(now.report_due)}"))
    return blocks


def _after(now: CardFacts) -> list[Block]:
    if now.postmortem is None:
        return []
    line = section(postmortem.line(now.postmortem))
    pressed = postmortem.buttons(now)
    return [line, actions("postmortem", pressed)] if pressed else [line]


def _controls(now: CardFacts) -> list[Block]:
    """Return the row that moves the incident along, and what is needed less often."""
    if now.status is Status.MERGED:
        return []
    here = InteractionPayload(incident=now.incident, seen=now.status).pack()
    row = next_moves(now)
    if now.status in OPEN:
        row.append(button("Post update", Action.REPORT, here))
    if now.postmortem is None and now.status in {Status.RESOLVED, Status.CLOSED}:
        row.append(button("Write a postmortem", Action.OWE_POSTMORTEM, here))
    row += [button("Severity …", Action.SEVERITY, here), overflow(Action.MORE, more(now))]
    return [actions("controls", row)]


def more(now: CardFacts) -> list[tuple[str, str]]:
    """Return the texts and values of the overflow; each value says in ``do`` what to open."""
    entries = [
        ("Add a note …", Action.NOTE),
        ("Another status …", Action.STATUS),
        ("Correct a time …", Action.CORRECT),
        ("Show the timeline", Action.TIMELINE),
        ("Cancel incident …", Action.CANCEL) if now.status in OPEN else ("Help", Action.HELP),
    ]
    return [(text, InteractionPayload(incident=now.incident, do=do).pack()) for text, do in entries]
