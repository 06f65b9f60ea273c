"""Who does what: role lines, duties, the hand-over, and the modals that give and take roles."""

from dataclasses import dataclass

from bot.domain.incident.roles import DUTIES
from bot.domain.shared.vocabulary import ChannelId, Role, UserId, label
from bot.slack.blocks import (
    OPTION_MAX,
    Block,
    Message,
    actions,
    button,
    channel,
    clip,
    context,
    date,
    escape,
    modal,
    option,
    person,
    person_input,
    section,
    select_input,
    sentence,
    size,
    text_input,
)
from bot.slack.ids import COMMAND, Action, Form, Input, named
from bot.slack.views import forms, words
from bot.slack.views.payload import InteractionPayload
from bot.usecases.messages import CardFacts, Duties, HandoverFacts, HandoverQuestion

ALONE = (Role.COMMANDER, Role.SCRIBE, Role.LIAISON)
"""The roles that one person has at a time; SMEs stand side by side."""
WORKSTREAM_MAX = 80
TYPED = {Role.COMMANDER: "ic", Role.SCRIBE: "scribe", Role.LIAISON: "liaison", Role.SME: "sme"}


def held_by(card: CardFacts, role: Role) -> str:
    """Return who holds a role alone, or ``""`` for nobody: what a button saw when it was shown."""
    return next((line.person for line in card.roles if line.role is role), "")


def under_way(handover: HandoverFacts) -> str:
    """Return how a hand-over stands, for the card."""
    waiting = [user for user in (handover.holder, handover.to) if user not in handover.agreed]
    missing = f"; waiting for {' and '.join(map(person, waiting))}" if waiting else ""
    return f"Hand-over from {person(handover.holder)} to {person(handover.to)} asked for{missing}."


def duties(said: Duties) -> Message:
    """Return what a person who was put into a role has to do."""
    stream = f" for {clip(escape(said.workstream), 200)}" if said.workstream else ""
    where = f", war room {channel(said.channel)}" if said.channel else ""
    role = "an SME" if said.role is Role.SME else f"the {said.role}"
    text = f"You are {role} of {label(said.incident)}{stream}{where}."
    tasks = "\n".join(f"• {duty}" for duty in DUTIES[said.role])
    return Message(
        text=text,
        blocks=[
            section(f"{text}\n{words.named(said.incident, said.title)}"),
            section(tasks),
            context(
                f"Assigned by {words.who(said.by)}. If you cannot do it now, say so in the room, "
                f"or ask somebody else: {hint(said.role)}"
            ),
        ],
    )


def hint(role: Role) -> str:
    """Return how a role is given by typing."""
    return f"`{COMMAND} {TYPED[role]} @someone`"


def handover(said: HandoverQuestion) -> Message:
    """Return the question to both sides, or how it ended."""
    asked = said.handover
    if asked is None:
        text = sentence(said.outcome or f"The hand-over of {label(said.incident)} is settled.", 2000)
        return Message(text=text, blocks=[section(f":handshake: {text}")])
    text = (
        f"Shall command of {label(said.incident)} go from {person(asked.holder)} to {person(asked.to)}? "
        f"{words.who(asked.asked_by)} asked, {date(asked.asked_at, '{time}')}."
    )
    state = "\n".join(
        f"{':white_check_mark:' if user in asked.agreed else ':hourglass_flowing_sand:'} {person(user)}"
        for user in (asked.holder, asked.to)
    )
    payload = InteractionPayload(incident=said.incident, seen=asked.holder, person=asked.to).pack()
    buttons = [
        button("Agree", Action.AGREE, payload, style="primary"),
        button("Decline", Action.DECLINE, payload),
    ]
    small = f"Both have to agree. Typed: `{COMMAND} agree`, `{COMMAND} decline`"
    if asked.overdue:
        buttons.append(button("Take over now …", Action.TAKE_OVER, payload, style="danger"))
        small = "There was no answer in time, so anybody in the room may take over now, with a reason."
    return Message(
        text=text,
        blocks=[section(f":handshake: {text}\n{state}"), actions("handover", buttons), context(small)],
    )


