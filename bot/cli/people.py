"""People as a shell knows them: found by name where Slack is there, shown by name where Slack says one."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from bot.cli import typed
from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import UserId

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import typer

    from bot.usecases.ports import Ports

MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
IN_SLACK = "in_slack"
"""Under this name a command's context says whether there is a token to ask Slack with."""

_SHOWN_MOST = 40
_NAMES_WITHIN = 3.0
"""How many names are asked for, and for how many seconds: a list is worth more than its names."""
_LISTED_MOST = 5


async def find(ctx: typer.Context, said: str, ports: Ports) -> UserId:
    """Return the person meant by a member id, a mention, or an ``@name`` that Slack is asked for."""
    word = said.strip()
    if not word.startswith("@") or typed.is_member_id(word):
        return typed.person(word)
    if not ctx.meta.get(IN_SLACK):
        msg = (
            f"“{word}” is looked up in Slack, and SLACK_BOT_TOKEN is not set here. Set it, or write the "
            "member id, like U012ABCDEF (in Slack: profile, ⋮, Copy member ID)."
        )
        raise Refused(msg, field="person")
    return _one(word, await _named(word, ports))


async def _named(word: str, ports: Ports) -> list[UserId]:
    from bot.usecases.ports import OutsideError  # noqa: PLC0415 - only now needed

    try:
        return list(await ports.chat.named(word))
    except OutsideError as failure:
        msg = (
            f"Slack could not be asked who “{word}” is ({failure}). Write the member id, like U012ABCDEF, "
            "or try again."
        )
        raise Refused(msg, field="person") from failure


def _one(word: str, found: list[UserId]) -> UserId:
    if len(found) == 1:
        return found[0]
    if not found:
        msg = f"Nobody in the workspace is called “{word}”. Write the name as Slack shows it, or a member id."
        raise Refused(msg, field="person")
    ids = ", ".join(found[:_LISTED_MOST])
    msg = f"{len(found)} people are called “{word}”. Write the member id of the one you mean: {ids}."
    raise Refused(msg, field="person")


async def names_in(ctx: typer.Context, texts: Iterable[str], ports: Ports) -> Mapping[UserId, str]:
    """Return what the people mentioned in some texts are called, where Slack says it soon."""
    ids = dict.fromkeys(UserId(found) for text in texts for found in MENTION.findall(text))
    if not ids or not ctx.meta.get(IN_SLACK):
        return {}
    from bot.usecases.ports import OutsideError  # noqa: PLC0415 - only now needed

    try:
        async with asyncio.timeout(_NAMES_WITHIN):
            return await ports.chat.names(list(ids)[:_SHOWN_MOST])
    except (OutsideError, TimeoutError):
        return {}
