"""One browser for all, a house a test, a window a person; an error in any console fails its test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from inspect import iscoroutinefunction
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.chromium import MISSING, chromium, launched
from tests.browser.house import House, house
from tests.browser.window import Window
from tests.databases import fresh

Opens = Callable[..., Awaitable[Window]]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what is here on the one loop the browser lives on, or skip it where there is no browser."""
    for item in items:
        if HERE not in item.path.parents or not isinstance(item, pytest.Function):
            continue
        if iscoroutinefunction(item.function):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
        if chromium() is None:
            item.add_marker(pytest.mark.skip(reason=MISSING))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Yield the browser that all tests share."""
    async with launched() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def here(tmp_path: Path) -> AsyncIterator[House]:
    """Yield a house with an empty workspace."""
    async with fresh("sqlite", tmp_path) as url, house(url) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def window(browser: Browser) -> AsyncIterator[Opens]:
    """Return what opens windows; when the test is over, nothing may have gone wrong in any of them."""
    opened: list[Window] = []

    async def opens(*, dark: bool = False) -> Window:
        opened.append(await Window.open(browser, dark=dark))
        return opened[-1]

    yield opens
    for each in opened:
        await each.page.context.close()
    assert [each.wrong for each in opened if each.wrong] == []


@pytest.fixture
def looks(here: House, window: Opens) -> Callable[..., Awaitable[Window]]:
    """Return what opens a window at the house's page, as somebody, somewhere."""

    async def opens(who: str = "ada", to: str = "general", **how: bool) -> Window:
        made = await window(**how)
        await made.goes(here.slack.url, who=who, to=to)
        return made

    return opens
