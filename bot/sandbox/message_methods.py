"""The chat.*, pins.* and reactions.* methods of the Web API."""

from collections.abc import Callable, Mapping

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


def pins_add(call: Call) -> Json:
    """Pin a message."""
    call.workspace.messages.pin(call.text("channel"), call.maybe("timestamp"), by=call.bot)
    return {}


RUNS: Mapping[str, Callable[[Call], Json]] = {
    "chat.delete": chat_delete,
    "chat.postEphemeral": chat_post_ephemeral,
    "chat.postMessage": chat_post_message,
    "chat.update": chat_update,
    "pins.add": pins_add,
}
