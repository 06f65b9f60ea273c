"""Slack, spoken to in meaning: the `Chat` port over one Web API client."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.shared.vocabulary import ChannelId, UserId
from bot.slack.blocks import clip, plain, unstyled
from bot.slack.client.calls import Calls, Json, each_page, next_cursor
from bot.slack.events import messages
from bot.slack.views.home import home_view
from bot.slack.views.render import render
from bot.usecases.messages import Home, Said
from bot.usecases.ports import Account, History, PermanentFailure, Posted, Room, RoomWanted

TOPIC_MAX, NAME_MAX = 250, 80
"""What Slack takes of a channel's topic and of its name."""
INVITED_AT_ONCE = 100
"""How many people one call brings in: Slack bounds them, and refuses all for one that is wrong."""
NAMES_TRIED = 9
"""How many names are tried where one is taken: the incident's number is in it, so even two are rare."""
EVENT_TYPE = "warroom"
"""Our messages carry their job's key under this event type, so that they can be found again."""
PAGE, PAGES = 200, 50
"""How much of a channel is read at most: to catch up with it, to find a message of ours again."""
CLOCK_SLACK = timedelta(minutes=2)
"""How far Slack's clock may be behind ours when a channel's age is compared with the declaration."""

SLACKBOT = UserId("USLACKBOT")
_NOT_JOINED = frozenset({"method_not_supported_for_channel_type", "channel_not_found"})
_NOBODY = frozenset({"user_not_found", "user_not_visible"})
_ALREADY_IN = frozenset({"already_in_channel", "cant_invite_self"})


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who we are in the workspace, as ``auth.test`` says; ``app`` and ``enterprise`` are often empty."""

    team: str
    url: str
    user: UserId
    bot: str
    enterprise: str = ""
    app: str = ""
    scopes: frozenset[str] = frozenset()


class Gateway:
    """The `Chat` port. ``incidents`` is the setting of where to announce: a name or an id."""

    def __init__(self, call: Calls, *, incidents: str) -> None:
        """Speak through ``call``; who we are is asked once, on first need."""
        self._call = call
        self._incidents = incidents.lstrip("#")
        self._announced_in: ChannelId | None = None
        self._direct: dict[UserId, ChannelId] = {}
        self._joined: set[ChannelId] = set()
        self._accounts: dict[UserId, Account] = {SLACKBOT: Account.BOT}
        self.identity: Identity | None = None

    async def who(self) -> Identity:
        """Return who we are; raises as every call does."""
        if self.identity is None:
            answer = await self._call("auth.test")
            self.identity = Identity(
                team=str(answer.get("team_id", "")),
                url=str(answer.get("url", "")),
                user=UserId(str(answer.get("user_id", ""))),
                bot=str(answer.get("bot_id", "")),
                enterprise=str(answer.get("enterprise_id") or ""),
                app=str(answer.get("app_id") or ""),
            )
        return self.identity

    # -- people

    def is_away(self) -> bool:
        """Return whether Slack did not answer when it was last called."""
        return self._call.standing.away is not None

    def account(self, person: UserId) -> Account:
        """Return what is known of somebody, without asking anybody."""
        if self.identity is not None and person == self.identity.user:
            return Account.BOT
        return self._accounts.get(person, Account.UNKNOWN)

    async def look_up(self, person: UserId) -> None:
        """Ask about somebody, so that `account` knows."""
        try:
            answer = await self._call("users.info", user=person)
        except PermanentFailure as refusal:
            if refusal.code not in _NOBODY:
                raise
            self._accounts[person] = Account.NOBODY
            return
        user = answer.get("user")
        self.learn(user if isinstance(user, dict) else {"id": person})

    async def learn_people(self) -> None:
        """Learn who is in the workspace, so that `account` knows of most people at once."""
        for member in await each_page(self._call, "users.list", "members", most=PAGES, limit=PAGE):
            self.learn(member)

    def learn(self, user: Mapping[str, object]) -> None:
        """Take in what Slack says of somebody: in a list, in an answer, or in an event."""
        kind = Account.BOT if user.get("is_bot") else Account.PERSON
        kind = Account.DEACTIVATED if user.get("deleted") else kind
        self._accounts[UserId(str(user.get("id")))] = kind

    # -- people

    async def named(self, name: str) -> Sequence[UserId]:
        """Return the people of the workspace who are called so; bots and who has left are left out."""
        wanted = name.lstrip("@").casefold()
        members = await each_page(self._call, "users.list", "members", most=PAGES, limit=PAGE)
        return [
            UserId(str(member.get("id")))
            for member in members
            if not (member.get("is_bot") or member.get("deleted"))
            and wanted in {called.casefold() for called in _called(member)}
        ]

    async def names(self, people: Sequence[UserId]) -> Mapping[UserId, str]:
        """Return what people are called, of those that Slack knows."""
        found = await asyncio.gather(*map(self._name, people))
        return {person: name for person, name in zip(people, found, strict=True) if name}

    async def _name(self, person: UserId) -> str | None:
        try:
            answer = await self._call("users.info", user=person)
        except PermanentFailure:
            return None
        return next(iter(_called(answer.get("user"))), None)

    # -- rooms

    async def open_room(self, wanted: RoomWanted, *, look: bool) -> Room:
        """Create the channel; a name that is taken is ours only when it can be told from the rest."""
        for number in range(1, NAMES_TRIED + 1):
            name = _numbered(wanted.name, number)
            try:
                answer = await self._call("conversations.create", name=name, is_private=wanted.private)
            except PermanentFailure as refusal:
                if refusal.code != "name_taken":
                    raise
                if look and (found := await self._found(name, wanted)):
                    return found
                continue
            return _room(answer.get("channel"), name)
        what = "conversations.create"
        raise PermanentFailure(what, code="name_taken")

    async def _found(self, name: str, wanted: RoomWanted) -> Room | None:
        """Return the channel an earlier attempt of ours made, never somebody else's."""
        kind = "private_channel" if wanted.private else "public_channel"
        us = (await self.who()).user
        channels = await each_page(self._call, "conversations.list", "channels", types=kind, limit=1000)
        for channel in channels:
            if channel.get("name") != name or channel.get("creator") != us or channel.get("is_archived"):
                continue
            topic = channel.get("topic")
            empty = not (isinstance(topic, dict) and topic.get("value"))
            created = datetime.fromtimestamp(int(str(channel.get("created", 0))), UTC)
            fresh = created >= wanted.declared_at - CLOCK_SLACK
            private = bool(channel.get("is_private")) == wanted.private
            if empty and fresh and private and channel.get("id") not in wanted.taken:
                return _room(channel)
        return None

    async def invite(self, channel: ChannelId, people: Sequence[UserId]) -> None:
        """Bring people in; one who cannot be invited does not keep the others out."""
        for at in range(0, len(people), INVITED_AT_ONCE):
            some = people[at : at + INVITED_AT_ONCE]
            try:
                await self._call("conversations.invite", channel=channel, users=",".join(some))
            except PermanentFailure as refusal:
                if len(some) > 1:
                    await self._invite_each(channel, some)
                elif refusal.code not in _ALREADY_IN:
                    raise

    async def _invite_each(self, channel: ChannelId, people: Sequence[UserId]) -> None:
        refused: PermanentFailure | None = None
        for person in people:
            try:
                await self.invite(channel, [person])
            except PermanentFailure as refusal:
                refused = refusal
        if refused:
            raise refused

    async def join(self, channel: ChannelId) -> None:
        """Go into a public channel; a private or direct one has us in it or is closed to us."""
        if channel not in self._joined:
            try:
                await self._call("conversations.join", channel=channel)
            except PermanentFailure as refusal:
                if refusal.code not in _NOT_JOINED:
                    raise
            self._joined.add(channel)

    async def set_topic(self, channel: ChannelId, topic: str) -> None:
        """Set a channel's topic, cut to 250 characters; its words mention and link nothing."""
        await self._call(
            "conversations.setTopic", channel=channel, topic=clip(unstyled(plain(topic)), TOPIC_MAX)
        )

    async def bookmark(self, channel: ChannelId, *, title: str, link: str, look: bool) -> None:
        """Put a link on a channel's bar, once."""
        if look:
            answer = await self._call("bookmarks.list", channel_id=channel)
            there = answer.get("bookmarks")
            if isinstance(there, list) and any(one.get("link") == link for one in there):
                return
        await self._call("bookmarks.add", channel_id=channel, title=title, type="link", link=link)

    async def members(self, channel: ChannelId) -> frozenset[UserId]:
        """Return who is in a channel, without ourselves."""
        us = (await self.who()).user
        found: set[UserId] = set()
        cursor: object = None
        while True:
            page = await self._call.patiently(
                "conversations.members", channel=channel, limit=1000, cursor=cursor
            )
            people = page.get("members")
            found |= {UserId(str(one)) for one in people} if isinstance(people, list) else set()
            cursor = next_cursor(page)
            if not cursor:
                return frozenset(found - {us})

    async def is_private(self, channel: ChannelId) -> bool:
        """Return whether only who is invited may read a channel."""
        answer = await self._call("conversations.info", channel=channel)
        described = answer.get("channel")
        return isinstance(described, dict) and bool(described.get("is_private"))

    async def incidents_channel(self, *, anew: bool = False) -> ChannelId | None:
        """Return where incidents are announced, joined so that we find our messages there again."""
        if anew:
            self._announced_in = None
        if self._announced_in is None:
            found = await self._named(self._incidents)
            if found is None:
                return None
            if not found.get("is_member"):
                try:
                    await self._call("conversations.join", channel=found["id"])
                except PermanentFailure:
                    # A private channel has to invite us; until somebody does there is nowhere to announce.
                    return None
            self._announced_in = ChannelId(str(found["id"]))
        return self._announced_in

    async def _named(self, wanted: str) -> Json | None:
        kinds = "public_channel,private_channel"
        channels = await each_page(
            self._call, "conversations.list", "channels", types=kinds, limit=1000, exclude_archived=True
        )
        return next((one for one in channels if wanted in {one.get("id"), one.get("name")}), None)

    # -- messages

    async def post(
        self,
        channel: ChannelId,
        said: Said,
        *,
        key: str,
        look: bool,
        since: datetime | None = None,
        thread: str | None = None,
        broadcast: bool = False,
    ) -> Posted:
        """Say something in a channel, unless an earlier attempt already did."""
        if look and (ts := await self._said_before(channel, key, since=since, thread=thread)):
            return Posted(channel=channel, ts=ts)
        # Known before our first message comes back to us as an event: it is not to be mirrored.
        await self.who()
        message = render(said)
        answer = await self._call(
            "chat.postMessage",
            channel=channel,
            text=message.text,
            blocks=message.blocks or None,
            metadata={"event_type": EVENT_TYPE, "event_payload": {"key": key}},
            thread_ts=thread,
            reply_broadcast=broadcast or None,
            unfurl_links=False,
            unfurl_media=False,
        )
        return Posted(channel=ChannelId(str(answer.get("channel") or channel)), ts=str(answer["ts"]))

    async def _said_before(
        self, channel: ChannelId, key: str, *, since: datetime | None, thread: str | None
    ) -> str | None:
        """Return the ``ts`` of the message with a key: however many followed it, but none from before."""
        method = "conversations.replies" if thread else "conversations.history"
        oldest = f"{(since - CLOCK_SLACK).timestamp():.6f}" if since else None
        cursor: object = None
        for _ in range(PAGES):
            page = await self._call(
                method,
                channel=channel,
                ts=thread,
                oldest=oldest,
                limit=PAGE,
                cursor=cursor,
                include_all_metadata=True,
            )
            if ts := _with_key(page.get("messages"), key):
                return ts
            cursor = next_cursor(page)
            if not cursor:
                break
        return None

    async def tell(
        self, person: UserId, said: Said, *, key: str, look: bool, since: datetime | None = None
    ) -> Posted:
        """Say something to one person, by direct message."""
        if person not in self._direct:
            answer = await self._call("conversations.open", users=person)
            self._direct[person] = _room(answer.get("channel")).channel
        return await self.post(self._direct[person], said, key=key, look=look, since=since)

    async def edit(self, posted: Posted, said: Said) -> None:
        """Make a message of ours say something else."""
        message = render(said)
        await self._call(
            "chat.update", channel=posted.channel, ts=posted.ts, text=message.text, blocks=message.blocks
        )

    async def pin(self, posted: Posted) -> None:
        """Pin a message; a pinned one stays."""
        try:
            await self._call("pins.add", channel=posted.channel, timestamp=posted.ts)
        except PermanentFailure as refusal:
            if refusal.code != "already_pinned":
                raise

    async def link_to(self, posted: Posted) -> str:
        """Return the address of a message."""
        base = (await self.who()).url.rstrip("/")
        return f"{base}/archives/{posted.channel}/p{posted.ts.replace('.', '')}"

    async def show_home(self, person: UserId, home: Home) -> None:
        """Show a person their App Home."""
        await self._call("views.publish", user_id=person, view=home_view(home))

    async def history(self, channel: ChannelId, *, after: str | None) -> History:
        """Return what people said later than ``after``, threads included, as it stands now.

        Replies to older messages are found through those of the newest threads that have moved since.
        """
        us, since = (await self.who()).bot, after or "0"
        roots = await self._pages("conversations.history", channel=channel, oldest=after)
        read = {str(root.get("ts")) for root in roots}
        if after:
            older = await self._pages("conversations.history", most=1, channel=channel, latest=after)
            moved = [root for root in older if str(root.get("latest_reply") or "") > since]
            read |= {str(root.get("ts")) for root in moved}
            roots += moved
        found = {str(root.get("ts")): root for root in roots}
        for root in roots:
            if root.get("reply_count"):
                ts = root["ts"]
                replies = await self._pages("conversations.replies", channel=channel, ts=ts, oldest=after)
                found |= {str(reply.get("ts")): reply for reply in replies}
        said = [messages.said(one, channel, our_bot=us) for ts, one in sorted(found.items()) if ts > since]
        return History(
            messages=tuple(one for one in said if one),
            roots=frozenset(read),
            whole=len(found) < PAGE * PAGES,
        )

    async def _pages(self, method: str, *, most: int = PAGES, **args: object) -> list[Json]:
        return await each_page(self._call.patiently, method, "messages", most=most, limit=PAGE, **args)


