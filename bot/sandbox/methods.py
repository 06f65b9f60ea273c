"""The table of the Web API's methods, and those about people and views."""

from collections.abc import Callable, Mapping

from bot.sandbox import channel_methods, message_methods
from bot.sandbox.api import Access, Api, Call, Method, Scopes, page
from bot.sandbox.state import Kind
from bot.sandbox.wire import Json, SlackError

READ = {
    Kind.PUBLIC: ("channels:read",),
    Kind.PRIVATE: ("groups:read",),
    Kind.IM: ("im:read",),
    Kind.MPIM: ("mpim:read",),
}
HISTORY = {
    Kind.PUBLIC: ("channels:history",), Kind.PRIVATE: ("groups:history",), Kind.IM: ("im:history",),
    Kind.MPIM: ("mpim:history",),
}  # fmt: skip
MANAGE: dict[Kind, Scopes] = {
    Kind.PUBLIC: ("channels:manage",), Kind.PRIVATE: ("groups:write",), Kind.IM: ("im:write",),
    Kind.MPIM: ("mpim:write",),
}  # fmt: skip
INVITE = {
    **MANAGE,
    Kind.PUBLIC: ("channels:manage", "channels:write.invites"),
    Kind.PRIVATE: ("groups:write", "groups:write.invites"),
}
WORDS = {
    Kind.PUBLIC: ("channels:manage", "channels:write.topic"), Kind.PRIVATE: ("groups:write",
    "groups:write.topic"),
    Kind.IM: ("im:write", "im:write.topic"), Kind.MPIM: ("mpim:write", "mpim:write.topic"),
}  # fmt: skip


TABLE: dict[str, Method] = {}


def auth_test(call: Call) -> Json:
    """Say who is calling."""
    ground = call.workspace.ground
    return {
        "url": f"https://{ground.team_domain}.slack.com/", "team": ground.team_name, "user": ground.bot.name,
        "team_id": ground.team, "user_id": ground.bot.id, "bot_id": ground.bot_id,
        "is_enterprise_install": False,
    }  # fmt: skip


def api_test(call: Call) -> Json:
    """Echo the arguments, or fail as asked."""
    if error := call.maybe("error"):
        raise SlackError(error, args=call.args)
    return {"args": call.args}


def connections_open(_call: Call) -> Json:
    """Let the server fill in the address: only it knows its port."""
    return {"url": ""}


def _person(call: Call, user: str) -> Json:
    found = call.workspace.ground.user(user).payload(call.workspace.ground.team)
    if "users:read.email" not in call.manifest.scopes:
        del found["profile"]["email"]
    return found


def users_info(call: Call) -> Json:
    """Describe somebody."""
    return {"user": _person(call, call.text("user"))}


def users_list(call: Call) -> Json:
    """List everybody."""
    shown, onward = page(list(call.workspace.users), call)
    rows = [_person(call, each) for each in shown]
    return {"members": rows, "cache_ts": call.workspace.ground.seconds(), "response_metadata": onward}


def users_lookup_by_email(call: Call) -> Json:
    """Find somebody by email."""
    wanted = call.text("email").lower()
    found = next(
        (each.id for each in call.workspace.people if each.email.lower() == wanted and not each.deleted), None
    )
    if found is None:
        raise SlackError("users_not_found")
    return {"user": _person(call, found)}


def usergroups_list(_call: Call) -> Json:
    """List the user groups: the sandbox's team has none."""
    return {"usergroups": []}


def views_open(call: Call) -> Json:
    """Open a modal."""
    views = call.workspace.views
    return {"view": views.payload(views.open(call.maybe("trigger_id"), call.parsed("view")))}


def views_push(call: Call) -> Json:
    """Put a modal on top."""
    views = call.workspace.views
    return {"view": views.payload(views.push(call.maybe("trigger_id"), call.parsed("view")))}


def views_update(call: Call) -> Json:
    """Change an open view."""
    views = call.workspace.views
    updated = views.update(
        call.parsed("view"),
        view_id=call.maybe("view_id"),
        external_id=call.maybe("external_id"),
        hash_=call.maybe("hash"),
    )
    return {"view": views.payload(updated)}


def views_publish(call: Call) -> Json:
    """Show an App Home."""
    if not call.manifest.home_tab:
        raise SlackError("not_enabled")
    views = call.workspace.views
    return {
        "view": views.payload(
            views.publish(call.text("user_id"), call.parsed("view"), hash_=call.maybe("hash"))
        )
    }


def _row(
    name: str, run: Callable[[Call], Json], tier: str, scopes: Scopes | Mapping[Kind, Scopes] = (), *,
    args: str = "", must: str = "",
    token: str = "bot",  # noqa: S107
) -> None:  # fmt: skip
    access = Access(by_kind=scopes) if isinstance(scopes, Mapping) else Access(any_of=scopes)
    required = frozenset(must.split())
    TABLE[name] = Method(
        name=name,
        run=run,
        tier=tier,
        access=access,
        args=required | frozenset(args.split()),
        required=required,
        token=token,
    )


WRITE = ("chat:write",)
SAY = (
    "as_user attachments blocks icon_emoji icon_url link_names markdown_text metadata parse text thread_ts "
    "username"
)

