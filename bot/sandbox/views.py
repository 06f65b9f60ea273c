"""Modals, homes, triggers and response URLs: what a person's click lets the app do for a while."""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox import blocks as kit
from bot.sandbox.messages import Messages
from bot.sandbox.state import Ground, Message, View
from bot.sandbox.wire import Json, SlackError

STACK = 3
TRIGGER_SECONDS = 3.0
URL_USES = 5
URL_LIFE = timedelta(minutes=30)


@dataclass(kw_only=True)
class Trigger:
    """The right to open one modal for one person, for three seconds of real time."""

    id: str
    user: str
    at: float
    used: bool = False


@dataclass(kw_only=True)
class ResponseUrl:
    """The right to answer one interaction, five times within half an hour."""

    id: str
    channel: str
    user: str
    born: datetime
    uses: int = 0
    message: Message | None = None


class Views:
    """The modal stack and the home of every person, and the triggers that open modals."""

    def __init__(self, ground: Ground, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Start with nothing open; triggers age by ``monotonic``, not by the business clock."""
        self.ground = ground
        self.monotonic = monotonic
        self.all: dict[str, View] = {}
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.triggers: dict[str, Trigger] = {}

    def trigger(self, user: str) -> str:
        """Return a fresh trigger id for what this person just did."""
        made = Trigger(id=f"{self.ground.next_id('')}.{self.ground.team}", user=user, at=self.monotonic())
        self.triggers[made.id] = made
        return made.id

    def _spend(self, trigger: str | None) -> str:
        found = self.triggers.get(trigger or "")
        if found is None:
            raise SlackError("invalid_trigger_id")
        if found.used:
            raise SlackError("exchanged_trigger_id")
        if self.monotonic() - found.at > TRIGGER_SECONDS:
            raise SlackError("expired_trigger_id")
        found.used = True
        return found.user

    def _make(
        self, content: Json, owner: str, *, root: str | None = None, previous: str | None = None
    ) -> View:
        new = self.ground.next_id("V")
        view = View(
            id=new,
            owner=owner,
            content=self._filled(content),
            hash=self._hash(),
            root=root or new,
            previous=previous,
        )
        self._claim(view)
        self.all[new] = view
        return view

    def _filled(self, content: Json) -> Json:
        return {**content, "blocks": kit.with_ids(content["blocks"], lambda: self.ground.next_id("b"))}

    def _claim(self, view: View) -> None:
        external = view.content.get("external_id")
        taken = (each for each in self.all.values() if each.open and each.id != view.id)
        if external and any(each.content.get("external_id") == external for each in taken):
            raise SlackError("duplicate_external_id")

    def _hash(self) -> str:
        return f"{self.ground.seconds()}.{self.ground.next_id('h')}"

    def open(self, trigger: str | None, content: object) -> View:
        """Open a modal as the only one of the person whose trigger it is."""
        kit.check_view(content, kinds=("modal",))
        owner = self._spend(trigger)
        for each in self.stacks.get(owner, []):
            each.open = False
        view = self._make(_object(content), owner)
        self.stacks[owner] = [view]
        self.ground.tell("view_opened", actor=self.ground.bot.id, view=view.id, user=owner)
        return view

    def push(self, trigger: str | None, content: object) -> View:
        """Put a modal on the person's stack (three at most)."""
        kit.check_view(content, kinds=("modal",))
        return self.push_for(self._spend(trigger), _object(content))

    def push_for(self, owner: str, content: Json) -> View:
        """Put a modal on a person's stack, by a trigger or as the answer to a submission."""
        stack = self.stacks.get(owner, [])
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= STACK:
            raise SlackError("push_limit_reached")
        view = self._make(content, owner, root=stack[0].id, previous=stack[-1].id)
        stack.append(view)
        self.ground.tell("view_opened", actor=self.ground.bot.id, view=view.id, user=owner)
        return view

    def update(
        self,
        content: object,
        *,
        view_id: str | None = None,
        external_id: str | None = None,
        hash_: str | None = None,
    ) -> View:
        """Replace an open view's content; what was entered stays where block and action ids stay."""
        view = self._open_view(view_id, external_id)
        kit.check_view(content, kinds=(str(view.content["type"]),))
        if hash_ and hash_ != view.hash:
            raise SlackError("hash_conflict")
        return self.replace(view, _object(content))

    def _open_view(self, view_id: str | None, external_id: str | None) -> View:
        for view in self.all.values():
            named = (
                view.id == view_id
                if view_id
                else bool(external_id) and view.content.get("external_id") == external_id
            )
            if named and view.open:
                return view
        raise SlackError("not_found")

    def replace(self, view: View, content: Json) -> View:
        """Give a view new content, and keep its id and what was entered in inputs that are still there."""
        before, view.content = view.content, self._filled(content)
        try:
            self._claim(view)
        except SlackError:
            view.content = before
            raise
        view.hash = self._hash()
        kept = {
            (block["block_id"], each["action_id"]) for block in view.blocks for each in kit.elements_of(block)
        }
        view.inputs = {
            block: left
            for block, actions in view.inputs.items()
            if (left := {action: value for action, value in actions.items() if (block, action) in kept})
        }
        self.ground.tell("view_updated", actor=self.ground.bot.id, view=view.id, user=view.owner)
        return view

    def publish(self, user: str, content: object, *, hash_: str | None = None) -> View:
        """Show a person's App Home."""
        # The method has no code for an unknown user; Slack answers with its general one.
        self.ground.user(user, code="invalid_arguments")
        kit.check_view(content, kinds=("home",))
        home = self.homes.get(user)
        if home is None:
            home = self._make(_object(content), user)
            self.homes[user] = home
            self.ground.tell("home_published", actor=self.ground.bot.id, view=home.id, user=user)
            return home
        if hash_ and hash_ != home.hash:
            raise SlackError("hash_conflict")
        self.replace(home, _object(content))
        return home

    def close(self, view: View, *, whole: bool = False) -> None:
        """Close a modal, or with ``whole`` its stack; what lies beneath it is on top again."""
        stack = self.stacks.get(view.owner, [])
        keep = 0 if whole or view not in stack else stack.index(view)
        for each in stack[keep:]:
            each.open = False
        view.open = False
        del stack[keep:]
        self.ground.tell("view_closed", actor=view.owner, view=view.id, user=view.owner)

    def top(self, user: str) -> View | None:
        """Return the modal a person has in front of them."""
        stack = self.stacks.get(user, [])
        return stack[-1] if stack else None

    def payload(self, view: View, *, values: Json | None = None) -> Json:
        """Return the view object of the Web API and of interactions."""
        content = view.content
        made: Json = {
            "id": view.id, "team_id": self.ground.team, "type": content["type"],
            "blocks": json.loads(json.dumps(view.blocks)), "private_metadata": view.private_metadata,
            "callback_id": view.callback_id,
            "state": {"values": values if values is not None else view.inputs},
            "hash": view.hash, "title": content.get("title"), "clear_on_close": content.get("clear_on_close",
            False),
            "notify_on_close": content.get("notify_on_close", False), "close": content.get("close"),
            "submit": content.get("submit"), "previous_view_id": view.previous, "root_view_id": view.root,
            "app_id": self.ground.app, "external_id": content.get("external_id", ""),
            "app_installed_team_id": self.ground.team, "bot_id": self.ground.bot_id,
        }  # fmt: skip
        return made


def _object(content: object) -> Json:
    if not isinstance(content, dict):
        raise TypeError(content)
    return content


class ResponseUrls:
    """The response URLs that are out, and what may be done with them."""

    def __init__(self, ground: Ground, messages: Messages) -> None:
        """Answer through these messages."""
        self.ground = ground
        self.messages = messages
        self.all: dict[str, ResponseUrl] = {}

    def make(self, channel: str, user: str, message: Message | None = None) -> str:
        """Return the id of a new response URL for an interaction in a channel."""
        # Whoever knows it may answer: it has to be more than a number.
        new = f"{self.ground.next_id('R')}{secrets.token_hex(8)}"
        self.all[new] = ResponseUrl(
            id=new, channel=channel, user=user, born=self.ground.clock.now(), message=message
        )
        return new

    def use(self, url: str, body: Json) -> Message | None:
        """Answer through a URL; ``used_url`` after five uses, ``expired_url`` after 30 minutes."""
        found = self.all.get(url)
        if found is None:
            raise SlackError("invalid_url")
        if self.ground.clock.now() - found.born > URL_LIFE:
            raise SlackError("expired_url")
        if found.uses >= URL_USES:
            raise SlackError("used_url")
        found.uses += 1
        if body.get("delete_original"):
            self._delete(found)
            return None
        if body.get("replace_original") and found.message is not None:
            return self._replace(found, found.message, body)
        return self.answer(found, body)

    def answer(self, url: ResponseUrl, body: Json) -> Message:
        """Show an answer in the interaction's channel: to the person alone, or with ``in_channel`` to all."""
        text, blocks, thread = body.get("text"), body.get("blocks"), body.get("thread_ts")
        bot = self.ground.bot.id
        if body.get("response_type", "ephemeral") == "in_channel":
            return self.messages.post(
                url.channel, by=bot, text=text, blocks=blocks, thread_ts=thread, trusted=True
            )
        shown = self.messages.ephemeral(
            url.channel, url.user, by=bot, text=text, blocks=blocks, thread_ts=thread, trusted=True
        )
        if url.message is None:
            url.message = shown
        return shown

    def _delete(self, url: ResponseUrl) -> None:
        message = url.message
        if message is None:
            return
        room = self.messages.channels.all[message.channel]
        if message.viewer:
            if message in room.ephemerals:
                room.ephemerals.remove(message)
            self.ground.tell("ephemeral_gone", actor=self.ground.bot.id, channel=room.id, ts=message.ts)
        elif message.ts in room.messages:
            self.messages.erase(room.id, message.ts, by=self.ground.bot.id, trusted=True)

    def _replace(self, url: ResponseUrl, message: Message, body: Json) -> Message:
        text, blocks = body.get("text"), body.get("blocks")
        if not message.viewer:
            return self.messages.edit(
                message.channel, message.ts, by=self.ground.bot.id, text=text, blocks=blocks, trusted=True
            )
        message.text, message.blocks = self.messages.content(text, blocks)
        room = self.messages.channels.all[message.channel]
        if message not in room.ephemerals:
            room.ephemerals.append(message)
        self.ground.tell(
            "ephemeral_changed", actor=self.ground.bot.id, channel=room.id, ts=message.ts, viewer=url.user
        )
        return message
