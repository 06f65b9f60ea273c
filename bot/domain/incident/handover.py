"""The hand-over of the command: who is asked, whose answer counts, when somebody may take over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.shared.errors import Overtaken, Refused
from bot.domain.shared.vocabulary import Actor, UserId

ANSWER_WITHIN = timedelta(minutes=2)
"""How long the holder has to answer before somebody may take over."""


@dataclass(frozen=True, kw_only=True)
class Handover:
    """A hand-over of the commander's role that is being asked for."""

    holder: UserId
    to: UserId
    asked_by: Actor
    asked_at: datetime
    agreed: frozenset[UserId] = frozenset()

    @property
    def waiting(self) -> tuple[UserId, ...]:
        """Return who has not said yes yet, the holder first."""
        return tuple(side for side in (self.holder, self.to) if side not in self.agreed)


def check_asking(asked: Handover | None, to: UserId, *, by: UserId | None) -> None:
    """Refuse to ask for one person while another is being asked for; the holder alone may do so."""
    if asked and asked.to != to and by != asked.holder:
        msg = f"<@{asked.to}> is already being asked for: <@{asked.waiting[0]}> has to answer that first."
        raise Overtaken(msg, field="person")


def answered(asked: Handover | None, person: UserId | None, *, to: UserId | None) -> tuple[Handover, UserId]:
    """Return the hand-over and which side of it answers; refuses one that is over, and who is not asked.

    ``to`` is who was to get the role where the person looked, None where they did not look.
    """
    if asked is None or to not in {None, asked.to}:
        msg = "This hand-over is no longer open: it was answered, called off, or the role moved on."
        raise Overtaken(msg)
    if person is None or person not in {asked.holder, asked.to}:
        msg = f"Only <@{asked.holder}> and <@{asked.to}> can answer this."
        raise Refused(msg)
    return asked, person


def check_unanswered(asked: Handover | None, holder: UserId, *, at: datetime, within: timedelta) -> None:
    """Refuse to take over until the holder has been asked, and has not answered for so long."""
    if asked and holder in asked.agreed:
        msg = f"<@{holder}> has handed over to <@{asked.to}>, who answers first; an admin need not wait."
        raise Refused(msg)
    if asked is None or at - asked.asked_at < within:
        msg = (
            f"Ask <@{holder}> first (*Take it* on the card). If there is no answer within "
            f"{_in_words(within)} you can take over; an admin can at once."
        )
        raise Refused(msg)


def _in_words(wait: timedelta) -> str:
    """Return a short wait as people say it: ``2 minutes``, ``30 seconds``."""
    minutes, seconds = divmod(int(wait.total_seconds()), 60)
    number, unit = (minutes, "minute") if minutes and not seconds else (minutes * 60 + seconds, "second")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
