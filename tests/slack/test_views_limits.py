"""Every view, fed with hostile and overlong words, against Slack's limits and Slack's own schemas."""

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

from bot.domain.incident import facts, timeline
from bot.domain.incident.aggregate import Looked
from bot.domain.shared.severity import Severity, SeverityKey, SeverityScale
from bot.domain.shared.vocabulary import (
    SYSTEM,
    Actor,
    ActorKind,
    ChannelId,
    IncidentId,
    Milestone,
    Role,
    Status,
    TextId,
    UserId,
)
from bot.sandbox.blocks import check_message, check_view
from bot.slack.blocks import Message, size
from bot.slack.views import forms, help, home, lists, tray  # noqa: A004
from bot.slack.views.incident import declare, details, postmortem, report, roles, severity
from bot.slack.views.incident import status as moves
from bot.slack.views.incident import timeline as timeline_views
from bot.slack.views.payload import InteractionPayload
from bot.slack.views.render import render
from bot.usecases import messages
from bot.usecases.incident.timeline import PAGE, Page
from bot.usecases.messages import CardFacts, PostmortemMoment
from tests import builders as made
from tests.builders import NOON, ROOM

DAY = timedelta(days=1)

ROOT = Path(__file__).resolve().parents[2]
SPECS = Path(os.environ.get("WARROOM_SLACK_SPECS") or ROOT.parent / "shared" / "slack-specs")

MESSAGE_CHARACTERS = 10_000
MESSAGE_TEXT = 4000
VIEW_BYTES = 250_000

HOSTILE = {
    "nothing": "",
    "one word": "x",
    "a call to a channel": "<!channel> <!here|here> <!subteam^S1> @channel @here @everyone",
    "a mention": "<@U0HOSTILE> <@U0HOSTILE|them> <#C0HOSTILE>",
    "a disguised link": "<https://evil.example|https://good.example>",
    "escaped already": "&lt;!channel&gt; &amp;lt;@U0HOSTILE&amp;gt;",
    "a date": "<!date^1^{time}^https://evil.example|x>",
    "markup": "*_~`>```\n> - 1. [a](https://evil.example)",
    "right to left": "\u202eevil\u202c \u2067\u0645\u0631\u062d\u0628\u0627",
    "nothing to see": "\u200b\u200b",
    "control characters": "a\x00b\x07c\x1b[31m",
    "40,000 letters": "a" * 40_000,
    "40,000 ampersands": "&" * 40_000,
    "5,000 calls": "<!channel>" * 5_000,
    "20,000 emoji": "\U0001f600" * 20_000,
    "10,000 lines": "x\n" * 10_000,
    "quotes": "\"'\\" * 10_000,
}


def scale_of(words: str) -> SeverityScale:
    """Return a scale whose descriptions come from somebody who writes anything."""
    return SeverityScale(
        tuple(
            Severity(
                key=SeverityKey(f"SEV{number}"),
                degradation=words,
                affected=words,
                cadence=None,
                working_hours=False,
                major=True,
            )
            for number in range(1, 13)
        )
    )


def full_card(words: str, **changes: object) -> CardFacts:
    """Return an incident with forty experts, thirty needs and these words wherever words can be."""
    level = next(iter(scale_of(words)))
    needs = tuple(made.need(f"{words} {number}") for number in range(30))
    people = [made.role(of, f"U{of.upper()}") for of in (Role.COMMANDER, Role.SCRIBE, Role.LIAISON)]
    experts = [made.role(Role.SME, f"U{number:010}", words) for number in range(40)]
    full: dict[str, object] = {
        "title": words,
        "summary": words,
        "affected": words,
        "severity": level,
        "private": True,
        "drill": True,
        "from_message": words,
        "milestones": {milestone: made.after(number * 100_000) for number, milestone in enumerate(Milestone)},
        "roles": (*people, *experts),
        "handover": made.handover(overdue=True),
        "report": full_report(words),
        "report_due": NOON,
        "needs": needs,
        "merged_in": tuple(messages.MergedLine(incident=IncidentId(n), room=ROOM) for n in range(2, 90)),
        "looked": Looked(title=TextId("a" * 32), summary=TextId("b" * 32), affected=TextId("c" * 32)),
        "postmortem": made.postmortem(link=words, done=True),
    }
    return made.card_facts(**{**full, **changes})


