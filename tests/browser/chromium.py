"""The Chromium of this machine: where it is, and how it is started so that it asks nobody but us."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
MISSING = (
    f"no browser: none of {', '.join(NAMES)} is on the PATH and CHROMIUM names none "
    "(Debian: apt-get install chromium; elsewhere: playwright install chromium, and its path in CHROMIUM)"
)


def chromium() -> str | None:
    """Return the path of the browser that is there, or None."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """Run the browser without a screen until the context is left; without one a FileNotFoundError says so."""
    path = chromium()
    if path is None:
        raise FileNotFoundError(MISSING)
    async with async_playwright() as playwright:
        playwright.selectors.set_test_id_attribute("data-test")
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()
