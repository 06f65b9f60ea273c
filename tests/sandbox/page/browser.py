"""A browser without a screen: it fetches pages, sends forms with the page's token, hears what is pushed."""

import asyncio
import json
import re
from dataclasses import dataclass, field
from html import unescape
from typing import Self

import aiohttp

TOKEN = re.compile(r'data-token="([0-9a-f]+)"')


@dataclass(kw_only=True)
class Browser:
    """One browser; every window of it shares its cookie, and says for itself as whom it acts."""

    url: str
    session: aiohttp.ClientSession
    token: str = ""

    async def open(self, **scene: str) -> str:
        """Load the page of a scene; returns its HTML."""
        async with self.session.get(self.url, params=scene) as response:
            assert response.status == 200, await response.text()
            html = await response.text()
        self.token = TOKEN.findall(html)[0]
        return html

    async def get(self, path: str, **params: str) -> str:
        """Return what a path answers."""
        async with self.session.get(f"{self.url}{path}", params=params) as response:
            assert response.status == 200, await response.text()
            return await response.text()

    async def do(self, who: str, deed: str, **fields: str) -> tuple[int, str]:
        """Do something as somebody; returns the status and the words."""
        headers = {"X-Page-Token": self.token, "X-Acting-As": who}
        path = "/page/click" if deed == "click" else f"/page/do/{deed}"
        form = {("in" if name == "room" else name): value for name, value in fields.items()}
        async with self.session.post(f"{self.url}{path}", data=form, headers=headers) as response:
            return response.status, await response.text()

    async def does(self, who: str, deed: str, **fields: str) -> str:
        """Do something that has to work; returns what came back."""
        status, text = await self.do(who, deed, **fields)
        assert status in (200, 204), text
        return text

    def live(self, **scene: str) -> "Stream":
        """Return a window's stream, to be entered."""
        return Stream(browser=self, scene=scene)


@dataclass(kw_only=True)
class Stream:
    """What is pushed to one window."""

    browser: Browser
    scene: dict[str, str]
    heard: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    _response: aiohttp.ClientResponse | None = None
    _name: str = ""

    async def __aenter__(self) -> Self:
        """Connect, and return once the server said hello."""
        self._response = await self.browser.session.get(f"{self.browser.url}/page/live", params=self.scene)
        assert self._response.status == 200
        await self.until("hello")
        return self

    async def __aexit__(self, *_exc: object) -> None:
        """Close the window."""
        assert self._response is not None
        self._response.close()

    async def until(self, name: str, containing: str = "") -> dict[str, object]:
        """Return the next event of a name whose data holds some words."""
        assert self._response is not None
        async with asyncio.timeout(10):
            async for raw in self._response.content:
                line = raw.decode().rstrip("\n")
                if line.startswith("event: "):
                    self._name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    data: dict[str, object] = json.loads(line.removeprefix("data: "))
                    self.heard.append((self._name, data))
                    if self._name == name and containing in line:
                        return data
        message = f"the stream ended without {name} {containing!r}; heard {self.heard}"
        raise AssertionError(message)


def words(html: str) -> str:
    """Return the text of HTML as a person reads it, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())
