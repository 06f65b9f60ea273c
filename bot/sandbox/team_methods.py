"""The Web API's methods about the app, people and views."""

from collections.abc import Callable, Mapping

from bot.sandbox.api import Call, page
from bot.sandbox.wire import Json, SlackError


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


def usergroups_list(_call: Call) -> Json:
    """List the user groups: the team has none."""
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
    views, named = call.workspace.views, {each: call.maybe(each) for each in ("view_id", "external_id")}
    return {"view": views.payload(views.update(call.parsed("view"), hash_=call.maybe("hash"), **named))}


def views_publish(call: Call) -> Json:
    """Show an App Home."""
    if not call.manifest.home_tab:
        raise SlackError("not_enabled")
    views = call.workspace.views
    home = views.publish(call.text("user_id"), call.parsed("view"), hash_=call.maybe("hash"))
    return {"view": views.payload(home)}


RUNS: Mapping[str, Callable[[Call], Json]] = {
    "api.test": api_test,
    "apps.connections.open": connections_open,
    "auth.test": auth_test,
    "usergroups.list": usergroups_list,
    "users.info": users_info,
    "users.list": users_list,
    "views.open": views_open,
    "views.publish": views_publish,
    "views.push": views_push,
    "views.update": views_update,
}
