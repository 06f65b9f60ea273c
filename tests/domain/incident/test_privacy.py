"""What becomes private stays so, and is recorded once."""

from bot.domain.incident.facts import MadePrivate
from tests.builders import DECLARER, after, an_incident


def test_an_incident_is_made_private_once() -> None:
    incident = an_incident()

    for at in (after(1), after(2)):
        incident.make_private(by=DECLARER, at=at)

    assert incident.state.private
    assert [fact.occurred_at for fact in incident.new_facts if isinstance(fact, MadePrivate)] == [after(1)]


def test_one_declared_private_is_not_made_so() -> None:
    incident = an_incident(private=True)

    incident.make_private(by=DECLARER, at=after(1))

    assert not any(isinstance(fact, MadePrivate) for fact in incident.new_facts)
