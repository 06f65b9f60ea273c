"""A CAN update as it is shown, asked for, and written."""

from dataclasses import dataclass

from bot.domain.incident.aggregate import ReportDraft
from bot.domain.incident.status import MOVES, WORKING
from bot.domain.shared.texts import BODY_MAX
from bot.domain.shared.vocabulary import ChannelId, ConditionType, Status, TextId, label
from bot.slack.blocks import (
    Block,
    Message,
    actions,
    button,
    clip,
    context,
    date,
    escape,
    listed,
    modal,
    option,
    person,
    section,
    select_input,
    text_input,
    ticks_input,
)
from bot.slack.ids import COMMAND, Action, Form, Input
from bot.slack.views import forms, words
from bot.slack.views.incident.status import seen_status
from bot.slack.views.payload import InteractionPayload
from bot.usecases.messages import CardFacts, NeedLine, ReportFacts, ReportOverdue, ReportShown

LINES_SHOWN = 6
"""How many lines of conditions, and of actions, the card shows; all of them stand in the CAN update."""
PART_MAX = 2300
"""Conditions and actions of a shown report; all of a message's blocks together hold about 10,000."""


def shown(said: ReportShown) -> Message:
    """Return the update as the war room reads it."""
    report = said.report
    level = escape(report.severity.key)
    kind = words.CONDITIONS[report.condition]
    head = f"CAN update for {label(said.incident)} · {level} · {report.status}"
    blocks = [
        section(f":memo: *{head}*"),
        section(f"*Conditions* · {kind}\n{clip(escape(report.conditions), PART_MAX)}"),
    ]
    if report.blast_radius:
        blocks.append(section(f"*Blast radius*\n{clip(escape(report.blast_radius), 1000)}"))
    blocks.append(section(f"*Actions*\n{clip(escape(report.actions), PART_MAX)}"))
    blocks += _needs(report)
    blocks.append(context(f"{words.who(report.by)}, {date(report.at)}"))
    return Message(text=f"{head}: {clip(escape(report.conditions), 300)}", blocks=blocks)


def _needs(report: ReportFacts) -> list[Block]:
    new = set(report.needs)
    older = [need for need in report.still if need.text not in new]
    parts = []
    if report.needs:
        rows = [f":raised_hand: {escape(need)}" for need in report.needs]
        parts.append(f"*Needs*\n{listed(rows, 1200, each=350)}")
    if older:
        parts.append(f"*Still open*\n{open_needs(older, 700)}")
    if report.met:
        rows = [f":white_check_mark: {escape(need)}" for need in report.met]
        parts.append(f"*Met*\n{listed(rows, 600, each=350)}")
    if not parts:
        parts.append("*Needs*\nNone.")
    return [section("\n".join(parts))]


def open_needs(needs: list[NeedLine] | tuple[NeedLine, ...], longest: int) -> str:
    """Return the open Needs, a line each with its age, the oldest first."""
    rows = [f":raised_hand: {clip(escape(need.text), 160)} (since {date(need.since)})" for need in needs]
    return listed(rows, longest, each=300)


def brief(report: ReportFacts, longest: int) -> str:
    """Return a report in two short paragraphs, for the card and the announcement."""
    half = longest // 2
    return (
        f"*{words.CONDITIONS[report.condition]}:*{_short(report.conditions, half)}\n"
        f"*Actions:*{_short(report.actions, half)}"
    )


def _short(text: str, longest: int) -> str:
    """Return a text behind its heading, or a list below it: its first lines, each on its own."""
    lines = [line for line in text.splitlines() if line.strip()]
    shown = "\n".join([*lines[:LINES_SHOWN], *(["…"] if len(lines) > LINES_SHOWN else [])])
    return ("\n" if len(lines) > 1 else " ") + clip(escape(shown), longest)


