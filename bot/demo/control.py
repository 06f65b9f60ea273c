"""The control API: who has the token of this start can live in the workspace with curl; JSON."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta
from http import HTTPStatus

from aiohttp import web

from bot.sandbox import Person, Sandbox, SlackError
from bot.sandbox.elements import NotThere
from bot.sandbox.gate import bears, refusal
from bot.sandbox.journal import Call, Delivery
from bot.sandbox.state import Channel, Message, View
from bot.sandbox.wire import Json

UNKNOWN = "send the token of this start (it was printed): Authorization: Bearer ..."
ENDPOINTS = {
    "GET /control": "this list",
    "GET /control/people": "everybody, with ids",
    "GET /control/channels?as=ada": "the channels a person may know of",
    "GET /control/see?as=ada&channel=general": "a channel as a person sees it (also as text)",
    "GET /control/dms?as=ada": "a person's direct messages with the bot",
    "GET /control/modal?as=ada": "the modal in front of a person",
    "GET /control/home?as=ada": "a person's App Home as last published",
    "GET /control/journal?last=50": "calls and deliveries",
    "GET /control/clock": "the business time",
    "POST /control/clock": '{"forward_seconds": 3600}: move the business time',
    "POST /control/people": '{"name": "edsger", "is_admin": false}: add somebody',
    "POST /control/faults": '{"do": "slow|limit|fail|refuse|html|lose_reply|cut|'
    "enforce_tiers|slack_down|slack_up|"
    'drop_sockets|refresh_sockets|half_open|duplicate|delay|hold|release|clear", ...its arguments}',
    "POST /control/act": '{"as": "ada", "do": "ACTION", ...}: act as a person; the actions are listed below',
}
FAULTS = frozenset(
    {
        *("slow", "limit", "fail", "refuse", "html", "lose_reply", "cut", "enforce_tiers"),
        *("slack_down", "slack_up", "drop_sockets", "refresh_sockets", "half_open"),
        *("duplicate", "delay", "hold", "release", "clear"),
    }
)

ACTIONS = {
    "command": "command, text, channel",
    "say": "channel, text, thread (a ts)",
    "edit": "channel, ts, text",
    "delete": "channel, ts",
    "react": "channel, ts, name",
    "unreact": "channel, ts, name",
    "pin": "channel, ts",
    "unpin": "channel, ts",
    "click": "action_id, and either channel + ts, or in: modal | home; block_id, value, selected",
    "submit": "values {action_id or block_id: value} for the modal in front",
    "close": "whole",
    "shortcut": "callback_id, and channel + ts for one on a message",
    "open_home": "",
    "open_dm": "",
    "join": "channel",
    "leave": "channel",
    "create_channel": "name, private",
    "invite": "channel, name",
    "kick": "channel, name",
    "archive": "channel",
    "unarchive": "channel",
    "set_topic": "channel, topic",
}


class Control:
    """Serves what can be seen and done in a sandbox over HTTP."""

    def __init__(self, slack: Sandbox) -> None:
        """Answer who brings the token, about this sandbox."""
        self.slack = slack
        self.token = secrets.token_hex(16)

    def mount(self) -> "Control":
        """Answer beside the sandbox, which has not started yet."""
        self.slack.serve_also(*self.routes())
        return self

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to mount."""
        gets = {
            "": self._list, "/people": self._people, "/channels": self._channels, "/see": self._see,
            "/dms": self._dms,
            "/modal": self._modal, "/home": self._home, "/journal": self._journal, "/clock": self._clock,
        }  # fmt: skip
        posts = {"/act": self._act, "/people": self._add, "/clock": self._forward, "/faults": self._faults}
        return [
            *(web.get(f"/control{path}", self._guarded(handler)) for path, handler in gets.items()),
            *(web.post(f"/control{path}", self._guarded(handler)) for path, handler in posts.items()),
        ]

    def _guarded(
        self, handler: Callable[[web.Request], Awaitable[Json]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            if not bears(request, self.token):
                return refusal(UNKNOWN, HTTPStatus.UNAUTHORIZED)
            if request.can_read_body and request.content_type != "application/json":
                return refusal("send JSON, and say so in Content-Type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
            try:
                return web.json_response({"ok": True, **(await handler(request))})
            except (SlackError, NotThere, KeyError, ValueError, TypeError) as refused:
                return web.json_response({"ok": False, "error": _said(refused)}, status=400)

        return serve

    async def _list(self, _request: web.Request) -> Json:
        return {"endpoints": ENDPOINTS, "actions": ACTIONS}

    async def _people(self, _request: web.Request) -> Json:
        return {
            "people": [
                each.payload(self.slack.workspace.ground.team) for each in self.slack.workspace.users.values()
            ]
        }

    def _who(self, request: web.Request) -> Person:
        return self.slack.person(request.query.get("as", "ada"))

    async def _channels(self, request: web.Request) -> Json:
        who = self._who(request)
        visible = self.slack.workspace.channels.visible_to(who.id)
        return {
            "channels": [
                self.slack.workspace.channels.payload(each, viewer=who.id, with_count=True)
                for each in visible
            ]
        }

    async def _see(self, request: web.Request) -> Json:
        who = self._who(request)
        channel = who.channel(request.query.get("channel", "general"))
        return {"messages": [self._shown(each) for each in who.sees(channel)], "text": who.reads(channel)}

    async def _dms(self, request: web.Request) -> Json:
        return {"messages": [self._shown(each) for each in self._who(request).dms()]}

    async def _modal(self, request: web.Request) -> Json:
        return {"view": self._shown(self._who(request).modal)}

    async def _home(self, request: web.Request) -> Json:
        return {"view": self._shown(self._who(request).home)}

    async def _journal(self, request: web.Request) -> Json:
        last = int(request.query.get("last", "50"))
        return {
            "calls": [_entry(each) for each in self.slack.journal.calls[-last:]],
            "deliveries": [_entry(each) for each in self.slack.journal.deliveries[-last:]],
        }

    async def _clock(self, _request: web.Request) -> Json:
        return {"now": self.slack.clock.now().isoformat()}

    async def _forward(self, request: web.Request) -> Json:
        body = await _object(request)
        return {
            "now": self.slack.clock.forward(timedelta(seconds=float(body["forward_seconds"]))).isoformat()
        }

    async def _add(self, request: web.Request) -> Json:
        return {"person": self._shown(self.slack.add_person(**await _object(request)))}

    async def _faults(self, request: web.Request) -> Json:
        body = await _object(request)
        name = str(body.pop("do", ""))
        if name not in FAULTS:
            message = f"no fault {name!r}; there is {', '.join(sorted(FAULTS))}"
            raise ValueError(message)
        done = getattr(self.slack.faults, name)(**body)
        if isinstance(done, Awaitable):
            await done
        return {"done": name}

    async def _act(self, request: web.Request) -> Json:
        body = await _object(request)
        who, name = self.slack.person(str(body.pop("as", "ada"))), str(body.pop("do", ""))
        if name not in ACTIONS:
            message = f"no action {name!r}; there is {', '.join(ACTIONS)}"
            raise ValueError(message)
        self._point(who, name, body)
        names = [body.pop("name")] if name == "invite" else []
        result = await getattr(who, name)(*([body.pop("channel"), *names] if names else []), **body)
        return {"result": self._shown(result)}

    def _point(self, who: Person, name: str, body: Json) -> None:
        if name == "click":
            body["where"] = self._where(who, body)
        elif name in ("edit", "delete", "react", "unreact", "pin", "unpin") or (
            name == "shortcut" and "ts" in body
        ):
            body["message"] = self._message(who, body)
        elif name == "submit":
            body["view"], body["given"] = who.modal, body.pop("values", {})

    def _where(self, who: Person, body: Json) -> Message | View:
        place = body.pop("in", None)
        if place is None:
            return self._message(who, body)
        view = who.modal if place == "modal" else who.home
        if view is None:
            message = f"{who.name} has no {place} open"
            raise NotThere(message)
        return view

    def _message(self, who: Person, body: Json) -> Message:
        channel, ts = who.channel(str(body.pop("channel"))), str(body.pop("ts"))
        for each in who.sees(channel):
            if each.ts == ts:
                return each
        message = f"{who.name} sees no message {ts} there"
        raise NotThere(message)

    def _shown(self, thing: object) -> object:
        workspace, screen = self.slack.workspace, self.slack.screen
        if isinstance(thing, Message):
            shown = {
                **workspace.messages.payload(thing),
                "channel": thing.channel,
                "rendered": screen.message(thing),
            }
            return {**shown, "is_ephemeral": thing.viewer is not None}
        if isinstance(thing, View):
            return {**workspace.views.payload(thing), "rendered": screen.view(thing)}
        if isinstance(thing, Channel):
            return {"id": thing.id, "name": thing.name}
        if isinstance(thing, Person):
            return {"id": thing.id, "name": thing.name}
        if isinstance(thing, list | str | int | dict) or thing is None:
            return thing
        return {name: self._shown(value) for name, value in vars(thing).items()}


def _said(refused: Exception) -> str:
    return str(refused.args[0]) if isinstance(refused, KeyError) and refused.args else str(refused)


async def _object(request: web.Request) -> Json:
    body = await request.json() if request.can_read_body else {}
    if not isinstance(body, dict):
        message = "send a JSON object"
        raise ValueError(message)  # noqa: TRY004
    return body


def _entry(entry: Call | Delivery) -> Json:
    found = {**asdict(entry), "at": entry.at.isoformat(), "result": None, "monotonic": None}
    for each in found.get("attempts", ()):
        each["at"] = each["at"].isoformat()
    return {name: value for name, value in found.items() if value is not None}
