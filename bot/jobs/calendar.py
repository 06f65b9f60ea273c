"""Plans what recurs by the calendar, each slot once, as a job with a key of its own."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.usecases.ports import JobSpec, Payload

Owe = Callable[[Sequence[JobSpec]], Awaitable[None]]
"""Plans jobs, in a transaction of its own."""

# Where a slot could not be planned (no database), or the clock was moved, this catches up.
_CATCH_UP = timedelta(minutes=5)
# How far back the newest slot is looked for: short steps first, since a minute's slots are many.
_BACK = tuple(timedelta(hours=hours) for hours in (2, 25, 8 * 24, 32 * 24, 367 * 24))


def by_day(kind: str, slot: datetime) -> str:
    """Return the key of a slot of something daily: ``sweep:2026-11-22``."""
    return f"{kind}:{slot:%Y-%m-%d}"


def by_minute(kind: str, slot: datetime) -> str:
    """Return the key of a slot of something more frequent, in UTC: ``digest:2026-11-22T09:00Z``."""
    return f"{kind}:{slot.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


@dataclass(frozen=True, kw_only=True)
class Recurring:
    """Something that is owed again and again, by crontab (``0 3 * * *``) in a zone.

    ``key`` names a slot (given in ``zone``); two slots with one key are one. What is daily is named `by_day`,
    or it would come twice when the clocks go back over it. What is due ``at_start`` is also owed whenever a
    process begins: its settings or its code may be others.
    """

    kind: str
    cron: str
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    key: Callable[[str, datetime], str] = by_minute
    payload: Payload = field(default_factory=dict)
    at_start: bool = False

    def __post_init__(self) -> None:
        """Refuse a crontab that cannot be read."""
        self.trigger()

    def trigger(self) -> BaseTrigger:
        """Return APScheduler's trigger."""
        return CronTrigger.from_crontab(self.cron, timezone=self.zone)

    def newest_slot(self, now: datetime) -> datetime | None:
        """Return the latest slot that is not after ``now``, or None within the last year."""
        trigger = self.trigger()
        for back in _BACK:
            newest: datetime | None = None
            slot = _slot(trigger, now - back)
            while slot is not None and slot <= now:
                newest = slot
                slot = _slot(trigger, slot + timedelta(seconds=1))
            if newest is not None:
                return newest.astimezone(self.zone)
        return None

    def owed(self, slot: datetime) -> JobSpec:
        """Return the job of a slot."""
        return JobSpec(
            kind=self.kind,
            key=self.key(self.kind, slot),
            due_at=slot.astimezone(UTC),
            payload=self.payload,
        )

    def owed_at_start(self, now: datetime) -> JobSpec:
        """Return the job of a process that begins."""
        key = f"{self.kind}:start:{now.astimezone(UTC).isoformat()}"
        return JobSpec(kind=self.kind, key=key, due_at=now, payload=self.payload)


def _slot(trigger: BaseTrigger, not_before: datetime) -> datetime | None:
    """Return the first slot from a time on, in UTC: local time repeats an hour in autumn."""
    slot: datetime | None = trigger.get_next_fire_time(None, not_before.astimezone(UTC))
    return slot and slot.astimezone(UTC)


class Calendar:
    """Plans the slots as they come, and at the start the one that was missed.

    It keeps nothing: the database remembers which slots are planned, so any number of processes may each
    have a calendar, and missed slots of one series come to one.
    """

    def __init__(self, enqueue: Owe, now: Callable[[], datetime], recurring: Sequence[Recurring]) -> None:
        """Plan ``recurring`` with ``enqueue``; ``now`` is business time."""
        self._enqueue = enqueue
        self._now = now
        self._recurring = tuple(recurring)
        self._planned: set[str] = set()
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )

    async def start(self) -> None:
        """Plan what was missed, then what comes."""
        await self.plan_due()
        if beginning := [one.owed_at_start(self._now()) for one in self._recurring if one.at_start]:
            await self._enqueue(beginning)
        for one in self._recurring:
            self._scheduler.add_job(self.plan_due, one.trigger(), name=one.kind)
        self._scheduler.add_job(
            self.plan_due, IntervalTrigger(seconds=int(_CATCH_UP.total_seconds())), name="catch up"
        )
        self._scheduler.start()

    async def stop(self) -> None:
        """Plan no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def plan_due(self) -> None:
        """Plan the newest slot of everything that recurs; a slot that is planned stays planned once."""
        now = self._now()
        slots = [(one, one.newest_slot(now)) for one in self._recurring]
        owed = [one.owed(slot) for one, slot in slots if slot is not None]
        new = [one for one in owed if one.key not in self._planned]
        if new:
            await self._enqueue(new)
            self._planned = {one.key for one in owed}
