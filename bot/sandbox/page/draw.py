"""Draws the page and its parts: templates filled with what a scene shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bot.sandbox import elements as parts
from bot.sandbox.page import rows
from bot.sandbox.page.extension import Extension, templates
from bot.sandbox.page.kit import blocks as drawn
from bot.sandbox.page.mrkdwn import mrkdwn, plain
from bot.sandbox.page.rows import Face, Row
from bot.sandbox.page.sidebar import Sidebar, sidebar, title
from bot.sandbox.page.where import Scene
from bot.sandbox.state import Channel, Kind, View
from bot.sandbox.wire import Json, text_of

PARTS = ("sidebar", "header", "modals", "home", "banner", "aside")
"""What is sent anew whole when it has changed; messages are sent one by one."""
PIN_WORDS = 80


@dataclass(frozen=True, kw_only=True)
class Pin:
    """A pinned message as the bar lists it."""

    ts: str
    who: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Dialog:
    """A modal as it stands in the stack."""

    id: str
    hash: str
    title: Markup
    submit: Markup | None
    close: Markup
    body: Markup
    deep: bool


class Drawing:
    """Draws scenes of one workspace."""

    def __init__(self, extension: Extension) -> None:
        """Draw with these additions."""
        self.extension = extension

    def _render(self, template: str, **values: object) -> str:
        return templates().get_template(template).render(**values)

    def page(self, scene: Scene, *, token: str, boot: str, number: int) -> str:
        """Return the whole page, bound to a session by its token."""
        return self._render(
            "page.html", scene=scene, title=title(scene), token=token, boot=boot,
            app=Markup(self.app(scene, number=number)),  # noqa: S704 - drawn by our own autoescaping template
            extension=self.extension, now=scene.look.now,
        )  # fmt: skip

    def app(self, scene: Scene, *, number: int) -> str:
        """Return everything that depends on the scene, as it stands after change ``number``."""
        return self._render(
            "app.html", **self._about(scene), number=number, listing=rows.listing(scene),
            thread=rows.thread(scene),
        )  # fmt: skip

    def part(self, name: str, scene: Scene) -> str:
        """Return one of ``PARTS``."""
        added = {"banner": self.extension.banner, "aside": self.extension.aside}
        if name in added:
            return added[name](scene)
        return self._render(f"{name}.html", **self._about(scene))

    def older(self, scene: Scene, before: str) -> str:
        """Return the rows before a ``ts``."""
        return self._render("older.html", scene=scene, listing=rows.listing(scene, before=before))

    def rows(self, scene: Scene, changed: Sequence[tuple[str, Row | None]]) -> list[list[str | None]]:
        """Return pairs of ``ts`` and the row's HTML, None where there is no such row any more."""
        return [[ts, self._render("row.html", scene=scene, row=row) if row else None] for ts, row in changed]

    def _about(self, scene: Scene) -> dict[str, object]:
        room = scene.channel
        return {
            "scene": scene, "side": self.sidebar(scene), "title": title(scene), "room": room,
            "topic": mrkdwn(str(room.topic["value"]), scene.look) if room else "",
            "pins": self._pins(scene, room), "bookmarks": self._bookmarks(room),
            "people": self._people(scene, room), "home": self.home(scene),
            "dialogs": self.dialogs(scene), "shortcuts": list(scene.slack.manifest.shortcuts.values()),
            "direct": room is not None and room.kind in (Kind.IM, Kind.MPIM),
            "banner": Markup(self.extension.banner(scene)), "aside": Markup(self.extension.aside(scene)),  # noqa: S704
            "me": Face.of(scene.person.user), "app": Face.of(scene.slack.bot_user),
            "manifest": scene.slack.manifest,
        }  # fmt: skip

    def sidebar(self, scene: Scene) -> Sidebar:
        """Return the sidebar of a scene."""
        return sidebar(scene)

    def _pins(self, scene: Scene, room: Channel | None) -> Sequence[Pin]:
        if room is None:
            return ()
        users, screen = scene.slack.workspace.users, scene.slack.screen
        found = [room.messages[ts] for ts in reversed(room.pins) if ts in room.messages]
        return [
            Pin(ts=each.ts, who=users[each.user].real_name, words=_short(screen.words(each.text)))
            for each in found
        ]

    def _bookmarks(self, room: Channel | None) -> Sequence[tuple[Markup, str]]:
        marks = room.bookmarks.values() if room else ()
        safe = (each for each in marks if each.link.startswith(("https://", "http://", "mailto:")))
        return [(plain(f"{each.emoji} {each.title}".strip()), each.link) for each in safe]

    def _people(self, scene: Scene, room: Channel | None) -> Sequence[Face]:
        return [Face.of(scene.slack.workspace.users[each]) for each in room.members] if room else ()

    def home(self, scene: Scene) -> Markup | None:
        """Return the App Home, None where this is no home or nothing was published yet."""
        view = scene.person.home
        if scene.channel is not None or view is None:
            return None
        return drawn(view.blocks, scene.look, where="h", held=parts.values(view), surface="home")

    def dialogs(
        self, scene: Scene, errors: Mapping[str, Mapping[str, str]] | None = None
    ) -> Sequence[Dialog]:
        """Return the person's modals, the deepest first; ``errors`` are words under inputs, by view."""
        stack = scene.slack.workspace.views.stacks.get(scene.person.id, [])
        return [
            self._dialog(scene, each, (errors or {}).get(each.id, {}), bool(n))
            for n, each in enumerate(stack)
        ]

    def _dialog(self, scene: Scene, view: View, errors: Mapping[str, str], deep: bool) -> Dialog:  # noqa: FBT001
        content: Json = view.content
        body = drawn(
            view.blocks,
            scene.look,
            where=f"v/{view.id}",
            held=parts.values(view),
            errors=errors,
            surface="modal",
        )
        submit = plain(text_of(content["submit"])) if content.get("submit") else None
        return Dialog(
            id=view.id, hash=view.hash, title=plain(view.title), submit=submit,
            close=plain(text_of(content.get("close")) or "Cancel"), body=body, deep=deep,
        )  # fmt: skip

    def modals(self, scene: Scene, errors: Mapping[str, Mapping[str, str]], trouble: str = "") -> str:
        """Return the stack with what is wrong with it."""
        return self._render("modals.html", dialogs=self.dialogs(scene, errors), trouble=trouble)

    async def panel(self, scene: Scene) -> dict[str, str]:
        """Return the sections of the panel by name."""
        return {f"panel-{name}": await draw(scene) for name, draw in self.extension.panel.items()}


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= PIN_WORDS else f"{line[: PIN_WORDS - 1]}…"
