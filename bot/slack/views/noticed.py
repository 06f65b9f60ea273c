"""What is said once to those who should notice it: under the announcement, after a merge, to a declarer."""

from bot.domain.incident import facts
from bot.domain.incident.status import is_reopening
from bot.domain.shared.vocabulary import Milestone, Role, Status, label
from bot.slack.blocks import Message, channel, clip, context, escape, literal, person, section
from bot.slack.views import words
from bot.slack.views.incident import report
from bot.slack.views.incident.roles import held_by
from bot.usecases.messages import CardFacts, MergedIn, Noticed, RoomOpened

WHY_MAX = 600


def noticed(said: Noticed) -> Message:
    """Return the word under the announcement: how bad it is now, that it is over, or that it is back."""
    fact, now = said.fact, said.facts
    named = f"*{label(now.incident)}* · {clip(literal(now.title), words.TITLE_SHOWN)}"
    sign, changed, reason = ":information_source:", "has changed", None
    if isinstance(fact, facts.SeverityChanged):
        sign, reason = ":rotating_light:", fact.reason
        changed = f"is *{escape(fact.after)}* now; it was {escape(fact.before)}"
    elif isinstance(fact, facts.StatusChanged):
        sign, reason = words.SIGNS[fact.after], fact.reason
        changed = _moved(now, fact)
    text = f"{label(now.incident)} {changed}, says {words.who(fact.by)}"
    told = said.words.get(reason) if reason else None
    why = f"\n{clip(escape(told), WHY_MAX)}" if told else ""
    return Message(
        text=text, blocks=[section(f"{sign} {named}\nIt {changed}, says {words.who(fact.by)}{why}")]
    )


def _moved(now: CardFacts, fact: facts.StatusChanged) -> str:
    if fact.after is Status.MERGED and fact.into is not None:
        return f"goes on in {words.elsewhere(fact.into, fact.into_room)}"
    if is_reopening(fact.before, fact.after):
        return f"was not over: people are *{fact.after}* again"
    started = now.milestones.get(Milestone.STARTED)
    after = f", after {words.lasted(started, fact.occurred_at)}" if started else ""
    return f"is *{fact.after}*{after if fact.after is Status.RESOLVED else ''}"


def merged_in(said: MergedIn) -> Message:
    """Return what came into this room, with what is known of it; of a private one only that it came."""
    known = said.merged
    if known is None:
        text = f"{words.who(said.by)} merged a private incident into this one. What is in it stays private."
        return Message(text=text, blocks=[section(f":twisted_rightwards_arrows: {text}")])
    where = words.elsewhere(known.incident, known.channel)
    marked = " · ".join([*words.marks(private=known.private, drill=known.drill), known.title])
    text = f"{words.who(said.by)} merged {where} into this one: {clip(literal(marked), words.TITLE_SHOWN)}"
    lead = held_by(known, Role.COMMANDER)
    who = f"commander {person(lead)}" if lead else "no commander"
    told = [f":twisted_rightwards_arrows: {text}"]
    told.append(f"{escape(known.severity.key)} · {who} · declared by {words.who(known.declared_by)}")
    told += [clip(escape(known.summary), WHY_MAX)] if known.summary and not known.report else []
    blocks = [section("\n".join(told))]
    if known.report:
        blocks.append(section(f"*Its last CAN update*\n{report.brief(known.report, 800)}"))
    if known.needs:
        blocks.append(section(f"*Its open needs*\n{report.open_needs(known.needs, 1000)}"))
    blocks.append(context("Its people are invited here; what was said there stays in its room."))
    return Message(text=text, blocks=blocks)


def room_opened(said: RoomOpened) -> Message:
    """Return what whoever declared is told when the war room came late."""
    text = f"The war room of {label(said.incident)} is open: {channel(said.channel)}"
    late = "Slack did not answer when it was declared; what was recorded meanwhile is there."
    named = words.named(said.incident, said.title)
    return Message(text=text, blocks=[section(f"{text}\n{named}"), context(late)])
