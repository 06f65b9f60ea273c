"""Slack's refusals in words for the person who was refused."""

from bot.sandbox.wire import SlackError

SENTENCES = {
    "name_taken": "That name is already taken by a channel.",
    "invalid_name_required": "A channel needs a name.",
    "invalid_name_maxlength": "A channel's name has at most 80 characters.",
    "invalid_name_specials": "Channel names hold lower-case letters, digits, hyphens and underscores only.",
    "invalid_name_punctuation": "A channel's name cannot be punctuation alone.",
    "not_in_channel": "You are not in this channel. Join it first.",
    "channel_not_found": "There is no such channel, or you may not see it.",
    "is_archived": "This channel is archived.",
    "is_inactive": "This channel is archived.",
    "already_archived": "This channel is archived already.",
    "message_not_found": "That message is no longer there.",
    "cannot_reply_to_message": "The message that this thread began with was deleted.",
    "cant_update_message": "Only its author can edit a message.",
    "cant_delete_message": "Only its author or an admin can delete a message.",
    "cant_leave_general": "Nobody can leave the general channel.",
    "last_member": "You are the last one in this private channel; archive it instead.",
    "already_in_channel": "They are in this channel already.",
    "cant_invite_self": "You cannot invite yourself.",
    "too_long": "A topic has at most 250 characters.",
    "too_many_pins": "This channel has as many pins as it can hold.",
    "no_text": "There is nothing to send.",
    "invalid_name": "There is no such emoji.",
}


def sentence(refused: SlackError) -> str:
    """Return a sentence for a refusal; a rare one keeps Slack's code."""
    return SENTENCES.get(refused.code, f"Slack refused this: {refused.code}.")
