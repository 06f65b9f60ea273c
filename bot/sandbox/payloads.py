"""What Slack sends: the bodies of events, commands, clicks, submissions and shortcuts, in Slack's shape."""

from bot.sandbox.manifest import Manifest
from bot.sandbox.state import Change, Channel, Kind, Message, User, View
from bot.sandbox.wire import Json
from bot.sandbox.workspace import Workspace

PREFIXES = {Kind.PUBLIC: "channels", Kind.PRIVATE: "groups", Kind.IM: "im", Kind.MPIM: "mpim"}
# Told only to apps that are in the channel; the rest go to every app with the scope.
ONLY_INSIDE = frozenset(
    [
        "message",
        "app_mention",
        "reaction_added",
        "reaction_removed",
        "pin_added",
        "pin_removed",
        "member_joined_channel",
        "member_left_channel",
        "group_archive",
        "group_unarchive",
        "group_rename",
    ]
)
NEVER_OF_ITS_OWN = frozenset(
    ["message", "app_mention", "reaction_added", "reaction_removed", "pin_added", "pin_removed"]
)
# Field of Slack's own, long deprecated token: present in every body, and no secret here.
VERIFICATION = "verification"


class Payloads:
    """Builds the bodies for one workspace and one app."""

    def __init__(self, workspace: Workspace, manifest: Manifest) -> None:
        """Speak for this workspace."""
        self.workspace = workspace
        self.manifest = manifest
        self.ground = workspace.ground
        self._base = ""

    def at(self, base: str) -> None:
        """Set the address response URLs start with."""
        self._base = base

    def wanted(self, change: Change) -> bool:
        """Return whether the app is told of a change.

        Subscribed, inside where it must be, not its own words.
        """
        event = change.event
        if event is None:
            return False
        kind, channel = str(event["type"]), self.workspace.channels.all.get(change.channel)
        if kind in NEVER_OF_ITS_OWN and change.actor == self.ground.bot.id:
            return False
        if kind in ONLY_INSIDE and (channel is None or self.ground.bot.id not in channel.members):
            return False
        name = f"message.{PREFIXES[channel.kind]}" if kind == "message" and channel else kind
        return name in self.manifest.events

    def event(self, event: Json) -> Json:
        """Return the outer body of an event."""
        ground = self.ground
        new = ground.next_id("Ev")
        authorization = {
            "enterprise_id": None, "team_id": ground.team, "user_id": ground.bot.id, "is_bot": True,
            "is_enterprise_install": False,
        }  # fmt: skip
        return {
            "token": VERIFICATION, "team_id": ground.team, "context_team_id": ground.team,
            "context_enterprise_id": None,
            "api_app_id": ground.app, "event": event, "type": "event_callback", "event_id": new,
            "event_time": ground.seconds(), "authorizations": [authorization], "is_ext_shared_channel": False,
            "event_context": f"ctx-{new}",
        }  # fmt: skip

    def _common(self, user: User) -> Json:
        ground = self.ground
        return {
            "team": {"id": ground.team, "domain": ground.team_domain},
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": ground.team},
            "api_app_id": ground.app, "token": VERIFICATION, "enterprise": None,
            "is_enterprise_install": False,
        }  # fmt: skip

    def channel_name(self, channel: Channel) -> str:
        """Return the name of a channel as bodies give it."""
        names = {Kind.PRIVATE: "privategroup", Kind.IM: "directmessage"}
        return names.get(channel.kind, channel.name)

    def url(self, channel: Channel, user: User, message: Message | None = None) -> str:
        """Return a new response URL."""
        return f"{self._base}/response/{self.workspace.urls.make(channel.id, user.id, message)}"

    def command(self, user: User, channel: Channel, command: str, text: str) -> Json:
        """Return the form fields of a slash command."""
        ground = self.ground
        return {
            "token": VERIFICATION, "team_id": ground.team, "team_domain": ground.team_domain,
            "channel_id": channel.id,
            "channel_name": self.channel_name(channel), "user_id": user.id, "user_name": user.name,
            "command": command,
            "text": text, "api_app_id": ground.app, "is_enterprise_install": "false",
            "response_url": self.url(channel, user), "trigger_id": self.workspace.views.trigger(user.id),
        }  # fmt: skip

    def clicked_message(self, user: User, message: Message, action: Json) -> Json:
        """Return the body of a click in a message; an ephemeral one is not in it, as in Slack."""
        channel = self.workspace.channels.all[message.channel]
        hidden = message.viewer is not None
        container: Json = {
            "type": "message", "message_ts": message.ts, "channel_id": channel.id, "is_ephemeral": hidden,
        }  # fmt: skip
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        body = {
            **self._common(user), "type": "block_actions", "container": container,
            "trigger_id": self.workspace.views.trigger(user.id),
            "channel": {"id": channel.id, "name": self.channel_name(channel)},
            "state": {"values": message.inputs},
            "response_url": self.url(channel, user, message), "actions": [action],
        }  # fmt: skip
        return body if hidden else {**body, "message": self.workspace.messages.payload(message)}

    def clicked_view(self, user: User, view: View, action: Json, values: Json) -> Json:
        """Return the body of a click in a modal or a home."""
        return {
            **self._common(user), "type": "block_actions", "container": {"type": "view", "view_id": view.id},
            "trigger_id": self.workspace.views.trigger(user.id),
            "view": self.workspace.views.payload(view, values=values), "actions": [action],
        }  # fmt: skip

    def submitted(self, user: User, view: View, values: Json) -> Json:
        """Return the body of a submission."""
        return {
            **self._common(user), "type": "view_submission",
            "trigger_id": self.workspace.views.trigger(user.id),
            "view": self.workspace.views.payload(view, values=values), "response_urls": [],
        }  # fmt: skip

    def closed(self, user: User, view: View, *, whole: bool) -> Json:
        """Return the body of a dismissed modal."""
        return {
            **self._common(user), "type": "view_closed", "view": self.workspace.views.payload(view),
            "is_cleared": whole,
        }  # fmt: skip

    def shortcut(self, user: User, callback: str) -> Json:
        """Return the body of a global shortcut."""
        return {
            **self._common(user), "type": "shortcut", "callback_id": callback,
            "action_ts": self.ground.stamp(),
            "trigger_id": self.workspace.views.trigger(user.id),
        }  # fmt: skip

    def message_shortcut(self, user: User, callback: str, message: Message) -> Json:
        """Return the body of a shortcut on a message."""
        channel = self.workspace.channels.all[message.channel]
        return {
            **self._common(user), "type": "message_action", "callback_id": callback,
            "action_ts": self.ground.stamp(),
            "trigger_id": self.workspace.views.trigger(user.id), "message_ts": message.ts,
            "channel": {"id": channel.id, "name": self.channel_name(channel)},
            "message": self.workspace.messages.payload(message), "response_url": self.url(channel, user),
        }  # fmt: skip
