"""How each kind of job is paid: one table from the stored name to what pays it."""

from collections.abc import Mapping

from bot.usecases import card, handover, home, nudges, room, saying, upkeep
from bot.usecases.ports import Pay

PAYS: Mapping[str, Pay] = {
    room.OPEN_ROOM: room.open_war_room,
    room.INVITE: room.invite,
    room.SET_TOPIC: room.set_topic,
    card.SHOW_CARD: card.show_card,
    card.ANNOUNCE: card.announce,
    card.PIN_CARD: card.pin_card,
    card.BOOKMARK_CARD: card.bookmark_card,
    saying.SAY_HAPPENED: saying.say_happened,
    saying.SHOW_REPORT: saying.show_report,
    saying.TELL_DUTIES: saying.tell_duties,
    saying.SAY_FAILED: saying.say_failed,
    saying.ANSWER_SOURCE: saying.answer,
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
