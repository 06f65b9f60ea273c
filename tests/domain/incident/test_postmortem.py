"""The postmortem as an obligation: when it is owed, when it is reminded of, what closes it."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.incident.aggregate import Incident
from bot.domain.incident.postmortem import Postmortem, checked_link, reminders
from bot.domain.incident.timeline import Link, tell
from bot.domain.shared.errors import Overtaken, Refused
from bot.domain.shared.severity import Severity
from bot.domain.shared.vocabulary import Status
from bot.domain.shared.working_hours import WorkingHours
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

    with refused("already done", kind=Overtaken, field="link"):
        incident.finish_postmortem(LINK, by=DECLARER, at=after(62))


def test_a_wrong_link_is_corrected_and_it_stays_done_since_then() -> None:
    incident = resolved(severity=SEV1)
    incident.finish_postmortem("https://wiki.example.com/typo", by=DECLARER, at=after(61))

    incident.finish_postmortem(LINK, by=DECLARER, at=after(90))

    owed = incident.state.postmortem
    assert owed
    assert (incident.text(owed.link), owed.done_at) == (LINK, after(61))
    told = [tell(fact, incident.text) for fact in incident.new_facts[-2:]]
    assert told == [
        ("finished the postmortem: ", Link(address="https://wiki.example.com/typo")),
        ("corrected the link to the postmortem: ", Link(address=LINK)),
    ]


# -- waived


def test_one_owed_by_mistake_is_waived_with_a_reason_and_not_owed_again() -> None:
    incident = resolved(severity=SEV1)
    incident.rate(SEV3, by=DECLARER, at=after(61), terms=TERMS)

    incident.waive_postmortem("It was SEV3 after all", by=DECLARER, at=after(62))
    incident.move(Status.CLOSED, by=DECLARER, at=after(63), terms=TERMS)

    assert incident.state.postmortem is None
    assert ("took the postmortem off the list: It was SEV3 after all",) in [
        tell(fact, incident.text) for fact in incident.new_facts
    ]


def test_a_waived_one_is_not_owed_by_closing_a_major_incident() -> None:
    incident = resolved(severity=SEV1)

    incident.waive_postmortem("Written for INC-7 already", by=DECLARER, at=after(62))
    incident.rate(SEV2, by=DECLARER, at=after(63), terms=TERMS)
    incident.move(Status.CLOSED, by=DECLARER, at=after(64), terms=TERMS)

    assert incident.state.postmortem is None


def test_a_waived_one_is_owed_again_when_it_turns_out_worse_or_comes_back() -> None:
    worse, back = resolved(severity=SEV1), resolved(severity=SEV1)
    for incident in (worse, back):
        incident.rate(SEV3, by=DECLARER, at=after(61), terms=TERMS)
        incident.waive_postmortem("It was SEV3 after all", by=DECLARER, at=after(62))

    worse.rate(SEV1, by=DECLARER, at=after(70), terms=TERMS)
    back.move(Status.FIXING, by=DECLARER, at=after(70), terms=TERMS, reason="It is back")
    back.rate(SEV1, by=DECLARER, at=after(71), terms=TERMS)
    back.move(Status.RESOLVED, by=DECLARER, at=after(80), terms=TERMS)

    assert worse.state.postmortem
    assert back.state.postmortem


def test_one_that_somebody_asks_for_after_all_is_owed_again() -> None:
    incident = resolved(severity=SEV1)
    incident.waive_postmortem("Nothing to learn", by=DECLARER, at=after(62))

    incident.owe_postmortem(by=DECLARER, at=after(70), terms=TERMS)

    assert incident.state.postmortem


def test_what_is_not_owed_or_done_is_not_waived_and_a_reason_is_asked_for() -> None:
    none, done, owed = (resolved(severity=level) for level in (SEV3, SEV1, SEV1))
    done.finish_postmortem(LINK, by=DECLARER, at=after(61))

    for incident in (none, done):
        with refused("nothing to waive"):
            incident.waive_postmortem("Nothing to learn", by=DECLARER, at=after(62))
    with refused(field="reason"):
        owed.waive_postmortem("  ", by=DECLARER, at=after(62))


# -- reminders


def test_reminders_come_at_once_24_and_4_hours_before_when_due_and_then_daily() -> None:
    due, series = OWED.due_at, reminders(OWED, before=BEFORE, again=DAY, hours=None)

    told, at = [OWED.owed_at], OWED.owed_at
    while at < due + 3 * DAY:
        _, at = series.around(at)
        told.append(at)

    daily = [due + DAY, due + 2 * DAY, due + 3 * DAY]
    assert told == [OWED.owed_at, due - DAY, due - timedelta(hours=4), due, *daily]


def test_a_lead_before_it_was_owed_is_left_out() -> None:
    series = reminders(OWED, before=(timedelta(days=30),), again=DAY, hours=None)

    assert series.times == (OWED.owed_at, OWED.due_at)


def test_reminders_keep_to_working_hours_but_the_first_question() -> None:
    night = Postmortem(owed_at=NOON + timedelta(hours=10), due_at=NOON + timedelta(hours=58))
    hours = WorkingHours(zone=ZoneInfo("UTC"), days=frozenset(range(7)), opens=time(9), closes=time(17))

    series = reminders(night, before=(timedelta(hours=24),), again=DAY, hours=hours)

    mornings = [night.owed_at + timedelta(hours=hour) for hour in (35, 59)]
    assert series.times == (night.owed_at, *mornings)


@given(
    late=st.timedeltas(timedelta(), timedelta(days=60)),
    before=st.lists(st.timedeltas(timedelta(minutes=1), timedelta(days=5)), max_size=4),
    again=st.timedeltas(timedelta(minutes=1), timedelta(days=7)),
)
def test_the_next_reminder_is_always_still_to_come(
    late: timedelta, before: list[timedelta], again: timedelta
) -> None:
    now = OWED.owed_at + late

    newest, following = reminders(OWED, before=before, again=again, hours=None).around(now)

    assert newest <= now < following
    if now >= OWED.due_at:
        assert following - now <= again
        assert (following - OWED.due_at) % again == timedelta()


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