def full_report(words: str) -> messages.ReportFacts:
    """Return a report with thirty needs of each kind and these words everywhere."""
    return made.report_facts(
        severity=next(iter(scale_of(words))),
        conditions=words,
        actions=words,
        blast_radius=words,
        needs=tuple(f"{words} {number}" for number in range(30)),
        met=tuple(f"{words} {number}" for number in range(30)),
        still=tuple(made.need(f"old {words} {number}") for number in range(30)),
    )


def happenings(words: str) -> Iterator[tuple[str, messages.Happened]]:
    """Yield every kind of fact with words in every text it names."""
    by = Actor.person("U0SOMEBODY")
    at: Any = {"by": by, "occurred_at": NOON, "recorded_at": NOON}
    text = TextId("t")
    person, other = UserId("U0ONE"), UserId("U0OTHER")
    sides: Any = {"holder": person, "to": other}
    moment: Any = {"channel": ROOM, "ts": "1.2"}
    level = SeverityKey("SEV1")
    told: list[facts.Fact] = [
        facts.IncidentDeclared(**at, title=text, severity=level, started_at=NOON, summary=text),
        facts.WarRoomOpened(**at, channel=ROOM, name="inc-1"),
        facts.MadePrivate(**at),
        facts.PrivateRead(**at),
        facts.StatusChanged(**at, before=Status.FIXING, after=Status.MERGED, reason=text, into=IncidentId(2)),
        facts.MergeReceived(**at, merged=IncidentId(2), room=ROOM),
        facts.IncidentRenamed(**at, title=text),
        facts.DetailsChanged(**at, summary=text, affected=text),
        facts.NeedsMet(**at, needs=(text,) * 30),
        facts.SeverityChanged(**at, before=level, after=level, reason=text),
        facts.RoleAssigned(**at, role=Role.SME, person=person, workstream=text),
        facts.RoleReleased(**at, role=Role.SME, person=person, workstream=text),
        facts.HandoverAsked(**at, **sides),
        facts.HandoverAgreed(**at, **sides, person=person),
        facts.HandoverDeclined(**at, **sides, person=person),
        facts.CommandTakenOver(**at, holder=person, person=other, reason=text),
        facts.ReportPosted(
            **at,
            status=Status.FIXING,
            severity=level,
            condition=made.report_draft().condition,
            conditions=text,
            actions=text,
            blast_radius=text,
            needs=(text,) * 30,
            met=(text,) * 30,
        ),
        facts.NoteAdded(**at, text=text),
        facts.MomentMarked(**at, **moment),
        facts.MomentUnmarked(**at, **moment),
        facts.MilestoneCorrected(**at, milestone=Milestone.STARTED, reason=text),
        facts.PostmortemOwed(**at, due_at=NOON),
        facts.PostmortemWithdrawn(**at),
        facts.PostmortemOwned(**at, person=person),
        facts.PostmortemDone(**at, link=text),
        facts.NudgeSnoozed(**at, nudge="report", until=NOON),
    ]
    assert {type(fact) for fact in told} == set(facts.ALL)
    for fact in told:
        yield fact.stored_as, messages.Happened(incident=IncidentId(1), fact=fact, words={text: words})


