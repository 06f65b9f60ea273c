"""Slack is away or says no: the shell goes on, and on return what is owed is paid, the newest state once."""

from datetime import timedelta

from pydantic import SecretStr

from bot.app import shell
from bot.domain.incident.aggregate import Declaration, ReportDraft
from bot.domain.shared.severity import DEFAULT_SCALE
from bot.domain.shared.vocabulary import SHELL, ConditionType, IncidentId, Status
from bot.sandbox import MovableClock
from bot.settings import Settings
from bot.usecases.incident import declare, report, status
from tests.world import World, world

ONE = IncidentId(1)


def settings(there: World) -> Settings:
    return Settings(
        database_url=SecretStr(there.database_url),
        slack_bot_token=SecretStr(there.slack.bot_token),
        slack_app_token=None,
        slack_signing_secret=None,
        slack_api_url=there.slack.api_url,
        host="127.0.0.1",
        port=0,
        log_level="info",
        log_json=False,
        policy=there.policy,
    )


async def test_what_the_shell_did_meanwhile_is_shown_once_slack_is_back(sqlite_url: str) -> None:
    async with world(sqlite_url, clock=MovableClock()) as there:
        await there.slack.faults.slack_down()
        async with shell(settings(there)) as ports:
            said = Declaration(title="Revenue is wrong", severity=DEFAULT_SCALE.find("2"))
            await declare.declare(declare.Declare(actor=SHELL, said=said), ports)
            draft = ReportDraft(
                condition=ConditionType.WRONG, conditions="Twice as high", actions="Rolling back"
            )
            await report.post(report.PostReport(actor=SHELL, incident=ONE, draft=draft), ports)
            for to in (Status.FIXING, Status.BACKFILLING, Status.RESOLVED):
                await status.move(status.Move(actor=SHELL, incident=ONE, to=to), ports)
        nothing = there.rooms()

        there.slack.faults.slack_up()
        await there.slack.connection(1, timeout=20)
        await there.forward(timedelta(minutes=2))

        assert nothing == []
        (room,) = there.rooms()
        *lines, asked = there.said(room)
        # The card is not of the lines' lane: it may come before or between them.
        assert lines.count("INC-1 · SEV2 · Revenue is wrong · resolved") == 1
        assert [line for line in lines if not line.startswith("INC-1")] == [
            "CAN update for INC-1 · SEV2 · investigating: Twice as high",
            "Someone in the shell moved it from investigating to fixing",
            "Someone in the shell moved it from fixing to backfilling",
            "Someone in the shell moved it from backfilling to resolved",
        ]
        assert asked.startswith("The postmortem of INC-1 is due ")
        assert there.said("incidents") == ["INC-1 · SEV2 · Revenue is wrong · resolved"]
        assert [call for call in there.slack.journal.called("chat.update") if call.ok] == []
        assert len([call for call in there.slack.journal.called("conversations.setTopic") if call.ok]) == 1


async def test_what_people_did_before_is_said_in_order_once_slack_is_back(here: World) -> None:
    room = await here.declare()
    here.slack.faults.fail("chat.*", times=None)
    ada = here.slack.person("ada")
    for typed in ("fixing", "sev 1", "note the vendor confirmed it", "backfilling"):
        await ada.command("/incident", typed, channel=room)

    here.slack.faults.clear()
    await here.settle()

    assert here.said(room) == [
        "INC-1 · SEV1 · Revenue is wrong · backfilling",
        "@ada moved it from investigating to fixing",
        "@ada changed the severity from SEV2 to SEV1",
        "@ada noted: the vendor confirmed it",
        "@ada moved it from fixing to backfilling",
    ]


async def test_a_limit_of_slacks_drops_nothing_and_keeps_the_order(here: World) -> None:
    room = await here.declare()
    here.slack.faults.limit("chat.postMessage", retry_after=1, times=2)

    for number in range(3):
        await here.types("ada", f"note number {number}", channel=room)

    assert here.said(room)[1:] == [f"@ada noted: number {number}" for number in range(3)]


async def test_a_lost_socket_misses_no_message(here: World) -> None:
    room = await here.declare()
    await here.slack.faults.drop_sockets()
    await here.slack.person("ada").say(room, "while nobody listened")

    await here.slack.connection(1, timeout=20)
    await here.forward(timedelta(minutes=6))

    messages = await here.bot.ports.reads.messages(ONE, seen_by=SHELL)
    assert [message.text for message in messages] == ["while nobody listened"]


async def test_a_room_that_could_not_be_opened_is_told_to_who_declared_and_can_be_retried(
    here: World,
) -> None:
    here.slack.faults.refuse("conversations.create", error="restricted_action")
    ada = here.slack.person("ada")
    await here.types("ada", "declare Revenue is wrong")
    await ada.submit(await ada.wait_for_modal(), {"severity": "SEV2"})
    await here.settle()
    before = here.rooms()

    await here.presses("ada", ada.dms()[-1], "Retry")

    assert before == []
    assert any("restricted_action" in told for told in here.dms("ada"))
    assert here.said("inc-1-revenue-is-wrong") == ["INC-1 · SEV2 · Revenue is wrong · investigating"]
