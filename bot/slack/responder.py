"""How an answer reaches the one person it is for; all of it after the ack, in tasks that are drained."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress

import aiohttp
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot import log
from bot.domain.shared.vocabulary import ChannelId, UserId
from bot.slack.blocks import Block, Message, actions, button, section
from bot.slack.client.calls import Calls
from bot.slack.ids import COMMAND, Action, named
from bot.slack.interactions.interaction import Opening
from bot.slack.views import forms
from bot.usecases.ports import OutsideError, PermanentFailure, RateLimited, Unavailable

logger = log.get(__name__)

EXPIRED = frozenset({"expired_trigger_id", "invalid_trigger_id"})
USED = frozenset({"exchanged_trigger_id", "trigger_exchanged"})
"""The modal is open: the gesture was delivered twice, or an answer of Slack's was lost."""
NOT_THERE = frozenset({"not_in_channel", "channel_not_found", "user_not_in_channel", "is_archived"})
"""Slack's words for a channel where we cannot show something to this person."""
WITHOUT_FORM = f"`{COMMAND} declare SEV2 what is wrong`"
WITHIN = 10.0
"""Seconds that answers under way have at shutdown."""
PATIENCE = 60.0
"""Seconds for which an answer waits for its turn: who asked six things at once is answered six times."""
LOOK_AGAIN = 5.0
"""Seconds until Slack is asked whether it is there again, after an answer to a person failed."""


class Responder:
    """Opens modals and shows messages to one person.

    An answer cannot be found again, so it is sent once; when it fails the person does the gesture again.
    """

    def __init__(self, call: Calls) -> None:
        """Speak through ``call``."""
        self._call = call
        self._tasks: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None

    def soon(self, doing: Coroutine[object, object, None]) -> None:
        """Do something after the ack, in a task that is kept until it is done."""
        task = asyncio.create_task(self._guarded(doing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, doing: Coroutine[object, object, None]) -> None:
        try:
            await doing
        except (OutsideError, TimeoutError) as failure:
            logger.info("an answer did not reach its person", why=str(failure) or "its turn did not come")
            if isinstance(failure, Unavailable) and self._call.standing.away is None:
                # One answer that failed says little: where nothing else works, who asks next is told at once.
                await self._look()
            self._look_again()
        except Exception:
            # The border of a request goes as far as what follows its ack.
            logger.exception("what follows an ack failed")

    def _look_again(self) -> None:
        """Have a passing failure pass: a job tries again and finds Slack there, an answer does not."""
        if self._call.standing.away and (self._looking is None or self._looking.done()):
            self._looking = asyncio.create_task(self._look_until_there(), name="slack: look again")

    async def _look_until_there(self) -> None:
        while self._call.standing.away:
            await asyncio.sleep(LOOK_AGAIN)
            await self._look()

    async def _look(self) -> None:
        with suppress(OutsideError):
            await self._call("auth.test")

    async def drain(self) -> None:
        """Return when all answers under way are sent, or after ten seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=WITHIN)

    def stop(self) -> None:
        """Look no further: this process ends."""
        if self._looking:
            self._looking.cancel()

    async def open(
        self,
        opening: Opening,
        *,
        trigger: str,
        person: UserId,
        channel: ChannelId | None,
        on_modal: bool,
        response_url: str = "",
    ) -> None:
        """Open a modal; when its trigger has expired, leave a button that opens it with a new one.

        A response URL answers in channels that the bot is not in, too.
        """
        method = "views.push" if on_modal else "views.open"
        try:
            await self._call(method, trigger_id=trigger, view=opening.view)
        except (PermanentFailure, Unavailable, RateLimited) as failure:
            code = failure.code if isinstance(failure, PermanentFailure) else str(failure)
            logger.info("a modal could not be opened", code=code)
            if code in USED:
                return
            offer = button_for(opening, why=late(code, opening.action))
            if response_url and await self._responded(response_url, offer):
                return
            if channel:
                await self.whisper(channel, person, offer)
            elif code not in EXPIRED:
                raise

    async def _responded(self, response_url: str, message: Message) -> bool:
        """Return whether the person was shown a message through a response URL."""
        try:
            await self.respond(response_url, message)
        except (PermanentFailure, aiohttp.ClientError, TimeoutError) as failure:
            logger.info("a response url did not answer", why=type(failure).__name__)
            return False
        return True

    async def respond(self, response_url: str, message: Message, *, replace: bool = False) -> None:
        """Show a message by response URL (5 uses, 30 minutes), beside what was pressed or in its place."""
        client = AsyncWebhookClient(response_url, session=self._call.client.session, retry_handlers=[])
        answer = await client.send(
            text=message.text, blocks=message.blocks, response_type="ephemeral", replace_original=replace
        )
        if answer.status_code != 200:  # noqa: PLR2004 - HTTP's OK
            what = "response_url"
            raise PermanentFailure(what, code=f"http_{answer.status_code}")

    async def whisper(
        self, channel: ChannelId, person: UserId, message: Message, *, thread: str | None = None
    ) -> None:
        """Show a message in a channel to one person; where we are not in it, by direct message."""
        shown = {"text": message.text, "blocks": message.blocks}
        if channel.startswith("D"):
            await self._in_turn("chat.postMessage", channel=channel, thread_ts=thread, **shown)
            return
        try:
            await self._in_turn("chat.postEphemeral", channel=channel, user=person, thread_ts=thread, **shown)
        except PermanentFailure as refusal:
            if refusal.code not in NOT_THERE:
                raise
            direct = await self._call("conversations.open", users=person)
            opened = direct.get("channel")
            if isinstance(opened, dict):
                await self._in_turn("chat.postMessage", channel=opened.get("id"), **shown)

    async def _in_turn(self, method: str, **args: object) -> None:
        """Call as soon as the pace allows: a wait that was asked for had no effect, so it is made again."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await self._call(method, **args)
                except RateLimited as limited:
                    await asyncio.sleep(limited.wait.total_seconds())
                else:
                    return

    async def notice(self, trigger: str, message: Message, *, on_modal: bool) -> None:
        """Show a sentence as a modal, where there is no channel to show it in."""
        method = "views.push" if on_modal else "views.open"
        await self._call(method, trigger_id=trigger, view=forms.notice("Warroom", message.text))


def button_for(opening: Opening, *, why: str = "Press the button to go on:") -> Message:
    """Return a message with the button that opens a modal: a mention has no trigger to do it with."""
    title = opening.view.get("title")
    words = str(title.get("text")) if isinstance(title, dict) else "Open"
    action = named(opening.action, opening.payload.role) if opening.payload.role else str(opening.action)
    open_it: Block = button(words, action, opening.payload.pack(), style="primary")
    return Message(text=why, blocks=[section(why), actions("open", [open_it])])


def late(code: str, action: Action) -> str:
    """Return why a modal did not open, in words, and how to do without it."""
    typed = f" Or declare without a form: {WITHOUT_FORM}." if action is Action.DECLARE else ""
    if code in EXPIRED:
        return f"Slack was too slow to open this. Press to open it now:{typed}"
    return f"Slack did not open this. Press to try again:{typed}"