def overdue(said: ReportOverdue) -> Message:
    """Return the nudge for an update, to whoever speaks for the incident."""
    asked = f"{person(said.ask)}, a" if said.ask else "A"
    last = f" The last one was {date(said.last_at)}." if said.last_at else " There has been none yet."
    text = f"{asked} CAN update of {label(said.incident)} was due {date(said.due_at)}.{last}"
    here = InteractionPayload(incident=said.incident, nudge=said.word).pack()
    return Message(
        text=text,
        blocks=[
            section(f":hourglass_flowing_sand: {text}"),
            actions(
                "nudge:report",
                [
                    button("Post CAN update", Action.REPORT, here, style="primary"),
                    button(words.snooze(said.snooze), Action.SNOOZE, here),
                ],
            ),
            context(f"“Nothing new” is worth saying too. Typed: `{COMMAND} update`"),
        ],
    )


def report(card: CardFacts, *, answer_in: ChannelId | None = None) -> Block:
    """Return the modal of a CAN update, filled in from the last one."""
    return modal(
        Form.REPORT,
        f"CAN update of {label(card.incident)}",
        [*_ask_conditions(card), _ask_actions(card), *_ask_needs(card), *_ask_status(card)],
        submit="Post",
        payload=InteractionPayload(incident=card.incident, seen=card.status, channel=answer_in).pack(),
    )


def _ask_conditions(card: CardFacts) -> list[Block]:
    last = card.report
    return [
        text_input(
            Input.CONDITIONS,
            "Conditions: what is happening?",
            initial=last.conditions if last else card.summary,
            longest=BODY_MAX,
            multiline=True,
        ),
        select_input(
            Input.CONDITION,
            "What is wrong with the data or the system?",
            [option(text, kind) for kind, text in words.CONDITIONS.items()],
            initial=last.condition if last else ConditionType.OTHER,
        ),
        text_input(
            Input.BLAST_RADIUS,
            "Blast radius: who and what is touched?",
            initial=last.blast_radius if last else card.affected,
            longest=BODY_MAX,
            multiline=True,
            optional=True,
        ),
    ]


def _ask_actions(card: CardFacts) -> Block:
    return text_input(
        Input.ACTIONS,
        "Actions: what is being done, by whom?",
        initial=card.report.actions if card.report else None,
        longest=BODY_MAX,
        multiline=True,
    )


def _ask_needs(card: CardFacts) -> list[Block]:
    ticks = [option(need.text, need.id) for need in card.needs]
    met = [ticks_input(Input.MET, "Needs: which are met?", ticks)] if ticks else []
    new = text_input(
        Input.NEEDS,
        "New needs: people, access, decisions",
        longest=BODY_MAX,
        multiline=True,
        optional=True,
        hint="One a line. A need stays open until it is ticked as met.",
    )
    return [*met, new]


def _ask_status(card: CardFacts) -> list[Block]:
    moves = [to for to in Status if to in MOVES[card.status] & (WORKING | {Status.RESOLVED})]
    if not moves:
        return []
    options = [option(to.capitalize(), to) for to in moves]
    return [select_input(Input.STATUS, f"Status, if no longer {card.status}", options, optional=True)]


@dataclass(frozen=True, kw_only=True)
class ReportSaid:
    """An update as it was typed, and the move that goes with it, if any."""

    draft: ReportDraft
    status: Status | None
    seen: Status | None


def submission(values: object, payload: InteractionPayload) -> ReportSaid:
    """Return what was entered; no type is "something else". Empty texts are the domain's to judge."""
    kind = forms.chosen(values, Input.CONDITION)
    to = forms.chosen(values, Input.STATUS)
    needs = (forms.typed(values, Input.NEEDS) or "").splitlines()
    draft = ReportDraft(
        condition=ConditionType(kind) if kind in set(ConditionType) else ConditionType.OTHER,
        conditions=forms.typed(values, Input.CONDITIONS) or "",
        actions=forms.typed(values, Input.ACTIONS) or "",
        blast_radius=forms.typed(values, Input.BLAST_RADIUS),
        needs=tuple(need for line in needs if (need := line.strip(" \t-•*"))),
        met=tuple(TextId(need) for need in forms.ticked(values, Input.MET)),
    )
    return ReportSaid(
        draft=draft, status=Status(to) if to in set(Status) else None, seen=seen_status(payload)
    )
