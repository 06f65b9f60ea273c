"""A person who acts in the workspace and sees it.

Typing, clicking, submitting, looking.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from bot.sandbox import blocks as kit
from bot.sandbox import elements as parts
from bot.sandbox.clock import MovableClock
from bot.sandbox.delivery import COMMAND, INTERACTIVE, Ack, Courier
from bot.sandbox.elements import Found, NotThere
from bot.sandbox.journal import Signal
from bot.sandbox.manifest import Manifest
from bot.sandbox.payloads import Payloads
from bot.sandbox.render import Screen
from bot.sandbox.state import Channel, Message, Unread, User, View
from bot.sandbox.wire import Json, SlackError
from bot.sandbox.workspace import Workspace

Seen = TypeVar("Seen")
TROUBLE = "We had some trouble connecting. Try again?"


class Slack(Protocol):
    """What a person needs of the sandbox they are in."""

    workspace: Workspace
    manifest: Manifest
    payloads: Payloads
    courier: Courier
    screen: Screen
    signal: Signal
    clock: MovableClock

    async def until(self, predicate: Callable[[], Any], timeout: float = 5.0, *, what: str = "") -> Any:  # noqa: ASYNC109
        """Wait for a true value."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a person sees of the answer to a command, a click or a shortcut."""

    acked: bool
    error: str | None = None
    """``dispatch_failed``, ``timeout``, or Slack's own words where it refused before asking the app."""
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    message: Message | None = None


@dataclass(frozen=True, kw_only=True)
class Submitted:
    """How a submission went: acked, with errors under inputs (by block id), or answered with another view."""

    acked: bool
    errors: Mapping[str, str] = field(default_factory=dict)
    action: str | None = None
    error: str | None = None
    view: View | None = None

    @property
    def ok(self) -> bool:
        """Whether it was taken without complaint."""
        return self.acked and not self.errors and self.error is None


@dataclass(frozen=True, kw_only=True)
class Clicked:
    """How a click went; a button with an address opens ``url``, and the app hears of the click as well."""

    acked: bool
    error: str | None = None
    url: str | None = None


def _failure(ack: Ack) -> str | None:
    if ack.ok:
        return None
    return "timeout" if ack.outcome == "timeout" else "dispatch_failed"


