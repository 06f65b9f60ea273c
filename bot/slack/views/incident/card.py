"""The card of an incident in its war room, and its announcement: each one message, edited in place."""

from bot.domain.incident.roles import MATRIX
from bot.domain.incident.status import OPEN
from bot.domain.shared.vocabulary import Milestone, Role, Status, UserId, label
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
    listed,
    literal,
    overflow,
    person,
    section,
)
from bot.slack.ids import Action, named
from bot.slack.views import words
from bot.slack.views.incident import postmortem, report
from bot.slack.views.incident.roles import ALONE, held_by, under_way
from bot.slack.views.incident.status import green, next_moves
from bot.slack.views.payload import InteractionPayload
from bot.usecases.messages import Announcement, Card, CardFacts, EndingFacts

RECORDED = "Messages in this channel are recorded for the timeline. :pushpin: marks a key moment."


def card(said: Card) -> Message:
    """Return the pinned card: what, how bad, where it stands, who does what, what to press.

    It fits on a screen: what is pressed most is in sight, all else stands behind *More …*, and green is
    only what comes next.
    """
    now = said.facts
    blocks = [
        header(_heading(now)),
        context(_under(now)),
        fields(*_facts(now)),
        *_about(now),
        *_who(now),
        divider(),
        *(_said_last(now) if now.status in OPEN else _ended(now)),
        *_after(now),
        actions("controls", _controls(now)),
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
    if now.ending:
        blocks.append(section(how_it_ended(now, now.ending)))
    elif now.report:
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
    return clip(literal(_heading(now)), words.TITLE_SHOWN)


def _standing(now: CardFacts) -> str:
    """Return the status, and since when it goes on; how it ended is told below."""
    started = now.milestones.get(Milestone.STARTED)
    since = f", started {date(started)}" if started and now.status in OPEN else ""
    return f"*{now.status}*{since}"


def _under(now: CardFacts) -> str:
    """Return the small print under the heading."""
    started = now.milestones.get(Milestone.STARTED)
    parts = [label(now.incident), f"declared by {words.who(now.declared_by)}"]
    if started:
        parts.append(f"started {date(started)}")
    if now.drill:
        parts.append("this is practice: it counts in no metric and nobody outside is told")
    if now.private:
        parts.append("only people in this room see anything of it")
    if now.merged_in:
        came = listed([words.elsewhere(one.incident, one.room) for one in now.merged_in], 500, joiner=", ")
        parts.append(f"merged into this one: {came}")
    if now.from_message:
        parts.append(link(now.from_message, "the message it came from"))
    return " · ".join(parts)


def _facts(now: CardFacts) -> list[str]:
    level = now.severity
    major = " (major)" if level.major else ""
    return [
        f"*Severity*\n{escape(level.key)}{major}: {clip(escape(level.test), 200)}",
        f"*Status*\n{words.status(now.status)}",
    ]


def _about(now: CardFacts) -> list[Block]:
    told = []
    if now.summary:
        told.append(f"*Summary*\n{clip(escape(now.summary), 600)}")
    if now.affected:
        told.append(f"*Affected*\n{clip(escape(now.affected), 400)}")
    return [section("\n".join(told))] if told else []


# -- who does what


def _who(now: CardFacts) -> list[Block]:
    """Return who decides, with *Take it* while nobody does; and the others, with a menu of all roles."""
    holder = held_by(now, Role.COMMANDER)
    working = now.status in OPEN
    seen = InteractionPayload(incident=now.incident, role=Role.COMMANDER, seen="").pack()
    take = button("Take it", named(Action.TAKE, Role.COMMANDER), seen, style=green(now, Action.TAKE))
    blocks = [section(_held(now, Role.COMMANDER), accessory=take if working and not holder else None)]
    if now.handover:
        blocks.append(context(under_way(now.handover)))
    rest = "\n".join([*(_held(now, role) for role in ALONE if role is not Role.COMMANDER), _experts(now)])
    menu = overflow(named(Action.MORE, "roles"), role_menu(now))
    return [*blocks, section(rest, accessory=menu if working else None)]


def _held(now: CardFacts, role: Role) -> str:
    holder = held_by(now, role)
    return f"*{words.ROLES[role]}* {MATRIX[role]} · {person(holder) if holder else '_nobody yet_'}"


def _experts(now: CardFacts) -> str:
    people = [_expert(line.person, line.workstream) for line in now.roles if line.role is Role.SME]
    return f"*SMEs* resolve · {listed(people, 900, joiner=', ', each=120) if people else '_nobody yet_'}"


def _expert(user: UserId, workstream: str | None) -> str:
    return f"{person(user)} ({escape(workstream)})" if workstream else person(user)


def role_menu(now: CardFacts) -> list[tuple[str, str]]:
    """Return the texts and values of the roles' menu: what is free is taken, what is held is given on."""

    def entry(text: str, role: Role, do: Action) -> tuple[str, str]:
        seen = None if role is Role.SME else held_by(now, role)
        return text, InteractionPayload(incident=now.incident, role=role, seen=seen, do=do).pack()

    entries = [
        entry(f"Assign {role} …", role, Action.ASSIGN)
        if held_by(now, role)
        else entry(f"Take {role}", role, Action.TAKE)
        for role in (Role.SCRIBE, Role.LIAISON)
    ]
    if held_by(now, Role.COMMANDER):
        # Free, it has its own button.
        entries.append(entry("Ask for command", Role.COMMANDER, Action.TAKE))
    return [
        *entries,
        entry("Assign commander …", Role.COMMANDER, Action.ASSIGN),
        entry("Add an SME …", Role.SME, Action.ASSIGN),
    ]


# -- where it stands


def _said_last(now: CardFacts) -> list[Block]:
    """Return the last update, what is still needed, and when the next update is due."""
    blocks: list[Block] = []
    if now.report:
        told = f"{words.who(now.report.by)}, {date(now.report.at)}"
        blocks.append(section(f"*Last CAN update* · {told}\n{report.brief(now.report, 800)}"))
    if now.needs:
        blocks.append(section(f"*Open needs*\n{report.open_needs(now.needs, 1000)}"))
    if now.report_due:
        blocks.append(context(f"Next CAN update due {date(now.report_due)}"))
    return blocks


def _ended(now: CardFacts) -> list[Block]:
    """Return how it ended; what was said before that is history, and what was missing is named as that."""
    blocks = [section(how_it_ended(now, now.ending))] if now.ending else []
    if now.needs:
        word = now.ending.status if now.ending else now.status
        blocks.append(section(f"*Were open when it was {word}*\n{report.open_needs(now.needs, 1000)}"))
    if now.report:
        told = f"{words.who(now.report.by)}, {date(now.report.at)}"
        blocks.append(context(f"The last CAN update before that stands in the room: {told}"))
    return blocks


def how_it_ended(now: CardFacts, ending: EndingFacts) -> str:
    """Return as what it ended, by whom, how long it lasted, and in whose words."""
    started = now.milestones.get(Milestone.STARTED)
    ended = now.milestones.get(Milestone.RESOLVED, ending.at)
    if ending.status is Status.MERGED and now.merged_into is not None:
        head = f"*Goes on in {words.elsewhere(now.merged_into, now.merged_room)}*, merged {date(ending.at)}"
    elif ending.status is Status.RESOLVED:
        after = f", after {words.lasted(started, ended)}" if started else ""
        head = f"*Resolved* {date(ended)}{after}"
    else:
        head = f"*{ending.status.capitalize()}* {date(ending.at)}"
    told = clip(escape(ending.reason), 1000) if ending.reason else ""
    return f"{head}, by {words.who(ending.by)}\n{told}".rstrip()


def _after(now: CardFacts) -> list[Block]:
    if now.postmortem is None:
        return []
    line = section(postmortem.line(now.postmortem))
    pressed = postmortem.buttons(now)
    return [line, actions("postmortem", pressed)] if pressed else [line]


# -- what to press


def _controls(now: CardFacts) -> list[Block]:
    """Return the row that is pressed most; *More …* shows the rest to whoever asks for it."""
    here = InteractionPayload(incident=now.incident, seen=now.status).pack()
    row: list[Block] = []
    if now.status in OPEN:
        row += [
            button("Post CAN update", Action.REPORT, here, style=green(now, Action.REPORT)),
            *next_moves(now, most=1),
            button(
                "Join as SME", Action.JOIN, InteractionPayload(incident=now.incident, role=Role.SME).pack()
            ),
        ]
    else:
        row += next_moves(now)
    if now.postmortem is None and now.status in {Status.RESOLVED, Status.CLOSED}:
        row.append(button("Write a postmortem", Action.OWE_POSTMORTEM, here))
    return [*row, button("More …", Action.TRAY, here)]
