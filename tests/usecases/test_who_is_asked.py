"""Whom the bot asks for a CAN update: the liaison, else the commander."""

import pytest

from bot.domain.shared.vocabulary import Role, UserId
from bot.usecases.incident.roles import Assign, assign
from bot.usecases.messages import ReportOverdue
from tests.builders import COMMANDER, DECLARER, EXPERT, SCRIBE, SEV1
from tests.usecases.conftest import Outside


@pytest.mark.parametrize(
    ("roles", "asked"),
    [
        ({Role.COMMANDER: COMMANDER, Role.LIAISON: EXPERT, Role.SCRIBE: SCRIBE}, EXPERT),
        ({Role.COMMANDER: COMMANDER, Role.SCRIBE: SCRIBE}, COMMANDER),
        ({Role.LIAISON: EXPERT}, EXPERT),
    ],
    ids=["both", "no liaison", "no commander"],
)
async def test_the_liaison_is_asked_for_the_update_before_the_commander(
    outside: Outside, roles: dict[Role, UserId], asked: UserId
) -> None:
    incident = await outside.declare(severity=SEV1)
    for role, person in roles.items():
        await assign(Assign(actor=DECLARER, incident=incident.id, role=role, person=person), outside.ports)

    await outside.forward(minutes=30)

    [overdue] = outside.heard(incident.id, ReportOverdue)
    assert isinstance(overdue, ReportOverdue)
    assert overdue.ask == asked
