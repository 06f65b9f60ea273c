"""The timeline: every kind of fact has its sentence, and what was said stands between what happened."""

from datetime import datetime
from typing import Any

import pytest

from bot.domain.incident import facts
from bot.domain.incident.facts import ALL, Fact
from bot.domain.incident.timeline import Entry, Link, Message, Sentence, merge, spell, tell
from bot.domain.shared.severity import SeverityKey
from bot.domain.shared.vocabulary import (
    SYSTEM,
    Actor,
    ChannelId,
    ConditionType,
    IncidentId,
    Milestone,
    Role,
    Status,
    TextId,
    UserId,
)
from tests.builders import COMMANDER, DECLARER, EXPERT, NOON, ROOM, after, an_incident
from tests.domain.refusing import refused

WORDS = {"t": "the words", "u": "more words"}
WHEN: dict[str, Any] = {"by": DECLARER, "occurred_at": NOON, "recorded_at": NOON}
T, U = TextId("t"), TextId("u")
SIDES: dict[str, Any] = {"holder": COMMANDER, "to": EXPERT}


def words(text: TextId | None) -> str | None:
    return WORDS.get(text) if text else None


def erased(text: TextId | None) -> str | None:
    return None if text else text


def read(said: Sentence) -> str:
    """Return a sentence with its instants and links in brackets."""
    return spell(said, instant=lambda at: f"[{at:%d %H:%M}]", link=lambda address: f"[to {address}]")


def lines(entries: list[Entry]) -> list[str]:
    return [read(entry.sentence) for entry in entries]


POSTED = (
    "posted a CAN update. Conditions: the words / Blast radius: more words / Actions: more words / "
    "Need: the words / Met: more words"
)
MADE_PRIVATE = (
    "made this room private. Until now everybody in the workspace could read it, its announcement and "
    "the incident's timeline; from now on the incident is private too, and only people in this room see "
    "anything of it"
)

