"""The modal that changes what an incident is called, what is known and what is affected."""

from dataclasses import dataclass

from bot.domain.incident.aggregate import Details, Looked
from bot.domain.shared.errors import Refused
from bot.domain.shared.texts import BODY_MAX, TITLE_MAX
from bot.domain.shared.vocabulary import ChannelId, TextId, label
from bot.slack.blocks import Block, context, modal, text_input
from bot.slack.ids import COMMAND, Form, Input
from bot.slack.views import forms
from bot.slack.views.payload import InteractionPayload
from bot.usecases.messages import CardFacts


def edit(card: CardFacts, *, answer_in: ChannelId | None = None) -> Block:
    """Return the modal, filled in with how it reads now; it carries what stood there to be edited."""
    looked = card.looked
    seen = ",".join([looked.title, looked.summary or "", looked.affected or ""]) if looked else None
    return modal(
        Form.EDIT,
        f"Details of {label(card.incident)}",
        [
            text_input(Input.TITLE, "What is wrong?", initial=card.title, longest=TITLE_MAX),
            _words(Input.SUMMARY, "What do you know so far?", card.summary),
            _words(Input.AFFECTED, "What is affected?", card.affected),
            context(f"The channel keeps its name. Typed: `{COMMAND} rename what it is called now`"),
        ],
        submit="Save",
        payload=InteractionPayload(incident=card.incident, seen=seen, channel=answer_in).pack(),
    )


def _words(name: Input, label_: str, now: str | None) -> Block:
    return text_input(name, label_, initial=now, longest=BODY_MAX, multiline=True, optional=True)


@dataclass(frozen=True, kw_only=True)
class DetailsSaid:
    """The details as they were typed, and what stood there before."""

    said: Details
    seen: Looked


def submission(values: object, payload: InteractionPayload) -> DetailsSaid:
    """Return what was entered; refuses a form that does not say what it showed."""
    parts = (payload.seen or "").split(",")
    if len(parts) != 3:  # noqa: PLR2004 - the title, the summary, what is affected
        msg = "This form is out of date. Close it and open it again."
        raise Refused(msg, field=Input.TITLE)
    title, summary, affected = (TextId(part) if part else None for part in parts)
    return DetailsSaid(
        said=Details(
            title=forms.typed(values, Input.TITLE) or "",
            summary=forms.typed(values, Input.SUMMARY),
            affected=forms.typed(values, Input.AFFECTED),
        ),
        seen=Looked(title=title or TextId(""), summary=summary, affected=affected),
    )