def everything_said(words: str) -> Iterator[tuple[str, Message]]:
    """Yield a name and the message of every kind, at its fullest."""
    one, report_ = IncidentId(1), full_report(words)
    for status in Status:
        yield f"card {status}", render(messages.Card(facts=full_card(words, status=status)))
        yield f"announcement {status}", render(messages.Announcement(facts=full_card(words, status=status)))
        ending = messages.EndingFacts(status=status, by=Actor.person("U0ONE"), at=NOON, reason=words)
        ended = full_card(words, status=status, ending=ending, merged_into=IncidentId(2), merged_room=ROOM)
        yield f"card ended {status}", render(messages.Card(facts=ended))
        yield f"announcement ended {status}", render(messages.Announcement(facts=ended))
    owed = made.postmortem(owner=UserId("U0ONE"))
    yield "card owing", render(messages.Card(facts=full_card(words, postmortem=owed)))
    for name, said in happenings(words):
        yield f"happened {name}", render(said)
        noticed = messages.Noticed(facts=full_card(words), fact=said.fact, words=said.words)
        yield f"noticed {name}", render(noticed)
    for merged in (full_card(words), None):
        came = messages.MergedIn(incident=one, by=Actor.person("U0ONE"), merged=merged)
        yield "merged in", render(came)
    yield "room opened", render(messages.RoomOpened(incident=one, title=words, channel=ROOM))
    yield "report", render(messages.ReportShown(incident=one, report=report_))
    for role in Role:
        duties = messages.Duties(
            incident=one, title=words, channel=ROOM, role=role, workstream=words, by=Actor(ActorKind.WEB)
        )
        yield f"duties {role}", render(duties)
    yield "hand-over", render(messages.HandoverQuestion(incident=one, handover=made.handover(overdue=True)))
    yield "commander missing", render(messages.CommanderMissing(incident=one, since=NOON, snooze=DAY))
    for ask in (None, UserId("U0ONE")):
        yield (
            "report overdue",
            render(messages.ReportOverdue(incident=one, last_at=NOON, due_at=NOON, ask=ask, snooze=DAY)),
        )
        for moment in PostmortemMoment:
            nudge = messages.PostmortemNudge(
                incident=one, title=words, moment=moment, due_at=NOON, owner=ask, snooze=DAY
            )
            yield f"postmortem {moment}", render(nudge)
            instead = messages.InsteadOfRoom(incident=one, said=nudge, why=messages.NoRoom.GONE)
            yield f"postmortem {moment} by direct message", render(instead)
    yield "answered", render(messages.Answered(incident=one, outcome="<@U0ONE> is commander of INC-1."))
    for why in messages.NoRoom:
        yield f"room closed {why}", render(messages.RoomClosed(incident=one, title=words, why=why))
    yield (
        "postmortem given",
        render(
            messages.PostmortemGiven(
                incident=one, title=words, channel=ROOM, due_at=NOON, by=Actor(ActorKind.WEB)
            )
        ),
    )
    yield "postmortem offered", render(messages.PostmortemOffered(incident=one, title=words))
    yield "failed", render(messages.Failed(incident=one, job=1, what="the pin", why=words))
    lines = [
        made.incident_line(
            number, title=words, status=status, private=True, drill=True, commander=UserId("U0ONE")
        )
        for number, status in enumerate(tuple(Status) * 8)
    ]
    owing = [made.incident_line(1000, title=words, status=Status.RESOLVED, postmortem_due=NOON)]
    yield "list", lists.incidents([*lines, *owing], title=words)
    yield "choice", lists.open_incidents(lines, "Which one?", command=words)
    yield "needs left open", moves.left_open(full_card(words))
    yield "tray elsewhere", tray.elsewhere(lines)
    yield "help", help.page([(words, words)] * 60)
    for status in Status:
        yield f"tray {status}", tray.in_room(full_card(words, status=status, postmortem=owed))
    told = timeline_views.escaped(lambda _: words)
    history = [said.fact for _, said in happenings(words)]
    yield "timeline", timeline_views.page(one, page_of(timeline.merge(history, [], told)))


def page_of(entries: list[timeline.Entry]) -> Page:
    """Return a page in the midst of a timeline, full."""
    return Page(entries=entries[:PAGE], first=21, total=1000, older="20", newer="60")


def everything_with_sentences_of_ours(words: str) -> Iterator[tuple[str, Message]]:
    """Yield what keeps mentions, because the sentence is ours or Slack's: never a call or a raw token."""
    one = IncidentId(1)
    yield "plain", render(messages.Plain(text=words))
    yield "settled", render(messages.HandoverQuestion(incident=one, handover=None, outcome=words))
    yield "failed what", render(messages.Failed(incident=None, job=1, what=words, why=words))
    yield "choice", lists.open_incidents([], words)
    yield "mistyped", help.mistyped(words, instead=words)
    said = timeline.Entry(at=NOON, by=SYSTEM, sentence=(words,), kind="message", key_moment=True, edited=True)
    yield "timeline", timeline_views.page(one, page_of([said] * 100))