def _with_key(messages: object, key: str) -> str | None:
    """Return the ``ts`` of the message of ours that carries a key, among those of a page."""
    for message in messages if isinstance(messages, list) else ():
        metadata = message.get("metadata")
        if not isinstance(metadata, dict) or metadata.get("event_type") != EVENT_TYPE:
            continue
        payload = metadata.get("event_payload")
        if isinstance(payload, dict) and payload.get("key") == key:
            return str(message["ts"])
    return None


def _numbered(name: str, number: int) -> str:
    """Return the name, or from the second on the name with its number, within what Slack takes."""
    if number == 1:
        return name
    suffix = f"-{number}"
    return name[: NAME_MAX - len(suffix)] + suffix


def _called(member: object) -> list[str]:
    """Return the names of a person, what people see first."""
    if not isinstance(member, dict):
        return []
    profile = member.get("profile")
    shown = profile if isinstance(profile, dict) else {}
    names = (shown.get("display_name"), member.get("name"), shown.get("real_name"), member.get("real_name"))
    return [name for name in names if isinstance(name, str) and name]


def _room(channel: object, name: str = "") -> Room:
    if not isinstance(channel, dict) or "id" not in channel:
        what = "conversations"
        raise PermanentFailure(what, code="no_channel_in_answer")
    return Room(channel=ChannelId(str(channel["id"])), name=str(channel.get("name") or name))
