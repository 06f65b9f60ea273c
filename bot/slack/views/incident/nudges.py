"""What the bot says of its own accord when nobody decides yet."""

from bot.domain.shared.vocabulary import Role, label
from bot.slack.blocks import Message, actions, button, context, date, section
from bot.slack.ids import COMMAND, Action, Nudge, named
from bot.slack.views import words
from bot.slack.views.payload import InteractionPayload
from bot.usecases.messages import CommanderMissing


def commander_missing(said: CommanderMissing) -> Message:
    """Return the nudge for a commander; whoever takes it took it from nobody."""
    text = f"{label(said.incident)} has had no commander since {date(said.since, '{time}')}."
    free = InteractionPayload(
        incident=said.incident, role=Role.COMMANDER, seen="", nudge=Nudge.COMMANDER
    ).pack()
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
