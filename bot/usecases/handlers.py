"""How each kind of job is paid: one table from the stored name to what pays it."""

from collections.abc import Mapping
from datetime import timedelta

from bot.usecases import home, reconcile, upkeep
from bot.usecases.incident import (
    card,
    catching_up,
    closed_rooms,
    handover,
    membership,
    notifications,
    nudges,
    privacy,
    room,
)
from bot.usecases.messages import NoRoom
from bot.usecases.ports import (
    Effects,
    Handler,
    Job,
    JobSpec,
    PermanentFailure,
    Ports,
    RateLimited,
    nothing_to_do,
)

ASIDE_FIRST, ASIDE_MOST = timedelta(seconds=2), timedelta(minutes=5)
"""How soon, and how seldom, is looked again whether a room is there whose opening was given up."""


def unless_archived(pay: Handler) -> Handler:
    """Return what pays a kind and finds nothing to do in an archived room: nobody reads there.

    What is edited in place is brought up to date when the room comes back; the timeline has the rest.
    """

    async def paid(job: Job, ports: Ports) -> Effects:
        try:
            return await pay(job, ports)
        except PermanentFailure as refusal:
            if room.CLOSED.get(refusal.code) is not NoRoom.ARCHIVED:
                raise
            return nothing_to_do("The war room is archived.")

    return paid


def said_in_room(pay: Handler) -> Handler:
    """Return what pays a kind that is said in the room, and waits aside for one whose opening was given up.

    Aside it holds nobody back, least of all the nudges that go by direct message meanwhile; once somebody
    has tried the opening again, it is said in its order.
    """

    async def paid(job: Job, ports: Ports) -> Effects:
        try:
            return await pay(job, ports)
        except PermanentFailure as refusal:
            if refusal.code != room.NOT_OPENED:
                raise
            aside = f"aside:{job.incident}"
            if job.lane == aside:
                wait = min(ASIDE_FIRST * 2.0 ** min(job.attempt, 10), ASIDE_MOST)
                raise RateLimited(str(refusal), wait=wait) from refusal
            later = JobSpec(
                kind=job.kind,
                key=f"{job.key}:aside",
                due_at=job.due_at,
                incident=job.incident,
                lane=aside,
                payload=job.payload,
            )
            return Effects(jobs=(later,), idle="There is no war room yet.")

    return unless_archived(paid)


HANDLERS: Mapping[str, Handler] = {
    room.OPEN_ROOM: room.open_war_room,
    room.INVITE: unless_archived(room.invite),
    room.SET_TOPIC: unless_archived(room.set_topic),
    card.SHOW_CARD: unless_archived(card.show_card),
    card.ANNOUNCE: card.announce,
    privacy.WITHDRAW: privacy.withdraw_announcement,
    card.PIN_CARD: unless_archived(card.pin_card),
    card.BOOKMARK_CARD: unless_archived(card.bookmark_card),
    notifications.SAY_HAPPENED: said_in_room(notifications.say_happened),
    notifications.SHOW_REPORT: said_in_room(notifications.show_report),
    notifications.TELL_DUTIES: notifications.tell_duties,
    notifications.SAY_FAILED: notifications.say_failed,
    notifications.ANSWER_SOURCE: notifications.answer,
    handover.SHOW_HANDOVER: said_in_room(handover.show_handover),
    handover.OFFER_TAKE_OVER: said_in_room(handover.show_handover),
    notifications.TELL_WRITER: notifications.told_writer,
    **dict.fromkeys(nudges.BY_KIND, nudges.nudge),
    nudges.NUDGE_DIRECTLY: nudges.nudge_directly,
    nudges.SHOW_ANSWER: unless_archived(nudges.show_answer),
    nudges.SHOW_REPEATED: unless_archived(nudges.show_repeated),
    nudges.OFFER: said_in_room(nudges.offer),
    reconcile.RECONCILE: reconcile.reconcile_all,
    home.SHOW_HOME: home.show_home,
    membership.RENEW: membership.renew_members,
    closed_rooms.TELL_CLOSED: closed_rooms.tell_closed,
    catching_up.CATCH_UP: upkeep.catch_up,
    upkeep.CATCH_UP_ROOMS: upkeep.catch_up_rooms,
    upkeep.SWEEP: upkeep.sweep,
}
