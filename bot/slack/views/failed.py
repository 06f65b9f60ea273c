"""What did not work outside, said plainly, with a way to try again."""

from bot.domain.shared.vocabulary import label
from bot.slack.blocks import (
    Block,
    Message,
    actions,
    button,
    clip,
    context,
    escape,
    modal,
    section,
    sentence,
    text_input,
)
from bot.slack.ids import Action, Form, Input, named
from bot.slack.views import forms, words
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
            actions(
                f"failed:{said.job}",
                [
                    button("Retry", named(Action.RETRY, said.job), payload),
                    button("Dismiss …", named(Action.DISMISS, said.job), payload),
                ],
            ),
            context("Nothing is lost and the incident goes on. Retry once the cause is gone."),
        ],
    )


def dismiss(payload: InteractionPayload) -> Block:
    """Return the modal that puts a failure aside, with a reason."""
    return modal(
        Form.DISMISS,
        "Put it aside",
        [
            section("It is not tried again, and counts as a problem no longer."),
            text_input(Input.REASON, "Why?", multiline=True, placeholder="Done by hand"),
            context(f"In a shell: `warroom jobs dismiss {payload.job} --why …`"),
        ],
        submit="Dismiss",
        payload=payload.pack(),
    )


def dismissed(values: object) -> str:
    """Return the reason as it was typed; an empty one is the use case's to refuse."""
    return forms.typed(values, Input.REASON) or ""
