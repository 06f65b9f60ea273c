"""The postmortem: its line on the card, its reminders, its offer, and the modal that ends it."""

from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import ChannelId, label
from bot.slack.blocks import (
    Block,
    Message,
    actions,
    button,
    channel,
    context,
    date,
    host,
    link,
    link_input,
    modal,
    person,
    section,
    text_input,
)
from bot.slack.ids import COMMAND, Action, Form, Input
from bot.slack.views import forms, words
from bot.slack.views.payload import InteractionPayload
from bot.usecases.messages import (
    CardFacts,
    PostmortemFacts,
    PostmortemGiven,
    PostmortemMoment,
    PostmortemNudge,
    PostmortemOffered,
)


def line(postmortem: PostmortemFacts) -> str:
    """Return how the postmortem stands, as mrkdwn."""
    if postmortem.done:
        where = (
            link(postmortem.link, f"read it on {host(postmortem.link)}")
            if postmortem.link
            else "its link was erased"
        )
        return f"*Postmortem* · :white_check_mark: done, {where}"
    owner = person(postmortem.owner) if postmortem.owner else "_nobody yet_"
    return f"*Postmortem* · due {date(postmortem.due_at)} · owner {owner}"


def buttons(card: CardFacts) -> list[Block]:
    """Return what can be done about an open postmortem; nothing where none is open."""
    if card.postmortem is None or card.postmortem.done:
        return []
    return _owning(InteractionPayload(incident=card.incident).pack(), owned=card.postmortem.owner is not None)


def _owning(payload: str, *, owned: bool) -> list[Block]:
    return [
        button("I own it", Action.OWN_POSTMORTEM, payload, style=None if owned else "primary"),
        button("Done …", Action.POSTMORTEM_DONE, payload),
        button("Not needed …", Action.WAIVE_POSTMORTEM, payload),
    ]


def nudge(said: PostmortemNudge) -> Message:
    """Return the reminder; it grows plainer, never louder."""
    about, due = label(said.incident), date(said.due_at)
    asked = said.owner or said.ask
    hello = f"{person(asked)}, the" if asked else "The"
    sentence = {
        PostmortemMoment.ASKED: f"{hello} postmortem of {about} is due {due}.",
        PostmortemMoment.BEFORE: f"{hello} postmortem of {about} is due soon: {due}.",
        PostmortemMoment.DUE: f"{hello} postmortem of {about} is due now.",
        PostmortemMoment.LATE: f"{hello} postmortem of {about} was due {due}.",
    }[said.moment]
    ask = "" if said.owner else " Who writes it?"
    payload = InteractionPayload(incident=said.incident, nudge=said.word).pack()
    return Message(
        text=sentence + ask,
        blocks=[
            section(f":spiral_note_pad: {sentence}{ask}\n{words.named(said.incident, said.title)}"),
            actions(
                "nudge:postmortem",
                [
                    *_owning(payload, owned=said.owner is not None),
                    button(words.snooze(said.snooze), Action.SNOOZE, payload),
                ],
            ),
            context(f"It is about how it could happen, not about who. Typed: `{COMMAND} postmortem own`"),
        ],
    )


def given(said: PostmortemGiven) -> Message:
    """Return what a person is told who was asked to write it."""
    where = f", war room {channel(said.channel)}" if said.channel else ""
    text = f"The postmortem of {label(said.incident)} is yours to write, due {date(said.due_at)}{where}."
    payload = InteractionPayload(incident=said.incident).pack()
    return Message(
        text=text,
        blocks=[
            section(f":spiral_note_pad: {text}\n{words.named(said.incident, said.title)}"),
            actions("given:postmortem", [button("Done …", Action.POSTMORTEM_DONE, payload)]),
            context(
                f"Asked by {words.who(said.by)}. It is about how it could happen, not about who. If you "
                f"cannot write it, ask somebody else: `{COMMAND} postmortem own @someone`"
            ),
        ],
    )


def offered(said: PostmortemOffered) -> Message:
    """Return the offer after a minor incident."""
    text = f"{label(said.incident)} is resolved. It owes no postmortem; is there something to learn from it?"
    payload = InteractionPayload(incident=said.incident).pack()
    return Message(
        text=text,
        blocks=[
            section(f":spiral_note_pad: {text}\n{words.named(said.incident, said.title)}"),
            actions("offer:postmortem", [button("Write a postmortem", Action.OWE_POSTMORTEM, payload)]),
            context(f"Typed: `{COMMAND} postmortem start`"),
        ],
    )


def postmortem_done(card: CardFacts, *, answer_in: ChannelId | None = None) -> Block:
    """Return the modal that takes the link to a written postmortem."""
    return modal(
        Form.POSTMORTEM_DONE,
        "Postmortem done",
        [
            section(f"Where can people read the postmortem?\n{words.named(card.incident, card.title)}"),
            link_input(Input.LINK, "Link", hint="A document, a wiki page, a canvas: any web address."),
            context(f"Typed: `{COMMAND} postmortem done https://…`"),
        ],
        submit="Done",
        payload=InteractionPayload(incident=card.incident, channel=answer_in).pack(),
    )


def waive(card: CardFacts, *, answer_in: ChannelId | None = None) -> Block:
    """Return the modal that takes the obligation back, with a reason."""
    return modal(
        Form.WAIVE_POSTMORTEM,
        "No postmortem",
        [
            section(f"Why does it need none?\n{words.named(card.incident, card.title)}"),
            text_input(Input.REASON, "Why?", multiline=True, placeholder="It was SEV3 after all"),
            context(f"It stays on the timeline. Typed: `{COMMAND} postmortem waive why`"),
        ],
        submit="Waive",
        payload=InteractionPayload(incident=card.incident, channel=answer_in).pack(),
    )


def waived(values: object) -> str:
    """Return the reason as it was typed; an empty one is the domain's to refuse."""
    return forms.typed(values, Input.REASON) or ""


def submission(values: object) -> str:
    """Return the link as it was typed; refuses none. What a link is, the domain judges."""
    given = forms.typed(values, Input.LINK)
    if not given:
        msg = "Paste the link to the postmortem."
        raise Refused(msg, field=Input.LINK)
    return given