def every_view(words: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield a name and the view of every modal and of the App Home, at its fullest."""
    scale, one = scale_of(words), UserId("U0ONE")
    lines = [made.incident_line(number, title=words) for number in range(60)]
    yield (
        "declare",
        declare.declare(
            scale,
            payload=InteractionPayload(channel=ROOM, message=words, command=words, thread="1.2"),
            open_incidents=lines,
            title=words[:150],
            severity=SeverityKey("SEV2"),
            summary=words,
            drill=True,
        ),
    )
    for status in Status:
        card = full_card(words, status=status)
        yield f"report {status}", report.report(card, answer_in=ROOM)
        yield f"status {status}", moves.status(card, answer_in=ROOM)
        yield f"reopen {status}", moves.reopen(card, answer_in=ROOM)
    card = full_card(words)
    yield "few needs", report.report(full_card(words, needs=card.needs[:3]))
    yield "resolve", moves.resolve(card)
    yield "needs", moves.needs(card)
    yield "details", details.edit(card)
    yield "cancel", moves.cancel(card)
    yield "severity", severity.severity(card, scale)
    for role in Role:
        yield f"assign {role}", roles.assign(card, role, answer_in=ROOM)
    yield "join", roles.join(card, one, answer_in=ROOM)
    yield "take over", roles.take_over(card)
    yield "note", timeline_views.note(card, initial=words)
    yield "correct", timeline_views.correct(card)
    yield "no time to correct", timeline_views.correct(full_card(words, milestones={}))
    yield "postmortem done", postmortem.postmortem_done(card)
    yield "notice", forms.notice("x" * 100, "A sentence.")
    home_lines = tuple(
        made.home_line(
            number, title=words, private=True, drill=True, channel=ChannelId(f"C{number}"), commander=one,
            postmortem_due=NOON,
        )
        for number in range(60)
    )  # fmt: skip
    dead = tuple(
        messages.DeadJob(id=number, kind=words, incident=IncidentId(number), why=words)
        for number in range(60)
    )
    yield "home", home.home_view(made.home(open=home_lines, mine=home_lines, owed=home_lines, dead=dead))


# -- what must hold


def strings(value: object, *, skip: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield every string below a value, those under skipped names left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            if name not in skip:
                yield from strings(each, skip=skip)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each, skip=skip)


CARRIED = frozenset({"value", "private_metadata", "initial_value", "initial_option", "initial_options"})
"""What is handed back and never read as markup."""
TOKEN = re.compile(
    r"<(?!@[UW][A-Z0-9]+>|#C[A-Z0-9]+>|!date\^\d+\^[{}_ a-z]+\|[-0-9: ]+UTC>|https?://[^<>|]+(?:\|[^<>|]*)?>)"
)
CALL = re.compile(r"@(?:here|channel|everyone)\b", re.IGNORECASE)


def check_inert(name: str, payload: object, *, mentions: bool) -> None:
    """Hold shown strings to: no token but ours, no call, and no mention made of words."""
    for text in strings(payload, skip=CARRIED):
        assert not CALL.search(text), name
        assert "\u202e" not in text, name
        assert "\x00" not in text, name
        assert "<!channel" not in text, name
        assert "<!here" not in text, name
        if not mentions:
            assert "<@U0HOSTILE" not in text, name
            assert "<#C0HOSTILE" not in text, name
            assert "<https://evil" not in text, name


def check_tokens(name: str, payload: object) -> None:
    """Hold mrkdwn to the few tokens we make; plain text shows a lone ``<`` as it is."""
    if isinstance(payload, Mapping):
        if payload.get("type") == "mrkdwn":
            assert payload.get("verbatim") is True, f"{name}: bare addresses would become links"
            assert not TOKEN.search(str(payload["text"])), (name, payload)
        for each in payload.values():
            check_tokens(name, each)
    elif isinstance(payload, list):
        for each in payload:
            check_tokens(name, each)


def check_ids(name: str, blocks: list[dict[str, object]]) -> None:
    """Hold block ids and action ids to being unique in the whole message or view."""
    block_ids = [each["block_id"] for each in blocks if "block_id" in each]
    action_ids = [found for each in blocks for found in _action_ids(each)]

    assert len(block_ids) == len(set(block_ids)), name
    assert len(action_ids) == len(set(action_ids)), name


def _action_ids(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        if "action_id" in value:
            yield str(value["action_id"])
        for each in value.values():
            yield from _action_ids(each)
    elif isinstance(value, list):
        for each in value:
            yield from _action_ids(each)


def check_said(name: str, message: Message, *, mentions: bool = False) -> None:
    check_message(message.blocks)
    assert 0 < len(message.text) <= MESSAGE_TEXT, name
    assert not TOKEN.search(message.text), name
    assert sum(map(size, strings(message.blocks))) <= MESSAGE_CHARACTERS, name
    check_ids(name, message.blocks)
    check_tokens(name, message.blocks)
    check_inert(name, [message.text, message.blocks], mentions=mentions)


def check_opened(name: str, view: dict[str, object]) -> None:
    blocks = view["blocks"]
    assert isinstance(blocks, list)
    check_view(view, kinds=("modal", "home"))
    assert len(json.dumps(view).encode()) <= VIEW_BYTES, name
    check_ids(name, blocks)
    check_tokens(name, view)
    check_inert(name, view, mentions=False)


@pytest.mark.parametrize("kind", HOSTILE)
def test_every_message_fits_and_makes_nothing_of_hostile_words(kind: str) -> None:
    words = HOSTILE[kind]

    said = list(everything_said(words))
    ours = list(everything_with_sentences_of_ours(words))

    for name, message in said:
        check_said(name, message)
    for name, message in ours:
        check_said(name, message, mentions=True)


@pytest.mark.parametrize("kind", HOSTILE)
def test_every_modal_and_home_fits_and_makes_nothing_of_hostile_words(kind: str) -> None:
    views = list(every_view(HOSTILE[kind]))

    for name, view in views:
        check_opened(name, view)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=400) | st.builds("".ljust, st.integers(1, 400), st.characters()))
def test_any_words_at_all_fit_everywhere(words: str) -> None:
    said, views = list(everything_said(words)), list(every_view(words))

    for name, message in said:
        check_said(name, message, mentions=True)
    for name, view in views:
        check_opened(name, view)


@pytest.mark.parametrize(
    ("command", "offered"),
    [("resolve", 10), ("note " + "x" * 900, 7), ("note " + "\u00e9" * 300, 3), ("note " + "x" * 40_000, 10)],
    ids=["short", "long", "long in JSON", "too long to carry"],
)
def test_of_a_long_command_fewer_incidents_are_offered_to_do_it_in(command: str, offered: int) -> None:
    lines = [made.incident_line(number) for number in range(1, 13)]

    message = lists.open_incidents(lines, "Which one?", command=command)

    check_said("choice", message)
    buttons: Any = message.blocks[1]["elements"]
    assert len(buttons) == offered
    assert f"+ {12 - offered} more" in str(message.blocks[2])


# -- Slack's own schemas


@cache
def block_validators(place: str) -> dict[str, Draft7Validator]:
    """Return a validator for each type of block of a place (message, modal or home), or skip the test.

    The definition is picked by the block's type first, because errors of ``anyOf`` cannot be read.
    """
    path = SPECS / f"slack-{place}.schema.json"
    if not path.exists():
        pytest.skip(f"Slack's schemas are not at {SPECS}; set WARROOM_SLACK_SPECS to their folder")
    definitions = json.loads(path.read_text(encoding="utf-8"))["definitions"]
    found = {}
    for name, definition in definitions.items():
        kind = definition.get("properties", {}).get("type", {}).get("const")
        if kind and name.endswith("Block"):
            found[kind] = Draft7Validator({"$ref": f"#/definitions/{name}", "definitions": definitions})
    return found


def check_schema(place: str, name: str, blocks: object) -> None:
    assert isinstance(blocks, list)
    for block in blocks:
        error = best_match(block_validators(place)[block["type"]].iter_errors(block))
        assert error is None, f"{name}: {block['type']} {list(error.path)}: {error.message[:300]}"


Everything = Callable[[str], Iterator[tuple[str, Message]]]


@pytest.mark.parametrize("kind", ["one word", "markup", "40,000 ampersands", "20,000 emoji"])
@pytest.mark.parametrize("everything", [everything_said, everything_with_sentences_of_ours])
def test_every_block_of_a_message_is_what_slack_describes(kind: str, everything: Everything) -> None:
    said = list(everything(HOSTILE[kind]))

    for name, message in said:
        check_schema("message", name, message.blocks)


@pytest.mark.parametrize("kind", ["one word", "markup", "40,000 ampersands", "20,000 emoji"])
def test_every_block_of_a_view_is_what_slack_describes(kind: str) -> None:
    views = list(every_view(HOSTILE[kind]))

    for name, view in views:
        check_schema(str(view["type"]), name, view["blocks"])
