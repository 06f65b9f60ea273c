"""A war room that cannot be written in any more, or can be again: noticed, told, brought up to date."""

from bot.domain.shared.vocabulary import SYSTEM, ChannelId
from bot.usecases.incident.card import SHOW_CARD, card_lane
from bot.usecases.incident.catching_up import catching_up
from bot.usecases.incident.nudges import answers_again
from bot.usecases.incident.room import SET_TOPIC, incident_of, topic_lane
from bot.usecases.messages import NoRoom, RoomClosed
from bot.usecases.outbox import new_job, slot
from bot.usecases.ports import DONE, Effects, Job, Ports, Urgency, nothing_to_do

TELL_CLOSED = "tell_closed"


async def note_closed(channel: ChannelId, why: NoRoom, ports: Ports) -> None:
    """Owe word of it to who leads, where people still work on the incident; other channels are not ours.

    Afterwards nobody has to be told at once: the reminders go on by direct message, and say why they do.
    """
    number = await ports.reads.in_room(channel)
    if number is None:
        return
    incident = await ports.reads.incident(number, seen_by=SYSTEM)
    person = incident.state.commander or incident.state.declared_by.user
    if person is None or not incident.state.is_open:
        return
    now = ports.now()
    # Slack tells of a removal twice; once a day is told often enough.
    told = new_job(
        incident,
        TELL_CLOSED,
        f"{why}:{now:%Y-%m-%d}",
        at=now,
        lane=f"dm:{person}",
        payload={"person": person, "why": why},
    )
    async with ports.work() as work:
        await work.outbox.enqueue([told])
        await work.commit()


async def tell_closed(job: Job, ports: Ports) -> Effects:
    """Tell a person that the room of an open incident is closed, and what follows from it."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    person = incident.state.commander or incident.state.declared_by.user
    if person is None or not incident.state.is_open:
        return nothing_to_do("Nobody works on it any more.")
    said = RoomClosed(incident=incident.id, title=incident.title, why=NoRoom(str(job.payload["why"])))
    await ports.chat.tell(person, said, key=job.key, look=job.look, since=job.due_at)
    return DONE


async def note_back(channel: ChannelId, ports: Ports) -> None:
    """Note that a war room can be written in again: it was unarchived, or we were let in again.

    What is edited in place is brought up to date, what was said meanwhile is caught up with. The nudges come
    back by themselves: each is tried in the room first.
    """
    number = await ports.reads.in_room(channel)
    if number is None:
        return
    incident = await ports.reads.incident(number, seen_by=SYSTEM)
    now = ports.now()
    suffix, payload = f"back:{slot(now)}", {"version": incident.length}
    planned = (
        new_job(incident, SHOW_CARD, suffix, at=now, lane=card_lane(incident), payload=payload),
        new_job(incident, SET_TOPIC, suffix, at=now, lane=topic_lane(incident), payload=payload),
        *answers_again(incident, suffix, at=now),
        *await catching_up([number], ports),
    )
    async with ports.work(Urgency.JOB) as work:
        await work.outbox.enqueue(planned)
        await work.commit()
