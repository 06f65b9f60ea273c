"""What the page takes in a real browser: ``python -m benchmarks.page``, with Chromium on this machine.

The sandbox, its page and the bot run in this process, the browser in others. The time from the moment the
sandbox knows of a change to the frame that shows it is read off the wall clock that both have.
"""

import asyncio
import gc
import os
import resource
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from playwright.async_api import Browser, expect

from benchmarks.conditions import console, milliseconds, percentile, show
from bot.sandbox import Sandbox
from bot.sandbox.state import Change
from tests.browser.chromium import launched
from tests.browser.house import House, house
from tests.browser.window import Window

N = 50
OPENINGS = 20
MESSAGES = 5000
WINDOWS = 10
MEASURED = 10
"""Seconds over which what windows cost is measured."""
COLUMNS = ("what", "median", "p95", "slowest", "target")
MARK = "mark-"
"""What begins the words that are looked for."""

# A row, or a part of one, is shown in the frame after the mutation that put it there.
WATCH = """() => {
  window.shown = {};
  const look = () => {
    for (const found of document.querySelector('#app').textContent.matchAll(/mark-\\d+/g)) {
      if (!(found[0] in window.shown)) {
        window.shown[found[0]] = null;
        requestAnimationFrame(() => { window.shown[found[0]] = performance.timeOrigin + performance.now(); });
      }
    }
  };
  new MutationObserver(look).observe(document.body, {childList: true, subtree: true, characterData: true});
}"""
REACTED = """(id) => {
  const count = () => document.getElementById(id)?.querySelectorAll('.reaction').length;
  const had = count();
  window.changed = 0;
  const watching = new MutationObserver(() => {
    if (count() === undefined || count() === had) return;
    watching.disconnect();
    requestAnimationFrame(() => { window.changed = performance.timeOrigin + performance.now(); });
  });
  watching.observe(document.querySelector('#rows'), {childList: true, subtree: true});
}"""
ALL_ROWS = "document.querySelectorAll('#rows > li').length"
OPENED = """(name) => new Promise((done) => {
  const before = performance.now();
  const look = () => {
    const rows = document.querySelectorAll('#rows > li.row');
    if (rows.length && rows[rows.length - 1].textContent.includes(name)) {
      watching.disconnect();
      requestAnimationFrame(() => done(performance.now() - before));
    }
  };
  const watching = new MutationObserver(look);
  watching.observe(document.body, {childList: true, subtree: true});
  document.querySelector('[data-test="place-long"]').click();
})"""
LOADED = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
SCROLLED = """() => new Promise((done) => {
  const list = document.querySelector('#messages');
  const before = performance.now();
  const count = document.querySelectorAll('#rows > li').length;
  const frames = [];
  let last = before;
  const frame = (now) => {
    frames.push(now - last);
    last = now;
    if (document.querySelectorAll('#rows > li').length === count) requestAnimationFrame(frame);
    else done([performance.now() - before, Math.max(...frames)]);
  };
  requestAnimationFrame(frame);
  list.scrollTop = 0;
})"""


@dataclass(kw_only=True)
class Ear:
    """When the sandbox knew of each mark, in seconds of the wall clock."""

    known: dict[str, float] = field(default_factory=dict)
    wanted: Callable[[Change], str | None] = lambda _change: None

    def __call__(self, change: Change) -> None:
        """Take the time of a change that a mark stands for."""
        mark = self.wanted(change)
        if mark is not None:
            self.known.setdefault(mark, time.time())


async def _took(window: Window, ear: Ear, act: Callable[[str], Awaitable[object]]) -> list[float]:
    """Have marks appear one after another; returns for each the seconds from known to shown."""
    taken = []
    for number in range(N):
        mark = f"{MARK}{number}"
        await act(mark)
        shown = await window.page.wait_for_function("mark => window.shown[mark]", arg=mark, polling=5)
        taken.append(await shown.json_value() / 1000 - ear.known[mark])
    return taken


def _said(change: Change) -> str | None:
    event = change.event or {}
    text = str(event.get("text") or (event.get("message") or {}).get("text") or "")
    return text if text.startswith(MARK) and text.removeprefix(MARK).isdigit() else None


async def _message(made: House, browser: Browser, ear: Ear) -> list[float]:
    """Measure a message of somebody else."""
    window = await _opened(made, browser)
    ear.wanted = _said
    grace = made.slack.person("grace")
    taken = await _took(window, ear, lambda mark: grace.say("general", mark))
    await window.page.context.close()
    return taken


async def _press(made: House, browser: Browser, ear: Ear) -> list[float]:
    """Measure a press of Enter in the window itself, from when the sandbox has the message."""
    ear.known.clear()
    window = await _opened(made, browser, to="incidents")
    taken = await _took(window, ear, window.says)
    await window.page.context.close()
    return taken


async def _click(made: House, browser: Browser, ear: Ear) -> list[float]:
    """Measure a reaction that is clicked on and off: its count is what shows."""
    ear.known.clear()
    message = await made.slack.person("ada").say("general", "react to this")
    window = await _opened(made, browser)
    taken = []
    ear.wanted = lambda change: "reaction" if change.kind.startswith("reaction") else None
    row = window.page.locator(f"#m-{message.ts.replace('.', '-')}")
    for _ in range(N):
        ear.known.clear()
        await row.hover()
        await window.page.evaluate(REACTED, await row.get_attribute("id"))
        await row.get_by_label("React with :eyes:", exact=True).click()
        changed = await window.page.wait_for_function("() => window.changed", polling=5)
        taken.append(await changed.json_value() / 1000 - ear.known["reaction"])
    await window.page.context.close()
    return taken


