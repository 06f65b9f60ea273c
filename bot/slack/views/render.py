"""Turns what the bot says into a Slack message: one case a kind, and mypy sees that none is missing."""

from typing import assert_never

from bot.slack.blocks import Message, section, sentence
from bot.slack.views import failed, noticed
from bot.slack.views.incident import card, nudges, postmortem, report, roles, timeline
from bot.usecases import messages
from bot.usecases.messages import Said


def render(said: Said) -> Message:  # noqa: C901, PLR0911, PLR0912 - a table, one line a kind
    """Return the message: a notification text and blocks, both within Slack's limits."""
    match said:
        case messages.Card():
            return card.card(said)
        case messages.Announcement():
            return card.announcement(said)
        case messages.Noticed():
            return noticed.noticed(said)
        case messages.MergedIn():
            return noticed.merged_in(said)
        case messages.RoomOpened():
            return noticed.room_opened(said)
        case messages.Happened():
            return timeline.happened(said)
        case messages.ReportShown():
            return report.shown(said)
        case messages.Duties():
            return roles.duties(said)
        case messages.HandoverQuestion():
            return roles.handover(said)
        case messages.CommanderMissing() | messages.ReportOverdue() | messages.PostmortemNudge():
            return nudges.nudge(said)
        case messages.Answered():
            return nudges.answered(said)
        case messages.InsteadOfRoom():
            return nudges.instead_of_room(said)
        case messages.RoomClosed():
            return nudges.room_closed(said)
        case messages.PostmortemGiven():
            return postmortem.given(said)
        case messages.PostmortemOffered():
            return postmortem.offered(said)
        case messages.Failed():
            return failed.failed(said)
        case messages.Plain():
            text = sentence(said.text)
            return Message(text=text, blocks=[section(text)])
        case _:
            assert_never(said)