EXAMPLES: tuple[tuple[Fact, str], ...] = (
    (
        facts.IncidentDeclared(**WHEN, title=T, severity=SeverityKey("SEV2"), started_at=NOON),
        "declared this incident as SEV2: the words",
    ),
    (facts.WarRoomOpened(**WHEN, channel=ROOM, name="inc-1"), "opened the war room #inc-1"),
    (
        facts.StatusChanged(**WHEN, before=Status.FIXING, after=Status.MERGED, reason=T, into=IncidentId(2)),
        "moved it from fixing to merged into INC-2: the words",
    ),
    (
        facts.StatusChanged(
            **WHEN, before=Status.FIXING, after=Status.MERGED, into=IncidentId(2), into_room=ROOM
        ),
        "moved it from fixing to merged into INC-2 (<#C0ROOM>)",
    ),
    (
        facts.MergeReceived(**WHEN, merged=IncidentId(2), room=ROOM),
        "merged INC-2 (<#C0ROOM>) into this one",
    ),
    (
        facts.MergeReceived(**WHEN, merged=IncidentId(2), private=True),
        "merged a private incident into this one",
    ),
    (facts.IncidentRenamed(**WHEN, title=T), "renamed it: the words"),
    (
        facts.DetailsChanged(**WHEN, summary=T, affected=None),
        "changed the details. Summary: the words / Affected: not said",
    ),
    (facts.NeedsMet(**WHEN, needs=(T, U)), "said that these needs are met: the words / more words"),
    (
        facts.SeverityChanged(**WHEN, before=SeverityKey("SEV3"), after=SeverityKey("SEV1"), reason=T),
        "changed the severity from SEV3 to SEV1: the words",
    ),
    (
        facts.RoleAssigned(**WHEN, role=Role.SME, person=EXPERT, workstream=T),
        "made <@U0EXPERT> SME for the words",
    ),
    (
        facts.RoleReleased(**WHEN, role=Role.SCRIBE, person=EXPERT),
        "released <@U0EXPERT> from the role of scribe",
    ),
    (facts.HandoverAsked(**WHEN, **SIDES), "asked that command go from <@U0COMMANDER> to <@U0EXPERT>"),
    (
        facts.HandoverAgreed(**WHEN, **SIDES, person=EXPERT),
        "agreed that command goes from <@U0COMMANDER> to <@U0EXPERT>",
    ),
    (
        facts.HandoverDeclined(**WHEN, **SIDES, person=EXPERT),
        "declined that command goes from <@U0COMMANDER> to <@U0EXPERT>",
    ),
    (
        facts.CommandTakenOver(**WHEN, holder=COMMANDER, person=EXPERT, reason=T),
        "took command over from <@U0COMMANDER>: the words",
    ),
    (
        facts.ReportPosted(
            **WHEN, status=Status.FIXING, severity=SeverityKey("SEV2"), condition=ConditionType.LATE,
            conditions=T, actions=U, blast_radius=U, needs=(T,), met=(U,),
        ),
        POSTED,
    ),
    (
        facts.MadePrivate(**WHEN),
        MADE_PRIVATE,
    ),
    (facts.PrivateRead(**WHEN), "read this private incident from outside its room"),
    (facts.NoteAdded(**WHEN, text=T), "noted: the words"),
    (
        facts.MomentMarked(**WHEN, channel=ROOM, ts="1.1"),
        "marked the message of [20 12:00] as a key moment",
    ),
    (facts.MomentUnmarked(**WHEN, channel=ROOM, ts="1.1"), "took a key moment's mark away"),
    (
        facts.MilestoneCorrected(**WHEN, milestone=Milestone.STARTED, reason=T),
        "corrected when it was started to [20 12:00]: the words",
    ),
    (
        facts.PostmortemOwed(**WHEN, due_at=after(48 * 60)),
        "made a postmortem due by [22 12:00]",
    ),
    (
        facts.PostmortemWithdrawn(**WHEN),
        "took the postmortem off the list, because the work goes on",
    ),
    (facts.PostmortemOwned(**WHEN, person=EXPERT), "asked <@U0EXPERT> to write the postmortem"),
    (facts.PostmortemDone(**WHEN, link=T), "finished the postmortem: [to the words]"),
    (
        facts.NudgeSnoozed(**WHEN, nudge="report", until=after(30)),
        "asked for quiet about CAN updates until [20 12:30]",
    ),
)  # fmt: skip


def test_an_instant_and_a_link_are_for_whoever_shows_them_to_write() -> None:
    until = tell(facts.NudgeSnoozed(**WHEN, nudge="commander", until=after(30)), words)
    done = tell(facts.PostmortemDone(**WHEN, link=T), words)

    assert until == ("asked for quiet about the missing commander until ", after(30))
    assert done[-1] == Link(address="the words")


@pytest.mark.parametrize(("fact", "sentence"), EXAMPLES, ids=lambda of: getattr(of, "stored_as", ""))
def test_every_fact_has_a_sentence(fact: Fact, sentence: str) -> None:
    assert read(tell(fact, words)) == sentence


def test_no_kind_of_fact_is_left_out() -> None:
    every = {kind for kind in vars(facts).values() if isinstance(kind, type) and issubclass(kind, Fact)}

    assert set(ALL) == every - {Fact} == {type(fact) for fact, _ in EXAMPLES}
    assert len({fact.stored_as for fact in ALL}) == len(ALL)


@pytest.mark.parametrize("fact", [fact for fact, _ in EXAMPLES], ids=lambda of: of.stored_as)
def test_a_sentence_whose_words_were_erased_does_not_break(fact: Fact) -> None:
    sentence = read(tell(fact, erased))

    assert "None" not in sentence
    assert sentence.strip() == sentence


