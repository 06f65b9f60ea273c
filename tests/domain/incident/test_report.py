"""CAN reports: what they hold, when the next is due, and which Needs stay open."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.incident.report import next_due
from bot.domain.shared.vocabulary import Status, TextId
from bot.domain.shared.working_hours import WorkingHours
from tests.builders import DECLARER, NOON, TERMS, after, an_incident, report_draft
from tests.domain.refusing import refused

BERLIN = WorkingHours(
    zone=ZoneInfo("Europe/Berlin"), days=frozenset(range(5)), opens=time(9), closes=time(18)
)


@pytest.mark.parametrize(
    ("cadence", "hours", "due"),
    [
        (timedelta(minutes=30), None, after(30)),
        (timedelta(hours=4), None, after(240)),
        (timedelta(hours=4), BERLIN, after(240)),
        # Friday 19:00 in Berlin: the next opening is Monday at nine.
        (timedelta(hours=6), BERLIN, datetime(2026, 11, 23, 8, 0, tzinfo=UTC)),
        (None, BERLIN, None),
    ],
)
def test_the_next_report_is_due_by_the_cadence_and_in_working_hours(
    cadence: timedelta | None, hours: WorkingHours | None, due: datetime | None
) -> None:
    assert next_due(cadence=cadence, last=NOON, hours=hours) == due


@pytest.mark.parametrize("field", ["conditions", "actions"])
@pytest.mark.parametrize("empty", ["", " \n\t", "\u200b\u2060", "\u3164"])
def test_a_report_says_what_is_wrong_and_what_is_done(field: str, empty: str) -> None:
    incident = an_incident()

    with refused("is empty", field=field):
        incident.report(report_draft(**{field: empty}), by=DECLARER, at=after(1))


def test_needs_stay_open_until_they_are_met() -> None:
    incident = an_incident()
    incident.report(report_draft(needs=("access", "a decision")), by=DECLARER, at=after(1))
    access, decision = incident.state.needs

    incident.report(report_draft(met=(access.text,), needs=("people",)), by=DECLARER, at=after(2))

    assert [(incident.text(need.text), need.since) for need in incident.state.needs] == [
        ("a decision", after(1)),
        ("people", after(2)),
    ]
    assert incident.state.last_report
    assert incident.state.last_report.met == (access.text,)
    assert decision in incident.state.needs


@pytest.mark.parametrize("again", ["access", "ACCESS", " access "])
def test_a_need_that_is_open_already_is_not_opened_twice(again: str) -> None:
    incident = an_incident()
    incident.report(report_draft(needs=("access",)), by=DECLARER, at=after(1))

    incident.report(report_draft(needs=(again, again.strip(), "")), by=DECLARER, at=after(2))

    assert len(incident.state.needs) == 1


def test_a_need_that_was_met_can_come_back() -> None:
    incident = an_incident()
    incident.report(report_draft(needs=("access",)), by=DECLARER, at=after(1))
    first = incident.state.needs[0].text

    incident.report(report_draft(needs=("access",), met=(first,)), by=DECLARER, at=after(2))

    assert [need.since for need in incident.state.needs] == [after(2)]


def test_a_need_of_another_incident_cannot_be_met_here() -> None:
    incident = an_incident()

    incident.report(report_draft(met=(TextId("elsewhere"),)), by=DECLARER, at=after(1))

    assert incident.state.last_report
    assert incident.state.last_report.met == ()


def test_an_ended_incident_takes_no_report() -> None:
    incident = an_incident()
    incident.move(Status.RESOLVED, by=DECLARER, at=after(1), terms=TERMS)

    with refused("is resolved: reopen it to post a CAN update"):
        incident.report(report_draft(), by=DECLARER, at=after(2))
