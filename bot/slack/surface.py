"""The front door: one Bolt app, every gesture received, translated, done and answered."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import uuid4

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot import log
from bot.domain.errors import NotAllowed, Refused
from bot.domain.vocabulary import ActorKind, ChannelId, IncidentId, UserId, label
from bot.slack import grammar, heard, ids, reading
from bot.slack.answering import Answering, button_for
from bot.slack.calls import Calls
from bot.slack.gateway import Gateway
from bot.slack.ids import Action, Form, Shortcut
from bot.slack.listeners import declare, lists, timeline
from bot.slack.listeners.asked import NOTHING, Answer, Asked, Elsewhere, Listener, tell
from bot.slack.listeners.tables import PRESSED, SUBMITTED, TYPED
from bot.slack.reading import Body, request_key, text
from bot.slack.recorder import Recorder
from bot.slack.views.carried import Carried
from bot.slack.views.forms import errors
from bot.usecases import home, upkeep
from bot.usecases.acting import check_may_act
from bot.usecases.ports import Ports

logger = log.get(__name__)
# Bolt warns of what is done on purpose: an app that says who it is from memory.
_bolt = logging.getLogger("warroom.bolt")
_bolt.setLevel(logging.ERROR)

PUSHPIN = frozenset({"pushpin", "round_pushpin"})
QUOTED = 1500
"""How much of a message becomes the summary of an incident declared from it: it is there to be edited."""


class Surface:
    """Everything people can do in Slack. `app` is what Socket Mode and HTTP hand their requests to."""

    def __init__(
        self, *, ports: Ports, call: Calls, gateway: Gateway, recorder: Recorder, signing_secret: str | None
    ) -> None:
        """Build the app; the listener of messages is registered first, because matching is linear."""
        self.ports = ports
        self.recorder = recorder
        self.answering = Answering(call)
        self._gateway = gateway
        self.app = AsyncApp(
            client=call.client,
            logger=_bolt,
            signing_secret=signing_secret or "",
            request_verification_enabled=signing_secret is not None,
            # The ack is a receipt: it is sent when the listener has returned, after the commit.
            process_before_response=True,
            authorize=_answering_from_memory(call, gateway),
        )
        self.app.event("message")(self._message)
        self.app.command(ids.COMMAND)(self._command)
        self.app.action(ids.ANY)(self._action)
        self.app.view_submission(ids.ANY)(self._submission)
        self.app.view_closed(ids.ANY)(_ack_only)
        self.app.global_shortcut(ids.ANY)(self._global_shortcut)
        self.app.message_shortcut(ids.ANY)(self._message_shortcut)
        self.app.event("app_mention")(self._mention)
        self.app.event("reaction_added")(self._reaction)
        self.app.event("reaction_removed")(self._reaction)
        self.app.event("member_joined_channel")(self._joined)
        self.app.event("member_left_channel")(self._left)
        self.app.event("app_home_opened")(self._home)
        self.app.event(ids.ANY)(_ack_only)

    async def drain(self) -> None:
        """Return when what was heard is written and what was answered is sent."""
        await self.recorder.drain()
        await self.answering.drain()

    # -- what people say

    async def _message(self, ack: AsyncAck, body: Body) -> None:
        event = body.get("event")
        if not isinstance(event, dict):
            await ack()
            return
        if event.get("channel_type") == "im":
            await self._direct_message(body, event)
        else:
            us = self._gateway.identity
            said = heard.heard_event(event, our_bot=us.bot if us else None, now=self.ports.now())
            if said:
                await self.recorder.record(said)
        await ack()

    async def _direct_message(self, body: Body, event: Body) -> None:
        if event.get("subtype") or event.get("bot_id") or not event.get("user"):
            return
        await self._said_to_us(body, event, text(event, "text"))

    async def _mention(self, ack: AsyncAck, body: Body) -> None:
        event = body.get("event")
        if isinstance(event, dict) and event.get("user") and not event.get("bot_id"):
            us = self._gateway.identity
            said = grammar.said_to(text(event, "text"), us.user if us else None)
            if said is not None:
                await self._said_to_us(body, event, said)
        await ack()

    async def _said_to_us(self, body: Body, event: Body, said: str) -> None:
        """Do what was typed to the bot outside a slash command, and answer where it was said."""
        channel = ChannelId(text(event, "channel"))
        thread = text(event, "thread_ts") or None
        asked = Asked(
            actor=reading.person(event),
            request=request_key("event", body.get("event_id")),
            ports=self.ports,
            channel=channel,
            thread=thread,
        )
        answer = await self._answered(asked, lambda: self._typed(asked, said.removeprefix(ids.COMMAND)))
        message = button_for(answer.modal) if answer.modal else answer.message
        if message and asked.actor.user:
            self.answering.soon(self.answering.whisper(channel, asked.actor.user, message, thread=thread))

    # -- what people do

    async def _command(self, ack: AsyncAck, body: Body) -> None:
        asked = Asked(
            actor=reading.person(body),
            request=request_key("command", body.get("trigger_id")),
            ports=self.ports,
            channel=reading.place(body),
        )
        answer = await self._answered(asked, lambda: self._typed(asked, text(body, "text")))
        if answer.message:
            await ack(text=answer.message.text, blocks=answer.message.blocks, response_type="ephemeral")
        else:
            await ack()
        self._open(answer, body, asked)

    async def _action(self, ack: AsyncAck, body: Body) -> None:
        action_id, carried = reading.pressed(body)
        channel = reading.place(body) or carried.channel
        asked = Asked(
            actor=reading.person(body),
            request=request_key("action", body.get("trigger_id"), action_id),
            ports=self.ports,
            channel=channel,
            thread=carried.thread,
            incident=carried.incident,
            carried=carried,
        )
        answer = await self._answered(asked, lambda: self._pressed(asked, action_id))
        await ack()
        self._open(answer, body, asked)
        if answer.message:
            self._show(answer, body)
        await self._refresh_home(asked, body)

    async def _refresh_home(self, asked: Asked, body: Body) -> None:
        """Show the App Home anew after something was pressed in it."""
        if text(body, "view", "type") == "home" and asked.actor.user:
            await home.ask_for_home(asked.actor.user, self.ports, request=asked.request)

    async def _submission(self, ack: AsyncAck, body: Body) -> None:
        view = body.get("view")
        view = view if isinstance(view, dict) else {}
        carried = Carried.unpack(view.get("private_metadata"))
        form, state = text(view, "callback_id"), view.get("state")
        asked = Asked(
            actor=reading.person(body),
            request=request_key("view", view.get("id"), form),
            ports=self.ports,
            channel=carried.channel,
            incident=carried.incident,
            carried=carried,
            values=state.get("values") if isinstance(state, dict) else None,
        )
        if form not in set(Form) or Form(form) not in SUBMITTED:
            await ack()
            return
        try:
            answer = await self._bordered(asked, lambda: SUBMITTED[Form(form)](asked))
        except Refused as refused:
            await ack(response_action="errors", errors=errors(Form(form), refused))
            if isinstance(refused, NotAllowed):
                # A modal's error cannot name the people who may.
                self._whisper(asked, tell(refused.why))
            return
        await ack(response_action="clear")
        self._whisper(asked, answer)
        if asked.channel is None and asked.actor.user:
            # The modal came from the App Home, or from a shortcut: either way it shows something new.
            await home.ask_for_home(asked.actor.user, self.ports, request=asked.request)

    def _whisper(self, asked: Asked, answer: Answer) -> None:
        """Show a message to the person where their modal came from."""
        if answer.message and asked.channel and asked.actor.user:
            thread = asked.carried.thread
            self.answering.soon(
                self.answering.whisper(asked.channel, asked.actor.user, answer.message, thread=thread)
            )

    async def _global_shortcut(self, ack: AsyncAck, body: Body) -> None:
        asked = Asked(
            actor=reading.person(body),
            request=request_key("shortcut", body.get("trigger_id")),
            ports=self.ports,
        )
        answer = await self._answered(asked, lambda: declare.opened(asked))
        await ack()
        self._open(answer, body, asked)

    async def _message_shortcut(self, ack: AsyncAck, body: Body) -> None:
        channel, ts = reading.place(body), text(body, "message", "ts")
        asked = Asked(
            actor=reading.person(body),
            request=request_key("shortcut", body.get("trigger_id")),
            ports=self.ports,
            channel=channel,
        )
        answer = await self._answered(asked, lambda: self._with_message(asked, body, ts))
        await ack()
        self._open(answer, body, asked)
        if answer.message:
            self._show(answer, body)

    async def _with_message(self, asked: Asked, body: Body, ts: str) -> Answer:
        if text(body, "callback_id") == Shortcut.MARK_FROM_MESSAGE:
            asked = await self._placed(asked, None)
            if asked.incident is None:
                return tell("This channel is not a war room, so it has no timeline to mark a moment in.")
            return await timeline.mark(asked, ts, marked=True)
        quoted = grammar.spoken(text(body, "message", "text"))[:QUOTED]
        carried = Carried(channel=asked.channel, message=text(body, "message", "thread_ts") or ts)
        return await declare.opened(asked, summary=quoted, carried=carried)

    # -- what happens around

    async def _reaction(self, ack: AsyncAck, body: Body) -> None:
        event = body.get("event")
        if isinstance(event, dict) and event.get("reaction") in PUSHPIN:
            channel, ts = ChannelId(text(event, "item", "channel")), text(event, "item", "ts")
            asked = Asked(
                actor=reading.person(event),
                request=request_key("event", body.get("event_id")),
                ports=self.ports,
                channel=channel,
            )
            asked = await self._placed(asked, None)
            if asked.incident and ts:
                marked = event.get("type") == "reaction_added"
                await self._answered(asked, lambda: timeline.mark(asked, ts, marked=marked))
        await ack()

    async def _joined(self, ack: AsyncAck, body: Body) -> None:
        event = body.get("event")
        if isinstance(event, dict) and not self._gateway.is_bot(UserId(text(event, "user"))):
            await upkeep.note_joined(
                ChannelId(text(event, "channel")), [UserId(text(event, "user"))], self.ports
            )
        await ack()

    async def _left(self, ack: AsyncAck, body: Body) -> None:
        event = body.get("event")
        if isinstance(event, dict):
            await upkeep.note_left(ChannelId(text(event, "channel")), UserId(text(event, "user")), self.ports)
        await ack()

    async def _home(self, ack: AsyncAck, body: Body) -> None:
        event = body.get("event")
        if isinstance(event, dict) and event.get("tab") == "home":
            await home.ask_for_home(
                UserId(text(event, "user")), self.ports, request=text(body, "event_id") or uuid4().hex
            )
        await ack()

    # -- how it is done

    async def _typed(self, asked: Asked, words: str) -> Answer:
        """Do what was typed, in the incident that is named or the one of this place."""
        parsed = grammar.parse(words)
        asked = replace(asked, command=parsed.command, rest=parsed.rest, typed=parsed.typed)
        asked = await self._placed(asked, parsed.incident)
        if parsed.command is None:
            return await lists.bare(asked)
        return await self._confirmed(asked, await TYPED[parsed.command.name](asked))

    async def _confirmed(self, asked: Asked, answer: Answer) -> Answer:
        """Return the answer; what the room shows is also said to whoever typed in a thread or elsewhere."""
        if answer.modal:
            return await self._allowed(asked, answer)
        if answer.message or asked.incident is None:
            return answer
        here = await self.ports.reads.in_room(asked.channel) if asked.channel else None
        if here == asked.incident and asked.thread is None:
            return NOTHING
        return tell(answer.done or f"Done in {label(asked.incident)}.")

    async def _pressed(self, asked: Asked, action_id: str) -> Answer:
        """Do what a button stands for; a link's button, and one we do not know, does nothing more."""
        name = action_id.split(":", 1)[0]
        if name == Action.PICK:
            return await self._typed(asked, f"INC-{asked.carried.incident} {asked.carried.command or ''}")
        if name == Action.MORE and asked.carried.do:
            name = asked.carried.do
        asked = await self._placed(asked, asked.incident)
        listener: Listener | None = PRESSED.get(Action(name)) if name in set(Action) else None
        return await self._allowed(asked, await listener(asked)) if listener else NOTHING

    async def _allowed(self, asked: Asked, answer: Answer) -> Answer:
        """Return the answer; a form that could not be sent is refused before it is filled in."""
        opens = answer.modal.action if answer.modal else Action.DECLARE
        if opens is not Action.DECLARE and asked.incident is not None:
            await check_may_act(asked.actor, asked.incident, self.ports)
        return answer

    async def _placed(self, asked: Asked, named: IncidentId | None) -> Asked:
        """Return the gesture with its incident: the one that is named, else the war room's.

        Whoever types in a room is in it; Slack says so before its event of their joining may.
        """
        here = await self.ports.reads.in_room(asked.channel) if asked.channel else None
        if here and asked.actor.user and not await self.ports.reads.is_member(here, asked.actor.user):
            is_typed = asked.command is not None or not asked.carried.incident
            if asked.channel and (is_typed or asked.channel.startswith("G")):
                await upkeep.note_joined(asked.channel, [asked.actor.user], self.ports)
        return replace(asked, incident=named or here)

    async def _answered(self, asked: Asked, do: Callable[[], Awaitable[Answer]]) -> Answer:
        """Return the answer to a gesture: what it asked for, or why not and what to do."""
        try:
            return await self._bordered(asked, do)
        except Elsewhere as elsewhere:
            return await lists.choose(asked, elsewhere.why, command=elsewhere.typed, name=elsewhere.name)
        except grammar.Unknown as unknown:
            return lists.explained(unknown.why)
        except Refused as refused:
            return tell(refused.why)

    async def _bordered(self, asked: Asked, do: Callable[[], Awaitable[Answer]]) -> Answer:
        """Do it. The border of a request: what nobody expected is logged once and given a reference."""
        try:
            return await do()
        except Refused:
            raise
        except Exception as error:
            reference = uuid4().hex[:8]
            logger.exception("a request failed", reference=reference, incident=asked.incident)
            msg = f"Something went wrong here, reference {reference}. Nothing was changed; please try again."
            raise Refused(msg) from error

    def _open(self, answer: Answer, body: Body, asked: Asked) -> None:
        if answer.modal and asked.actor.kind is ActorKind.PERSON and asked.actor.user:
            self.answering.soon(
                self.answering.open(
                    answer.modal,
                    trigger=text(body, "trigger_id"),
                    person=asked.actor.user,
                    channel=asked.channel,
                    on_modal=text(body, "view", "type") == "modal",
                    response_url=text(body, "response_url"),
                )
            )

    def _show(self, answer: Answer, body: Body) -> None:
        """Show a message beside what was pressed; in the App Home and in modals, as a modal."""
        if answer.message is None:
            return
        if url := text(body, "response_url"):
            self.answering.soon(self.answering.respond(url, answer.message))
        elif trigger := text(body, "trigger_id"):
            on_modal = text(body, "view", "type") == "modal"
            self.answering.soon(self.answering.notice(trigger, answer.message, on_modal=on_modal))


async def _ack_only(ack: AsyncAck) -> None:
    """Receive what needs no answer, so that Slack does not send it again."""
    await ack()


def _answering_from_memory(call: Calls, gateway: Gateway) -> Callable[[], Awaitable[AuthorizeResult]]:
    """Return who we are without asking: a call at every request is a storm, and Slack may be away.

    A function, because Bolt hands arguments in by name and takes ``self`` for one of them.
    """

    async def authorize() -> AuthorizeResult:
        us = gateway.identity
        return AuthorizeResult(
            enterprise_id=None,
            team_id=us.team if us else None,
            bot_user_id=us.user if us else None,
            bot_id=us.bot if us else None,
            bot_token=call.client.token,
        )

    return authorize
