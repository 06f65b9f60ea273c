"""The card shows the newest state, and is drawn no more often than that takes."""

from bot.domain.shared.vocabulary import Status
from bot.usecases.incident.status import Move, move
from bot.usecases.messages import Announcement, Card
from tests.builders import DECLARER
from tests.usecases.conftest import Outside


async def test_what_an_older_change_owes_is_not_drawn_again_where_a_newer_one_is_shown(
    outside: Outside,
) -> None:
    incident = await outside.declare()
    for to in (Status.FIXING, Status.BACKFILLING, Status.MONITORING):
        await move(Move(actor=DECLARER, incident=incident.id, to=to), outside.ports)
    before = outside.chat.calls["edit"]

    await outside.pay()

    [card] = outside.heard(incident.id, Card)
    [announced] = outside.chat.in_channel("C0INCIDENTS")
    assert isinstance(card, Card)
    assert isinstance(announced, Announcement)
    assert (card.facts.status, announced.facts.status) == (Status.MONITORING, Status.MONITORING)
    assert outside.chat.calls["edit"] - before == 2, "one edit of the card, one of the announcement"
