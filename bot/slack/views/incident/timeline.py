"""What happened, line by line, and the modals that add to it by hand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.incident import facts
from bot.domain.incident.timeline import Entry, Part, Words, spell, tell
from bot.domain.shared.errors import Refused
from bot.domain.shared.texts import BODY_MAX
from bot.domain.shared.vocabulary import ChannelId, IncidentId, Milestone, TextId, label
from bot.slack.blocks import (
    Block,
    Message,
    actions,
    button,
    clip,
    context,
    date,
    escape,
    host,
    link,
    literal,
    modal,
    moment_input,
    option,
    section,
    select_input,
    settle,
    text_input,
)
from bot.slack.ids import COMMAND, Action, Form, Input, named
from bot.slack.views import forms, words
from bot.slack.views.payload import InteractionPayload
from bot.usecases.incident.timeline import Page
from bot.usecases.messages import CardFacts, Happened

SENTENCE_MAX = 2800
_LABELLED = re.compile(r"<(https?://[^<>|\s]+)\|[^<>]*>")


def escaped(lookup: Words, history: Sequence[facts.Fact] = ()) -> Words:
    """Return a lookup whose words are safe to be shown in a sentence; titles also show their signs."""
    titled = facts.IncidentDeclared | facts.IncidentRenamed
    titles = {fact.title for fact in history if isinstance(fact, titled)}

    def look(text: TextId | None) -> str | None:
        found = lookup(text)
        safe = literal if text in titles else escape
        return clip(safe(found), SENTENCE_MAX) if found is not None else None

    return look


def happened(said: Happened) -> Message:
    """Return the line that says what just happened, and who did it."""
    lookup = escaped(lambda text: said.words.get(text) if text else None, [said.fact])
    told = spell(tell(said.fact, lookup), instant=date, link=_leading)
    text = clip(f"{words.who(said.fact.by)} {told}", SENTENCE_MAX)
    return Message(text=text, blocks=[section(text)])


def page(incident: IncidentId, shown: Page) -> Message:
    """Return a page of the timeline, oldest first, for one person to catch up, and the ways on from it.

    Its entries have `escaped` words.
    """
    head = f"What happened in {label(incident)}"
    if not shown.entries:
        text = f"{head}: nothing has been recorded yet."
        return Message(text=text, blocks=[section(text)])
    part = _which(shown)
    blocks = [section(f"*{head}*{part}"), *(section(_row(entry)) for entry in shown.entries)]
    if ways := _ways_on(incident, shown):
        blocks.append(actions("timeline", ways))
    blocks.append(context(f"Typed: `{COMMAND} timeline`. Add what is missing with `{COMMAND} note`."))
    return Message(text=f"{head}{part}", blocks=blocks)


def _which(shown: Page) -> str:
    if shown.older is None and shown.newer is None:
        return ""
    if shown.newer is None:
        return f", the newest {len(shown.entries)} of {shown.total}"
    return f", {shown.first} to {shown.first + len(shown.entries) - 1} of {shown.total}"


def _ways_on(incident: IncidentId, shown: Page) -> list[Block]:
    ways = (("Older", shown.older), ("Newer", shown.newer))
    return [
        button(
            text,
            named(Action.TIMELINE, text.casefold()),
            InteractionPayload(incident=incident, page=at).pack(),
        )
        for text, at in ways
        if at is not None
    ]


def _row(entry: Entry) -> str:
    pin = ":pushpin: " if entry.key_moment else ""
    who = words.who(entry.by) if entry.by else "Somebody"
    body = spell(tuple(map(_settled, entry.sentence)), instant=date, link=_leading)
    said = f"{who}: {clip(body, 250)}" if entry.kind == "message" else f"{who} {clip(body, 250)}"
    edited = " _(edited)_" if entry.edited and not entry.deleted else ""
    return f"{pin}{date(entry.at)} · {said}{edited}"


def _settled(part: Part) -> Part:
    return settle(_LABELLED.sub(r"<\1>", part)) if isinstance(part, str) else part


def _leading(address: str) -> str:
    """Return an escaped address as a link that shows where it leads."""
    bare = address.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return link(bare, host(bare))


# -- a note


def note(card: CardFacts, *, initial: str = "", answer_in: ChannelId | None = None) -> Block:
    """Return the modal that writes down what was not said in the room."""
    return modal(
        Form.NOTE,
        f"Note for {label(card.incident)}",
        [
            text_input(
                Input.NOTE,
                "What happened or was decided?",
                initial=initial,
                longest=BODY_MAX,
                multiline=True,
            ),
            moment_input(Input.OCCURRED_AT, "When, if not now?"),
            context(f"Typed: `{COMMAND} note what happened`, in a thread `@warroom note what happened`"),
        ],
        submit="Add",
        payload=InteractionPayload(incident=card.incident, channel=answer_in).pack(),
    )


@dataclass(frozen=True, kw_only=True)
class NoteSaid:
    """A note as it was typed, and when it happened if not now."""

    body: str
    occurred_at: datetime | None


def noted(values: object) -> NoteSaid:
    """Return what was entered; an empty note is the domain's to refuse."""
    return NoteSaid(
        body=forms.typed(values, Input.NOTE) or "", occurred_at=forms.moment(values, Input.OCCURRED_AT)
    )


# -- a corrected time


def correct(card: CardFacts, *, answer_in: ChannelId | None = None) -> Block:
    """Return the modal that corrects when a milestone occurred, of those that were reached."""
    reached = [milestone for milestone in Milestone if milestone in card.milestones]
    title = f"Times of {label(card.incident)}"
    if not reached:
        return forms.notice(title, "No milestone has been reached yet, so there is no time to correct.")
    known = "\n".join(f"• {name.capitalize()}: {date(card.milestones[name])}" for name in reached)
    return modal(
        Form.CORRECT,
        title,
        [
            section(f"As it stands:\n{known}"),
            select_input(
                Input.MILESTONE, "Which one?", [option(name.capitalize(), name) for name in reached]
            ),
            moment_input(Input.AT, "When did it really happen?", optional=False),
            text_input(
                Input.REASON,
                "How do you know?",
                longest=BODY_MAX,
                multiline=True,
                placeholder="The job's log",
            ),
            context("What was recorded before stays in the record; metrics use the corrected time."),
        ],
        submit="Correct",
        payload=InteractionPayload(incident=card.incident, channel=answer_in).pack(),
    )


@dataclass(frozen=True, kw_only=True)
class CorrectSaid:
    """A milestone's other time, and how it is known."""

    milestone: Milestone
    occurred_at: datetime
    reason: str


def corrected(values: object) -> CorrectSaid:
    """Return what was entered; refuses a missing milestone or time."""
    chosen = forms.chosen(values, Input.MILESTONE)
    if chosen not in set(Milestone):
        msg = "Choose which milestone happened at another time."
        raise Refused(msg, field=Input.MILESTONE)
    at = forms.moment(values, Input.AT)
    if at is None:
        msg = "Choose when it happened."
        raise Refused(msg, field=Input.AT)
    return CorrectSaid(
        milestone=Milestone(chosen), occurred_at=at, reason=forms.typed(values, Input.REASON) or ""
    )
