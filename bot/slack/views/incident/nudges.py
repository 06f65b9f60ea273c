"""What the bot says of its own accord when nobody decides yet."""

from collections.abc import Mapping
from typing import assert_never

from bot.domain.shared.vocabulary import Role, label
from bot.slack.blocks import Message, actions, button, context, date, person, section, sentence
from bot.slack.ids import COMMAND, Action, named
from bot.slack.views import failed, words
from bot.slack.views.incident import postmortem, report
from bot.slack.views.payload import InteractionPayload
from bot.usecases.messages import (
    Answered,
    CommanderMissing,
    Failed,
    InsteadOfRoom,
    NoRoom,
    NudgeSaid,
    PostmortemNudge,
    ReportOverdue,
    RoomClosed,
)

WHY: Mapping[NoRoom, str] = {
    NoRoom.NOT_OPENED: "its war room could not be opened",
    NoRoom.ARCHIVED: "its war room is archived",
    NoRoom.REMOVED: "the bot was taken out of its war room; invite it again",
    NoRoom.GONE: "its war room is gone, or the bot was taken out of it",
}


def nudge(said: NudgeSaid) -> Message:
    """Return what the bot asks for of its own accord: one case a nudge."""
    match said:
        case CommanderMissing():
            return commander_missing(said)
        case ReportOverdue():
            return report.overdue(said)
        case PostmortemNudge():
            return postmortem.nudge(said)
        case _:
            assert_never(said)


def answered(said: Answered) -> Message:
    """Return what a question says once it was answered, in place of its buttons."""
    text = sentence(said.outcome, 2000)
    return Message(text=text, blocks=[section(f":ballot_box_with_check: {text}")])


def room_closed(said: RoomClosed) -> Message:
    """Return that an open incident has lost its room, and what becomes of what is said there."""
    text = f"{label(said.incident)} is still open, but {WHY[said.why]}."
    return Message(
        text=text,
        blocks=[
            section(f":lock: {text}\n{words.named(said.incident, said.title)}"),
            context("Until it is back, what the bot asks for comes by direct message. Nothing is lost."),
        ],
    )


def instead_of_room(said: InsteadOfRoom) -> Message:
    """Return what belongs into the war room, and why it comes by direct message."""
    inner = failed.failed(said.said) if isinstance(said.said, Failed) else nudge(said.said)
    why = context(f"This comes to you directly because {WHY[said.why]}.")
    return Message(text=inner.text, blocks=[*inner.blocks, why])


def commander_missing(said: CommanderMissing) -> Message:
    """Return the nudge for a commander; whoever takes it took it from nobody."""
    asked = f"{person(said.ask)}, " if said.ask else ""
    text = f"{asked}{label(said.incident)} has had no commander since {date(said.since, '{time}')}."
    free = InteractionPayload(incident=said.incident, role=Role.COMMANDER, seen="", nudge=said.word).pack()
    return Message(
        text=text,
        blocks=[
            section(f":compass: {text} Somebody has to decide; it need not be the most senior person."),
            actions(
                "nudge:commander",
                [
                    button("Take it", named(Action.TAKE, Role.COMMANDER), free, style="primary"),
                    button("Assign …", named(Action.ASSIGN, Role.COMMANDER), free),
                    button(words.snooze(said.snooze), Action.SNOOZE, free),
                ],
            ),
            context(f"Typed: `{COMMAND} ic me`, `{COMMAND} ic @someone`"),
        ],
    )
