"""The moments metrics are made of: what sets them, what withdraws them, how they are corrected."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.domain.incident.aggregate import Incident
from bot.domain.incident.milestones import not_in_future
from bot.domain.shared.vocabulary import Milestone, Status
from tests.builders import DECLARER, NOON, TERMS, after, an_incident
from tests.domain.refusing import refused


def moved(*steps: Status) -> Incident:
    """Return an incident that took these steps, ten minutes each."""
    incident = an_incident()
    for number, to in enumerate(steps, start=1):
        incident.move(to, by=DECLARER, at=after(number * 10), terms=TERMS, reason="as told")
    return incident


def test_unless_somebody_says_otherwise_it_was_detected_when_it_was_declared() -> None:
    incident = an_incident(started_at=after(-90))

    assert {name: incident.state.at(name) for name in incident.state.milestones} == {
        Milestone.STARTED: after(-90),
        Milestone.DETECTED: NOON,
        Milestone.DECLARED: NOON,
    }


@pytest.mark.parametrize(
    ("steps", "mitigated"),
    [
        ((Status.FIXING, Status.BACKFILLING, Status.MONITORING, Status.RESOLVED), 20),
        ((Status.MONITORING, Status.FIXING, Status.RESOLVED), 10),
        ((Status.RESOLVED,), 10),
        ((Status.RESOLVED, Status.INVESTIGATING, Status.MONITORING), 10),
        ((Status.FIXING, Status.CANCELLED), None),
    ],
)
def test_it_was_mitigated_by_the_first_move_that_helped(
    steps: tuple[Status, ...], mitigated: int | None
) -> None:
    found = moved(*steps).state.at(Milestone.MITIGATED)

    assert found == (after(mitigated) if mitigated else None)


def test_reopening_withdraws_the_end_and_the_next_end_counts() -> None:
    incident = moved(Status.RESOLVED, Status.CLOSED, Status.INVESTIGATING)
    assert incident.state.at(Milestone.RESOLVED) is None
    assert incident.state.at(Milestone.CLOSED) is None

    incident.move(Status.RESOLVED, by=DECLARER, at=after(100), terms=TERMS)

    assert incident.state.at(Milestone.RESOLVED) == after(100)
    assert incident.state.working_since == after(30)


def test_a_corrected_time_keeps_when_it_was_recorded() -> None:
    incident = an_incident()

    incident.correct(Milestone.STARTED, after(-45), "The logs say so", by=DECLARER, at=after(30))

    moment = incident.state.milestones[Milestone.STARTED]
    assert (moment.occurred, moment.recorded) == (after(-45), after(30))


def test_what_never_happened_has_no_time_to_correct() -> None:
    with refused("has not been resolved yet", field="milestone"):
        an_incident().correct(Milestone.RESOLVED, NOON, "why", by=DECLARER, at=after(1))


def test_a_correction_says_why() -> None:
    with refused("The reason is empty", field="reason"):
        an_incident().correct(Milestone.STARTED, after(-5), "  ", by=DECLARER, at=after(1))


def test_nothing_of_an_incident_lies_before_its_start() -> None:
    incident = moved(Status.RESOLVED)

    with refused("cannot have been resolved before it started", field="at"):
        incident.correct(Milestone.RESOLVED, after(-1), "why", by=DECLARER, at=after(60))
    with refused("cannot have started after it was detected", field="at"):
        incident.correct(Milestone.STARTED, after(5), "why", by=DECLARER, at=after(60))


@pytest.mark.parametrize("ahead", [timedelta(minutes=1, seconds=1), timedelta(days=3)])
def test_a_time_still_to_come_is_refused(ahead: timedelta) -> None:
    with refused("still to come", field="at"):
        not_in_future(NOON + ahead, now=NOON, field="at")


@pytest.mark.parametrize("ahead", [timedelta(seconds=1), timedelta(minutes=1)])
def test_a_persons_clock_may_be_a_little_ahead(ahead: timedelta) -> None:
    assert not_in_future(NOON + ahead, now=NOON, field="at") == NOON


def test_another_zone_is_the_same_moment() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=-8)))

    assert not_in_future(there, now=NOON, field="at") == NOON


def test_a_time_without_a_zone_is_a_mistake_of_ours() -> None:
    naive = datetime(2026, 11, 20, 12, 0, tzinfo=UTC).replace(tzinfo=None)

    with pytest.raises(ValueError, match="no zone"):
        not_in_future(naive, now=NOON, field="at")
