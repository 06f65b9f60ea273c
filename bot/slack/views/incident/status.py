"""The buttons and modals that move an incident along: on, resolved, reopened, cancelled."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.domain.incident.status import MOVES, OPEN, WORKING
from bot.domain.shared.errors import Refused
from bot.domain.shared.texts import BODY_MAX
from bot.domain.shared.vocabulary import ChannelId, Role, Status, TextId, label
from bot.slack.blocks import (
    Block,
    Message,
    actions,
    button,
    clip,
    context,
    escape,
    listed,
    modal,
    option,
    section,
    select_input,
    text_input,
    ticks_input,
)
from bot.slack.ids import COMMAND, Action, Form, Input, named
from bot.slack.views import forms, words
from bot.slack.views.payload import InteractionPayload
from bot.usecases.messages import CardFacts

LIKELY: Mapping[Status, tuple[Status, ...]] = {
    Status.TRIAGE: (Status.INVESTIGATING, Status.CANCELLED),
    Status.INVESTIGATING: (Status.FIXING, Status.MONITORING, Status.RESOLVED),
    Status.FIXING: (Status.BACKFILLING, Status.MONITORING, Status.RESOLVED),
    Status.BACKFILLING: (Status.MONITORING, Status.FIXING, Status.RESOLVED),
    Status.MONITORING: (Status.RESOLVED, Status.FIXING, Status.INVESTIGATING),
    Status.RESOLVED: (Status.CLOSED, Status.INVESTIGATING),
    Status.CLOSED: (Status.INVESTIGATING,),
    Status.CANCELLED: (Status.INVESTIGATING,),
    Status.MERGED: (),
}
"""Where an incident mostly goes next; the status modal offers all of `MOVES`."""


def next_step(card: CardFacts) -> Action | None:
    """Return what comes next while people work on it: the one button that is green."""
    if card.status not in OPEN:
        return None
    if not any(line.role is Role.COMMANDER for line in card.roles):
        return Action.TAKE
    if card.report is None:
        return Action.REPORT
    return Action.RESOLVE if card.status is Status.MONITORING else None


def green(card: CardFacts, action: Action) -> Literal["primary"] | None:
    """Return the style of a button: green is only what comes next."""
    return "primary" if next_step(card) is action else None


def next_moves(card: CardFacts, *, most: int | None = None) -> list[Block]:
    """Return the buttons of the likely next moves, of those within an open incident at most so many.

    Those that want a word first open a modal.
    """
    likely = LIKELY[card.status]
    if card.status in OPEN:
        likely = (*[to for to in likely if to in WORKING][:most], *(to for to in likely if to not in WORKING))
    return [_move(card, to) for to in likely]


def _move(card: CardFacts, to: Status) -> Block:
    payload = InteractionPayload(incident=card.incident, to=to, seen=card.status).pack()
    if to is Status.RESOLVED:
        return button("Resolve …", Action.RESOLVE, payload, style=green(card, Action.RESOLVE))
    if to is Status.CANCELLED:
        return button("Cancel incident …", Action.CANCEL, payload)
    if to in OPEN and card.status not in OPEN:
        return button("Reopen …", Action.REOPEN, payload)
    text = "Close" if to is Status.CLOSED else to.capitalize()
    return button(text, named(Action.MOVE, to), payload)


def status(card: CardFacts, *, answer_in: ChannelId | None = None) -> Block:
    """Return the modal with every legal move; one that is merged has none and says so."""
    legal = [to for to in Status if to in MOVES[card.status] and to is not Status.MERGED]
    title = f"Status of {label(card.incident)}"
    if not legal:
        into = f" into {words.elsewhere(card.merged_into, card.merged_room)}" if card.merged_into else ""
        return forms.notice(title, f"This incident was merged{into} and stays as it is. Go on there.")
    likely = next((to for to in LIKELY[card.status] if to in legal), legal[0])
    return modal(
        Form.STATUS,
        title,
        [
            section(f"It is {words.status(card.status)} now."),
            select_input(
                Input.STATUS,
                "Move to",
                [option(to.capitalize(), to) for to in legal],
                initial=likely,
            ),
            _reason(optional=True, hint="Needed to cancel and to reopen."),
            context(f"Typed: `{COMMAND} status fixing`, `{COMMAND} merge INC-2`"),
        ],
        submit="Move",
        payload=_carried(card, None, answer_in),
    )


def resolve(card: CardFacts, *, answer_in: ChannelId | None = None) -> Block:
    """Return the confirmation that it is over, with room for a closing word."""
    after = (
        "A postmortem is then owed, because it is major."
        if card.severity.major
        else "A postmortem can then be asked for with one click."
    )
    return modal(
        Form.RESOLVE,
        f"Resolve {label(card.incident)}",
        [
            section(
                "Is the service restored *and* the data right again, backfill included?\n"
                f"{after} Reminders of CAN updates stop; reopening is always possible."
            ),
            _reason(optional=True, label_="What resolved it?"),
            *_ask_needs(card, "These needs are still open. Which of them are met?"),
            context(f"Typed: `{COMMAND} resolve how`"),
        ],
        submit="Resolve",
        payload=_carried(card, Status.RESOLVED, answer_in),
    )


def _ask_needs(card: CardFacts, question: str) -> list[Block]:
    if not card.needs:
        return []
    ticks = [option(need.text, need.id) for need in card.needs]
    return [ticks_input(Input.MET, question, ticks, hint="What is not ticked is named as open on the card.")]


def left_open(card: CardFacts) -> Message:
    """Return what whoever typed *resolve* is told of Needs that nobody said are met, and how to mend it."""
    text = f"{label(card.incident)} is {card.status}, and this was still needed:"
    here = InteractionPayload(incident=card.incident).pack()
    rows = listed([f":raised_hand: {clip(escape(need.text), 200)}" for need in card.needs], 2000, each=250)
    return Message(
        text=text,
        blocks=[
            section(f"{text}\n{rows}"),
            actions("needs", [button("Say what is met …", Action.NEEDS, here)]),
            context(
                f"Typed: `{COMMAND} met`. If one stands in the way of being done: `{COMMAND} reopen why`"
            ),
        ],
    )


def needs(card: CardFacts, *, answer_in: ChannelId | None = None) -> Block:
    """Return the modal that says which Needs are met; where none is open it says so."""
    title = f"Needs of {label(card.incident)}"
    if not card.needs:
        return forms.notice(title, "No need is open.")
    return modal(
        Form.NEEDS,
        title,
        [*_ask_needs(card, "Which of them are met?"), context(f"Typed: `{COMMAND} met`")],
        submit="Save",
        payload=InteractionPayload(incident=card.incident, channel=answer_in).pack(),
    )


def met(values: object) -> tuple[TextId, ...]:
    """Return the Needs that were ticked as met."""
    return tuple(TextId(need) for need in forms.ticked(values, Input.MET))


def reopen(card: CardFacts, *, answer_in: ChannelId | None = None) -> Block:
    """Return the modal that takes an ended incident back to work, with a reason."""
    back = [to for to in Status if to in WORKING & MOVES[card.status]]
    if not back:
        return forms.notice("Reopen", "This incident cannot be reopened; go on in the one that goes on.")
    return modal(
        Form.REOPEN,
        f"Reopen {label(card.incident)}",
        [
            section(f"It is {words.status(card.status)}. Its room, roles and timeline go on as they were."),
            _reason(optional=False),
            select_input(
                Input.STATUS,
                "Go on with",
                [option(to.capitalize(), to) for to in back],
                initial=Status.INVESTIGATING,
            ),
            context(f"Typed: `{COMMAND} reopen why`"),
        ],
        submit="Reopen",
        payload=_carried(card, None, answer_in),
    )


def cancel(card: CardFacts, *, answer_in: ChannelId | None = None) -> Block:
    """Return the modal that ends what was no incident, with a reason."""
    return modal(
        Form.CANCEL,
        f"Cancel {label(card.incident)}",
        [
            section("For what turned out to be none: a false alarm, or expected. It counts in no metric."),
            _reason(optional=False),
            context(f"Typed: `{COMMAND} cancel why`"),
        ],
        submit="Cancel incident",
        payload=_carried(card, Status.CANCELLED, answer_in),
    )


def _reason(*, optional: bool, label_: str = "Why?", hint: str = "") -> Block:
    return text_input(Input.REASON, label_, longest=BODY_MAX, multiline=True, optional=optional, hint=hint)


def _carried(card: CardFacts, to: Status | None, answer_in: ChannelId | None) -> str:
    return InteractionPayload(incident=card.incident, to=to, seen=card.status, channel=answer_in).pack()


@dataclass(frozen=True, kw_only=True)
class StatusSaid:
    """Where to, why, and what the person was looking at."""

    to: Status
    reason: str | None
    seen: Status | None
    met: tuple[TextId, ...] = ()


def submission(values: object, payload: InteractionPayload) -> StatusSaid:
    """Return what was entered in any of the four modals; refuses a missing or unknown status."""
    chosen = forms.chosen(values, Input.STATUS) or payload.to
    # The reason is the one input all four have, so that is where the sentence can stand.
    to = forms.need(chosen, Input.REASON, "Choose a status to move to.")
    if to not in set(Status):
        msg = "That status does not exist. Choose one of the list."
        raise Refused(msg, field=Input.REASON)
    return StatusSaid(
        to=Status(to),
        reason=forms.typed(values, Input.REASON),
        seen=seen_status(payload),
        met=met(values),
    )


def seen_status(payload: InteractionPayload) -> Status | None:
    """Return the status that a button or a modal showed, if it showed one."""
    return Status(payload.seen) if payload.seen in set(Status) else None
