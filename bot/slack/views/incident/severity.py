"""How bad it is: the choice with each level's test, and the modal that changes it."""

from dataclasses import dataclass

from bot.domain.shared.severity import Severity, SeverityKey, SeverityScale
from bot.domain.shared.texts import BODY_MAX
from bot.domain.shared.vocabulary import ChannelId, label
from bot.slack.blocks import Block, context, escape, modal, option, radio_input, section, text_input
from bot.slack.ids import COMMAND, Form, Input
from bot.slack.views import forms, words
from bot.slack.views.payload import InteractionPayload
from bot.usecases.messages import CardFacts


def severity_input(scale: SeverityScale, *, initial: SeverityKey | None = None) -> Block:
    """Return the choice among all levels: its name, who is affected, and how degraded things are."""
    options = [option(_named(level), level.key, level.degradation) for level in scale]
    return radio_input(
        Input.SEVERITY,
        "How bad is it?",
        options,
        initial=initial,
        hint="Two questions: what does not work, and who notices? When in doubt, choose the worse one.",
    )


def _named(level: Severity) -> str:
    major = " (major)" if level.major else ""
    return f"{level.key}{major} · users affected: {level.affected} · {words.every(level.cadence)}"


def severity(card: CardFacts, scale: SeverityScale, *, answer_in: ChannelId | None = None) -> Block:
    """Return the modal that changes the severity; what follows from being major stands above the choice."""
    text = f"It is *{escape(card.severity.key)}* now. A major one is announced widely and owes a postmortem."
    return modal(
        Form.SEVERITY,
        f"Severity of {label(card.incident)}",
        [
            section(text),
            severity_input(scale, initial=card.severity.key),
            text_input(Input.REASON, "Why?", longest=BODY_MAX, multiline=True, optional=True),
            context(f"Typed: `{COMMAND} sev 2`"),
        ],
        submit="Change",
        payload=InteractionPayload(incident=card.incident, seen=card.severity.key, channel=answer_in).pack(),
    )


@dataclass(frozen=True, kw_only=True)
class SeveritySaid:
    """Another severity, and why."""

    severity: Severity
    reason: str | None


def submission(values: object, scale: SeverityScale) -> SeveritySaid:
    """Return what was entered; refuses a missing choice and a level the settings do not have."""
    key = forms.need(forms.chosen(values, Input.SEVERITY), Input.SEVERITY, "Choose a severity.")
    return SeveritySaid(severity=scale.find(key), reason=forms.typed(values, Input.REASON))
