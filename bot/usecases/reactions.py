"""What each fact leads to: one table, read from top to bottom.

Saving a fact writes what follows from it in the same transaction, so nothing that is owed can be lost
between the two. To add a reaction, write it beside what it pays for and name it here.
"""

from collections.abc import Iterable, Mapping, Sequence

from bot.domain.incident import facts
from bot.domain.incident.aggregate import Incident
from bot.domain.incident.facts import Fact
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
from bot.usecases.outbox import After, Reaction
from bot.usecases.policy import Policy
from bot.usecases.ports import Follow, JobSpec

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


def following(policy: Policy) -> Follow:
    """Return the function that says what new facts of an incident lead to, under a policy."""

    def follow(incident: Incident, new: Sequence[Fact]) -> Iterable[JobSpec]:
        first = incident.length - len(new)
        owed: dict[str, JobSpec] = {}
        for place, fact in enumerate(new):
            after = After(fact=fact, seq=first + place, together=new, incident=incident, policy=policy)
            for reaction in (*REACTIONS[type(fact)], *ALWAYS):
                owed.update({one.key: one for one in reaction(after)})
        return owed.values()

    return follow
