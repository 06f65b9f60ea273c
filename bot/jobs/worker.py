"""Does the jobs that are due: claims, acts outside, completes, and retries until it is done or hopeless."""

import asyncio
import os
import random
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import structlog

from bot import log
from bot.clock import monotonic
from bot.usecases.incident.completion import complete
from bot.usecases.ports import (
    CURRENT_ATTEMPT,
    Attempt,
    Handler,
    Job,
    JobSpec,
    Outcome,
    OutsideError,
    PermanentFailure,
    Ports,
    Queue,
    RateLimited,
    Unavailable,
)

BUSY_MAX = timedelta(seconds=300)
"""The longest wait that is believed; who asks for more is asked again after it."""

FailureNotice = Callable[[Job, str], Iterable[JobSpec]]
"""Returns what tells people that a job was given up, and why."""

Listen = Callable[[Callable[[], None]], Coroutine[None, None, None]]
"""Calls back whenever another process has planned jobs, until it is cancelled."""

_log = log.get(__name__)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast the worker goes; seconds of real time."""

    look_every: float = 1.0
    renew_every: float = 3.0
    stop_within: float = 2.0
    outage_wait: float = 0.5
    outage_wait_max: float = 5.0
    away_wait: float = 0.5
    failed_wait: float = 1.0
    retry_wait_max: float = 60.0


class Worker:
    """One process's share of the jobs; any number of processes may each have one.

    ``handlers`` says what handles each kind, ``failure_notice`` what tells people of a job given up.
    ``heartbeat`` is the monotonic time of the loop's last turn: it goes on through outages and stops only
    with the loop.
    ``reachable_again`` is run when the database is back: what was said meanwhile was not heard.
    """

    def __init__(  # noqa: PLR0913 - the parts are handed in by the composition root alone
        self,
        queue: Queue,
        ports: Ports,
        handlers: Mapping[str, Handler],
        failure_notice: FailureNotice,
        *,
        listen: Listen | None = None,
        reachable_again: Callable[[], Coroutine[None, None, None]] | None = None,
        concurrency: int = 16,
        give_up_after: int = 8,
        pace: Pace | None = None,
        owner: str | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Keep the parts; `start` begins."""
        self._queue = queue
        self._ports = ports
        self._handlers = handlers
        self._failure_notice = failure_notice
        self._listen = listen
        self._reachable_again = reachable_again
        self._concurrency = concurrency
        self._give_up_after = give_up_after
        self._pace = pace or Pace()
        self.owner = owner or f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._clock = clock
        self.heartbeat = clock()
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()
        self._turned = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []
        self._running: dict[asyncio.Task[None], Job] = {}
        self._outages = 0

    # -- life

    async def start(self) -> None:
        """Begin to claim and work; returns at once."""
        self._stopping.clear()
        begins = [self._claiming(), self._renewing()]
        if self._listen is not None:
            begins.append(self._listen(self.wake))
        self._loops = [asyncio.create_task(loop) for loop in begins]

    async def stop(self) -> None:
        """Let what is under way finish for a moment, then give all leases back at once."""
        if not self._loops:
            return
        claiming, *others = self._loops
        # Not cancelled at once: a statement under way would leave its lock behind.
        self._stopping.set()
        self.wake()
        await asyncio.wait({claiming}, timeout=self._pace.stop_within)
        await _end([claiming])
        if self._running:
            await asyncio.wait(self._running, timeout=self._pace.stop_within)
        await _end([*self._running, *others])
        self._loops = []
        self._turned.set()
        try:
            await self._queue.release(self.owner)
        except Exception:  # noqa: BLE001 - the job border: the leases run out by themselves
            _log.warning("leases_not_released", exc_info=True)

    def wake(self) -> None:
        """Look for due jobs now rather than at the next second."""
        self._woken.set()

    async def idle(self) -> None:
        """Return when nothing is due at business time and nothing is running.

        A retry that waits counts as due. Raises ``RuntimeError`` when the worker is not running.
        """
        self.wake()
        while True:
            if not self._loops:
                msg = "The worker is not running."
                raise RuntimeError(msg)
            await self._turned.wait()
            if self._running:
                continue
            now = self._ports.now()
            due = await self._queue.next_due(now=now)
            if not self._running and (due is None or due > now):
                return

    # -- the loops

    async def _claiming(self) -> None:
        while not self._stopping.is_set():
            self.heartbeat = self._clock()
            self._woken.clear()
            wait = await self._turn()
            turned, self._turned = self._turned, asyncio.Event()
            turned.set()
            # The event loop's own clock is monotonic: a wall clock set back does not stop this.
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._woken.wait()

    async def _turn(self) -> float:
        """Claim what is due and begin to work on it; how many seconds to wait for the next turn at most."""
        free = self._concurrency - len(self._running)
        if free <= 0:
            return self._pace.look_every
        try:
            claimed = await self._queue.claim(owner=self.owner, now=self._ports.now(), limit=free)
        except Exception as error:  # noqa: BLE001 - the job border: the loop outlives its database
            return self._outage(error)
        if self._outages:
            _log.info("jobs_reachable_again", tries=self._outages)
            self._outages = 0
            await self._recovered()
        for job in claimed:
            task = asyncio.create_task(self._work_on(job))
            self._running[task] = job
            task.add_done_callback(self._finished)
        return self._pace.look_every

    async def _recovered(self) -> None:
        if self._reachable_again is None:
            return
        try:
            await self._reachable_again()
        except Exception as error:  # noqa: BLE001 - the job border: it is gone again, and will come back
            _log.warning("not_caught_up", error=str(error))

    def _outage(self, error: Exception) -> float:
        """Say once that the jobs cannot be reached; how many seconds to wait before the next try."""
        if not self._outages:
            _log.error("jobs_unreachable", error=str(error))
        self._outages += 1
        self._woken.clear()  # otherwise whoever wakes us would make this a busy loop
        return _doubled(self._pace.outage_wait, self._outages - 1, longest=self._pace.outage_wait_max)

    def _finished(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self.wake()

    async def _renewing(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pace.renew_every):
                    await self._stopping.wait()
                    return
            try:
                await self._queue.renew(list(self._running.values()))
            except Exception as error:  # noqa: BLE001 - the job border: a lost lease is fenced off
                _log.warning("leases_not_renewed", error=str(error))

    # -- one job

    async def _work_on(self, job: Job) -> None:
        """Do one job and keep what came of it; where even that fails, its lease runs out."""
        CURRENT_ATTEMPT.set(Attempt(job=job.key))  # each job has a task of its own, so this ends with it
        with structlog.contextvars.bound_contextvars(job=job.key, incident=job.incident):
            try:
                await self._handle_or_explain(job)
            except Exception as error:  # noqa: BLE001 - the job border
                _log.error("job_left_to_its_lease", error=str(error))

    async def _handle_or_explain(self, job: Job) -> None:
        try:
            await self._handle(job)
        except RateLimited as busy:
            wait = min(busy.wait, BUSY_MAX)
            await self._again(job, busy, wait=wait, outcome=Outcome.REFUSED)
        except Unavailable as away:
            outcome = Outcome.UNKNOWN if away.unknown else Outcome.REFUSED
            wait = self._retry_wait(self._pace.away_wait, job.attempt - 1)
            await self._again(job, away, wait=wait, outcome=outcome)
        except PermanentFailure as never:
            await self._give_up(job, str(never))
        except Exception as error:  # noqa: BLE001 - the job border
            await self._failed(job, error)

    async def _handle(self, job: Job) -> None:
        handler = self._handlers.get(job.kind)
        if handler is None:
            # While a new version rolls out, one of its replicas may know what this one does not.
            msg = f"Nothing here handles jobs of the kind “{job.kind}”."
            raise LookupError(msg)
        effects = await handler(job, self._ports)
        if not await complete(job, effects, self._ports):
            _log.info("job_lost", attempt=job.attempt)
        elif effects.idle:
            _log.info("job_no_longer_wanted", why=effects.idle)

    async def _failed(self, job: Job, error: Exception) -> None:
        """Retry a job that failed by itself, up to the last time."""
        failures = job.failures
        _log.error("job_failed", failures=failures + 1, error=repr(error), exc_info=failures == 0)
        if failures + 1 >= self._give_up_after:
            await self._give_up(job, _reason(error))
            return
        wait = self._retry_wait(self._pace.failed_wait, failures)
        await self._again(job, error, wait=wait, outcome=Outcome.UNKNOWN)

    async def _again(self, job: Job, why: Exception, *, wait: timedelta, outcome: Outcome) -> None:
        """Put a job off; only its own errors count towards giving up, what came from outside never does."""
        reason, failed = _reason(why), not isinstance(why, OutsideError)
        await self._queue.postpone(job, wait=wait, outcome=outcome, error=reason, failed=failed)
        # A wait that was asked for is no news: in a burst there are as many as there are jobs.
        say = _log.debug if isinstance(why, RateLimited) else _log.info
        say("job_postponed", wait_s=wait.total_seconds(), outcome=str(outcome), error=reason)
        asyncio.get_running_loop().call_later(wait.total_seconds(), self.wake)

    async def _give_up(self, job: Job, why: str) -> None:
        try:
            owed = tuple(self._failure_notice(job, why))
        except Exception:  # noqa: BLE001 - the job border: a job is given up also where nobody can be told
            _log.exception("failure_notice_failed")
            owed = ()
        await self._queue.mark_dead(job, error=why, owed=owed)
        _log.error("job_given_up", error=why)

    def _retry_wait(self, first: float, times: int) -> timedelta:
        """Return a wait that doubles each time, with jitter so that many do not come back together."""
        longest = _doubled(first, times, longest=self._pace.retry_wait_max)
        return timedelta(seconds=longest * random.uniform(0.5, 1.0))  # noqa: S311 - no secret


def _reason(error: Exception) -> str:
    """Return what is kept of an error: what came from outside says in words what it was."""
    return str(error) if isinstance(error, OutsideError) else f"{type(error).__name__}: {error}"


def _doubled(first: float, times: int, *, longest: float) -> float:
    return min(longest, first * 2.0 ** min(times, 30))


async def _end(tasks: Iterable[Awaitable[None]]) -> None:
    """Cancel tasks and wait until they are gone."""
    ending = [asyncio.ensure_future(task) for task in tasks]
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)