class Person:
    """One person of the workspace."""

    def __init__(self, slack: Slack, user: User) -> None:
        """Act as this user."""
        self.slack = slack
        self.user = user

    def __repr__(self) -> str:
        """Return who it is."""
        return f"Person({self.user.name})"

    @property
    def id(self) -> str:
        """The user id."""
        return self.user.id

    @property
    def name(self) -> str:
        """The user name."""
        return self.user.name

    @property
    def mention(self) -> str:
        """The markup that mentions this person."""
        return f"<@{self.user.id}>"

    # Where they are

    def channel(self, ref: "str | Channel | Message") -> Channel:
        """Return a channel this person may know of, by name, id or a message in it; else a ``SlackError``."""
        if isinstance(ref, Channel | Message):
            ref = ref.id if isinstance(ref, Channel) else ref.channel
        found = self.slack.workspace.channels.named(ref)
        if found is None or not found.visible_to(self.id):
            raise SlackError("channel_not_found", channel=ref)
        return found

    def channels(self) -> list[Channel]:
        """Return the channels this person is in, direct ones too, open ones only."""
        all_ = self.slack.workspace.channels.all.values()
        return [each for each in all_ if self.id in each.members and not each.archived]

    def sees(self, channel: "str | Channel") -> list[Message]:
        """Return the messages of a channel as this person sees them; none when they may not see it."""
        found = channel if isinstance(channel, Channel) else self.slack.workspace.channel(channel)
        return self.slack.workspace.seen_by(self.id, found)

    def reads(self, channel: "str | Channel") -> str:
        """Return a channel as plain text in this person's eyes."""
        found = channel if isinstance(channel, Channel) else self.slack.workspace.channel(channel)
        return self.slack.screen.channel(found, self.id)

    def dms(self) -> list[Message]:
        """Return the direct messages between this person and the bot, oldest first."""
        members = sorted([self.id, self.slack.workspace.bot.id])
        for each in self.slack.workspace.channels.all.values():
            if sorted(each.members) == members and each.id.startswith("D"):
                return self.sees(each)
        return []

    @property
    def modal(self) -> View | None:
        """The modal in front of this person."""
        return self.slack.workspace.views.top(self.id)

    @property
    def home(self) -> View | None:
        """The App Home as it was last published to this person."""
        return self.slack.workspace.views.homes.get(self.id)

    # What they say

    async def say(
        self, channel: "str | Channel", text: str, thread: "str | Message | None" = None, *,
        files: Iterable[str] = (), broadcast: bool = False,
    ) -> Message:  # fmt: skip
        """Type a message; ``files`` are names of files attached to it."""
        attached = tuple(self._file(each) for each in files)
        messages = self.slack.workspace.messages
        return messages.post(
            self.channel(channel).id, by=self.id, text=messages.typed(text), files=attached,
            broadcast=broadcast,
            thread_ts=thread.ts if isinstance(thread, Message) else thread,
        )  # fmt: skip

    def _file(self, name: str) -> Json:
        new = self.slack.workspace.ground.next_id("F")
        return {
            "id": new,
            "name": name,
            "title": name,
            "mode": "hosted",
            "user": self.id,
            "filetype": name.rpartition(".")[2],
        }

    async def upload(self, channel: "str | Channel", name: str, *, comment: str = "") -> Message:
        """Share a file with a comment."""
        return await self.say(channel, comment, files=(name,))

    async def edit(self, message: Message, text: str) -> Message:
        """Change a message of one's own."""
        messages = self.slack.workspace.messages
        return messages.edit(message.channel, message.ts, by=self.id, text=messages.typed(text), blocks=None)

    async def delete(self, message: Message) -> None:
        """Delete a message; an ephemeral one is only dismissed."""
        if message.viewer == self.id:
            self.slack.workspace.channels.all[message.channel].ephemerals.remove(message)
            self.slack.workspace.ground.tell(
                "ephemeral_gone", actor=self.id, channel=message.channel, ts=message.ts
            )
            return
        self.slack.workspace.messages.erase(message.channel, message.ts, by=self.id)

    async def react(self, message: Message, name: str) -> None:
        """React to a message."""
        self.slack.workspace.messages.react(message.channel, message.ts, name.strip(":"), by=self.id)

    async def unreact(self, message: Message, name: str) -> None:
        """Take a reaction back."""
        self.slack.workspace.messages.unreact(message.channel, message.ts, name.strip(":"), by=self.id)

    async def pin(self, message: Message) -> None:
        """Pin a message."""
        self.slack.workspace.messages.pin(message.channel, message.ts, by=self.id)

    async def unpin(self, message: Message) -> None:
        """Take a pin away."""
        self.slack.workspace.messages.unpin(message.channel, message.ts, by=self.id)

    # Where they go

    async def join(self, channel: str) -> Channel:
        """Join a public channel."""
        return self.slack.workspace.channels.join(self.channel(channel).id, by=self.id)[0]

    async def leave(self, channel: "str | Channel") -> None:
        """Leave a channel."""
        self.slack.workspace.channels.leave(self.channel(channel).id, by=self.id)

    async def create_channel(self, name: str, *, private: bool = False) -> Channel:
        """Create a channel."""
        return self.slack.workspace.channels.create(name, by=self.id, private=private)

    async def invite(self, channel: "str | Channel", *names: str) -> None:
        """Bring people, or the bot, into a channel."""
        users = [self.slack.workspace.person(each).id for each in names]
        self.slack.workspace.channels.invite(self.channel(channel).id, users, by=self.id)

    async def kick(self, channel: "str | Channel", name: str) -> None:
        """Put somebody out of a channel."""
        self.slack.workspace.channels.kick(
            self.channel(channel).id, self.slack.workspace.person(name).id, by=self.id
        )

    async def make_private(self, channel: "str | Channel") -> None:
        """Make a public channel private."""
        self.slack.workspace.channels.convert(self.channel(channel).id, by=self.id, private=True)

    async def make_public(self, channel: "str | Channel") -> None:
        """Make a private channel public."""
        self.slack.workspace.channels.convert(self.channel(channel).id, by=self.id, private=False)

    async def archive(self, channel: "str | Channel") -> None:
        """Archive a channel."""
        self.slack.workspace.channels.archive(self.channel(channel).id, by=self.id)

    async def unarchive(self, channel: "str | Channel") -> None:
        """Open an archived channel again."""
        self.slack.workspace.channels.unarchive(self.channel(channel).id, by=self.id)

    async def rename(self, channel: "str | Channel", name: str) -> None:
        """Rename a channel."""
        self.slack.workspace.channels.rename(self.channel(channel).id, name, by=self.id)

    async def set_topic(self, channel: "str | Channel", topic: str) -> None:
        """Set a channel's topic."""
        typed = self.slack.workspace.messages.typed(topic)
        self.slack.workspace.channels.set_words(self.channel(channel).id, "topic", typed, by=self.id)

    async def open_dm(self) -> Channel:
        """Open the direct conversation with the bot."""
        return self.slack.workspace.channels.open_direct([self.id, self.slack.workspace.bot.id])

    async def open_direct(self, name: str) -> Channel:
        """Open the direct conversation with somebody."""
        return self.slack.workspace.channels.open_direct([self.id, self.slack.workspace.person(name).id])

    async def mark_read(self, channel: "str | Channel", ts: str | None = None) -> None:
        """Read a channel up to a message, by default to its end."""
        self.slack.workspace.mark_read(self.id, self.channel(channel), ts)

    async def mark_unread(self, message: Message) -> None:
        """Come back to a message later: it and all after it are unread again."""
        self.slack.workspace.mark_unread(self.id, self.channel(message.channel), message.ts)

    def unread(self, channel: "str | Channel") -> Unread:
        """Return what this person has not read of a channel."""
        return self.slack.workspace.unread(self.id, self.channel(channel))

    async def open_home(self, *, tab: str = "home") -> View | None:
        """Open the App Home; return what was published so far, which may be nothing yet."""
        channel = await self.open_dm()
        event: Json = {"type": "app_home_opened", "user": self.id, "channel": channel.id, "tab": tab}
        if self.home:
            event["view"] = self.slack.workspace.views.payload(self.home)
        self.slack.workspace.ground.tell("home_opened", actor=self.id, channel=channel.id, event=event)
        return self.home

    # What they ask of the app

    async def command(
        self, command: str, text: str = "", *, channel: "str | Channel" = "general", thread: object = None
    ) -> Reply:
        """Type a slash command; the reply carries what came back at once.

        Or Slack's own refusal in ``error``.
        """
        known = self.slack.manifest.commands.get(command)
        if known is None:
            return Reply(acked=False, error=f"{command} is not a valid command.")
        if thread is not None:
            return Reply(acked=False, error=f"{command} is not supported in threads. Sorry!")
        room = self.channel(channel)
        words = self.slack.workspace.messages.typed(text, with_names=True) if known.should_escape else text
        body = self.slack.payloads.command(self.user, room, command, words.strip())
        ack = await self.slack.courier.ask("command", COMMAND, body)
        return self._replied(ack, body)

    def _replied(self, ack: Ack, body: Json) -> Reply:
        if not ack.ok:
            return Reply(acked=False, error=_failure(ack))
        answer = ack.payload or {}
        if not answer.get("text") and not answer.get("blocks"):
            return Reply(acked=True)
        url = self.slack.workspace.urls.all[str(body["response_url"]).rpartition("/")[2]]
        try:
            message = self.slack.workspace.urls.answer(url, answer)
        except SlackError as refused:
            return Reply(acked=True, error=str(refused))
        return Reply(acked=True, text=message.text, blocks=message.blocks, message=message)

    async def shortcut(self, callback_id: str, message: Message | None = None) -> Reply:
        """Use a shortcut, on a message or anywhere; one the manifest lacks raises ``NotThere``."""
        known = self.slack.manifest.shortcuts.get(callback_id)
        if known is None or known.on_message != (message is not None):
            there = ", ".join(self.slack.manifest.shortcuts)
            kind = "message" if message else "global"
            text = f"there is no {kind} shortcut {callback_id!r}; the manifest has {there}"
            raise NotThere(text)
        if message is None:
            body = self.slack.payloads.shortcut(self.user, callback_id)
        else:
            body = self.slack.payloads.message_shortcut(self.user, callback_id, message)
        ack = await self.slack.courier.ask(str(body["type"]), INTERACTIVE, body)
        return Reply(acked=ack.ok, error=_failure(ack))

    # What they click

    def _on_screen(self, where: View | Message) -> None:
        if isinstance(where, View):
            if where.owner != self.id or not where.open:
                message = f"the view {where.title or where.id!r} is not open before {self.name}"
                raise NotThere(message)
            return
        if where not in self.sees(self.slack.workspace.channels.all[where.channel]):
            message = f"{self.name} does not see that message"
            raise NotThere(message)

    async def click(
        self, where: View | Message, action_id: str, *, block_id: str | None = None, value: str | None = None,
        selected: object = None,
    ) -> Clicked:  # fmt: skip
        """Press a button, or choose ``selected`` in a select, picker, overflow or tick boxes.

        Confirms are accepted.
        """
        self._on_screen(where)
        found = parts.find(where, action_id, block_id=block_id, value=value)
        if value is not None and found.kind == "button" and found.element.get("value") != value:
            message = f"no button {action_id!r} has the value {value!r}"
            raise NotThere(message)
        action = self._action(where, found, selected)
        if isinstance(where, View):
            body = self.slack.payloads.clicked_view(self.user, where, action, parts.values(where))
        else:
            body = self.slack.payloads.clicked_message(self.user, where, action)
        ack = await self.slack.courier.ask("block_actions", INTERACTIVE, body)
        return Clicked(acked=ack.ok, error=_failure(ack), url=found.element.get("url"))

    def _action(self, where: View | Message, found: Found, selected: object) -> Json:
        element = found.element
        action: Json = {
            "action_id": found.action_id, "block_id": found.block_id, "type": found.kind,
            "action_ts": self.slack.workspace.ground.stamp(),
        }  # fmt: skip
        if found.kind == "button":
            words = {"text": element["text"], **({"style": element["style"]} if "style" in element else {})}
            return {**action, **words, **({"value": element["value"]} if "value" in element else {})}
        if found.kind == "overflow":
            return {**action, "selected_option": parts.meant(element, selected, self._id_of)}
        state = self._entered(where, found, selected)
        placeholder = {"placeholder": element["placeholder"]} if "placeholder" in element else {}
        return {**action, **state, **placeholder}

    def _id_of(self, name: str) -> str:
        return self.slack.workspace.person(name).id

    def _entered(self, where: View | Message, found: Found, value: object) -> Json:
        state = parts.state(found.element, value, self._id_of)
        where.inputs.setdefault(found.block_id, {})[found.action_id] = state
        return state

    # What they submit

    async def enter(self, view: View, given: Mapping[str, object]) -> View:
        """Enter values by action id or block id, and tell nobody: what a click in the view then carries."""
        self._on_screen(view)
        for name, value in given.items():
            self._entered(view, parts.find(view, name), value)
        return view

    async def submit(self, view: View | None = None, given: Mapping[str, object] | None = None) -> Submitted:
        """Fill a modal in and submit it, by default the one in front.

        What the client refuses never reaches the app.
        """
        shown = view or self.modal
        if shown is None:
            message = f"no modal is open before {self.name}"
            raise NotThere(message)
        self._on_screen(shown)
        if not shown.content.get("submit"):
            message = f"the modal {shown.title!r} has nothing to submit"
            raise NotThere(message)
        for name, value in (given or {}).items():
            self._entered(shown, parts.find(shown, name), value)
        held = parts.values(shown)
        if errors := self._complaints(shown, held):
            return Submitted(acked=False, errors=errors, view=shown)
        body = self.slack.payloads.submitted(self.user, shown, held)
        ack = await self.slack.courier.ask("view_submission", INTERACTIVE, body)
        return self._answered(shown, ack)

    def _complaints(self, view: View, held: Mapping[str, Mapping[str, Json]]) -> dict[str, str]:
        inputs = [each for each in parts.elements(view) if each.block["type"] == "input"]
        found = {
            each.block_id: parts.complaint(each.block, held[each.block_id][each.action_id]) for each in inputs
        }
        return {block: words for block, words in found.items() if words}

    def _answered(self, view: View, ack: Ack) -> Submitted:
        if not ack.ok:
            return Submitted(acked=False, error=_failure(ack), view=view)
        answer = ack.payload or {}
        action = answer.get("response_action")
        views = self.slack.workspace.views
        try:
            return self._acted(view, answer, action)
        except SlackError as refused:
            views.ground.tell("view_refused", actor=self.id, view=view.id, error=str(refused))
            return Submitted(acked=True, action=action, error=f"{TROUBLE} ({refused})", view=view)

    def _acted(self, view: View, answer: Json, action: str | None) -> Submitted:
        views = self.slack.workspace.views
        if action == "errors":
            return self._erred(view, answer.get("errors"))
        if action == "update":
            kit.check_view(answer.get("view"), kinds=("modal",))
            return Submitted(acked=True, action=action, view=views.replace(view, answer["view"]))
        if action == "push":
            kit.check_view(answer.get("view"), kinds=("modal",))
            return Submitted(acked=True, action=action, view=views.push_for(self.id, answer["view"]))
        if action not in (None, "clear"):
            raise SlackError("invalid_response_action", response_action=action)
        views.close(view, whole=action == "clear")
        return Submitted(acked=True, action=action, view=self.modal)

    def _erred(self, view: View, errors: object) -> Submitted:
        known = {each.block_id for each in parts.elements(view) if each.block["type"] == "input"}
        if not isinstance(errors, dict) or not errors or set(errors) - known:
            raise SlackError("invalid_errors", errors=errors, inputs=sorted(known))
        return Submitted(acked=True, action="errors", errors=errors, view=view)

    async def close(self, view: View | None = None, *, whole: bool = False) -> None:
        """Dismiss a modal (``whole``: the stack); the app hears of it where the view says so."""
        shown = view or self.modal
        if shown is None:
            return
        stack = list(self.slack.workspace.views.stacks.get(self.id, []))
        closing = stack if whole or shown.content.get("clear_on_close") else stack[stack.index(shown) :]
        self.slack.workspace.views.close(closing[0], whole=whole)
        for each in closing:
            if each.content.get("notify_on_close"):
                body = self.slack.payloads.closed(self.user, each, whole=whole)
                await self.slack.courier.ask("view_closed", INTERACTIVE, body)

    # What they wait for

    async def wait_for_modal(
        self, *, title: str | None = None, callback_id: str | None = None, timeout: float = 5.0  # noqa: ASYNC109
    ) -> View:  # fmt: skip
        """Return the modal in front as soon as one fits; an AssertionError shows what there was instead."""

        def fits(view: View) -> bool:
            return title in (None, view.title) and callback_id in (None, view.callback_id)

        what = f"a modal {title or callback_id or ''}"
        return await self._seen(
            lambda: self.modal if self.modal and fits(self.modal) else None, what, timeout
        )

    async def wait_for_home(self, *, containing: str = "", timeout: float = 5.0) -> View:  # noqa: ASYNC109
        """Return the App Home as soon as it says that."""
        screen, what = self.slack.screen, f"{containing!r} in the home"
        return await self._seen(
            lambda: self.home if self.home and containing in screen.view(self.home) else None, what, timeout
        )

    async def wait_for_message(
        self, channel: "str | Channel", *, containing: str = "", timeout: float = 5.0  # noqa: ASYNC109
    ) -> Message:  # fmt: skip
        """Return the newest message this person sees that contains the words, as soon as there is one."""

        def shown() -> list[Message]:
            named = self.slack.workspace.channels.named
            found = channel if isinstance(channel, Channel) else named(channel)
            return self.sees(found) if found and found.visible_to(self.id) else []

        return await self._seen(
            lambda: self._newest(shown(), containing), f"{containing!r} in {channel}", timeout
        )

    async def wait_for_dm(self, *, containing: str = "", timeout: float = 5.0) -> Message:  # noqa: ASYNC109
        """Return the bot's newest direct message that contains the words, as soon as there is one."""
        bot, what = self.slack.workspace.bot.id, f"{containing!r} in a direct message"
        return await self._seen(
            lambda: self._newest([each for each in self.dms() if each.user == bot], containing), what, timeout
        )

    def _newest(self, messages: list[Message], containing: str) -> Message | None:
        screen = self.slack.screen
        return next((each for each in reversed(messages) if containing in screen.message(each)), None)

    async def _seen(self, look: Callable[[], Seen | None], what: str, timeout: float) -> Seen:  # noqa: ASYNC109
        found: Seen = await self.slack.until(look, timeout, what=f"{what} before {self.name}")
        return found
