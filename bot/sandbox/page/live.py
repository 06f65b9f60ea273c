"""What has changed goes to every open window at once: one stream of server-sent events for each."""

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field

from aiohttp import web

from bot.sandbox.journal import Call, Delivery
from bot.sandbox.page import rows
from bot.sandbox.page.draw import PARTS, Drawing
from bot.sandbox.page.where import Scene
from bot.sandbox.server import Sandbox
from bot.sandbox.state import Change

TOGETHER = 0.03
"""Seconds within which changes are sent together."""
STILL_HERE = 15.0
"""Seconds of silence after which a window is told that the stream lives."""
PANEL_PACE = 0.25
"""Seconds between two drawings of the panel, which every call and delivery changes."""
REMEMBERED = 1000
"""How many changes a window may have missed and still be told of one by one."""
MANY = 60
"""With more changed rows than these, a window had better look anew."""


@dataclass(kw_only=True)
class Dirt:
    """What of a window has changed since it was last drawn."""

    stamps: set[str] = field(default_factory=set)
    parts: bool = False
    panel: bool = False
    anew: bool = False
    clock: bool = False

    def take(self, item: Change | Call | Delivery, scene: Scene) -> None:
        """Note what an item changes in a scene."""
        self.panel = True
        if not isinstance(item, Change):
            return
        self.parts = True
        self.clock |= item.kind == "clock_moved"
        here = scene.channel is not None and item.channel == scene.channel.id
        if not here:
            return
        self.stamps |= _stamps(item)
        moved = item.kind in ("member_joined", "member_left") and item.detail.get("user") == scene.person.id
        self.anew |= moved or item.kind in ("channel_archived", "channel_unarchived")


def _stamps(change: Change) -> set[str]:
    """Return the messages a change is about: itself, and the root of the thread it stands in."""
    found = {str(change.detail["ts"])} if "ts" in change.detail else set()
    event = change.event or {}
    item = event.get("item")
    pinned = item.get("message") if isinstance(item, dict) else None
    said = [event, event.get("message"), event.get("previous_message"), pinned]
    for each in said:
        if isinstance(each, dict) and each.get("thread_ts"):
            found.add(str(each["thread_ts"]))
    return found


class Window:
    """One open window and its stream."""

    def __init__(self, scene: Scene, drawing: Drawing, *, panel: bool) -> None:
        """Look at a scene; with ``panel`` the panel is open too."""
        self.scene = scene
        self._drawing = drawing
        self._panel = panel
        self._sent: dict[str, str] = {}
        self._panel_at = 0.0
        self.dirt = Dirt(panel=True)
        self.woken = asyncio.Event()
        self.over = False

    async def follow(self) -> None:
        """Note all changes until the sandbox ends."""
        async for item in self.scene.slack.changes():
            if isinstance(item, Change) or self._panel:
                self.dirt.take(item, self.scene)
                self.woken.set()
        self.over = True
        self.woken.set()

    def remember(self) -> None:
        """Take what the page shows now as known to it."""
        for name in PARTS:
            self._sent[name] = self._drawing.part(name, self.scene)

    async def news(self) -> list[tuple[str, object]]:
        """Return the events that bring the window up to date."""
        dirt, self.dirt = self.dirt, Dirt()
        room = self.scene.channel
        lost = room is not None and not room.visible_to(self.scene.person.id)
        if dirt.anew or lost or len(dirt.stamps) > MANY:
            return [("refresh", {})]
        events: list[tuple[str, object]] = [("clock", {"now": self.scene.now})] if dirt.clock else []
        for name, changed in rows.changed(self.scene, dirt.stamps).items():
            if changed:
                events.append(("rows", {"list": name, "rows": self._drawing.rows(self.scene, changed)}))
        if dirt.parts:
            events += self._different({name: self._drawing.part(name, self.scene) for name in PARTS})
        if dirt.panel and self._panel:
            events += await self._of_panel()
        return events

    async def _of_panel(self) -> list[tuple[str, object]]:
        now = asyncio.get_running_loop().time()
        left = self._panel_at + PANEL_PACE - now
        if left > 0:
            self.dirt.panel = True
            asyncio.get_running_loop().call_later(left, self.woken.set)
            return []
        self._panel_at = now
        return self._different(await self._drawing.panel(self.scene))

    def _different(self, drawn: dict[str, str]) -> list[tuple[str, object]]:
        changed = {name: html for name, html in drawn.items() if self._sent.get(name) != html}
        self._sent |= changed
        return [("part", {"name": name, "html": html}) for name, html in changed.items()]


class Live:
    """All open windows of a workspace."""

    def __init__(self, slack: Sandbox, drawing: Drawing, *, boot: str) -> None:
        """Watch the workspace; ``boot`` names this run to the windows."""
        self._slack = slack
        self._drawing = drawing
        self._boot = boot
        self.number = 0
        """How many changes there have been; a page says after how many it was drawn."""
        self._recent: deque[tuple[int, Change]] = deque(maxlen=REMEMBERED)
        slack.workspace.ground.watchers.append(self._heard)

    def _heard(self, change: Change) -> None:
        self.number += 1
        self._recent.append((self.number, change))

    def _catch_up(self, window: Window, since: int) -> None:
        """Let a window that was drawn after ``since`` changes know what it missed."""
        if since == self.number:
            window.remember()
        elif since > self.number or self._recent[0][0] > since + 1:
            window.dirt.anew = True
        else:
            for number, change in self._recent:
                if number > since:
                    window.dirt.take(change, window.scene)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Serve a window until it goes away or the sandbox ends."""
        scene = Scene.of(self._slack, request.query)
        window = Window(scene, self._drawing, panel=request.query.get("panel") == "1")
        headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        response = web.StreamResponse(headers=headers)
        following = asyncio.create_task(window.follow())
        try:
            await response.prepare(request)
            await asyncio.sleep(
                0
            )  # from here on the follower listens: nothing falls between it and the hello
            self._catch_up(window, int(request.query.get("since") or self.number))
            await _send(response, [("hello", {"boot": self._boot, "now": scene.now})])
            await self._keep(window, request, response)
        except ConnectionResetError:
            pass  # the window is closed
        finally:
            following.cancel()
        return response

    async def _keep(self, window: Window, request: web.Request, response: web.StreamResponse) -> None:
        window.woken.set()
        while not window.over:
            try:
                async with asyncio.timeout(STILL_HERE):
                    await window.woken.wait()
            except TimeoutError:
                await response.write(b": still here\n\n")
                # The panel may tell of what comes nearer though nothing happens.
                window.dirt.panel = True
            await asyncio.sleep(0 if window.over else TOGETHER)
            if window.over or request.transport is None:
                return  # the sandbox ends, or nobody looks any more: nothing is drawn for them
            window.woken.clear()
            events = await window.news()
            if events:
                await _send(response, [*events, ("drawn", {"number": self.number})])


async def _send(response: web.StreamResponse, events: list[tuple[str, object]]) -> None:
    text = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events)
    await response.write(text.encode())
