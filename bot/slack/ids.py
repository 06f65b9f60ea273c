"""Every name that Slack hands back to us: of buttons, of modals, of their inputs and of shortcuts."""

import re
from collections.abc import Mapping
from enum import StrEnum

COMMAND = "/incident"


class Shortcut(StrEnum):
    """The shortcuts of ``manifest.yml``."""

    DECLARE_ANYWHERE = "declare_anywhere"
    DECLARE_FROM_MESSAGE = "declare_from_message"
    MARK_FROM_MESSAGE = "mark_from_message"


class Action(StrEnum):
    """What a button does. In a message it may carry a suffix: see `named` and `pattern`."""

    # These act at once.
    TAKE = "take"
    JOIN_AND_TAKE = "join_and_take"
    MOVE = "move"
    AGREE = "agree"
    DECLINE = "decline"
    SNOOZE = "snooze"
    OWE_POSTMORTEM = "owe_postmortem"
    OWN_POSTMORTEM = "own_postmortem"
    RETRY = "retry"
    # These show something to the person alone.
    LIST = "list"
    MINE = "mine"
    HELP = "help"
    TIMELINE = "timeline"
    PICK = "pick"
    TRAY = "tray"
    # These open a modal.
    DECLARE = "open_declare"
    REPORT = "open_report"
    STATUS = "open_status"
    SEVERITY = "open_severity"
    ASSIGN = "open_assign"
    JOIN = "join"
    TAKE_OVER = "open_take_over"
    NOTE = "open_note"
    RESOLVE = "open_resolve"
    NEEDS = "open_needs"
    EDIT = "open_edit"
    REOPEN = "open_reopen"
    CANCEL = "open_cancel"
    CORRECT = "open_correct"
    POSTMORTEM_DONE = "open_postmortem_done"
    WAIVE_POSTMORTEM = "open_waive_postmortem"
    DISMISS = "open_dismiss"
    # An overflow; the option's value names one of the actions above.
    MORE = "more"


class Form(StrEnum):
    """The modals, by callback id."""

    DECLARE = "declare"
    REPORT = "report"
    STATUS = "status"
    RESOLVE = "resolve"
    NEEDS = "needs"
    EDIT = "edit"
    REOPEN = "reopen"
    CANCEL = "cancel"
    SEVERITY = "severity"
    ASSIGN = "assign"
    JOIN = "join"
    TAKE_OVER = "take_over"
    NOTE = "note"
    CORRECT = "correct"
    POSTMORTEM_DONE = "postmortem_done"
    WAIVE_POSTMORTEM = "waive_postmortem"
    DISMISS = "dismiss"
    NOTICE = "notice"


class Input(StrEnum):
    """The inputs of modals, both block id and action id, named as the domain's refusals name them."""

    TITLE = "title"
    SEVERITY = "severity"
    SUMMARY = "summary"
    AFFECTED = "affected"
    STARTED_AT = "started_at"
    MARKS = "marks"
    CONDITION = "condition"
    CONDITIONS = "conditions"
    BLAST_RADIUS = "blast_radius"
    ACTIONS = "actions"
    MET = "met"
    NEEDS = "needs"
    STATUS = "status"
    REASON = "reason"
    PERSON = "person"
    WORKSTREAM = "workstream"
    STREAMS = "streams"
    NOTE = "note"
    OCCURRED_AT = "occurred_at"
    MILESTONE = "milestone"
    AT = "at"
    LINK = "link"


class Mark(StrEnum):
    """The ticks of the declare modal."""

    PRIVATE = "private"
    DRILL = "drill"


ALWAYS: Mapping[Form, tuple[Input, ...]] = {
    Form.DECLARE: (
        Input.TITLE,
        Input.SEVERITY,
        Input.SUMMARY,
        Input.AFFECTED,
        Input.STARTED_AT,
        Input.MARKS,
    ),
    Form.REPORT: (
        Input.CONDITIONS,
        Input.CONDITION,
        Input.BLAST_RADIUS,
        Input.ACTIONS,
        Input.NEEDS,
    ),
    Form.STATUS: (Input.REASON,),
    Form.RESOLVE: (Input.REASON,),
    Form.NEEDS: (Input.MET,),
    Form.EDIT: (Input.TITLE, Input.SUMMARY, Input.AFFECTED),
    Form.REOPEN: (Input.REASON, Input.STATUS),
    Form.CANCEL: (Input.REASON,),
    Form.SEVERITY: (Input.SEVERITY, Input.REASON),
    Form.ASSIGN: (Input.PERSON,),
    Form.JOIN: (Input.WORKSTREAM,),
    Form.TAKE_OVER: (Input.REASON,),
    Form.NOTE: (Input.NOTE, Input.OCCURRED_AT),
    Form.CORRECT: (Input.MILESTONE, Input.AT, Input.REASON),
    Form.POSTMORTEM_DONE: (Input.LINK,),
    Form.WAIVE_POSTMORTEM: (Input.REASON,),
    Form.DISMISS: (Input.REASON,),
}
"""The inputs each modal has whatever it shows: an error can stand at these alone, the first by default."""


def named(action: Action, *suffix: object) -> str:
    """Return the action id of one of several like buttons: ``take:commander``."""
    return ":".join([str(action), *map(str, suffix)])


def pattern(action: Action) -> re.Pattern[str]:
    """Return what matches an action id with any suffix or none."""
    return re.compile(rf"{re.escape(action)}(?::.*)?\Z")


ANY = re.compile(r".*", re.DOTALL)
"""Matches every name: which listener answers is looked up in a table, not tried one after another."""
