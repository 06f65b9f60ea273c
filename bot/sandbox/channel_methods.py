"""The conversations.* and bookmarks.* methods of the Web API."""

from collections.abc import Callable, Mapping

from bot.sandbox.api import Call, page
from bot.sandbox.state import Channel, Kind, Message
from bot.sandbox.wire import Json, SlackError

TYPES = {"public_channel": Kind.PUBLIC, "private_channel": Kind.PRIVATE, "im": Kind.IM, "mpim": Kind.MPIM}
DIRECT_MOST = 8


def bookmarks_add(call: Call) -> Json:
    """Add a link to a channel."""
    call.channel("channel_id")
    made = call.workspace.channels.bookmark(
        call.text("channel_id"), by=call.bot, title=call.text("title"), link=call.text("link"),
        emoji=call.text("emoji"),
        kind=call.text("type"),
    )  # fmt: skip
    return {"bookmark": made.payload()}


def bookmarks_list(call: Call) -> Json:
    """List a channel's links."""
    return {"bookmarks": [each.payload() for each in call.channel("channel_id").bookmarks.values()]}


def _described(call: Call, channel: Channel, *, with_count: bool = False) -> Json:
    return {"channel": call.workspace.channels.payload(channel, viewer=call.bot, with_count=with_count)}


def conversations_create(call: Call) -> Json:
    """Create a channel with the bot in it."""
    private = call.flag("is_private")
    call.allow(Kind.PRIVATE if private else Kind.PUBLIC)
    return _described(call, call.workspace.channels.create(call.text("name"), by=call.bot, private=private))


def conversations_join(call: Call) -> Json:
    """Join a public channel."""
    found = call.workspace.channels.get(call.text("channel"), by=call.bot)
    joined, already = call.workspace.channels.join(found.id, by=call.bot)
    reply = _described(call, joined)
    if already:
        reply |= {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
    return reply


def conversations_invite(call: Call) -> Json:
    """Bring people into a channel."""
    channel = call.channel()
    invited = call.workspace.channels.invite(
        channel.id, call.names("users"), by=call.bot, force=call.flag("force")
    )
    return _described(call, invited)


def conversations_set_topic(call: Call) -> Json:
    """Set the topic."""
    channel = call.workspace.channels.set_words(call.channel().id, "topic", call.text("topic"), by=call.bot)
    return {**_described(call, channel), "topic": channel.topic["value"]}


def _kinds(call: Call) -> frozenset[Kind]:
    wanted = call.names("types") or ["public_channel"]
    if unknown := [each for each in wanted if each not in TYPES]:
        raise SlackError("invalid_types", response_metadata={"messages": unknown})
    kinds = frozenset(TYPES[each] for each in wanted)
    for kind in sorted(kinds):
        call.allow(kind)
    return kinds


def _listed(call: Call, channels: list[Channel]) -> Json:
    if call.flag("exclude_archived"):
        channels = [each for each in channels if not each.archived]
    shown, onward = page(channels, call)
    rows = [call.workspace.channels.payload(each, viewer=call.bot, with_count=True) for each in shown]
    return {"channels": rows, "response_metadata": onward}


def conversations_list(call: Call) -> Json:
    """List the channels the bot may know of."""
    return _listed(call, call.workspace.channels.visible_to(call.bot, _kinds(call)))


def conversations_info(call: Call) -> Json:
    """Describe a channel."""
    return _described(call, call.channel(), with_count=call.flag("include_num_members"))


def conversations_members(call: Call) -> Json:
    """List who is in a channel."""
    shown, onward = page(list(call.channel().members), call)
    return {"members": shown, "response_metadata": onward}


def _stamp(call: Call, name: str) -> str | None:
    value = call.maybe(name)
    if value is None or value in ("0", "now"):
        return None
    whole, _, part = value.partition(".")
    if not whole.isdigit() or (part and not part.isdigit()):
        raise SlackError(f"invalid_ts_{name}")
    return f"{int(whole):010d}.{(part or '0'):0<6}"


def _between(call: Call, messages: list[Message]) -> list[Message]:
    oldest, latest, inclusive = _stamp(call, "oldest"), _stamp(call, "latest"), call.flag("inclusive")

    def inside(ts: str) -> bool:
        if inclusive and ts in (oldest, latest):
            return True
        return (oldest is None or ts > oldest) and (latest is None or ts < latest)

    return [each for each in messages if inside(each.ts)]


def conversations_history(call: Call) -> Json:
    """Read a channel, newest first, without the replies of its threads."""
    channel = call.channel()
    if call.bot not in channel.members:
        raise SlackError("not_in_channel")
    roots = [
        each for each in channel.messages.values() if not each.is_reply or each.subtype == "thread_broadcast"
    ]
    found = _between(call, sorted(roots, key=lambda each: each.ts, reverse=True))
    shown, onward = page(found, call, most=999)
    full = call.flag("include_all_metadata")
    rows = [call.workspace.messages.payload(each, with_metadata=full) for each in shown]
    more = bool(onward["next_cursor"])
    return {
        "messages": rows,
        "has_more": more,
        "pin_count": len(channel.pins),
        **({"response_metadata": onward} if more else {}),
    }


def conversations_replies(call: Call) -> Json:
    """Read a thread, its root first."""
    channel = call.channel()
    if call.bot not in channel.members:
        raise SlackError("channel_not_found")
    root = call.workspace.messages.find(channel, call.text("ts"), code="thread_not_found")
    if root.is_reply:
        root = call.workspace.messages.find(channel, str(root.thread_ts), code="thread_not_found")
    replies = _between(call, [channel.messages[each] for each in root.replies])
    shown, onward = page([root, *replies], call)
    full = call.flag("include_all_metadata")
    rows = [call.workspace.messages.payload(each, with_metadata=full) for each in shown]
    return {"messages": rows, "has_more": bool(onward["next_cursor"]), "response_metadata": onward}


def conversations_open(call: Call) -> Json:
    """Open a direct conversation with people."""
    users = call.names("users")
    if call.maybe("channel"):
        channel = call.channel()
        if channel.kind not in (Kind.IM, Kind.MPIM):
            raise SlackError("method_not_supported_for_channel_type")
    else:
        channel = _opened(call, users)
    if call.flag("return_im"):
        return _described(call, channel)
    return {"channel": {"id": channel.id}}


def _opened(call: Call, users: list[str]) -> Channel:
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > DIRECT_MOST:
        raise SlackError("too_many_users")
    for each in users:
        if call.workspace.ground.user(each).deleted:
            raise SlackError("user_disabled")
    call.allow(Kind.IM if len(users) == 1 else Kind.MPIM)
    if users == [call.bot]:
        raise SlackError("invalid_user_combination")
    return call.workspace.channels.open_direct([call.bot, *users])


def conversations_archive(call: Call) -> Json:
    """Archive a channel."""
    call.workspace.channels.archive(call.channel().id, by=call.bot)
    return {}


RUNS: Mapping[str, Callable[[Call], Json]] = {
    "bookmarks.add": bookmarks_add,
    "bookmarks.list": bookmarks_list,
    "conversations.archive": conversations_archive,
    "conversations.create": conversations_create,
    "conversations.history": conversations_history,
    "conversations.info": conversations_info,
    "conversations.invite": conversations_invite,
    "conversations.join": conversations_join,
    "conversations.list": conversations_list,
    "conversations.members": conversations_members,
    "conversations.open": conversations_open,
    "conversations.replies": conversations_replies,
    "conversations.setTopic": conversations_set_topic,
}
