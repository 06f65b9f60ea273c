"""The front door: one border, one Bolt app, every gesture received, translated, done and answered."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import uuid4

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot import log
from bot.domain.shared.errors import NotAllowed, Refused
from bot.domain.shared.vocabulary import SYSTEM, Actor, ActorKind, ChannelId, IncidentId, UserId, label
from bot.slack import grammar, ids, payloads
from bot.slack.blocks import Message, section
from bot.slack.border import Border
from bot.slack.client.calls import Calls
from bot.slack.client.gateway import Gateway
from bot.slack.commands import BUTTONS, FORMS, GRAMMAR, explained
from bot.slack.events import messages
from bot.slack.events.recorder import Recorder
from bot.slack.ids import Action, Form, Shortcut
from bot.slack.interactions import lists
from bot.slack.interactions.incident import declare, timeline
from bot.slack.interactions.interaction import NOTHING, Answer, Elsewhere, Interaction, Listener, tell
from bot.slack.models import Event, Json
from bot.slack.payloads import Body, request_key, text
from bot.slack.responder import WITHOUT_FORM, Responder, button_for
from bot.slack.views.forms import errors
from bot.slack.views.payload import InteractionPayload
from bot.usecases import home
from bot.usecases.incident import closed_rooms, membership
from bot.usecases.incident.acting import check_may_act
from bot.usecases.incident.membership import Doubt, doubted
from bot.usecases.incident.outcome import was_done
from bot.usecases.messages import NoRoom
from bot.usecases.ports import Account, OutsideError, Ports

logger = log.get(__name__)
# Bolt warns of what is done on purpose: an app that says who it is from memory.
_bolt = logging.getLogger("warroom.bolt")
_bolt.setLevel(logging.ERROR)

CLOSING = {
    "channel_archive": NoRoom.ARCHIVED,
    "group_archive": NoRoom.ARCHIVED,
    "channel_left": NoRoom.REMOVED,
    "group_left": NoRoom.REMOVED,
    "channel_deleted": NoRoom.GONE,
    "group_deleted": NoRoom.GONE,
}
"""Slack's events of a channel that we cannot write in any more."""
OPENING = ("channel_unarchive", "group_unarchive")
PUSHPIN = frozenset({"pushpin", "round_pushpin"})
PRIVATE = frozenset({"group", "G"})
"""How the events of messages and of joining name a private channel."""
PRIVATE_KEPT = 10_000
"""Of how many channels is remembered that they are private: for one in each of them a look-up is saved."""
PRESSED_AGAIN = timedelta(seconds=10)
"""For so long a modal that is sent once more after Slack was asked gets the refusal itself."""
OUTAGE = "Warroom cannot use its database just now."
OUTAGE_REMEDY = "If it stays so, ask whoever runs Warroom to type `warroom doctor`: it says what to do."
KNOWN_WITHIN = 0.5
"""Seconds in which has to be known what became of a request: its ack is still to come."""
FROM_OUTSIDE = frozenset({Action.DECLARE, Action.JOIN})
"""What opens a form for people who are not in the war room, too."""
QUOTED = 1500
"""How much of a message becomes the summary of an incident declared from it: it is there to be edited."""


