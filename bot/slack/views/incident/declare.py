"""The modal that declares an incident, and what it says once it is sent."""

from collections.abc import Sequence

from bot.domain.incident.aggregate import Declaration
from bot.domain.shared.severity import SeverityKey, SeverityScale
from bot.domain.shared.texts import BODY_MAX, TITLE_MAX
from bot.domain.shared.vocabulary import label
from bot.slack.blocks import (
    Block,
    channel,
    clip,
    context,
    escape,
    listed,
    literal,
    modal,
    moment_input,
    option,
    section,
    text_input,
    ticks_input,
)
from bot.slack.ids import Form, Input, Mark
from bot.slack.views import forms
from bot.slack.views.incident.severity import severity_input
from bot.slack.views.payload import InteractionPayload
from bot.usecases.ports import IncidentLine


def declare(
    scale: SeverityScale,
    *,
    payload: InteractionPayload,
    open_incidents: Sequence[IncidentLine] = (),
    title: str = "",
    severity: SeverityKey | None = None,
    summary: str = "",
    drill: bool = False,
) -> Block:
    """Return the modal, filled in as far as is known; ``summary`` holds a source message's words."""
    return modal(
        Form.DECLARE,
        "Declare an incident",
        [
            *_already_open(open_incidents),
            text_input(
                Input.TITLE,
                "What is wrong?",
                initial=" ".join(title.split()),
                longest=TITLE_MAX,
                placeholder="Orders are late in the finance dashboard",
            ),
            severity_input(scale, initial=severity),
            *_ask_more(summary),
            _ask_marks(drill=drill),
        ],
        submit="Declare",
        payload=payload.pack(),
    )


def _ask_more(summary: str) -> list[Block]:
    return [
        text_input(
            Input.SUMMARY,
            "What do you know so far?",
            initial=summary,
            longest=BODY_MAX,
            multiline=True,
            optional=True,
        ),
        text_input(
            Input.AFFECTED,
            "What is affected?",
            longest=BODY_MAX,
            multiline=True,
            optional=True,
            placeholder="Tables, models, dashboards, and who relies on them",
        ),
        moment_input(Input.STARTED_AT, "When did it start, if not now?"),
    ]


def _ask_marks(*, drill: bool) -> Block:
    return ticks_input(
        Input.MARKS,
        "Special",
        [
            option("Private", Mark.PRIVATE, "Only people who are invited see anything of it"),
            option("Drill", Mark.DRILL, "Practice: works the same, counts in no metric"),
        ],
        initial=(Mark.DRILL,) if drill else (),
    )


def _already_open(lines: Sequence[IncidentLine]) -> list[Block]:
    if not lines:
        return []
    rows = [f"• *{label(line.id)}* {escape(line.severity)} · {_titled(line)}" for line in lines]
    return [
        section(f"*Already open: is it one of these?*\n{listed(rows, 1500)}"),
        context("If it is, go to its war room instead. If not, declare: it is easy to merge two later."),
    ]


def _titled(line: IncidentLine) -> str:
    return f"{clip(literal(line.title), 100)} {channel(line.channel)}".rstrip()


def submission(values: object, scale: SeverityScale, payload: InteractionPayload) -> Declaration:
    """Return what was entered; refuses a severity that was not chosen. Titles are the domain's to judge."""
    key = forms.need(forms.chosen(values, Input.SEVERITY), Input.SEVERITY, "Choose how bad it is.")
    ticks = forms.ticked(values, Input.MARKS)
    return Declaration(
        title=forms.typed(values, Input.TITLE) or "",
        severity=scale.find(key),
        summary=forms.typed(values, Input.SUMMARY),
        affected=forms.typed(values, Input.AFFECTED),
        started_at=forms.moment(values, Input.STARTED_AT),
        private=Mark.PRIVATE in ticks,
        drill=Mark.DRILL in ticks,
        from_channel=payload.channel,
        from_message=payload.message,
    )
