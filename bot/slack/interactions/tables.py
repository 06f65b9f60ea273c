"""Which listener answers what: typed words, pressed buttons, submitted modals."""

from collections.abc import Mapping

from bot.domain.shared.vocabulary import Role, Status
from bot.slack.ids import Action, Form
from bot.slack.interactions import lists
from bot.slack.interactions.incident import (
    declare,
    nudges,
    postmortem,
    report,
    roles,
    severity,
    status,
    timeline,
)
from bot.slack.interactions.interaction import Listener

TYPED: Mapping[str, Listener] = {
    "declare": declare.opened,
    "list": lists.listed,
    "mine": lists.mine,
    "status": status.typed,
    "severity": severity.typed,
    "commander": roles.typed_as(Role.COMMANDER),
    "scribe": roles.typed_as(Role.SCRIBE),
    "liaison": roles.typed_as(Role.LIAISON),
    "sme": roles.typed_as(Role.SME),
    "release": roles.typed_release,
    "agree": roles.answering(agreed=True),
    "decline": roles.answering(agreed=False),
    "takeover": roles.typed_take_over,
    "update": report.opened,
    "note": timeline.typed_note,
    "timeline": timeline.shown,
    "correct": timeline.correcting,
    "resolve": status.typed_resolve,
    "close": status.typed_as(Status.CLOSED),
    "cancel": status.typed_cancel,
    "reopen": status.typed_reopen,
    "merge": status.merge,
    "postmortem": postmortem.typed,
    "snooze": nudges.typed,
    "help": lists.helped,
}

PRESSED: Mapping[Action, Listener] = {
    Action.TAKE: roles.pressed_take,
    Action.JOIN: roles.pressed_take,
    Action.MOVE: status.pressed,
    Action.AGREE: roles.answering(agreed=True),
    Action.DECLINE: roles.answering(agreed=False),
    Action.SNOOZE: nudges.pressed,
    Action.OWE_POSTMORTEM: postmortem.ask_for,
    Action.OWN_POSTMORTEM: postmortem.own,
    Action.RETRY: nudges.retried,
    Action.LIST: lists.listed,
    Action.MINE: lists.mine,
    Action.HELP: lists.helped,
    Action.TIMELINE: timeline.shown,
    Action.DECLARE: declare.opened,
    Action.REPORT: report.opened,
    Action.STATUS: status.choose,
    Action.SEVERITY: severity.choose,
    Action.ASSIGN: roles.assigning,
    Action.TAKE_OVER: roles.taking_over,
    Action.NOTE: timeline.noting,
    Action.RESOLVE: status.resolving,
    Action.REOPEN: status.reopening,
    Action.CANCEL: status.cancelling,
    Action.CORRECT: timeline.correcting,
    Action.POSTMORTEM_DONE: postmortem.finishing,
}

SUBMITTED: Mapping[Form, Listener] = {
    Form.DECLARE: declare.submitted,
    Form.REPORT: report.submitted,
    Form.STATUS: status.submitted,
    Form.RESOLVE: status.submitted,
    Form.REOPEN: status.submitted,
    Form.CANCEL: status.submitted,
    Form.SEVERITY: severity.submitted,
    Form.ASSIGN: roles.submitted_assign,
    Form.TAKE_OVER: roles.submitted_take_over,
    Form.NOTE: timeline.submitted_note,
    Form.CORRECT: timeline.submitted_correction,
    Form.POSTMORTEM_DONE: postmortem.submitted,
}