def assign(card: CardFacts, role: Role, *, answer_in: ChannelId | None = None) -> Block:
    """Return the modal that puts a person into a role; an SME may get a workstream."""
    holder = "" if role is Role.SME else held_by(card, role)
    now = f"{person(holder)} is {role} now." if holder else ""
    asks = " They and the new commander will both be asked." if holder and role is Role.COMMANDER else ""
    blocks = [
        *([section(now + asks)] if now else []),
        person_input(Input.PERSON, "Who?"),
    ]
    if role is Role.SME:
        blocks.append(
            text_input(
                Input.WORKSTREAM,
                "Workstream",
                longest=WORKSTREAM_MAX,
                optional=True,
                placeholder="Orders pipeline",
            )
        )
    blocks.append(context(f"Typed: {hint(role)}"))
    seen = None if role is Role.SME else holder
    return modal(
        Form.ASSIGN,
        "Add an SME" if role is Role.SME else f"Assign the {role}",
        blocks,
        submit="Assign",
        payload=InteractionPayload(incident=card.incident, role=role, seen=seen, channel=answer_in).pack(),
    )


@dataclass(frozen=True, kw_only=True)
class AssignSaid:
    """Who is put into which role; ``seen`` is who held it where the person looked."""

    role: Role
    person: UserId
    workstream: str | None
    seen: str | None


def assigned(values: object, payload: InteractionPayload) -> AssignSaid:
    """Return what was entered; refuses a missing person and a form that names no role."""
    who = forms.need(forms.person(values, Input.PERSON), Input.PERSON, "Choose a person.")
    role = forms.need(payload.role, Input.PERSON, "This form is out of date. Close it and open it again.")
    return AssignSaid(
        role=Role(role),
        person=UserId(who),
        workstream=forms.typed(values, Input.WORKSTREAM),
        seen=payload.seen,
    )


def join(card: CardFacts, me: UserId | None, *, answer_in: ChannelId | None = None) -> Block:
    """Return the modal that joins as an SME: where others work, or a workstream of one's own, or none yet."""
    mine = next((line for line in card.roles if (line.role, line.person) == (Role.SME, me)), None)
    streams = dict.fromkeys(
        line.workstream for line in card.roles if line.role is Role.SME and line.workstream
    )
    own = mine.workstream if mine else None
    # One that is too long for a choice is typed again, not cut: cut it would be another.
    others = [stream for stream in streams if stream != own and size(stream) <= OPTION_MAX]
    blocks = []
    if others:
        choices = [option(stream, stream) for stream in others]
        blocks.append(select_input(Input.STREAMS, "Where others work already", choices, optional=True))
    blocks.append(
        text_input(
            Input.WORKSTREAM,
            "Or another workstream" if others else "Workstream",
            initial=own,
            longest=WORKSTREAM_MAX,
            optional=True,
            placeholder="Orders pipeline",
        )
    )
    blocks.append(
        context(f"Typed: `{COMMAND} sme me orders pipeline`. You are invited where you are not in yet.")
    )
    return modal(
        Form.JOIN,
        "Join as SME",
        blocks,
        submit="Join",
        payload=InteractionPayload(incident=card.incident, role=Role.SME, channel=answer_in).pack(),
    )


def joined(values: object) -> str | None:
    """Return the workstream that was typed, else the one that was chosen, else None."""
    return forms.typed(values, Input.WORKSTREAM) or forms.chosen(values, Input.STREAMS)


def join_first(card: CardFacts, role: Role, *, seen: str | None) -> Message:
    """Return the question to somebody outside the war room who takes a role: one press does both."""
    name = "an SME" if role is Role.SME else f"the {role}"
    where = channel(card.channel) if card.channel else "its war room"
    text = f"You are not in the war room of {label(card.incident)}. Join {where} and be {name}?"
    payload = InteractionPayload(incident=card.incident, role=role, seen=seen).pack()
    both = button("Join and take it", named(Action.JOIN_AND_TAKE, role), payload, style="primary")
    return Message(text=text, blocks=[section(text), actions("join", [both])])


def take_over(card: CardFacts, *, answer_in: ChannelId | None = None) -> Block:
    """Return the modal that takes command without the holder's answer, with a reason."""
    holder = held_by(card, Role.COMMANDER)
    now = f"{person(holder)} is commander of" if holder else "Nobody is commander of"
    return modal(
        Form.TAKE_OVER,
        "Take over command",
        [
            section(f"{now} {label(card.incident)}. Taking over is recorded with your reason."),
            text_input(Input.REASON, "Why now?", multiline=True, placeholder="No answer for ten minutes"),
            context(f"Typed: `{COMMAND} takeover why`"),
        ],
        submit="Take over",
        payload=InteractionPayload(incident=card.incident, seen=holder, channel=answer_in).pack(),
    )


def taken_over(values: object) -> str:
    """Return the reason as it was typed; an empty one is the domain's to refuse."""
    return forms.typed(values, Input.REASON) or ""