@pytest.mark.parametrize(
    ("fact", "sentence"),
    [
        (facts.RoleAssigned(**WHEN, role=Role.COMMANDER, person=UserId("U0DECLARER")), "took the role"),
        (facts.RoleReleased(**WHEN, role=Role.COMMANDER, person=UserId("U0DECLARER")), "gave back the role"),
        (facts.PostmortemOwned(**WHEN, person=UserId("U0DECLARER")), "took on the postmortem"),
    ],
)
def test_what_people_do_for_themselves_reads_so(fact: Fact, sentence: str) -> None:
    assert read(tell(fact, words)).startswith(sentence)


# -- merged with what was said


def message(ts: str, text: str | None, at: datetime, **changes: object) -> Message:
    return Message(channel=ROOM, ts=ts, user=EXPERT, text=text, said_at=at, **changes)  # type: ignore[arg-type]


def test_what_happened_and_what_was_said_stand_in_the_order_they_occurred() -> None:
    incident = an_incident()
    incident.note("from the phone call", by=DECLARER, at=after(9), occurred_at=after(2))
    said = [message("3.0", "third", after(3)), message("1.0", "first", after(1))]

    entries = merge(incident.new_facts, said, incident.text)

    assert lines(entries) == [
        "declared this incident as SEV2: Orders are late",
        "first",
        "noted: from the phone call",
        "third",
    ]


def test_a_hand_over_is_told_once_by_who_asked_and_who_agreed() -> None:
    incident, holder, to = an_incident(), Actor.person(COMMANDER), Actor.person(EXPERT)
    incident.assign(Role.COMMANDER, COMMANDER, by=holder, at=after(1))
    incident.assign(Role.COMMANDER, EXPERT, by=to, at=after(2))
    incident.answer_handover(COMMANDER, agreed=True, by=holder, at=after(3))

    told = lines(merge(incident.new_facts, [], incident.text))

    assert told[2:] == [
        "asked that command go from <@U0COMMANDER> to <@U0EXPERT>",
        "agreed: <@U0EXPERT> commands now, in place of <@U0COMMANDER>",
    ]


def test_of_a_hand_over_that_a_third_person_asked_for_both_answers_are_told() -> None:
    incident, holder, to = an_incident(), Actor.person(COMMANDER), Actor.person(EXPERT)
    incident.assign(Role.COMMANDER, COMMANDER, by=holder, at=after(1))
    incident.assign(Role.COMMANDER, EXPERT, by=DECLARER, at=after(2))
    incident.answer_handover(EXPERT, agreed=True, by=to, at=after(3))
    incident.answer_handover(COMMANDER, agreed=True, by=holder, at=after(4))

    told = merge(incident.new_facts, [], incident.text)

    assert [entry.by for entry in told[2:]] == [DECLARER, to, holder]
    assert lines(told)[3:] == [
        "agreed that command goes from <@U0COMMANDER> to <@U0EXPERT>",
        "agreed: <@U0EXPERT> commands now, in place of <@U0COMMANDER>",
    ]


def test_a_take_over_is_told_once() -> None:
    incident, holder = an_incident(), Actor.person(COMMANDER)
    incident.assign(Role.COMMANDER, COMMANDER, by=holder, at=after(1))
    incident.take_over(EXPERT, "no answer", by=Actor.person(EXPERT), at=after(2), at_once=True)

    told = lines(merge(incident.new_facts, [], incident.text))

    assert told[2:] == ["took command over from <@U0COMMANDER>: no answer"]


def test_a_role_that_passes_on_is_told_once_and_one_given_back_by_itself_too() -> None:
    incident, ada = an_incident(), Actor.person("U1")
    incident.assign(Role.SCRIBE, COMMANDER, by=ada, at=after(1))
    incident.assign(Role.SCRIBE, EXPERT, by=ada, at=after(2))
    incident.release(Role.SCRIBE, EXPERT, by=ada, at=after(3))
    incident.assign(Role.SCRIBE, UserId("U1"), by=ada, at=after(4))

    told = lines(merge(incident.new_facts, [], incident.text))

    assert told[1:] == [
        "made <@U0COMMANDER> scribe",
        "made <@U0EXPERT> scribe in place of <@U0COMMANDER>",
        "released <@U0EXPERT> from the role of scribe",
        "took the role of scribe",
    ]


