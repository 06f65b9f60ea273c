"""Makes the pictures of ``docs/images`` from the demo's stories: ``python -m tests.browser.pictures``."""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, expect

from bot.demo.stories import TITLE, revenue_under_way
from tests.browser.chromium import launched
from tests.browser.house import House, house
from tests.browser.window import Window

FOLDER = Path(__file__).parents[2] / "docs" / "images"
COLOURS = 256
"""Enough for letters and faces; a third of the size."""
CONDITIONS = "Orders of yesterday are loaded twice; revenue is doubled."
ROOM = "inc-1-revenue-dashboard-counts-yesterday-twice"


@dataclass(kw_only=True)
class Camera:
    """A house, a browser, and where the pictures go."""

    house: House
    browser: Browser
    folder: Path

    async def looks(self, who: str, to: str, *, dark: bool = False) -> Window:
        """Open a window; whoever looks has put the guide away."""
        window = await Window.open(self.browser, dark=dark)
        await window.page.add_init_script("localStorage.setItem('guide', 'never')")
        await window.goes(self.house.slack.url, who=who, to=to)
        return window

    async def takes(self, window: Window, name: str) -> None:
        """Take a picture of a window, and close it."""
        await window.page.evaluate("document.fonts.ready")
        path = self.folder / f"{name}.png"
        shot = await window.page.screenshot(animations="disabled", caret="hide")
        with Image.open(BytesIO(shot)) as picture:
            picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
        sys.stdout.write(f"{path.name}: {path.stat().st_size // 1000} kB\n")
        await window.page.context.close()


async def _under_way(camera: Camera) -> None:
    async for _ in revenue_under_way(camera.house.stage):
        await camera.house.stage.forward(timedelta(minutes=2))


async def guided(camera: Camera) -> None:
    """Show a first look: the guided path, and a command that is being typed."""
    window = await Window.open(camera.browser)
    await window.goes(camera.house.slack.url)
    await window.composer.press_sequentially("/inc")
    await expect(window.page.locator("#offers")).to_be_visible()
    await camera.takes(window, "guided-path")


async def declaring(camera: Camera) -> None:
    """Show the modal that declares."""
    window = await camera.looks("ada", "general")
    await window.commands(f"/incident declare {TITLE}")
    await expect(window.modal).to_be_visible()
    await camera.takes(window, "declare")
    await camera.house.slack.person("ada").close()


async def war_room(camera: Camera) -> None:
    """Show the war room with its card, four people talking."""
    window = await camera.looks("grace", ROOM)
    await window.card.evaluate("row => row.scrollIntoView({block: 'start'})")
    await camera.takes(window, "war-room")


async def in_the_dark(camera: Camera) -> None:
    """Show what was said in the war room, with a thread beside it, by night."""
    window = await camera.looks("linus", ROOM, dark=True)
    await window.at("replies").first.click()
    await expect(window.at("thread")).to_be_visible()
    await window.page.mouse.move(0, 0)
    await window.at("thread-input").focus()
    await camera.takes(window, "war-room-dark")


async def reporting(camera: Camera) -> None:
    """Show the modal of a CAN update."""
    window = await camera.looks("grace", ROOM)
    await window.card.get_by_role("button", name="Post CAN update").click()
    await expect(window.modal).to_be_visible()
    await window.modal.get_by_label("Conditions").fill(CONDITIONS)
    await camera.takes(window, "can-update")
    await camera.house.slack.person("grace").close()


async def home(camera: Camera) -> None:
    """Show App Home of somebody with a role."""
    window = await camera.looks("grace", "home")
    await expect(window.at("home")).to_contain_text("INC-1")
    await camera.takes(window, "home")


async def backstage(camera: Camera) -> None:
    """Show the panel: the clock, the trouble, what is owed, the traffic."""
    window = await camera.looks("grace", ROOM)
    await window.at("panel-toggle").click()
    await expect(window.at("owed")).to_be_visible()
    await camera.takes(window, "backstage")


BEFORE: Mapping[str, Callable[[Camera], Awaitable[None]]] = {"guided-path": guided, "declare": declaring}
UNDER_WAY: Mapping[str, Callable[[Camera], Awaitable[None]]] = {
    "war-room": war_room,
    "war-room-dark": in_the_dark,
    "can-update": reporting,
    "home": home,
    "backstage": backstage,
}


async def pictures(folder: Path = FOLDER) -> None:
    """Make all pictures anew."""
    with tempfile.TemporaryDirectory(prefix="warroom-pictures-", ignore_cleanup_errors=True) as place:
        async with launched() as browser, house(f"sqlite:///{Path(place) / 'pictures.db'}") as made:
            camera = Camera(house=made, browser=browser, folder=folder)
            for take in BEFORE.values():
                await take(camera)
            await _under_way(camera)
            for take in UNDER_WAY.values():
                await take(camera)


if __name__ == "__main__":
    asyncio.run(pictures())