class SlackApp:
    """Everything people can do in Slack. `border` is what Socket Mode and HTTP hand their requests to."""

    def __init__(
        self,
        *,
        ports: Ports,
        call: Calls,
        gateway: Gateway,
        recorder: Recorder,
        is_outage: Callable[[BaseException], bool],
    ) -> None:
        """Build the app; it trusts whoever calls it: signatures are checked before the border.

        ``is_outage`` tells whether an error means that the database cannot be used.
        """
        self.ports = ports
        self.recorder = recorder
        self.responder = Responder(call)
        self._gateway = gateway
        self._private: set[ChannelId] = set()
        self._is_outage = is_outage
        self.app = AsyncApp(
            # Without a name it reads the source of everything that called it, to find one.
            name="warroom",
            client=call.client,
            logger=_bolt,
            # Signatures, challenges and certificates were dealt with before.
            request_verification_enabled=False,
            ssl_check_enabled=False,
            url_verification_enabled=False,
            # The ack is a receipt: it is sent when the listener has returned, after the commit.
            process_before_response=True,
            authorize=_answering_from_memory(call, gateway),
        )
        self.border = Border(say=self._said, dispatch=self._dispatched, identity=lambda: gateway.identity)
        self.app.event("message")(self._direct_message)
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
        self.app.event("team_join")(self._person)
        self.app.event("user_change")(self._person)
        for kind in (*CLOSING, *OPENING):
            self.app.event(kind)(self._room)
        self.app.event("app_home_opened")(self._home)
        self.app.event(ids.ANY)(_ack_only)

    async def drain(self) -> None:
        """Return when what was heard is written and what was answered is sent."""
        await self.recorder.drain()
        await self.responder.drain()

    # -- what people say

    async def _said(self, event: Event) -> None:
        """Record what was said in a channel; returns after the commit."""
        body = event.model_dump(exclude_none=True)
        await self._believe_private(body)
        us = self._gateway.identity
        said = messages.message_event(body, our_bot=us.bot if us else None, now=self.ports.now())
        if said:
            await self.recorder.record(said)

    async def _dispatched(self, body: Json) -> BoltResponse:
        # Bolt takes a body that is parsed already from Socket Mode alone; to a listener both are the same.
        return await self.app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))

    async def _direct_message(self, ack: AsyncAck, body: Body) -> None:
        event = body.get("event")
        is_a_persons = isinstance(event, dict) and not event.get("subtype") and not event.get("bot_id")
        if isinstance(event, dict) and is_a_persons and event.get("user"):
            await self._said_to_us(body, event, text(event, "text"))
        await ack()

    async def _believe_private(self, event: Body) -> None:
        """Take Slack's word that a channel is private: a public war room has been made so by hand."""
        channel = ChannelId(text(event, "channel"))
        if event.get("channel_type") not in PRIVATE or channel in self._private:
            return
        if await membership.is_public(channel, self.ports):
            made_so = text(event, "subtype") == "channel_convert_to_private" and text(event, "user")
            by = Actor.person(text(event, "user")) if made_so else SYSTEM
            await membership.note_private(channel, self.ports, by=by)
        if len(self._private) >= PRIVATE_KEPT:
            self._private.clear()
        self._private.add(channel)

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
        interaction = Interaction(
            actor=payloads.person(event),
            request=request_key("event", body.get("event_id")),
            ports=self.ports,
            channel=channel,
            place=channel,
            thread=thread,
        )

        def reply(answer: Answer) -> None:
            message = button_for(answer.modal) if answer.modal else answer.message
            if message and interaction.actor.user:
                self.responder.soon(
                    self.responder.whisper(channel, interaction.actor.user, message, thread=thread)
                )

        await self._done(interaction, lambda: self._typed(interaction, said.removeprefix(ids.COMMAND)), reply)

    # -- what people do

    async def _command(self, ack: AsyncAck, body: Body) -> None:
        interaction = Interaction(
            actor=payloads.person(body),
            request=request_key("command", body.get("trigger_id")),
            ports=self.ports,
            channel=payloads.place(body),
            place=payloads.place(body),
        )
        do = partial(self._typed, interaction, text(body, "text"))
        answer = await self._answered(interaction, do)
        shown = answer.message or self._instead(answer)
        if shown and answer.doubt is None:
            await ack(text=shown.text, blocks=shown.blocks, response_type="ephemeral")
        else:
            await ack()
        if answer.doubt:
            self._look_again(interaction, answer, do, partial(self._reply, body, interaction))
        else:
            self._open(answer, body, interaction)

    def _instead(self, answer: Answer) -> Message | None:
        """Return what the ack says of a form that will hardly open: while Slack is away nothing else can."""
        if answer.modal and answer.modal.action is Action.DECLARE and self._gateway.is_away():
            text = f"Slack does not answer right now, so the form may not open. Without it: {WITHOUT_FORM}"
            return Message(text=text, blocks=[section(text)])
        return None

    async def _action(self, ack: AsyncAck, body: Body) -> None:
        action_id, payload = payloads.pressed(body)
        channel = payloads.place(body) or payload.channel
        interaction = Interaction(
            actor=payloads.person(body),
            request=request_key("action", body.get("trigger_id"), action_id),
            ports=self.ports,
            channel=channel,
            place=payloads.place(body),
            thread=payload.thread,
            incident=payload.incident,
            payload=payload,
        )
        reply = partial(self._reply, body, interaction)
        await self._done(interaction, lambda: self._pressed(interaction, action_id), reply, ack)
        if text(body, "view", "type") == "home":
            self._refresh_home(interaction)

    def _refresh_home(self, interaction: Interaction) -> None:
        """Show the App Home anew, after the answer: what was asked for does not fail with it."""
        if interaction.actor.user:
            self.responder.soon(
                home.ask_for_home(interaction.actor.user, self.ports, request=interaction.request)
            )

    async def _submission(self, ack: AsyncAck, body: Body) -> None:
        view = body.get("view")
        view = view if isinstance(view, dict) else {}
        payload = InteractionPayload.unpack(view.get("private_metadata"))
        form, state = text(view, "callback_id"), view.get("state")
        interaction = Interaction(
            actor=payloads.person(body),
            request=request_key("view", view.get("id"), form),
            ports=self.ports,
            channel=payload.channel,
            incident=payload.incident,
            payload=payload,
            values=state.get("values") if isinstance(state, dict) else None,
        )
        if form not in set(Form) or Form(form) not in FORMS:
            await ack()
            return
        try:
            answer = await self._bordered(interaction, lambda: FORMS[Form(form)](interaction))
        except Refused as refused:
            if doubt := await self._doubt(interaction, refused, unless_asked_within=PRESSED_AGAIN):
                # What was entered stays in front of the person while we look.
                self.responder.soon(doubt.settle())
                again = f"We are asking Slack {doubt.question}. Press the button again in a moment."
                refused = Refused(again, field=refused.field)
            await ack(response_action="errors", errors=errors(Form(form), refused))
            if isinstance(refused, NotAllowed):
                # A modal's error cannot name the people who may.
                self._whisper(interaction, tell(refused.why))
            return
        if answer.last_word:
            await ack(response_action="update", view=answer.last_word)
        else:
            await ack(response_action="clear")
        self._whisper(interaction, answer)
        if interaction.channel is None:
            # The modal came from the App Home, or from a shortcut: either way it shows something new.
            self._refresh_home(interaction)

    def _whisper(self, interaction: Interaction, answer: Answer) -> None:
        """Show a message to the person where their modal came from."""
        if answer.message and interaction.channel and interaction.actor.user:
            thread = interaction.payload.thread
            self.responder.soon(
                self.responder.whisper(
                    interaction.channel, interaction.actor.user, answer.message, thread=thread
                )
            )

    async def _global_shortcut(self, ack: AsyncAck, body: Body) -> None:
        interaction = Interaction(
            actor=payloads.person(body),
            request=request_key("shortcut", body.get("trigger_id")),
            ports=self.ports,
        )
        answer = await self._answered(interaction, lambda: declare.opened(interaction))
        await ack()
        self._open(answer, body, interaction)

    async def _message_shortcut(self, ack: AsyncAck, body: Body) -> None:
        channel, ts = payloads.place(body), text(body, "message", "ts")
        interaction = Interaction(
            actor=payloads.person(body),
            request=request_key("shortcut", body.get("trigger_id")),
            ports=self.ports,
            channel=channel,
            place=channel,
        )
        reply = partial(self._reply, body, interaction)
        await self._done(interaction, lambda: self._with_message(interaction, body, ts), reply, ack)

    async def _with_message(self, interaction: Interaction, body: Body, ts: str) -> Answer:
        if text(body, "callback_id") == Shortcut.MARK_FROM_MESSAGE:
            interaction = await self._placed(interaction, None)
            if interaction.incident is None:
                return tell("This channel is not a war room, so it has no timeline to mark a moment in.")
            return await timeline.mark(interaction, ts, marked=True)
        quoted = grammar.spoken(text(body, "message", "text"))[:QUOTED]
        payload = InteractionPayload(
            channel=interaction.channel, message=text(body, "message", "thread_ts") or ts
        )
        return await declare.opened(interaction, summary=quoted, payload=payload)

    # -- what happens around

    async def _reaction(self, ack: AsyncAck, body: Body) -> None:
        event = body.get("event")
        if isinstance(event, dict) and event.get("reaction") in PUSHPIN:
            channel, ts = ChannelId(text(event, "item", "channel")), text(event, "item", "ts")
            interaction = Interaction(
                actor=payloads.person(event),
                request=request_key("event", body.get("event_id")),
                ports=self.ports,
                channel=channel,
                place=channel,
            )
            interaction = await self._placed(interaction, None)
            if interaction.incident and ts:
                marked = event.get("type") == "reaction_added"
                await self._done(
                    interaction, lambda: timeline.mark(interaction, ts, marked=marked), _unanswered
                )
        await ack()

    async def _joined(self, ack: AsyncAck, body: Body) -> None:
        moved, event = payloads.moved(body, now=self.ports.now()), body.get("event")
        if moved and isinstance(event, dict):
            await self._believe_private(event)
            if self._is_us(moved.person):
                await membership.note_us_back(moved.channel, self.ports)
                if text(event, "inviter"):  # not where we opened the room ourselves
                    await closed_rooms.note_back(moved.channel, self.ports)
            elif self._gateway.account(moved.person) is not Account.BOT:
                await membership.note_joined(moved, self.ports)
        await ack()

    async def _left(self, ack: AsyncAck, body: Body) -> None:
        if moved := payloads.moved(body, now=self.ports.now()):
            if self._is_us(moved.person):
                await membership.note_us_gone(moved.channel, self.ports)
                await closed_rooms.note_closed(moved.channel, NoRoom.REMOVED, self.ports)
            else:
                await membership.note_left(moved, self.ports)
        await ack()

    def _is_us(self, person: UserId) -> bool:
        us = self._gateway.identity
        return us is not None and person == us.user

    async def _person(self, ack: AsyncAck, body: Body) -> None:
        event = body.get("event")
        if isinstance(event, dict) and isinstance(event.get("user"), dict):
            self._gateway.learn(event["user"])
        await ack()

    async def _room(self, ack: AsyncAck, body: Body) -> None:
        event = body.get("event")
        if isinstance(event, dict):
            channel = ChannelId(text(event, "channel"))
            why = CLOSING.get(text(event, "type"))
            if why:
                await closed_rooms.note_closed(channel, why, self.ports)
            else:
                await closed_rooms.note_back(channel, self.ports)
        await ack()

    async def _home(self, ack: AsyncAck, body: Body) -> None:
        event = body.get("event")
        if isinstance(event, dict) and event.get("tab") == "home":
            await home.ask_for_home(
                UserId(text(event, "user")), self.ports, request=text(body, "event_id") or uuid4().hex
            )
        await ack()

    # -- how it is done

    async def _typed(self, interaction: Interaction, words: str) -> Answer:
        """Do what was typed, in the incident that is named or the one of this place."""
        parsed = GRAMMAR.parse(words)
        name = parsed.command.name if parsed.command else None
        interaction = replace(interaction, command=name, rest=parsed.rest, typed=parsed.typed)
        interaction = await self._placed(interaction, parsed.incident)
        if parsed.command is None:
            return await lists.bare(interaction)
        return await self._confirmed(interaction, await parsed.command.listener(interaction))

    async def _confirmed(self, interaction: Interaction, answer: Answer) -> Answer:
        """Return the answer; what the room shows is also said to whoever typed in a thread or elsewhere."""
        if answer.modal:
            return await self._allowed(interaction, answer)
        if answer.message or interaction.incident is None:
            return answer
        here = await self.ports.reads.in_room(interaction.channel) if interaction.channel else None
        if here == interaction.incident and interaction.thread is None:
            return NOTHING
        return tell(answer.done or f"Done in {label(interaction.incident)}.")

    async def _pressed(self, interaction: Interaction, action_id: str) -> Answer:
        """Do what a button stands for; a link's button, and one we do not know, does nothing more."""
        name = action_id.split(":", 1)[0]
        if name == Action.PICK:
            about = f"{label(interaction.payload.incident)} " if interaction.payload.incident else ""
            return await self._typed(interaction, f"{about}{interaction.payload.command or ''}")
        if name == Action.MORE and interaction.payload.do:
            name = interaction.payload.do
        interaction = await self._placed(interaction, interaction.incident)
        listener: Listener | None = BUTTONS.get(Action(name)) if name in set(Action) else None
        return await self._allowed(interaction, await listener(interaction)) if listener else NOTHING

    async def _allowed(self, interaction: Interaction, answer: Answer) -> Answer:
        """Return the answer; a form that could not be sent is refused before it is filled in."""
        opens = answer.modal.action if answer.modal else Action.DECLARE
        if opens not in FROM_OUTSIDE and interaction.incident is not None:
            await check_may_act(interaction.actor, interaction.incident, self.ports)
        return answer

    async def _placed(self, interaction: Interaction, named: IncidentId | None) -> Interaction:
        """Return the gesture with its incident: the one that is named, else the war room's."""
        here = await self.ports.reads.in_room(interaction.channel) if interaction.channel else None
        return replace(interaction, incident=named or here)

    async def _done(
        self,
        interaction: Interaction,
        do: Callable[[], Awaitable[Answer]],
        reply: Callable[[Answer], None],
        ack: AsyncAck | None = None,
    ) -> None:
        """Do what was asked for, acknowledge it, and reply; where that is in doubt, once it is none."""
        answer = await self._answered(interaction, do)
        if ack:
            await ack()
        if answer.doubt:
            self._look_again(interaction, answer, do, reply)
        else:
            reply(answer)

    def _look_again(
        self,
        interaction: Interaction,
        refused: Answer,
        do: Callable[[], Awaitable[Answer]],
        reply: Callable[[Answer], None],
    ) -> None:
        """Ask Slack whether a refusal is right, after the ack; then do it, or give the refusal."""

        async def look() -> None:
            if refused.doubt is None:
                return
            try:
                await refused.doubt.settle()
            except OutsideError as failure:
                logger.info("a doubt was not settled", why=str(failure))
                question = refused.doubt.question
                reply(
                    tell(
                        f"Slack does not say just now {question}, so nothing was done. Try again in a moment."
                    )
                )
                return
            reply(replace(await self._answered(interaction, do), doubt=None))

        self.responder.soon(look())

    async def _doubt(
        self, interaction: Interaction, refused: Refused, *, unless_asked_within: timedelta = timedelta()
    ) -> Doubt | None:
        return await doubted(
            refused,
            actor=interaction.actor,
            place=interaction.place,
            ports=self.ports,
            unless_asked_within=unless_asked_within,
        )

    async def _answered(self, interaction: Interaction, do: Callable[[], Awaitable[Answer]]) -> Answer:
        """Return the answer to a gesture: what it asked for, or why not and what to do."""
        try:
            return await self._bordered(interaction, lambda: self._offered(interaction, do))
        except grammar.Unknown as unknown:
            return explained(unknown)
        except Refused as refused:
            return replace(tell(refused.why), doubt=await self._doubt(interaction, refused))

    async def _offered(self, interaction: Interaction, do: Callable[[], Awaitable[Answer]]) -> Answer:
        """Do it; where it needs an incident and there is none, offer the open ones."""
        try:
            return await do()
        except Elsewhere as elsewhere:
            return await lists.choose(
                interaction, elsewhere.why, command=elsewhere.typed, name=elsewhere.name
            )

    async def _bordered(self, interaction: Interaction, do: Callable[[], Awaitable[Answer]]) -> Answer:
        """Do it. The border of a request: what nobody expected is logged once and given a reference."""
        try:
            return await do()
        except Refused:
            raise
        except Exception as error:
            reference = uuid4().hex[:8]
            logger.exception("a request failed", reference=reference, incident=interaction.incident)
            known = await self._known_of(interaction)
            why = f"Something went wrong here. {known}"
            if self._is_outage(error):
                why = f"{OUTAGE} {known} {OUTAGE_REMEDY}"
            msg = f"{why} (Reference {reference}.)"
            raise Refused(msg) from error

    async def _known_of(self, interaction: Interaction) -> str:
        """Return what became of a request around which something went wrong: it may have been committed."""
        try:
            async with asyncio.timeout(KNOWN_WITHIN):
                done = await was_done(interaction.request, self.ports)
        except Exception:
            # Still the border of the same request: what cannot be looked up is said to be unknown.
            logger.exception("what became of a request cannot be told", incident=interaction.incident)
            return "Whether it was done cannot be told right now: look at the card before you try again."
        if done:
            return "It was done all the same, only the answer failed: look at the card."
        return "Nothing was changed; please try again."

    def _reply(self, body: Body, interaction: Interaction, answer: Answer) -> None:
        self._open(answer, body, interaction)
        self._show(answer, body)

    def _open(self, answer: Answer, body: Body, interaction: Interaction) -> None:
        if answer.modal and interaction.actor.kind is ActorKind.PERSON and interaction.actor.user:
            self.responder.soon(
                self.responder.open(
                    answer.modal,
                    trigger=text(body, "trigger_id"),
                    person=interaction.actor.user,
                    channel=interaction.channel,
                    on_modal=text(body, "view", "type") == "modal",
                    response_url=text(body, "response_url"),
                )
            )

    def _show(self, answer: Answer, body: Body) -> None:
        """Show a message beside what was pressed; in the App Home and in modals, as a modal."""
        if answer.message is None:
            return
        if url := text(body, "response_url"):
            self.responder.soon(self.responder.respond(url, answer.message, replace=answer.replaces))
        elif trigger := text(body, "trigger_id"):
            on_modal = text(body, "view", "type") == "modal"
            self.responder.soon(self.responder.notice(trigger, answer.message, on_modal=on_modal))


def _unanswered(answer: Answer) -> None:
    """Say nothing: a reaction is answered by nobody."""
    del answer


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
