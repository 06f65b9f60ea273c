"""The words and signs that all views share for statuses, roles, conditions, people and lengths of time."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.domain.shared.vocabulary import Actor, ActorKind, ConditionType, IncidentId, Role, Status, label
from bot.slack.blocks import channel, clip, escape, person
from bot.usecases import home as home_work
from bot.usecases import reconcile as reconcile_work
from bot.usecases import upkeep as upkeep_work
from bot.usecases.incident import card as card_work
from bot.usecases.incident import catching_up as catching_work
from bot.usecases.incident import closed_rooms as closed_work
from bot.usecases.incident import handover as handover_work
from bot.usecases.incident import membership as membership_work
from bot.usecases.incident import notifications as saying_work
from bot.usecases.incident import nudges as nudge_work
from bot.usecases.incident import privacy as privacy_work
from bot.usecases.incident import room as room_work

TITLE_SHOWN = 300
"""A title has at most 150 characters; escaping can make a few of them longer."""

SIGNS: Mapping[Status, str] = {
    Status.TRIAGE: ":mag:",
    Status.INVESTIGATING: ":red_circle:",
    Status.FIXING: ":large_orange_circle:",
    Status.BACKFILLING: ":large_yellow_circle:",
    Status.MONITORING: ":large_blue_circle:",
    Status.RESOLVED: ":large_green_circle:",
    Status.CLOSED: ":white_check_mark:",
    Status.CANCELLED: ":heavy_minus_sign:",
    Status.MERGED: ":twisted_rightwards_arrows:",
}

ROLES: Mapping[Role, str] = {
    Role.COMMANDER: "Commander",
    Role.SCRIBE: "Scribe",
    Role.LIAISON: "Liaison",
    Role.SME: "SMEs",
}

CONDITIONS: Mapping[ConditionType, str] = {
    ConditionType.UNAVAILABLE: "Unavailable",
    ConditionType.WRONG: "Wrong data",
    ConditionType.LATE: "Late data",
    ConditionType.MISSING: "Missing data",
    ConditionType.DUPLICATED: "Duplicated data",
    ConditionType.SCHEMA: "Schema changed or broken",
    ConditionType.SLOW: "Slow",
    ConditionType.ACCESS: "Access lost, or given to the wrong people",
    ConditionType.OTHER: "Something else",
}

WORK: Mapping[str, str] = {
    room_work.OPEN_ROOM: "opening the war room",
    room_work.INVITE: "inviting people into the war room",
    room_work.SET_TOPIC: "setting the war room's topic",
    card_work.SHOW_CARD: "bringing the card up to date",
    card_work.ANNOUNCE: "announcing it",
    card_work.PIN_CARD: "pinning the card",
    card_work.BOOKMARK_CARD: "putting the card on the bookmark bar",
    privacy_work.WITHDRAW: "withdrawing its announcement",
    membership_work.RENEW: "asking who is in the war room",
    home_work.SHOW_HOME: "bringing an App Home up to date",
    handover_work.SHOW_HANDOVER: "asking about a hand-over",
    handover_work.OFFER_TAKE_OVER: "offering to take over",
    **{nudge.kind: nudge.doing for nudge in nudge_work.NUDGES},
    nudge_work.NUDGE_DIRECTLY: "asking by direct message",
    nudge_work.SHOW_ANSWER: "showing that a question was answered",
    nudge_work.SHOW_REPEATED: "taking the buttons from a question that was asked again",
    saying_work.TELL_WRITER: "telling somebody that the postmortem is theirs",
    nudge_work.OFFER: "offering a postmortem",
    saying_work.SAY_HAPPENED: "saying in the war room what happened",
    saying_work.SHOW_REPORT: "posting a CAN update in the war room",
    saying_work.TELL_DUTIES: "telling somebody what their role is",
    saying_work.ANSWER_SOURCE: "answering where it was declared",
    saying_work.SAY_FAILED: "telling people that something did not work",
    closed_work.TELL_CLOSED: "telling that the war room is closed",
    upkeep_work.CATCH_UP_ROOMS: "looking which war rooms to catch up on",
    catching_work.CATCH_UP: "catching up on what was said in the war room",
    reconcile_work.RECONCILE: "looking whether every question is planned that has to be asked",
    upkeep_work.SWEEP: "sweeping out what was done long ago",
}
"""What each kind of job does, as people would say it."""


def work(kind: str) -> str:
    """Return what a kind of job does, in words; one without words is shown as it is stored."""
    return WORK.get(kind, kind.replace("_", " "))


def status(now: Status) -> str:
    """Return a status with its sign: ``:red_circle: Investigating``."""
    return f"{SIGNS[now]} {now.capitalize()}"


def who(actor: Actor) -> str:
    """Return who did something: a mention, the shell, the web, or the bot itself."""
    if actor.kind is ActorKind.SYSTEM:
        return "Warroom"
    if actor.kind is ActorKind.PERSON:
        return person(actor.user) if actor.user else "Somebody"
    place = "in the shell" if actor.kind is ActorKind.SHELL else "on the web"
    return f"{person(actor.user)} ({place})" if actor.user else f"Someone {place}"


def marks(*, private: bool, drill: bool) -> tuple[str, ...]:
    """Return what has to be said before anything else: ``DRILL``, ``PRIVATE``."""
    return (*(("DRILL",) if drill else ()), *(("PRIVATE",) if private else ()))


def heading(title: str, severity: str, *, private: bool, drill: bool) -> str:
    """Return ``DRILL · SEV2 · title``, not yet escaped."""
    return " · ".join([*marks(private=private, drill=drill), severity, title])


def named(incident: IncidentId, title: str) -> str:
    """Return ``INC-1 · title`` as mrkdwn."""
    return f"*{label(incident)}* · {clip(escape(title), TITLE_SHOWN)}"


def room(at: str | None) -> str:
    """Return the link to a war room, or that it is being opened."""
    return channel(at) if at else "being opened"


def lasted(start: datetime, end: datetime) -> str:
    """Return a length of time as people say it: ``2 h 15 min``."""
    return _length(max(end - start, timedelta(0)))


def _length(span: timedelta) -> str:
    minutes = int(span / timedelta(minutes=1))
    days, hours = minutes // 1440, minutes // 60 % 24
    parts = (f"{days} d" if days else "", f"{hours} h" if hours else "", f"{minutes % 60} min")
    shown = [part for part in parts if part and not part.startswith("0 ")]
    return " ".join(shown[:2]) or f"{int(span.total_seconds())} s"


def snooze(length: timedelta) -> str:
    """Return the words of a button that keeps the bot quiet for a while."""
    return "Snooze a day" if length == timedelta(days=1) else f"Snooze {_length(length)}"


def every(cadence: timedelta | None) -> str:
    """Return how often an update is asked for."""
    return f"an update every {_length(cadence)}" if cadence else "no updates asked"
