"""What people enter in modals comes back as they entered it; what is missing or odd is refused."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.shared.errors import Refused
from bot.domain.shared.severity import DEFAULT_SCALE
from bot.domain.shared.vocabulary import ChannelId, ConditionType, IncidentId, Milestone, Role, Status, UserId
from bot.slack import ids
from bot.slack.blocks import Block
from bot.slack.ids import ALWAYS, Action, Form, Input
from bot.slack.views import forms
from bot.slack.views.incident import declare, postmortem, report, roles, severity, timeline
from bot.slack.views.incident import status as moves
from bot.slack.views.payload import LONGEST, InteractionPayload
from tests import builders as made
from tests.builders import COMMANDER, EXPERT, NOON, ROOM, card_facts

State = dict[str, dict[str, dict[str, object]]]


def entered(view: Block, **typed: object) -> State:
    """Return the state Slack sends for a modal: what stood there at first, and what was typed over it."""
    values: State = {}
    blocks = view["blocks"]
    assert isinstance(blocks, list)
    for block in blocks:
        if block["type"] == "input":
            name, element = block["block_id"], block["element"]
            values[name] = {element["action_id"]: _state(element, typed.pop(name, None))}
    assert not typed, f"no such input: {typed}"
    return values


def _state(element: Mapping[str, object], typed: object) -> dict[str, object]:
    kind = str(element["type"])
    if kind in {"plain_text_input", "url_text_input"}:
        return {"type": kind, "value": typed or element.get("initial_value")}
    if kind in {"static_select", "radio_buttons"}:
        return {"type": kind, "selected_option": {"value": typed} if typed else element.get("initial_option")}
    if kind in {"checkboxes", "multi_static_select"}:
        ticks = [{"value": each} for each in typed] if isinstance(typed, list) else None
        return {"type": kind, "selected_options": ticks or element.get("initial_options", [])}
    if kind == "datetimepicker":
        return {"type": kind, "selected_date_time": typed or element.get("initial_date_time")}
    return {"type": kind, "selected_user": typed or element.get("initial_user")}


def carried_by(view: Block) -> InteractionPayload:
    return InteractionPayload.unpack(view["private_metadata"])


# -- round trips


def test_a_declaration_comes_back_as_it_was_filled_in() -> None:
    source = InteractionPayload(channel=ROOM, message="https://example.slack.com/archives/C1/p1")
    view = declare.declare(
        DEFAULT_SCALE,
        payload=source,
        title="Orders <are> late & wrong",
        severity=made.SEV3.key,
        summary="> the load failed",
        drill=True,
    )
    values = entered(view, started_at=int(NOON.timestamp()), affected="finance")

    said = declare.submission(values, DEFAULT_SCALE, carried_by(view))

    assert said == made.declaration(
        title="Orders <are> late & wrong",
        severity=made.SEV3,
        summary="> the load failed",
        affected="finance",
        started_at=NOON,
        drill=True,
        from_channel=ROOM,
        from_message="https://example.slack.com/archives/C1/p1",
    )


def test_a_report_filled_in_from_the_last_one_says_the_same_again() -> None:
    last = made.report_facts(blast_radius="Finance")
    view = report.report(card_facts(status=Status.FIXING, report=last))

    said = report.submission(entered(view), carried_by(view))

    assert said.draft == made.report_draft(blast_radius="Finance")
    assert said.status is None
    assert said.seen is Status.FIXING


def test_a_report_brings_new_needs_met_needs_and_a_move() -> None:
    need = made.need("Access to the warehouse")
    view = report.report(card_facts(needs=(need, made.need("A decision"))))
    values = entered(
        view,
        condition="wrong",
        conditions="Totals are off",
        actions="Comparing",
        met=[need.id],
        needs="- somebody from finance\n\n  • a decision on refunds ",
        status="fixing",
    )

    said = report.submission(values, carried_by(view))

    assert said.draft.condition is ConditionType.WRONG
    assert said.draft.met == (need.id,)
    assert said.draft.needs == ("somebody from finance", "a decision on refunds")
    assert said.status is Status.FIXING


def test_more_than_ten_needs_can_still_be_ticked() -> None:
    needs = tuple(made.need(f"need {number}") for number in range(30))
    view = report.report(card_facts(needs=needs, report=made.report_facts()))

    said = report.submission(entered(view, met=[needs[29].id]), carried_by(view))

    assert said.draft.met == (needs[29].id,)


def test_moving_by_the_modal_says_where_to_why_and_from_what() -> None:
    view = moves.status(card_facts())

    said = moves.submission(
        entered(view, status="monitoring", reason="the load went through"), carried_by(view)
    )

    assert said == moves.StatusSaid(
        to=Status.MONITORING, reason="the load went through", seen=Status.INVESTIGATING
    )


@pytest.mark.parametrize(
    ("open_modal", "before", "to"),
    [
        (moves.resolve, Status.FIXING, Status.RESOLVED),
        (moves.cancel, Status.TRIAGE, Status.CANCELLED),
        (moves.reopen, Status.CLOSED, Status.INVESTIGATING),
    ],
)
def test_ending_and_reopening_know_where_they_lead(
    open_modal: Callable[..., Block], before: Status, to: Status
) -> None:
    view = open_modal(card_facts(status=before), answer_in=ROOM)

    said = moves.submission(entered(view, reason="it was the vendor"), carried_by(view))

    assert said == moves.StatusSaid(to=to, reason="it was the vendor", seen=before)
    assert carried_by(view).channel == ROOM


def test_the_severity_starts_from_the_one_it_has() -> None:
    view = severity.severity(card_facts(severity=made.SEV4), DEFAULT_SCALE)

    said = severity.submission(entered(view), DEFAULT_SCALE)

    assert said == severity.SeveritySaid(severity=made.SEV4, reason=None)


def test_assigning_says_who_held_the_role_where_the_person_looked() -> None:
    view = roles.assign(card_facts(roles=(made.role(),)), Role.COMMANDER)

    said = roles.assigned(entered(view, person=EXPERT), carried_by(view))

    assert said == roles.AssignSaid(role=Role.COMMANDER, person=EXPERT, workstream=None, seen=COMMANDER)


def test_a_free_role_was_seen_free() -> None:
    view = roles.assign(card_facts(), Role.SCRIBE)

    said = roles.assigned(entered(view, person=EXPERT), carried_by(view))

    assert said.seen == ""


def test_an_expert_comes_with_a_workstream_and_replaces_nobody() -> None:
    view = roles.assign(card_facts(), Role.SME)

    said = roles.assigned(entered(view, person=EXPERT, workstream="orders"), carried_by(view))

    assert said == roles.AssignSaid(role=Role.SME, person=EXPERT, workstream="orders", seen=None)


def test_taking_over_gives_a_reason() -> None:
    view = roles.take_over(card_facts(roles=(made.role(),)))

    reason = roles.taken_over(entered(view, reason="no answer"))

    assert reason == "no answer"


def test_a_note_may_be_about_an_earlier_time() -> None:
    view = timeline.note(card_facts(), initial="The vendor called")

    said = timeline.noted(entered(view, occurred_at=int(NOON.timestamp())))

    assert said == timeline.NoteSaid(body="The vendor called", occurred_at=NOON)


def test_a_corrected_time_says_how_it_is_known() -> None:
    view = timeline.correct(card_facts())
    values = entered(view, milestone="started", at=int(NOON.timestamp()), reason="the job's log")

    said = timeline.corrected(values)

    assert said == timeline.CorrectSaid(milestone=Milestone.STARTED, occurred_at=NOON, reason="the job's log")


def test_a_written_postmortem_comes_with_its_link() -> None:
    view = postmortem.postmortem_done(card_facts(postmortem=made.postmortem()))

    link = postmortem.submission(entered(view, link="https://docs.example/1"))

    assert link == "https://docs.example/1"


def test_an_update_of_a_modal_keeps_what_was_typed() -> None:
    before = declare.declare(DEFAULT_SCALE, payload=InteractionPayload())
    after = declare.declare(
        DEFAULT_SCALE, payload=InteractionPayload(), title="Late", open_incidents=[made.incident_line()]
    )

    kept = [set(entered(view)) for view in (before, after)]

    assert kept[0] == kept[1]


def test_a_workstream_that_was_typed_goes_before_one_that_was_chosen() -> None:
    view = roles.join(card_facts(roles=(made.role(Role.SME, EXPERT, "ingest"),)), None)

    said = [
        roles.joined(entered(view, **given))
        for given in ({}, {"streams": "ingest"}, {"streams": "ingest", "workstream": "serving"})
    ]

    assert said == [None, "ingest", "serving"]


# -- what is missing or odd

PARSERS: dict[str, Callable[[object], object]] = {
    "declare": lambda values: declare.submission(values, DEFAULT_SCALE, InteractionPayload()),
    "report": lambda values: report.submission(values, InteractionPayload()),
    "status": lambda values: moves.submission(values, InteractionPayload(seen="nonsense")),
    "severity": lambda values: severity.submission(values, DEFAULT_SCALE),
    "assign": lambda values: roles.assigned(values, InteractionPayload(role=Role.SME)),
    "assign from an old form": lambda values: roles.assigned(values, InteractionPayload()),
    "take over": roles.taken_over,
    "note": timeline.noted,
    "correct": timeline.corrected,
    "postmortem": postmortem.submission,
}

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["value", "selected_option", "selected_options", "selected_user"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
ENTRIES = st.dictionaries(
    st.sampled_from(
        ["value", "selected_option", "selected_options", "selected_user", "selected_date_time", "type"]
    ),
    JUNK,
)
STATES = st.fixed_dictionaries(
    {},
    optional={
        str(name): st.fixed_dictionaries({}, optional={str(name): ENTRIES | JUNK}) | JUNK for name in Input
    },
)


@given(values=STATES | JUNK)
def test_whatever_slack_sends_is_read_or_refused(values: object) -> None:
    for parse in PARSERS.values():
        with suppress(Refused):
            parse(values)


@pytest.mark.parametrize("name", [name for name in PARSERS if name not in {"take over", "note", "report"}])
def test_nothing_entered_is_refused_at_an_input_the_modal_has(name: str) -> None:
    with pytest.raises(Refused) as refused:
        PARSERS[name]({})

    assert refused.value.field in {str(each) for inputs in ALWAYS.values() for each in inputs}


def test_an_update_without_a_type_is_about_something_else() -> None:
    said = report.submission({"conditions": {"conditions": {"value": "late"}}}, InteractionPayload())

    assert said.draft.condition is ConditionType.OTHER


@pytest.mark.parametrize("unix", [2**70, -(2**70), 10**14])
def test_a_time_beyond_all_calendars_is_no_time(unix: int) -> None:
    values = {"note": {"note": {"value": "x"}}, "occurred_at": {"occurred_at": {"selected_date_time": unix}}}

    said = timeline.noted(values)

    assert said.occurred_at is None


def test_a_time_is_read_in_utc() -> None:
    values = {"occurred_at": {"occurred_at": {"selected_date_time": 0}}}

    said = timeline.noted(values)

    assert said.occurred_at == datetime(1970, 1, 1, tzinfo=UTC)


# -- refusals


def test_a_refusal_stands_at_its_input() -> None:
    refused = Refused("The title is empty.", field="title")

    shown = forms.errors(Form.DECLARE, refused)

    assert shown == {"title": "The title is empty."}


@pytest.mark.parametrize("field", [None, "into", "met"])
def test_a_refusal_without_an_input_of_this_modal_stands_at_the_first(field: str | None) -> None:
    refused = Refused("<@U0ONE> was faster. Press *Take it* again.", field=field)

    shown = forms.errors(Form.REPORT, refused)

    assert shown == {"conditions": "That person was faster. Press Take it again."}


@pytest.mark.parametrize(
    "view",
    [
        declare.declare(DEFAULT_SCALE, payload=InteractionPayload()),
        report.report(card_facts()),
        moves.status(card_facts()),
        moves.resolve(card_facts()),
        moves.reopen(card_facts(status=Status.CLOSED)),
        moves.cancel(card_facts()),
        severity.severity(card_facts(), DEFAULT_SCALE),
        roles.assign(card_facts(), Role.SCRIBE),
        roles.join(card_facts(), None),
        roles.take_over(card_facts()),
        timeline.note(card_facts()),
        timeline.correct(card_facts()),
        postmortem.postmortem_done(card_facts()),
    ],
    ids=lambda view: str(view["callback_id"]),
)
def test_an_error_can_stand_only_where_there_is_an_input(view: Block) -> None:
    inputs = set(entered(view))

    allowed = {str(name) for name in ALWAYS[Form(str(view["callback_id"]))]}

    assert allowed
    assert allowed <= inputs


# -- what buttons carry


FULL = InteractionPayload(
    incident=IncidentId(12),
    role=Role.SME,
    person=UserId("U0ONE"),
    seen="",
    to=Status.FIXING,
    nudge="report",
    job=7,
    do=Action.NOTE,
    command="sev 2",
    channel=ChannelId("C1"),
    message="1.2",
    thread="1.2",
)


def test_what_is_carried_comes_back_the_same() -> None:
    packed = FULL.pack()

    assert InteractionPayload.unpack(packed) == FULL


def test_an_overlong_command_is_left_out_rather_than_breaking_the_button() -> None:
    packed = replace(FULL, command="x" * 5000, message="y" * 5000).pack()

    assert len(packed) <= LONGEST
    assert InteractionPayload.unpack(packed) == replace(FULL, command=None, message=None)


@pytest.mark.parametrize(
    "packed", [None, "", "{", "[]", '{"i":"1","to":"nowhere","job":true,"role":3}', "[" * 9999]
)
def test_what_is_foreign_carries_nothing(packed: str | None) -> None:
    assert InteractionPayload.unpack(packed) == InteractionPayload()


@pytest.mark.parametrize(
    "packed",
    [
        '{"i":2147483648}',
        '{"i":0}',
        '{"job":-1}',
        '{"job":1e400}',
        '{"channel":"C\\u0000"}',
        '{"seen":"\\ud800"}',
    ],
)
def test_what_no_database_takes_is_not_carried(packed: str) -> None:
    assert InteractionPayload.unpack(packed) == InteractionPayload()


def test_an_action_is_found_with_and_without_its_suffix() -> None:
    pattern = ids.pattern(Action.TAKE)

    found = [bool(pattern.match(each)) for each in ("take", "take:commander", "take_over", "xtake")]

    assert found == [True, True, False, False]
