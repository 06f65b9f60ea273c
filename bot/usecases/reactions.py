"""What each fact leads to: the sum of what the contexts register.

Saving a fact writes what follows from it in the same transaction, so nothing that is owed can be lost
between the two.
"""

from collections.abc import Iterable, Mapping, Sequence

from bot.domain.incident.aggregate import Incident
from bot.domain.incident.facts import Fact
from bot.usecases.incident import registration as incident_context
from bot.usecases.outbox import After, Reaction
from bot.usecases.policy import Policy
from bot.usecases.ports import Follow, JobSpec

REACTIONS: Mapping[type[Fact], tuple[Reaction, ...]] = {**incident_context.REACTIONS}

ALWAYS: tuple[Reaction, ...] = (*incident_context.ALWAYS,)
"""What every fact leads to."""


def following(policy: Policy) -> Follow:
    """Return the function that says what new facts of an incident lead to, under a policy."""

    def follow(incident: Incident, new: Sequence[Fact]) -> Iterable[JobSpec]:
        first = incident.length - len(new)
        owed: dict[str, JobSpec] = {}
        for place, fact in enumerate(new):
            after = After(fact=fact, seq=first + place, together=new, incident=incident, policy=policy)
            for reaction in (*REACTIONS[type(fact)], *ALWAYS):
                owed.update({one.key: one for one in reaction(after)})
        return owed.values()

    return follow
