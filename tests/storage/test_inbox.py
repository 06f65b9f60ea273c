"""A request that comes twice is answered once."""

import asyncio

from bot.domain.shared.vocabulary import RequestKey
from bot.usecases.ports import OpensWork
from storage.engine import Database

KEY = RequestKey("view:V1:hash")


async def test_a_repeated_request_gets_the_first_ones_answer(work: OpensWork) -> None:
    async with work() as unit:
        first = await unit.inbox.take(KEY)
        await unit.inbox.answer(KEY, "INC-1")
        await unit.commit()

    async with work() as unit:
        second = await unit.inbox.take(KEY)

    assert (first, second) == (None, "INC-1")


async def test_a_request_that_was_not_committed_can_be_taken_again(work: OpensWork) -> None:
    async with work() as unit:
        await unit.inbox.take(KEY)

    async with work() as unit:
        assert await unit.inbox.take(KEY) is None


async def test_a_request_that_got_no_answer_is_taken_all_the_same(work: OpensWork) -> None:
    async with work() as unit:
        await unit.inbox.take(KEY)
        await unit.commit()

    async with work() as unit:
        assert await unit.inbox.take(KEY) == ""


async def test_50_identical_requests_at_once_are_taken_once(work: OpensWork) -> None:
    async def handle(number: int) -> str | None:
        async with work() as unit:
            seen = await unit.inbox.take(KEY)
            if seen is None:
                await unit.inbox.answer(KEY, f"INC-{number}")
                await unit.commit()
            return seen

    answers = await asyncio.gather(*(handle(number) for number in range(50)))

    assert answers.count(None) == 1
    assert len(set(answers)) == 2


async def test_a_twin_waits_and_takes_over_when_the_first_fails(work: OpensWork, database: Database) -> None:
    del database
    first_has_it, fail = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with work() as unit:
            await unit.inbox.take(KEY)
            first_has_it.set()
            await fail.wait()

    async def twin() -> str | None:
        await first_has_it.wait()
        asyncio.get_running_loop().call_soon(fail.set)
        async with work() as unit:
            return await unit.inbox.take(KEY)

    _, answer = await asyncio.gather(first(), twin())

    assert answer is None