async def _opened(made: House, browser: Browser, *, to: str = "general") -> Window:
    window = await Window.open(browser)
    await window.goes(made.slack.url, to=to)
    await window.page.evaluate(WATCH)
    return window


async def _fill(slack: Sandbox) -> str:
    """Fill a channel with messages of four people; returns its last words."""
    ada = slack.person("ada")
    await ada.create_channel("long")
    await ada.invite("long", "grace", "linus", "barbara")
    people = [slack.person(name) for name in ("ada", "grace", "linus", "barbara")]
    for number in range(MESSAGES):
        words = f"Line {number}: *orders* of `yesterday` and <https://example.com|a link>"
        await people[number % 4].say("long", words)
    return f"Line {MESSAGES - 1}:"


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What one opening of the long channel took, in seconds."""

    clicked: float
    loaded: float
    scrolled: float
    longest_frame: float


async def _openings(made: House, browser: Browser) -> list[Opening]:
    """Open the long channel from another one, load it cold, and scroll to older messages."""
    last = await _fill(made.slack)
    window = await Window.open(browser)
    taken = []
    for _ in range(OPENINGS):
        await window.goes(made.slack.url)
        clicked = await window.page.evaluate(OPENED, last)
        await window.goes(made.slack.url, to="long")
        loaded = await window.page.evaluate(LOADED)
        await expect(window.row(last)).to_be_visible()
        scrolled, frame = await window.page.evaluate(SCROLLED)
        taken.append(
            Opening(
                clicked=clicked / 1000,
                loaded=loaded / 1000,
                scrolled=scrolled / 1000,
                longest_frame=frame / 1000,
            )
        )
    await window.page.context.close()
    return taken


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _resident() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def _cost(made: House) -> tuple[float, float]:
    """Return the share of one CPU that this process uses at rest, and with ten messages a second."""
    began, used = time.monotonic(), _cpu()
    await asyncio.sleep(MEASURED)
    rest = (_cpu() - used) / (time.monotonic() - began)
    began, used = time.monotonic(), _cpu()
    grace = made.slack.person("grace")
    for number in range(MEASURED * 10):
        await grace.say("general", f"busy {number}")
        await asyncio.sleep(max(0.0, began + (number + 1) / 10 - time.monotonic()))
    return rest, (_cpu() - used) / (time.monotonic() - began)


async def _windows(made: House, browser: Browser) -> list[tuple[str, str, str, str]]:
    """Measure without a window and with ten."""
    alone = await _cost(made)
    before = _resident()
    async with AsyncExitStack() as stack:
        windows = [await Window.open(browser) for _ in range(WINDOWS)]
        for number, window in enumerate(windows):
            stack.push_async_callback(window.page.context.close)
            await window.goes(made.slack.url, who=("ada", "grace", "linus", "barbara")[number % 4])
        held = _resident() - before
        together = await _cost(made)
        heap = [await each.page.evaluate("performance.memory.usedJSHeapSize / 1e6") for each in windows]
        shown = [await each.page.evaluate(ALL_ROWS) for each in windows]
    percent = [f"{share * 100:.1f} %" for share in (*alone, *together)]
    return [
        ("server CPU at rest", percent[0], percent[2], "of one CPU"),
        ("server CPU, 10 messages a second", percent[1], percent[3], "of one CPU, the bot included"),
        ("server memory", f"{before:.0f} MB", f"+ {held:.1f} MB", f"{held / WINDOWS:.2f} MB a window"),
        ("script heap of a window", "", f"{max(heap):.1f} MB", f"with {max(shown)} rows"),
    ]


async def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="warroom-benchmark-"))
    async with launched() as browser, house(f"sqlite:///{folder / 'page.db'}") as made:
        ear = Ear()
        made.slack.workspace.ground.watchers.append(ear)
        shown = [
            _row("a message of somebody else", await _message(made, browser, ear), "< 100 ms"),
            _row("one's own message", await _press(made, browser, ear), "< 100 ms"),
            _row("one's own reaction", await _click(made, browser, ear), "< 100 ms"),
        ]
        show(f"From known to the sandbox to shown, n={N}", COLUMNS, shown)
        costs = await _windows(made, browser)
        show(f"{WINDOWS} windows in #general", ("what", "no window", f"{WINDOWS} windows", ""), costs)
        openings = await _openings(made, browser)
        opened = [
            _row("opened from another channel", [each.clicked for each in openings], "< 300 ms"),
            _row("loaded cold, with style and script", [each.loaded for each in openings], "< 300 ms"),
            _row("scrolled to the top: older ones are there", [each.scrolled for each in openings], ""),
            _row("the longest frame meanwhile", [each.longest_frame for each in openings], ""),
        ]
        show(f"A channel of {MESSAGES} messages, n={OPENINGS}", COLUMNS, opened)
        console.print(f"playwright {version('playwright')}, Chromium {browser.version}", style="dim")


def _row(name: str, taken: list[float], target: str) -> tuple[str, ...]:
    return (name, *(milliseconds(percentile(taken, share)) for share in (0.5, 0.95, 1.0)), target)


if __name__ == "__main__":
    asyncio.run(main())
