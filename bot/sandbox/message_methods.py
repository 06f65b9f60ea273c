"""The chat.*, pins.* and reactions.* methods of the Web API."""

from bot.sandbox.api import Call
from bot.sandbox.state import Message
from bot.sandbox.wire import Json, SlackError


def _destination(call: Call) -> str:
    ref = call.text("channel")
    if ref in call.workspace.users and ref != call.bot:
        return call.workspace.channels.open_direct([call.bot, ref]).id
    if ref.startswith("#") and (named := call.workspace.channels.named(ref)):
        return named.id
    return ref


def _text(call: Call) -> str | None:
    markdown = call.maybe("markdown_text")
    if markdown and (call.maybe("text") or call.args.get("blocks")):
        raise SlackError("markdown_text_conflict")
    return markdown or call.args.get("text")


def _posted(call: Call, message: Message) -> Json:
    room = message.channel
    return {
        "channel": room,
        "ts": message.ts,
        "message": call.workspace.messages.payload(message, with_metadata=True),
    }


def chat_post_message(call: Call) -> Json:
    """Post a message."""
    text = _text(call)
    message = call.workspace.messages.post(
        _destination(call), by=call.bot, text=text, blocks=call.parsed("blocks",
        code="invalid_blocks_format"),
        thread_ts=call.maybe("thread_ts"), broadcast=call.flag("reply_broadcast"),
        metadata=call.parsed("metadata", code="invalid_metadata_format"),
    )  # fmt: skip
    reply = _posted(call, message)
    if text and text != message.text:
        reply |= {"warning": "message_truncated", "response_metadata": {"warnings": ["message_truncated"]}}
    return reply


def chat_update(call: Call) -> Json:
    """Change a message of the bot's own."""
    message = call.workspace.messages.edit(
        call.text("channel"), call.text("ts"), by=call.bot, text=_text(call),
        blocks=call.parsed("blocks", code="invalid_blocks_format"),
        metadata=call.parsed("metadata", code="invalid_metadata_format"),
    )  # fmt: skip
    return {**_posted(call, message), "text": message.text}


def chat_delete(call: Call) -> Json:
    """Delete a message of the bot's own."""
    call.workspace.messages.erase(call.text("channel"), call.text("ts"), by=call.bot)
    return {"channel": call.text("channel"), "ts": call.text("ts")}


def chat_post_ephemeral(call: Call) -> Json:
    """Show a message to one person."""
    message = call.workspace.messages.ephemeral(
        _destination(call), call.text("user"), by=call.bot, text=_text(call),
        blocks=call.parsed("blocks", code="invalid_blocks_format"), thread_ts=call.maybe("thread_ts"),
    )  # fmt: skip
    return {"message_ts": message.ts}


def chat_get_permalink(call: Call) -> Json:
    """Give the address of a message."""
    channel = call.channel()
    message = call.workspace.messages.find(channel, call.text("message_ts"))
    domain, number = call.workspace.ground.team_domain, message.ts.replace(".", "")
    address = f"https://{domain}.slack.com/archives/{channel.id}/p{number}"
    if message.is_reply:
        address += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": address}


def pins_add(call: Call) -> Json:
    """Pin a message."""
    call.workspace.messages.pin(call.text("channel"), call.maybe("timestamp"), by=call.bot)
    return {}


def pins_remove(call: Call) -> Json:
    """Take a pin away."""
    call.workspace.messages.unpin(call.text("channel"), call.maybe("timestamp"), by=call.bot)
    return {}


def pins_list(call: Call) -> Json:
    """List what is pinned, the newest pin first."""
    channel = call.channel()
    rows = [
        {
            "type": "message",
            "channel": channel.id,
            "message": call.workspace.messages.payload(channel.messages[ts]),
            **how,
        }
        for ts, how in reversed(channel.pins.items())
    ]
    return {"items": rows}


def reactions_add(call: Call) -> Json:
    """React to a message."""
    call.workspace.messages.react(
        call.text("channel"), call.text("timestamp"), call.text("name"), by=call.bot
    )
    return {}


def _item(call: Call) -> tuple[str, str]:
    if not call.maybe("channel") or not call.maybe("timestamp"):
        raise SlackError("no_item_specified")
    return call.text("channel"), call.text("timestamp")


def reactions_remove(call: Call) -> Json:
    """Take a reaction back."""
    channel, ts = _item(call)
    call.workspace.messages.unreact(channel, ts, call.text("name"), by=call.bot)
    return {}


def reactions_get(call: Call) -> Json:
    """Show a message with its reactions."""
    _channel, ts = _item(call)
    channel = call.channel()
    message = call.workspace.messages.payload(call.workspace.messages.find(channel, ts))
    return {"type": "message", "channel": channel.id, "message": message}
