"""What people see in telling states, drawn as an outline: a line a block, with what its buttons carry."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.domain.incident import facts, timeline
from bot.domain.incident.aggregate import Looked
from bot.domain.incident.status import MOVES
from bot.domain.shared.severity import DEFAULT_SCALE
from bot.domain.shared.vocabulary import (
    SHELL,
    SYSTEM,
    Actor,
    ChannelId,
    IncidentId,
    Milestone,
    Role,
    Status,
    TextId,
)
from bot.slack.blocks import Block, Message
from bot.slack.views import help, home, lists, tray  # noqa: A004
from bot.slack.views.incident import declare, details, postmortem, report, roles, severity
from bot.slack.views.incident import status as moves
from bot.slack.views.incident import timeline as timeline_views
from bot.slack.views.payload import InteractionPayload
from bot.slack.views.render import render
from bot.usecases import messages
from bot.usecases.handlers import HANDLERS
from bot.usecases.incident.timeline import Page
from bot.usecases.messages import PostmortemMoment, Said
from tests import builders as made
from tests.builders import COMMANDER, DECLARER, EXPERT, NOON, ROOM, SCRIBE, card_facts

HALF_HOUR = timedelta(minutes=30)
ONE = IncidentId(1)


def outline(view: Message | Block) -> str:
    """Return a message or a view as readable lines."""
    if isinstance(view, Message):
        return "\n".join([f"text | {view.text}", *map(_line, view.blocks)])
    head = [
        f"{view['type']} {view.get('callback_id', '')} | {_text(view.get('title'))}",
        f"carries {view.get('private_metadata', '')}",
    ]
    foot = [f"[{_text(view.get('submit'))}] [{_text(view.get('close'))}]"] if "close" in view else []
    return "\n".join([*head, *map(_line, _rows(view["blocks"])), *foot])


def _rows(value: object) -> list[Block]:
    assert isinstance(value, list)
    return value


def _text(value: object) -> str:
    return str(value["text"]) if isinstance(value, Mapping) else ""


def _line(block: Block) -> str:
    parts = [_text(block.get("text")), *map(_text, _rows(block.get("fields", [])))]
    if block["type"] == "input":
        optional = " (optional)" if block["optional"] else ""
        parts = [_text(block["label"]) + optional, _pressed(block["element"]), _text(block.get("hint"))]
    if "accessory" in block:
        parts.append(_pressed(block["accessory"]))
    parts += [
        _text(each) if "action_id" not in each else _pressed(each)
        for each in _rows(block.get("elements", []))
    ]
    return f"{block['type']} {block.get('block_id', '')}".rstrip() + "".join(
        f"\n    {part}" for part in parts if part
    )


def _pressed(element: object) -> str:
    assert isinstance(element, Mapping)
    known = {"type", "action_id", "text", "value", "options", "style"}
    style = f" {element['style']}" if "style" in element else ""
    name = _text(element.get("text")) or element["type"]
    text = f"[{name}{style}] {element['action_id']} {element.get('value', '')}"
    options = "".join(
        f"\n      - {_text(each['text'])} = {each['value']}" for each in _rows(element.get("options", []))
    )
    rest = {name: _short(value) for name, value in element.items() if name not in known}
    return f"{text.rstrip()}{f' {rest}' if rest else ''}{options}"


def _short(value: object) -> object:
    if isinstance(value, list):
        return [_short(each) for each in value]
    return value.get("value", value.get("text")) if isinstance(value, Mapping) else value


def happened(fact: facts.Fact, **words: str) -> messages.Happened:
    return messages.Happened(
        incident=ONE, fact=fact, words={TextId(name): text for name, text in words.items()}
    )


STAMP: dict[str, Any] = {"by": DECLARER, "occurred_at": made.after(135), "recorded_at": made.after(135)}


def noticed(fact: facts.Fact, **words: str) -> messages.Noticed:
    return messages.Noticed(
        facts=card_facts(), fact=fact, words={TextId(name): text for name, text in words.items()}
    )


BUSY = card_facts(
    status=Status.FIXING,
    summary="The nightly load of orders stopped at 02:10.",
    affected="finance.orders, the revenue dashboard",
    from_message="https://example.slack.com/archives/C1/p1",
    roles=(
        made.role(),
        made.role(Role.SCRIBE, SCRIBE),
        made.role(Role.SME, EXPERT, "orders pipeline"),
        made.role(Role.SME, SCRIBE),
    ),
    handover=made.handover(),
    report=made.report_facts(),
    report_due=made.after(90),
    needs=(made.need(),),
)
RESOLVED = card_facts(
    status=Status.RESOLVED,
    milestones={Milestone.STARTED: NOON, Milestone.DECLARED: NOON, Milestone.RESOLVED: made.after(135)},
    roles=(made.role(),),
    report=made.report_facts(),
    needs=(made.need(),),
    ending=messages.EndingFacts(
        status=Status.RESOLVED,
        by=Actor.person(COMMANDER),
        at=made.after(135),
        reason="The load ran again\nand the totals agree",
    ),
    postmortem=made.postmortem(owner=COMMANDER),
)
MERGED = card_facts(
    status=Status.MERGED,
    merged_into=IncidentId(4),
    merged_room=ChannelId("C0FOUR"),
    ending=messages.EndingFacts(status=Status.MERGED, by=DECLARER, at=made.after(10), reason=None),
)
CLOSED = replace(
    RESOLVED,
    status=Status.CLOSED,
    postmortem=made.postmortem(done=True, link="https://docs.example/postmortem-1"),
)

SAID: dict[str, Said] = {
    "card of a fresh incident": messages.Card(facts=card_facts()),
    "card of a busy incident": messages.Card(facts=BUSY),
    "card of a private drill": messages.Card(facts=card_facts(private=True, drill=True)),
    "card once resolved": messages.Card(facts=RESOLVED),
    "card once closed": messages.Card(facts=CLOSED),
    "card once merged": messages.Card(facts=MERGED),
    "card once cancelled": messages.Card(
        facts=card_facts(
            status=Status.CANCELLED,
            ending=messages.EndingFacts(
                status=Status.CANCELLED, by=DECLARER, at=made.after(10), reason="It was planned"
            ),
        )
    ),
    "card of one that another was merged into": messages.Card(
        facts=card_facts(merged_in=(messages.MergedLine(incident=IncidentId(2), room=ChannelId("C0TWO")),))
    ),
    "card with everybody in place": messages.Card(
        facts=replace(
            BUSY,
            status=Status.MONITORING,
            handover=None,
            roles=(made.role(), made.role(Role.SCRIBE, SCRIBE), made.role(Role.LIAISON, EXPERT)),
        )
    ),
    "card of a title with signs in it": messages.Card(facts=card_facts(title="*a* _b_ ~c~ `d` e_f")),
    "announcement of a title with signs in it": messages.Announcement(
        facts=card_facts(title="*a* _b_ ~c~ `d` e_f")
    ),
    "announcement once resolved": messages.Announcement(facts=RESOLVED),
    "announcement once merged": messages.Announcement(facts=MERGED),
    "noticed: it is major now": noticed(
        facts.SeverityChanged(**STAMP, before=made.SEV3.key, after=made.SEV1.key, reason=TextId("why")),
        why="it went out to customers",
    ),
    "noticed: it is resolved": noticed(
        facts.StatusChanged(**STAMP, before=Status.FIXING, after=Status.RESOLVED, reason=TextId("why")),
        why="the load ran again",
    ),
    "noticed: it was not over": noticed(
        facts.StatusChanged(**STAMP, before=Status.CLOSED, after=Status.INVESTIGATING, reason=TextId("why")),
        why="it is back",
    ),
    "noticed: it goes on elsewhere": noticed(
        facts.StatusChanged(
            **STAMP,
            before=Status.FIXING,
            after=Status.MERGED,
            into=IncidentId(4),
            into_room=ChannelId("C0FOUR"),
        )
    ),
    "another was merged in": messages.MergedIn(incident=ONE, by=DECLARER, merged=BUSY),
    "a private one was merged in": messages.MergedIn(incident=ONE, by=DECLARER, merged=None),
    "a war room that came late": messages.RoomOpened(incident=ONE, title="Orders are late", channel=ROOM),
    "announcement of a fresh incident": messages.Announcement(facts=card_facts(channel=None)),
    "announcement of a busy incident": messages.Announcement(facts=BUSY),
    "announcement once closed": messages.Announcement(facts=CLOSED),
    "a role taken": happened(
        facts.RoleAssigned(
            by=Actor.person(COMMANDER),
            occurred_at=NOON,
            recorded_at=NOON,
            role=Role.COMMANDER,
            person=COMMANDER,
        )
    ),
    "a move with a reason from the shell": happened(
        facts.StatusChanged(
            by=SHELL,
            occurred_at=NOON,
            recorded_at=NOON,
            before=Status.FIXING,
            after=Status.MONITORING,
            reason=TextId("why"),
        ),
        why="rows & <counts> match <!channel>",
    ),
    "a postmortem owed": happened(
        facts.PostmortemOwed(by=SYSTEM, occurred_at=NOON, recorded_at=NOON, due_at=made.after(2880))
    ),
    "a nudge snoozed": happened(
        facts.NudgeSnoozed(
            by=DECLARER, occurred_at=NOON, recorded_at=NOON, nudge="report", until=made.after(30)
        )
    ),
    "a time corrected": happened(
        facts.MilestoneCorrected(
            by=DECLARER, occurred_at=NOON, recorded_at=NOON, milestone=Milestone.STARTED, reason=TextId("why")
        ),
        why="the job's log",
    ),
    "a first report": messages.ReportShown(incident=ONE, report=made.report_facts()),
    "a report with needs": messages.ReportShown(
        incident=ONE,
        report=made.report_facts(
            blast_radius="Finance, and everybody who reads revenue",
            needs=("A decision on refunds",),
            met=("Access to the warehouse",),
            still=(made.need(), made.need("A decision on refunds")),
        ),
    ),
    "a commander's duties": messages.Duties(
        incident=ONE, title="Orders are late", channel=ROOM, role=Role.COMMANDER, workstream=None, by=DECLARER
    ),
    "an expert's duties": messages.Duties(
        incident=ONE, title="Orders are late", channel=ROOM, role=Role.SME, workstream="orders", by=SHELL
    ),
    "a hand-over asked": messages.HandoverQuestion(incident=ONE, handover=made.handover()),
    "a hand-over overdue": messages.HandoverQuestion(incident=ONE, handover=made.handover(overdue=True)),
    "a hand-over settled": messages.HandoverQuestion(
        incident=ONE, handover=None, outcome=f"<@{EXPERT}> is commander now."
    ),
    "no commander": messages.CommanderMissing(incident=ONE, since=NOON, snooze=HALF_HOUR),
    "a report overdue": messages.ReportOverdue(
        incident=ONE, last_at=NOON, due_at=made.after(60), ask=COMMANDER, snooze=HALF_HOUR
    ),
    "a first report overdue": messages.ReportOverdue(
        incident=ONE, last_at=None, due_at=made.after(60), ask=None, snooze=HALF_HOUR
    ),
    **{
        f"a postmortem {moment}": messages.PostmortemNudge(
            incident=ONE,
            title="Orders are late",
            moment=moment,
            due_at=made.after(2880),
            owner=None if moment is PostmortemMoment.ASKED else COMMANDER,
            snooze=timedelta(days=1),
        )
        for moment in PostmortemMoment
    },
    "no commander, asked of somebody": messages.CommanderMissing(
        incident=ONE, since=NOON, snooze=HALF_HOUR, ask=COMMANDER
    ),
    "a question that was answered": messages.Answered(
        incident=ONE, outcome=f"<@{COMMANDER}> is commander of INC-1."
    ),
    "a nudge by direct message": messages.InsteadOfRoom(
        incident=ONE,
        said=messages.CommanderMissing(incident=ONE, since=NOON, snooze=HALF_HOUR),
        why=messages.NoRoom.ARCHIVED,
    ),
    "a room that was closed": messages.RoomClosed(
        incident=ONE, title="Orders are late", why=messages.NoRoom.REMOVED
    ),
    "a postmortem given": messages.PostmortemGiven(
        incident=ONE,
        title="Orders are late",
        channel=ROOM,
        due_at=made.after(2880),
        by=Actor.person(COMMANDER),
    ),
    "a postmortem offered": messages.PostmortemOffered(incident=ONE, title="Orders are late"),
    "something failed": messages.Failed(
        incident=ONE, job=7, what="open_war_room", why="conversations.create: restricted_action"
    ),
    "a sentence": messages.Plain(text=f"<@{COMMANDER}> is already commander."),
}

LINES = (
    made.incident_line(3, commander=COMMANDER),
    made.incident_line(2, private=True, drill=True),
    made.incident_line(
        1,
        status=Status.RESOLVED,
        postmortem_due=made.after(2880),
        postmortem_owner=COMMANDER,
        title="Wrong totals",
    ),
)
ENTRIES = [
    timeline.Entry(
        at=NOON,
        by=DECLARER,
        sentence=("declared this incident as SEV2: Orders are late",),
        kind="incident_declared",
    ),
    timeline.Entry(
        at=made.after(3),
        by=Actor.person(EXPERT),
        sentence=("see <https://runs.example/1|the run>, <!channel>",),
        kind="message",
        key_moment=True,
        edited=True,
    ),
    timeline.Entry(
        at=made.after(4),
        by=Actor.person(EXPERT),
        sentence=(
            "finished the postmortem: ",
            timeline.Link(address="https://docs.example@evil.example/?a=1&amp;b"),
        ),
        kind="postmortem_done",
    ),
    timeline.Entry(
        at=made.after(5),
        by=Actor.person(EXPERT),
        sentence=("asked for quiet about CAN updates until ", made.after(35)),
        kind="nudge_snoozed",
    ),
]

VIEWS: dict[str, Callable[[], Message | Block]] = {
    "modal to declare": lambda: declare.declare(DEFAULT_SCALE, payload=InteractionPayload()),
    "modal to declare from a message in a drill": lambda: declare.declare(
        DEFAULT_SCALE,
        payload=InteractionPayload(channel=ROOM, message="https://example.slack.com/archives/C1/p1"),
        open_incidents=LINES[:1],
        title="Orders are late",
        severity=made.SEV3.key,
        summary="> the load failed",
        drill=True,
    ),
    "modal of a first report": lambda: report.report(card_facts(summary="Orders stopped")),
    "modal of a next report": lambda: report.report(BUSY, answer_in=ROOM),
    "modal of the status": lambda: moves.status(BUSY),
    "modal of the status once merged": lambda: moves.status(
        card_facts(status=Status.MERGED, merged_into=IncidentId(4))
    ),
    "modal to resolve": lambda: moves.resolve(BUSY),
    "needs that were left open": lambda: moves.left_open(RESOLVED),
    "modal of the needs": lambda: moves.needs(RESOLVED),
    "modal of the needs where none is open": lambda: moves.needs(card_facts()),
    "modal of the details": lambda: details.edit(
        card_facts(
            summary="Orders stopped",
            looked=Looked(title=TextId("t1"), summary=TextId("t2"), affected=None),
        )
    ),
    "modal to reopen": lambda: moves.reopen(RESOLVED),
    "modal to cancel": lambda: moves.cancel(card_facts()),
    "modal of the severity": lambda: severity.severity(card_facts(), DEFAULT_SCALE),
    "modal to assign the held command": lambda: roles.assign(BUSY, Role.COMMANDER),
    "modal to add an expert": lambda: roles.assign(BUSY, Role.SME),
    "modal to take over": lambda: roles.take_over(BUSY),
    "modal of a note": lambda: timeline_views.note(card_facts(), initial="The vendor called back"),
    "modal to correct a time": lambda: timeline_views.correct(RESOLVED),
    "modal to finish a postmortem": lambda: postmortem.postmortem_done(RESOLVED),
    "tray in a fresh room": lambda: tray.in_room(card_facts()),
    "tray in a resolved room": lambda: tray.in_room(RESOLVED),
    "tray elsewhere": lambda: tray.elsewhere(LINES),
    "tray elsewhere in quiet times": lambda: tray.elsewhere(()),
    "list": lambda: lists.incidents(LINES),
    "empty list": lambda: lists.incidents(()),
    "choice of an incident": lambda: lists.open_incidents(
        LINES[:2], "`/incident sev 1` belongs to a war room.", command="sev 1"
    ),
    "choice with nothing open": lambda: lists.open_incidents((), "`/incident sev 1` belongs to a war room."),
    "modal to join as an SME": lambda: roles.join(
        card_facts(roles=(made.role(Role.SME, SCRIBE, "ingest"), made.role(Role.SME, EXPERT, "serving"))),
        EXPERT,
    ),
    "take it from outside": lambda: roles.join_first(card_facts(), Role.COMMANDER, seen=""),
    "a word that is not known": lambda: help.mistyped(
        "There is no command “resolv”. Did you mean `/incident resolve`?", instead="resolve the job ran"
    ),
    "help": lambda: help.page((("sev 2", "changes the severity"), ("ic @someone", "names the commander"))),
    "timeline": lambda: timeline_views.page(ONE, Page(entries=ENTRIES, first=1, total=4)),
    "a page in the midst of the timeline": lambda: timeline_views.page(
        ONE, Page(entries=ENTRIES, first=21, total=57, older="20", newer="44")
    ),
    "empty timeline": lambda: timeline_views.page(ONE, Page(entries=[], first=1, total=0)),
    "quiet home": lambda: home.home_view(made.home()),
    "busy home": lambda: home.home_view(
        made.home(
            open=tuple(made.home_line(number) for number in range(1, 4)),
            mine=(made.home_line(2, private=True, commander=COMMANDER),),
            owed=(made.home_line(1, status=Status.RESOLVED, postmortem_due=NOON + timedelta(days=2)),),
            dead=(messages.DeadJob(id=7, kind="open_war_room", incident=ONE, why="restricted_action"),),
        )
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_what_the_bot_says_looks_like_this(name: str, snapshot: SnapshotAssertion) -> None:
    message = render(SAID[name])

    assert outline(message) == snapshot


@pytest.mark.parametrize("name", VIEWS)
def test_what_people_open_looks_like_this(name: str, snapshot: SnapshotAssertion) -> None:
    view = VIEWS[name]()

    assert outline(view) == snapshot


def test_the_likely_moves_are_legal_ones() -> None:
    likely = moves.LIKELY

    assert all(set(to) <= MOVES[before] for before, to in likely.items())
    assert set(likely) == set(Status)


@pytest.mark.parametrize("kind", HANDLERS)
def test_whatever_is_given_up_is_called_by_what_people_call_it(kind: str) -> None:
    message = render(messages.Failed(incident=ONE, job=1, what=kind, why="restricted_action"))

    said = message.text.partition("this did not work: ")[2].rstrip(".")
    assert " " in said, f"bot.slack.views.words.WORK has no words for {kind}"
    assert said != kind.replace("_", " "), f"bot.slack.views.words.WORK has no words for {kind}"
