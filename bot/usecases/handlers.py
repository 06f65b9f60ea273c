"""How each kind of job is paid: one table from the stored name to what pays it."""

from collections.abc import Mapping

from bot.usecases import home, upkeep
from bot.usecases.incident import card, handover, notifications, nudges, room
from bot.usecases.ports import Handler

HANDLERS: Mapping[str, Handler] = {
    room.OPEN_ROOM: room.open_war_room,
    room.INVITE: room.invite,
    room.SET_TOPIC: room.set_topic,
    card.SHOW_CARD: card.show_card,
    card.ANNOUNCE: card.announce,
    card.PIN_CARD: card.pin_card,
    card.BOOKMARK_CARD: card.bookmark_card,
    notifications.SAY_HAPPENED: notifications.say_happened,
    notifications.SHOW_REPORT: notifications.show_report,
    notifications.TELL_DUTIES: notifications.tell_duties,
    notifications.SAY_FAILED: notifications.say_failed,
    notifications.ANSWER_SOURCE: notifications.answer,
    handover.SHOW_HANDOVER: handover.show_handover,
    handover.OFFER_TAKE_OVER: handover.show_handover,
    nudges.COMMANDER: nudges.nudge_commander,
    nudges.REPORT: nudges.nudge_report,
    nudges.POSTMORTEM: nudges.nudge_postmortem,
    nudges.OFFER: nudges.offer,
    home.SHOW_HOME: home.show_home,
    upkeep.CATCH_UP: upkeep.catch_up,
    upkeep.SWEEP: upkeep.sweep,
}
