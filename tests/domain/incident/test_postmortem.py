"""The postmortem as an obligation: when it is owed, when it is reminded of, what closes it."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.incident.aggregate import Incident
from bot.domain.incident.postmortem import Postmortem, checked_link, reminder_times
from bot.domain.shared.errors import Overtaken, Refused
from bot.domain.shared.severity import Severity
from bot.domain.shared.vocabulary import Status
from tests.builders import DECLARER, EXPERT, NOON, SEV1, SEV2, SEV3, SEV5, TERMS, after, an_incident
from tests.domain.refusing import check_fit, refused

LINK = "https://wiki.example.com/postmortems/1"
DAY = timedelta(days=1)
OWED = Postmortem(owed_at=NOON, due_at=NOON + 2 * DAY)
BEFORE = (DAY, timedelta(hours=4))


def resolved(severity: Severity) -> Incident:
    """Return an incident that was resolved an hour after it was declared."""
    incident = an_incident(severity=severity)
    incident.move(Status.RESOLVED, by=DECLARER, at=after(60), terms=TERMS)
    return incident


@pytest.mark.parametrize("severity", [SEV1, SEV2])
def test_a_major_incident_owes_its_postmortem_48_hours_after_it_was_resolved(severity: Severity) -> None:
    owed = resolved(severity=severity).state.postmortem

    assert owed
    assert (owed.owed_at, owed.due_at) == (after(60), after(60) + timedelta(hours=48))


def test_a_minor_incident_owes_one_when_somebody_asks_and_once_only() -> None:
    incident = resolved(severity=SEV3)
    assert incident.state.postmortem is None

    incident.owe_postmortem(by=DECLARER, at=after(600), terms=TERMS)

    assert incident.state.postmortem
    assert incident.state.postmortem.due_at == after(600) + TERMS.due_after
    with refused("already under way"):
        incident.owe_postmortem(by=DECLARER, at=after(601), terms=TERMS)
    incident.finish_postmortem("https://wiki.example.com/1", by=DECLARER, at=after(602))
    with refused("already done"):
        incident.owe_postmortem(by=DECLARER, at=after(603), terms=TERMS)


def test_the_postmortem_starts_when_the_work_has_ended() -> None:
    with refused("once the incident is resolved"):
        an_incident().owe_postmortem(by=DECLARER, at=after(1), terms=TERMS)


def test_raising_the_severity_afterwards_makes_it_due() -> None:
    incident = resolved(severity=SEV5)

    incident.rate(SEV1, by=DECLARER, at=after(90), terms=TERMS)

    assert incident.state.postmortem


def test_reopening_withdraws_it_and_the_next_resolution_owes_a_new_one() -> None:
    incident = resolved(severity=SEV1)
    incident.own_postmortem(EXPERT, by=DECLARER, at=after(61))

    incident.move(Status.INVESTIGATING, by=DECLARER, at=after(70), terms=TERMS, reason="it is back")
    assert incident.state.postmortem is None
    incident.move(Status.RESOLVED, by=DECLARER, at=after(90), terms=TERMS)

    assert incident.state.postmortem == Postmortem(owed_at=after(90), due_at=after(90) + TERMS.due_after)


def test_one_that_is_written_is_not_owed_again() -> None:
    incident = resolved(severity=SEV1)
    incident.finish_postmortem(LINK, by=DECLARER, at=after(61))

    incident.move(Status.FIXING, by=DECLARER, at=after(70), terms=TERMS, reason="it is back")
    incident.move(Status.RESOLVED, by=DECLARER, at=after(90), terms=TERMS)

    assert incident.state.postmortem
    assert incident.text(incident.state.postmortem.link) == LINK


def test_it_is_owned_by_one_person_at_a_time() -> None:
    incident = resolved(severity=SEV1)

    incident.own_postmortem(EXPERT, by=DECLARER, at=after(61))

    with refused("already owns it"):
        incident.own_postmortem(EXPERT, by=DECLARER, at=after(62))


def test_nothing_is_owned_or_finished_where_nothing_is_owed() -> None:
    incident = an_incident()

    with refused("No postmortem is owed"):
        incident.own_postmortem(EXPERT, by=DECLARER, at=after(1))
    with refused("No postmortem is owed"):
        incident.finish_postmortem(LINK, by=DECLARER, at=after(1))


def test_it_is_finished_once() -> None:
    incident = resolved(severity=SEV1)
    incident.finish_postmortem(LINK, by=DECLARER, at=after(61))

    with refused("already done", kind=Overtaken):
        incident.finish_postmortem(LINK, by=DECLARER, at=after(62))


# -- reminders


def test_reminders_come_24_and_4_hours_before_when_due_and_then_daily() -> None:
    due = OWED.due_at

    told = []
    at = OWED.owed_at
    while at < due + 3 * DAY:
        at = reminder_times(OWED, before=BEFORE, again=DAY, after=at)[0]
        told.append(at)

    assert told == [due - DAY, due - timedelta(hours=4), due, due + DAY, due + 2 * DAY, due + 3 * DAY]


times = st.timedeltas(timedelta(), timedelta(days=60)).map(lambda past: NOON + past)
leads = st.lists(st.timedeltas(timedelta(minutes=1), timedelta(days=5)), max_size=4)
repeats = st.timedeltas(timedelta(minutes=1), timedelta(days=7))


@given(at=times, before=leads, again=repeats)
def test_reminders_are_always_still_to_come_and_never_end(
    at: datetime, before: list[timedelta], again: timedelta
) -> None:
    planned = reminder_times(OWED, before=before, again=again, after=at)

    assert planned == sorted(planned)
    assert all(one > max(at, OWED.owed_at) for one in planned)
    if at < OWED.due_at:
        assert planned[-1] == OWED.due_at
    else:
        assert len(planned) == 1
        assert planned[0] - at <= again
        assert (planned[0] - OWED.due_at) % again == timedelta()


@given(at=times, before=leads, again=repeats)
def test_a_chain_of_reminders_is_the_plan_itself(
    at: datetime, before: list[timedelta], again: timedelta
) -> None:
    planned = reminder_times(OWED, before=before, again=again, after=at)

    for one, following in pairwise(planned):
        if one < following:
            assert reminder_times(OWED, before=before, again=again, after=one)[0] == following


# -- links


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (LINK, LINK),
        (f"  <{LINK}> ", LINK),
        (f"<{LINK}|the postmortem>", LINK),
        ("http://wiki/1", "http://wiki/1"),
    ],
)
def test_a_link_is_kept_as_it_was_pasted(typed: str, kept: str) -> None:
    assert checked_link(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "done",
        "wiki.example.com",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "https://[::1",
        "https://wiki.example.com/<!channel>",
        "https://wiki.example.com/a b",
        "https://wiki.example.com/\u202egpj.exe",
        "https://wiki\t.example.com/",
        "https://wiki.example.com/" + "a" * 2000,
    ],
)
def test_what_is_no_link_is_refused(typed: str) -> None:
    with refused(field="link"):
        checked_link(typed)


@given(st.text(max_size=80).map(lambda rest: "https://" + rest))
def test_any_text_is_a_link_or_is_refused(typed: str) -> None:
    try:
        link = checked_link(typed)
    except Refused as no:
        check_fit(no)
        return

    assert link.isprintable()
    assert not set(link) & set(" <>\"'")
