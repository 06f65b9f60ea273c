"""One window of the workspace, as one person: where things are in it, and all that went wrong in it."""

from dataclasses import dataclass, field
from typing import Self

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect
from playwright.async_api import Dialog as Popup

SIZE = (1360, 860)
PATIENCE = 8000.0
"""Milliseconds after which what a test waits for is called missing."""


@dataclass(kw_only=True)
class Window:
    """A window; ``wrong`` collects what its console calls an error, scripts that broke and popups."""

    page: Page
    wrong: list[str] = field(default_factory=list)
    tolerated: tuple[str, ...] = ()
    """Parts of lines in the console that belong to the story: a refusal is one, a lost connection another."""

    @classmethod
    async def open(cls, browser: Browser, *, size: tuple[int, int] = SIZE, dark: bool = False) -> Self:
        """Open an empty window with a storage of its own, as if in another browser."""
        context: BrowserContext = await browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="UTC",
        )
        context.set_default_timeout(PATIENCE)
        window = cls(page=await context.new_page())
        window.page.on("console", window._heard)
        window.page.on("pageerror", lambda error: window.wrong.append(f"script: {error}"))
        window.page.on("dialog", window._popped)
        return window

    def _heard(self, line: ConsoleMessage) -> None:
        if line.type in {"error", "warning"} and not any(each in line.text for each in self.tolerated):
            self.wrong.append(f"{line.type}: {line.text}")

    async def _popped(self, popup: Popup) -> None:
        self.wrong.append(f"popup: {popup.message}")
        await popup.dismiss()

    async def goes(self, url: str, *, who: str = "ada", to: str = "general") -> None:
        """Load the page as somebody, and return once its stream is there."""
        async with self.page.expect_response("**/page/live*"):
            await self.page.goto(f"{url}/?as={who}&in={to}")

    # -- where things are

    def at(self, test: str) -> Locator:
        """Return what the page calls by this name."""
        return self.page.get_by_test_id(test)

    @property
    def composer(self) -> Locator:
        """The composer of the channel."""
        return self.at("composer-input")

    @property
    def modal(self) -> Locator:
        """The modal in front."""
        return self.page.locator("dialog.modal[open]").last

    @property
    def messages(self) -> Locator:
        """The list of messages of the channel."""
        return self.at("messages")

    def row(self, words: str) -> Locator:
        """Return the newest message of the channel with these words."""
        return self.page.locator("#rows > li.row", has_text=words).last

    @property
    def card(self) -> Locator:
        """The pinned card of the war room."""
        return self.page.locator("#rows > li.row.pinned").first

    def role(self, name: str) -> Locator:
        """Return the line of the card that says who has a role."""
        return self.card.locator(".block.section", has_text=f"{name} ").first

    # -- what people do

    async def says(self, words: str) -> None:
        """Type into the composer and press Enter."""
        await self.composer.fill(words)
        await self.composer.press("Enter")

    async def commands(self, words: str) -> None:
        """Type a command, letting go of what is suggested, and send it."""
        await self.composer.fill(words)
        await self.at("composer").get_by_test_id("send").click()

    async def enters(self, place: str) -> None:
        """Click a place of the sidebar."""
        await self.at(f"place-{place}").click()
        await expect(self.at("title")).to_contain_text(place)

    async def sends(self) -> None:
        """Send the modal in front, and return once it is gone."""
        await self.modal.get_by_test_id("modal-submit").click()
        await expect(self.page.locator("dialog.modal[open]")).to_have_count(0)

    async def hovers(self, row: Locator, tool: str) -> None:
        """Use one of the tools of a message."""
        await row.hover()
        await row.get_by_label(tool, exact=True).click()

    async def chooses(self, row: Locator, item: str) -> None:
        """Use an item of the menu of a message."""
        await self.hovers(row, "More actions")
        await self.page.get_by_role("menu", name="More actions").get_by_text(item).click()