_row("api.test", api_test, "t4", args="error", token="none")  # noqa: S106
_row("apps.connections.open", connections_open, "t3", token="app")  # noqa: S106
_row("auth.test", auth_test, "t5")
_row(
    "bookmarks.add",
    channel_methods.bookmarks_add,
    "t2",
    ("bookmarks:write",),
    must="title type",
    args="access_level channel_id emoji entity_id link parent_id",
)
_row(
    "bookmarks.edit",
    channel_methods.bookmarks_edit,
    "t2",
    ("bookmarks:write",),
    args="bookmark_id channel_id emoji link title",
)
_row("bookmarks.list", channel_methods.bookmarks_list, "t3", ("bookmarks:read",), args="channel_id")
_row(
    "bookmarks.remove",
    channel_methods.bookmarks_remove,
    "t2",
    ("bookmarks:write",),
    args="bookmark_id channel_id quip_section_id",
)
_row("chat.delete", message_methods.chat_delete, "t3", WRITE, must="channel ts", args="as_user")
_row("chat.getPermalink", message_methods.chat_get_permalink, "t5", must="channel message_ts")
_row("chat.postEphemeral", message_methods.chat_post_ephemeral, "t4", WRITE, must="channel user", args=SAY)
_row(
    "chat.postMessage",
    message_methods.chat_post_message,
    "t5",
    WRITE,
    must="channel",
    args=f"{SAY} mrkdwn reply_broadcast unfurl_links unfurl_media",
)
_row(
    "chat.update",
    message_methods.chat_update,
    "t3",
    WRITE,
    must="channel ts",
    args="as_user attachments blocks file_ids link_names markdown_text metadata parse reply_broadcast text",
)
_row("conversations.archive", channel_methods.conversations_archive, "t2", MANAGE, must="channel")
_row(
    "conversations.create",
    channel_methods.conversations_create,
    "t2",
    MANAGE,
    must="name",
    args="is_private team_id",
)
_row(
    "conversations.history",
    channel_methods.conversations_history,
    "t3",
    HISTORY,
    must="channel",
    args="cursor include_all_metadata inclusive latest limit oldest",
)
_row(
    "conversations.info",
    channel_methods.conversations_info,
    "t3",
    READ,
    must="channel",
    args="include_locale include_num_members",
)
_row(
    "conversations.invite",
    channel_methods.conversations_invite,
    "t3",
    INVITE,
    must="channel users",
    args="force",
)
_row("conversations.join", channel_methods.conversations_join, "t3", ("channels:join",), must="channel")
_row(
    "conversations.kick",
    channel_methods.conversations_kick,
    "t3",
    {Kind.PUBLIC: ("channels:manage",), Kind.PRIVATE: ("groups:write",)},
    must="channel",
    args="user",
)
_row("conversations.leave", channel_methods.conversations_leave, "t3", MANAGE, must="channel")
_row(
    "conversations.list",
    channel_methods.conversations_list,
    "t2",
    READ,
    args="cursor exclude_archived limit team_id types",
)
_row(
    "conversations.members",
    channel_methods.conversations_members,
    "t4",
    READ,
    must="channel",
    args="cursor limit",
)
_row(
    "conversations.open",
    channel_methods.conversations_open,
    "t3",
    MANAGE,
    args="channel prevent_creation return_im users",
)
_row("conversations.rename", channel_methods.conversations_rename, "t2", MANAGE, must="channel name")
_row(
    "conversations.replies",
    channel_methods.conversations_replies,
    "t3",
    HISTORY,
    must="channel ts",
    args="cursor include_all_metadata inclusive latest limit oldest",
)
_row(
    "conversations.setPurpose", channel_methods.conversations_set_purpose, "t2", WORDS, must="channel purpose"
)
_row("conversations.setTopic", channel_methods.conversations_set_topic, "t2", WORDS, must="channel topic")
_row("conversations.unarchive", channel_methods.conversations_unarchive, "t2", MANAGE, must="channel")
_row("pins.add", message_methods.pins_add, "t2", ("pins:write",), must="channel", args="timestamp")
_row("pins.list", message_methods.pins_list, "t2", ("pins:read",), must="channel")
_row("pins.remove", message_methods.pins_remove, "t2", ("pins:write",), must="channel", args="timestamp")
_row(
    "reactions.add", message_methods.reactions_add, "t3", ("reactions:write",), must="channel name timestamp"
)
_row(
    "reactions.get",
    message_methods.reactions_get,
    "t3",
    ("reactions:read",),
    args="channel file file_comment full timestamp",
)
_row(
    "reactions.remove",
    message_methods.reactions_remove,
    "t2",
    ("reactions:write",),
    must="name",
    args="channel file file_comment timestamp",
)
_row(
    "usergroups.list",
    usergroups_list,
    "t2",
    ("usergroups:read",),
    args="include_count include_disabled include_users team_id",
)
_row(
    "users.conversations",
    channel_methods.users_conversations,
    "t3",
    READ,
    args="cursor exclude_archived exclude_muted limit team_id types user",
)
_row("users.info", users_info, "t4", ("users:read",), must="user", args="include_locale")
_row("users.list", users_list, "t2", ("users:read",), args="cursor include_locale limit team_id")
_row("users.lookupByEmail", users_lookup_by_email, "t3", ("users:read.email",), must="email")
_row("views.open", views_open, "t4", must="view", args="interactivity_pointer trigger_id")
_row("views.publish", views_publish, "t4", must="user_id view", args="hash interactivity_pointer")
_row("views.push", views_push, "t4", must="view", args="interactivity_pointer trigger_id")
_row("views.update", views_update, "t4", must="view", args="external_id hash view_id")

__all__ = ["TABLE", "Api"]
