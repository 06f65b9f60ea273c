"""The table of the Web API's methods: who may call each, with what, how often."""

from collections.abc import Mapping

from bot.sandbox import channel_methods, message_methods, team_methods
from bot.sandbox.api import Access, Method, Scopes
from bot.sandbox.state import Kind


def _each(what: str) -> dict[Kind, Scopes]:
    names = {Kind.PUBLIC: "channels", Kind.PRIVATE: "groups", Kind.IM: "im", Kind.MPIM: "mpim"}
    return {kind: (f"{name}:{what}",) for kind, name in names.items()}


READ, HISTORY = _each("read"), _each("history")
MANAGE: dict[Kind, Scopes] = {**_each("write"), Kind.PUBLIC: ("channels:manage",)}
INVITE = {
    **MANAGE,
    Kind.PUBLIC: ("channels:manage", "channels:write.invites"),
    Kind.PRIVATE: ("groups:write", "groups:write.invites"),
}
TOPIC = {
    Kind.PUBLIC: ("channels:manage", "channels:write.topic"),
    **{kind: (f"{name}:write", f"{name}:write.topic") for kind, name in (
        (Kind.PRIVATE, "groups"), (Kind.IM, "im"), (Kind.MPIM, "mpim"))},
}  # fmt: skip
WRITE = ("chat:write",)
SAY = (
    "as_user attachments blocks icon_emoji icon_url link_names markdown_text metadata parse text thread_ts "
    "username"
)
GROUPS = "include_count include_disabled include_users team_id"
LINK = "access_level channel_id emoji entity_id link parent_id"
CHANGE = "as_user attachments blocks file_ids link_names markdown_text metadata parse reply_broadcast text"
PAGED = "cursor include_all_metadata inclusive latest limit oldest"

Row = tuple[str, str, Scopes | Mapping[Kind, Scopes], str, str]
# Method, tier, scopes (by kind of channel where that decides), arguments it must have, others it may have.
ROWS: tuple[Row, ...] = (
    ("api.test", "t4", (), "", "error"),
    ("apps.connections.open", "t3", (), "", ""),
    ("auth.test", "t5", (), "", ""),
    ("bookmarks.add", "t2", ("bookmarks:write",), "title type", LINK),
    ("bookmarks.list", "t3", ("bookmarks:read",), "", "channel_id"),
    ("chat.delete", "t3", WRITE, "channel ts", "as_user"),
    ("chat.postEphemeral", "t4", WRITE, "channel user", SAY),
    ("chat.postMessage", "t5", WRITE, "channel", f"{SAY} mrkdwn reply_broadcast unfurl_links unfurl_media"),
    ("chat.update", "t3", WRITE, "channel ts", CHANGE),
    ("conversations.archive", "t2", MANAGE, "channel", ""),
    ("conversations.create", "t2", MANAGE, "name", "is_private team_id"),
    ("conversations.history", "t3", HISTORY, "channel", PAGED),
    ("conversations.info", "t3", READ, "channel", "include_locale include_num_members"),
    ("conversations.invite", "t3", INVITE, "channel users", "force"),
    ("conversations.join", "t3", ("channels:join",), "channel", ""),
    ("conversations.list", "t2", READ, "", "cursor exclude_archived limit team_id types"),
    ("conversations.members", "t4", READ, "channel", "cursor limit"),
    ("conversations.open", "t3", MANAGE, "", "channel prevent_creation return_im users"),
    ("conversations.replies", "t3", HISTORY, "channel ts", PAGED),
    ("conversations.setTopic", "t2", TOPIC, "channel topic", ""),
    ("pins.add", "t2", ("pins:write",), "channel", "timestamp"),
    ("usergroups.list", "t2", ("usergroups:read",), "", GROUPS),
    ("users.info", "t4", ("users:read",), "user", "include_locale"),
    ("users.list", "t2", ("users:read",), "", "cursor include_locale limit team_id"),
    ("views.open", "t4", (), "view", "interactivity_pointer trigger_id"),
    ("views.publish", "t4", (), "user_id view", "hash interactivity_pointer"),
    ("views.push", "t4", (), "view", "interactivity_pointer trigger_id"),
    ("views.update", "t4", (), "view", "external_id hash view_id"),
)  # fmt: skip
TOKENS = {"api.test": "none", "apps.connections.open": "app"}
RUNS = {**team_methods.RUNS, **channel_methods.RUNS, **message_methods.RUNS}


def _method(row: Row) -> Method:
    name, tier, scopes, must, may = row
    return Method(
        name=name, run=RUNS[name], tier=tier, token=TOKENS.get(name, "bot"),
        access=Access(by_kind=scopes) if isinstance(scopes, Mapping) else Access(any_of=scopes),
        args=frozenset(f"{must} {may}".split()), required=frozenset(must.split()),
    )  # fmt: skip


TABLE: Mapping[str, Method] = {row[0]: _method(row) for row in ROWS}