def test_an_sme_who_moves_to_other_work_is_told_so() -> None:
    incident, expert = an_incident(), Actor.person(EXPERT)
    incident.assign(Role.SME, EXPERT, by=expert, at=after(1))
    incident.assign(Role.SME, EXPERT, by=expert, at=after(2), workstream="ingest")
    incident.assign(Role.SME, EXPERT, by=DECLARER, at=after(3), workstream="serving")

    told = lines(merge(incident.new_facts, [], incident.text))

    assert told[1:] == ["took the role of SME", "moved to ingest", "moved <@U0EXPERT> to serving"]


def test_edited_and_deleted_messages_say_so() -> None:
    said = [
        message("1.0", "as it reads now", after(1), edited_at=after(5)),
        message("2.0", None, after(2), deleted_at=after(5), files=("secret.csv",)),
        message("3.0", "", after(3), files=("a.csv", "b.csv"), thread_ts="1.0"),
    ]

    edited, deleted, files = merge([], said, words)

    assert (read(edited.sentence), edited.edited, edited.deleted) == ("as it reads now", True, False)
    assert (read(deleted.sentence), deleted.deleted) == ("(deleted)", True)
    assert (read(files.sentence), files.thread_ts) == ("[a.csv, b.csv]", "1.0")


def test_a_key_moment_stays_one_until_everybody_took_their_mark_away() -> None:
    incident = an_incident()
    incident.open_room(ROOM, "inc-1", by=SYSTEM, at=NOON)
    ada, grace = Actor.person("U1"), Actor.person("U2")
    said = [message("1.0", "the fix is out", after(1)), message("2.0", "lunch?", after(2))]
    for person in (ada, grace, ada):
        incident.mark("1.0", by=person, at=after(3), said_at=after(1))

    incident.unmark("1.0", by=ada, at=after(4))
    incident.unmark("1.0", by=ada, at=after(4))
    kept = merge(incident.new_facts, said, incident.text, everything=False)
    incident.unmark("1.0", by=grace, at=after(5))
    none = merge(incident.new_facts, said, incident.text, everything=False)

    assert lines([entry for entry in kept if entry.key_moment]) == ["the fix is out"]
    assert not [entry for entry in none if entry.kind == "message"]
    assert [f.stored_as for f in incident.new_facts].count("moment_marked") == 2


def test_a_moment_is_marked_in_the_war_room() -> None:
    with refused("still being opened"):
        an_incident().mark("1.0", by=DECLARER, at=NOON, said_at=NOON)


@pytest.mark.parametrize(("body", "field"), [("", "note"), ("x" * 3001, "note")])
def test_a_note_has_words_that_fit(body: str, field: str) -> None:
    with refused(field=field):
        an_incident().note(body, by=DECLARER, at=NOON)


def test_a_note_is_of_the_past() -> None:
    with refused("still to come", field="occurred_at"):
        an_incident().note("soon", by=DECLARER, at=NOON, occurred_at=after(30))


def test_a_channel_has_one_war_room_for_good() -> None:
    incident = an_incident()

    incident.open_room(ROOM, "inc-1", by=SYSTEM, at=NOON)
    incident.open_room(ChannelId("C0OTHER"), "inc-1-2", by=SYSTEM, at=after(1))

    assert incident.state.channel == ROOM


def test_a_snooze_ends_in_the_future() -> None:
    incident = an_incident()

    incident.snooze("report", after(30), by=DECLARER, at=NOON)

    assert incident.state.snoozes["report"].until == after(30)
    with refused("That time has passed", field="until"):
        incident.snooze("report", NOON, by=DECLARER, at=NOON)


def test_what_was_only_noticed_is_told_so() -> None:
    unheard = facts.MadePrivate(by=SYSTEM, occurred_at=after(1), recorded_at=after(1))

    assert str(tell(unheard, words)[0]).startswith(
        "noticed that this room was made private. Until now everybody"
    )
