"""The one way in from Slack, over HTTP and over Socket Mode: typed, meant for us, then handed on."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

from slack_bolt.response import BoltResponse

from bot import log
from bot.slack.client.gateway import Identity
from bot.slack.models import (
    Challenge,
    Checked,
    Event,
    Happened,
    Interaction,
    Json,
    Limited,
    Malformed,
    Team,
    Typed,
    decoded,
    read,
)

logger = log.get(__name__)

Say = Callable[[Event], Awaitable[None]]
"""Records a message of a channel; returns after the commit, raises what the commit raised."""
Dispatch = Callable[[Json], Awaitable[BoltResponse]]
"""Hands what was read to the app's listeners."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What Slack is answered, in HTTP's terms; ``body`` is JSON or nothing."""

    status: int = HTTPStatus.OK
    body: str = ""

    @property
    def is_ack(self) -> bool:
        """Whether Slack need not send it again: only our own failure would be different the next time."""
        return self.status < HTTPStatus.INTERNAL_SERVER_ERROR


OK = Reply()


class Border:
    """Takes what Slack sends, from either transport, and answers it.

    ``identity`` says who we are once that is known, ``app`` is our app's id where the socket has told it.
    """

    def __init__(self, *, say: Say, dispatch: Dispatch, identity: Callable[[], Identity | None]) -> None:
        """Keep who records messages, who listens to all else, and who we are."""
        self._say = say
        self._dispatch = dispatch
        self._identity = identity
        self.app: str | None = None

    async def over_http(self, body: bytes, content_type: str) -> Reply:
        """Return the answer to a body whose signature is good."""
        try:
            payload = decoded(body, content_type)
        except Malformed as wrong:
            return _refused(HTTPStatus.BAD_REQUEST, str(wrong))
        return await self.take(payload)

    async def take(self, payload: object) -> Reply:
        """Return the answer to a payload; raises where a message could not be recorded."""
        try:
            sent = read(payload)
        except Malformed as wrong:
            return _refused(HTTPStatus.BAD_REQUEST, str(wrong))
        if isinstance(sent, Challenge):
            return Reply(body=json.dumps({"challenge": sent.challenge}))
        if isinstance(sent, Checked | Limited):
            if isinstance(sent, Limited):
                logger.warning("slack keeps events back", minute=sent.minute_rate_limited)
            return OK
        if not self._is_ours(sent):
            return _refused(HTTPStatus.FORBIDDEN, "This is meant for another workspace or another app.")
        if isinstance(sent, Happened) and sent.event.type == "message" and sent.event.channel_type != "im":
            # No matching, no second parse: in an incident this is nearly all that comes.
            await self._say(sent.event)
            return OK
        answer = await self._dispatch(sent.model_dump(exclude_none=True))
        return Reply(status=answer.status, body=answer.body or "")

    def _is_ours(self, sent: Happened | Interaction | Typed) -> bool:
        us = self._identity()
        app = self.app or (us.app if us else None)
        if app and sent.api_app_id and sent.api_app_id != app:
            return False
        if us is None or not us.team:
            return True
        teams, enterprises = _meant_for(sent)
        if not teams | enterprises:
            return True
        return us.team in teams or us.enterprise in enterprises


def _meant_for(sent: Happened | Interaction | Typed) -> tuple[set[str], set[str]]:
    """Return the workspaces a payload is meant for, and the organisations of which every workspace is."""
    if isinstance(sent, Interaction):
        team, inside = sent.team or Team(), sent.view
        installed = (inside and inside.app_installed_team_id) or team.id or sent.user.team_id
        enterprise = sent.enterprise.id if sent.enterprise else team.enterprise_id
        return _some({installed}), _some({enterprise}) if sent.is_enterprise_install else set()
    if isinstance(sent, Typed):
        is_whole = sent.is_enterprise_install == "true"
        return _some({sent.team_id}), _some({sent.enterprise_id}) if is_whole else set()
    # In a shared channel `team_id` is where it happened, and these say for whom it is.
    meant = sent.authorizations or []
    teams = {each.team_id for each in meant} or {sent.team_id}
    return _some(teams), _some({each.enterprise_id for each in meant if each.is_enterprise_install})


def _some(ids: set[str | None]) -> set[str]:
    return {each for each in ids if each}


def _refused(status: HTTPStatus, why: str) -> Reply:
    logger.warning("what slack sent is refused", why=why, status=int(status))
    return Reply(status=status, body=json.dumps({"error": why}))
