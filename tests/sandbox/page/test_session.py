"""Forms are bound to the page they came from, and the page to loopback."""

import pytest

from bot.sandbox import Sandbox
from tests.sandbox.page.browser import Browser

SAY = {"in": "general", "text": "not from here"}


async def test_a_form_without_the_pages_token_does_nothing(slack: Sandbox, browser: Browser) -> None:
    headers = {"X-Acting-As": "ada"}

    async with browser.session.post(f"{slack.url}/page/do/say", data=SAY, headers=headers) as response:
        status = response.status

    assert status == 403
    assert not slack.person("ada").sees("general")


async def test_a_token_is_worth_nothing_in_another_browser(slack: Sandbox, browser: Browser) -> None:
    browser.session.cookie_jar.clear()

    status, _ = await browser.do("ada", "say", room="general", text="stolen")

    assert status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example.com"},
        {"Origin": "null"},
        {"Host": "evil.example.com"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_another_site_is_refused_even_with_a_token(
    slack: Sandbox, browser: Browser, headers: dict[str, str]
) -> None:
    own = {"X-Page-Token": browser.token, "X-Acting-As": "ada"}

    async with browser.session.post(
        f"{slack.url}/page/do/say", data=SAY, headers={**own, **headers}
    ) as response:
        status = response.status

    assert status == 403
    assert not slack.person("ada").sees("general")


async def test_another_name_for_this_machine_shows_nothing(slack: Sandbox, browser: Browser) -> None:
    async with browser.session.get(slack.url, headers={"Host": "rebound.example.com"}) as response:
        status = response.status

    assert status == 403


async def test_the_cookie_is_for_this_site_alone_and_not_for_scripts(
    slack: Sandbox, browser: Browser
) -> None:
    async with browser.session.get(slack.url) as response:
        cookie = response.headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


async def test_two_windows_of_one_browser_act_as_two_people(slack: Sandbox, browser: Browser) -> None:
    await browser.open(**{"as": "ada", "in": "general"})
    await browser.open(**{"as": "grace", "in": "general"})

    await browser.does("ada", "say", room="general", text="from the first window")
    await browser.does("grace", "say", room="general", text="from the second")

    users = [each.user for each in slack.person("linus").sees("general")]
    assert users == [slack.person("ada").id, slack.person("grace").id]


@pytest.mark.parametrize("path", ["../routes.py", "VENDORED.md", "nothing.js"])
async def test_only_what_the_page_needs_is_served(browser: Browser, path: str) -> None:
    async with browser.session.get(f"{browser.url}/page/static/{path.replace('/', '%2F')}") as response:
        assert response.status == 404
