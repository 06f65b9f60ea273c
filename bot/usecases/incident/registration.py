"""What the incident's context registers: what each of its facts leads to, and what handles its jobs.

`bot.usecases.reactions` and `bot.usecases.handlers` are the sum of what the contexts register. To add a
reaction, write it beside what handles it and name both here.
"""

from collections.abc import Mapping

from bot.domain.incident import facts
from bot.domain.incident.facts import Fact
from bot.usecases.incident import (
    card,
    catching_up,
    closed_rooms,
    handover,
    membership,
    merge,
    noticing,
    notifications,
    nudges,
    privacy,
    room,
)
from bot.usecases.incident.card import refresh_announcement, refresh_card
from bot.usecases.incident.handover import ask_both_sides, settle_question
from bot.usecases.incident.merge import enqueue_receiving, say_merge
from bot.usecases.incident.noticing import notice
from bot.usecases.incident.notifications import (
    answer_source,
    enqueue_duties,
    enqueue_report,
    say_assignment,
    say_it,
    say_opened,
    say_release,
    say_waiver,
    tell_writer,
)
from bot.usecases.incident.nudges import offer_postmortem, reconcile, show_answers
from bot.usecases.incident.privacy import enqueue_withdrawal
from bot.usecases.incident.room import (
    enqueue_room,
    enqueue_topic,
    invite_asked,
    invite_assigned,
    invite_everybody,
)
from bot.usecases.incident.room_handlers import said_in_room, unless_archived
from bot.usecases.outbox import Reaction
from bot.usecases.ports import Handler

REACTIONS: Mapping[type[Fact], tuple[Reaction, ...]] = {
    facts.IncidentDeclared: (enqueue_room,),
    facts.WarRoomOpened: (
        refresh_card,
        invite_everybody,
        enqueue_topic,
        refresh_announcement,
        answer_source,
        say_opened,
    ),
    facts.MadePrivate: (refresh_card, enqueue_withdrawal, say_it),
    facts.PrivateRead: (),
    facts.StatusChanged: (
        refresh_card,
        refresh_announcement,
        enqueue_topic,
        say_it,
        settle_question,
        offer_postmortem,
        enqueue_receiving,
        notice,
    ),
    facts.MergeReceived: (refresh_card, say_merge),
    facts.IncidentRenamed: (refresh_card, refresh_announcement, enqueue_topic, say_it),
    facts.DetailsChanged: (refresh_card, refresh_announcement, say_it),
    facts.SeverityChanged: (refresh_card, refresh_announcement, enqueue_topic, say_it, notice),
    facts.RoleAssigned: (
        refresh_card,
        refresh_announcement,
        invite_assigned,
        say_assignment,
        enqueue_duties,
        settle_question,
    ),
    facts.RoleReleased: (refresh_card, refresh_announcement, say_release, settle_question),
    facts.HandoverAsked: (refresh_card, invite_asked, ask_both_sides),
    facts.HandoverAgreed: (refresh_card, settle_question),
    facts.HandoverDeclined: (refresh_card, settle_question),
    facts.CommandTakenOver: (say_it,),
    facts.ReportPosted: (refresh_card, refresh_announcement, enqueue_report),
    facts.NeedsMet: (refresh_card, say_it),
    facts.NoteAdded: (say_it,),
    facts.MomentMarked: (),
    facts.MomentUnmarked: (),
    facts.MilestoneCorrected: (refresh_card, say_it),
    facts.PostmortemOwed: (refresh_card,),
    facts.PostmortemWithdrawn: (refresh_card, say_waiver),
    facts.PostmortemOwned: (refresh_card, refresh_announcement, say_it, tell_writer),
    facts.PostmortemDone: (refresh_card, refresh_announcement, say_it),
    facts.NudgeSnoozed: (say_it,),
}

ALWAYS: tuple[Reaction, ...] = (reconcile, show_answers)
"""What every fact leads to: any of them may start, move or end what the bot asks for."""

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
    notifications.SAY_OPENED: notifications.tell_opened,
    merge.RECEIVE_MERGE: merge.receive,
    merge.SAY_MERGED: said_in_room(merge.say),
    noticing.SAY_NOTICED: noticing.say,
    handover.SHOW_HANDOVER: said_in_room(handover.show_handover),
    handover.OFFER_TAKE_OVER: said_in_room(handover.show_handover),
    notifications.TELL_WRITER: notifications.told_writer,
    **dict.fromkeys(nudges.BY_KIND, nudges.nudge),
    nudges.NUDGE_DIRECTLY: nudges.nudge_directly,
    nudges.SHOW_ANSWER: unless_archived(nudges.show_answer),
    nudges.SHOW_REPEATED: unless_archived(nudges.show_repeated),
    nudges.OFFER: said_in_room(nudges.offer),
    membership.RENEW: membership.renew_members,
    closed_rooms.TELL_CLOSED: closed_rooms.tell_closed,
    catching_up.CATCH_UP: catching_up.catch_up,
    catching_up.CATCH_UP_ROOMS: catching_up.catch_up_rooms,
}
