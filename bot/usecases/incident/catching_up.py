"""Which looks at war rooms are owed, for what was said there while nobody heard."""

from collections.abc import Iterable

from bot.domain.shared.vocabulary import IncidentId, label
from bot.usecases.ports import JobSpec, Ports

CATCH_UP = "catch_up"

AT_ONCE = 2
"""How many rooms are caught up with at once: it reads by the page, and what people wait for goes first."""


async def catching_up(rooms: Iterable[IncidentId], ports: Ports) -> tuple[JobSpec, ...]:
    """Return a look at each room, the newest first, a few at a time.

    Its key is from where it looks: however often it is owed before it was done, it is done once.
    """
    now, planned = ports.now(), []
    for number in sorted(rooms, reverse=True):
        mark = await ports.reads.posted(number, CATCH_UP)
        since = mark.ts if mark else "0"
        planned.append(
            JobSpec(
                kind=CATCH_UP,
                key=f"{CATCH_UP}:{label(number)}:{since}:{now:%Y-%m-%d}",
                due_at=now,
                incident=number,
                lane=f"{CATCH_UP}:{number % AT_ONCE}",
            )
        )
    return tuple(planned)
