"""Answers to one person: what failed for them is not held against Slack any longer than it lasts."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.domain.shared.vocabulary import ChannelId, UserId
from bot.sandbox import Sandbox
from bot.slack import responder
from bot.slack.blocks import Message
from bot.slack.client.calls import Calls
from bot.slack.ids import Action
from bot.slack.interactions.interaction import Opening
from bot.slack.responder import Responder
from bot.slack.views import forms


@pytest.fixture
async def answers(call: Calls, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Responder]:
    monkeypatch.setattr(responder, "LOOK_AGAIN", 0.01)
    made = Responder(call)
    yield made
    await made.drain()
    made.stop()


def opening() -> Opening:
    return Opening(view=forms.notice("Warroom", "hm"), action=Action.HELP)


async def test_a_modal_that_did_not_open_calls_slack_away_for_nobody(
    slack: Sandbox, call: Calls, answers: Responder
) -> None:
    slack.faults.fail("views.open", status=500, times=1)

    answers.soon(answers.open(opening(), trigger="1.2.x", person=UserId("U1"), channel=None, on_modal=False))
    await answers.drain()

    assert slack.journal.called("views.open")
    assert call.standing.away is None


async def test_an_answer_that_is_lost_finds_out_whether_slack_is_away(
    slack: Sandbox, call: Calls, answers: Responder
) -> None:
    hm = Message(text="hm", blocks=[])
    slack.faults.fail("chat.postEphemeral", status=503, times=1)
    answers.soon(answers.whisper(ChannelId("C1"), UserId("U1"), hm))
    await answers.drain()
    after_one = call.standing.away

    slack.faults.fail(status=503, times=2)
    answers.soon(answers.whisper(ChannelId("C1"), UserId("U1"), hm))
    await answers.drain()

    assert after_one is None
    assert call.standing.away is not None


async def test_slack_is_not_called_away_for_longer_than_one_answer_failed(
    slack: Sandbox, call: Calls, answers: Responder
) -> None:
    slack.faults.fail("chat.postMessage", status=500, times=1)
    answers.soon(answers.whisper(ChannelId("D1"), UserId("U1"), Message(text="hm", blocks=[])))
    await answers.drain()
    away = call.standing.away

    await slack.until(lambda: slack.journal.called("auth.test"), what="a second look")
    await asyncio.gather(*[task for task in asyncio.all_tasks() if task.get_name() == "slack: look again"])

    assert away is not None
    assert call.standing.away is None
