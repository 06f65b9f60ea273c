"""What did not work outside, said plainly, with a way to try again."""

from bot.domain.shared.vocabulary import label
from bot.slack.blocks import Message, actions, button, clip, context, escape, section, sentence
from bot.slack.ids import Action, named
from bot.slack.views import words
from bot.slack.views.payload import InteractionPayload
from bot.usecases.messages import Failed


def failed(said: Failed) -> Message:
    """Return the line with its Retry; the incident goes on meanwhile."""
    about = f"{label(said.incident)}: " if said.incident is not None else ""
    text = f"{about}this did not work: {sentence(words.work(said.what), 500)}."
    payload = InteractionPayload(incident=said.incident, job=said.job).pack()
    return Message(
        text=text,
        blocks=[
            section(f":warning: {text}\nWhy: {clip(escape(said.why), 1500)}"),
            actions(f"failed:{said.job}", [button("Retry", named(Action.RETRY, said.job), payload)]),
            context("Nothing is lost and the incident goes on. Retry once the cause is gone."),
        ],
    )
