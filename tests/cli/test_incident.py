"""`warroom incident`: an incident can be run from the shell alone."""

from datetime import timedelta

import pytest

from bot.domain.incident.facts import PrivateRead
from bot.domain.incident.timeline import Message
from bot.domain.shared.vocabulary import SYSTEM, Actor, ChannelId, IncidentId, Role, UserId
from bot.usecases.incident.roles import Assign, assign
from bot.usecases.ports import Ports

from .conftest import NOW, Shell

CASEY = Actor.person("U0CASEY")


def open_room(shell: Shell) -> None:
    """Give the first incident its war room, as the worker would."""

    async def record(ports: Ports) -> None:
        async with ports.work() as work:
            incident = await work.incidents.get(IncidentId(1), seen_by=SYSTEM)
            incident.open_room(ChannelId("C0ROOM"), "inc-1-orders", by=SYSTEM, at=NOW)
            await work.incidents.save(incident)
            await work.commit()

    shell.do(record)


def test_what_was_declared_is_shown(shell: Shell) -> None:
    shell.ok(
        "incident", "declare", "Orders are late", "--severity", "2", "--summary", "No rows since 08:00",
        "--affected", "Finance", "--started", "08:00", "--drill", "--as", "U0CASEY",
    )  # fmt: skip

    shown = shell.json("incident", "show", "INC-1")

    assert shown == {
        "id": "INC-1",
        "version": 1,
        "title": "Orders are late",
        "summary": "No rows since 08:00",
        "affected": "Finance",
        "severity": "SEV2",
        "status": "investigating",
        "private": False,
        "drill": True,
        "declared_by": {"kind": "shell", "user": "U0CASEY"},
        "channel": None,
        "channel_name": None,
        "merged_into": None,
        "roles": [],
        "milestones": {
            "started": {"occurred": "2026-11-22T08:00:00+00:00", "recorded": "2026-11-22T10:00:00+00:00"},
            "detected": {"occurred": "2026-11-22T10:00:00+00:00", "recorded": "2026-11-22T10:00:00+00:00"},
            "declared": {"occurred": "2026-11-22T10:00:00+00:00", "recorded": "2026-11-22T10:00:00+00:00"},
        },
        "reports": [],
        "needs": [],
        "postmortem": None,
    }


@pytest.mark.parametrize("typed", ["INC-1", "inc-1", "inc1", "1", " INC-1 "])
def test_an_incident_is_named_as_people_name_it(shell: Shell, typed: str) -> None:
    shell.declare()

    shown = shell.json("incident", "show", typed)

    assert shown["id"] == "INC-1"


@pytest.mark.parametrize(
    "typed", ["INC-2", "INC-0", "99999999999", "9999999999", "orders", "", "INC--1", "\u0661"]
)
def test_an_incident_that_is_not_there_is_refused(shell: Shell, typed: str) -> None:
    shell.declare()

    said = shell.refused("incident", "show", typed)

    assert "incident" in said.casefold()


def test_people_see_what_matters(shell: Shell) -> None:
    shell.declare("Orders [red]are[/red] late")
    open_room(shell)
    shell.ok("incident", "assign", "1", "ic", "U0CASEY")
    shell.ok(
        "incident", "update", "1", "--conditions", "No rows", "--actions", "Rerunning",
        "--need", "Access to S3", "--blast-radius", "Finance",
    )  # fmt: skip

    shown = shell.ok("incident", "show", "1")
    listed = shell.ok("incident", "list")

    for words in (
        "INC-1  SEV2  investigating",
        "Orders [red]are[/red] late",
        "#inc-1-orders",
        "Commander: @U0CASEY",
        "Last CAN update: 2026-11-22 10:00 UTC by the shell",
        "Conditions (other): No rows",
        "Blast radius: Finance",
        "Actions: Rerunning",
        "Need 1: Access to S3 (since 2026-11-22 10:00 UTC)",
    ):
        assert words in shown
    for words in (
        "INC-1",
        "SEV2",
        "Orders [red]are[/red] late",
        "#inc-1-orders",
        "@U0CASEY",
        "2026-11-22 10:00",
    ):
        assert words in listed


def test_an_incident_goes_from_declared_to_closed_and_back(shell: Shell) -> None:
    shell.declare()

    said = [
        shell.ok("incident", "status", "1", "backfill"),
        shell.ok("incident", "severity", "1", "SEV1", "--reason", "It reached customers"),
        shell.ok("incident", "resolve", "1"),
        shell.ok("incident", "close", "1"),
        shell.ok("incident", "reopen", "1", "--reason", "Rows are missing again"),
    ]

    assert said == [
        "INC-1 is backfilling now.\n",
        "INC-1 is SEV1 now.\n",
        "INC-1 is resolved now.\n",
        "INC-1 is closed now.\n",
        "INC-1 is investigating now.\n",
    ]


def test_a_resolved_major_incident_owes_a_postmortem(shell: Shell) -> None:
    shell.declare()

    shown = shell.json("incident", "resolve", "1")

    assert shown["postmortem"] == {
        "owed_at": "2026-11-22T10:00:00+00:00",
        "due_at": "2026-11-24T10:00:00+00:00",
        "owner": None,
        "done": False,
        "done_at": None,
        "link": None,
    }
    assert "Postmortem: due 2026-11-24 10:00 UTC, owned by nobody" in shell.ok("incident", "show", "1")


def test_an_incident_is_merged_into_another(shell: Shell) -> None:
    shell.declare()
    shell.declare("Orders are later")

    merged = shell.json("incident", "status", "2", "merged", "--into", "INC-1")

    assert (merged["status"], merged["merged_into"]) == ("merged", "INC-1")


def test_merging_and_cancelling_have_commands_of_their_own(shell: Shell) -> None:
    shell.declare()
    shell.declare("Orders are later")
    shell.declare("A test")

    merged = shell.json("incident", "merge", "INC-2", "INC-1")
    cancelled = shell.ok("incident", "cancel", "3", "--reason", "it was expected")

    assert (merged["status"], merged["merged_into"]) == ("merged", "INC-1")
    assert cancelled == "INC-3 is cancelled now.\n"


def test_a_postmortem_is_asked_for_owned_and_finished(shell: Shell) -> None:
    shell.declare(severity="4")
    shell.ok("incident", "resolve", "1")

    said = [
        shell.ok("incident", "postmortem", "1", *words)
        for words in (["--start"], ["--owner", "U0CASEY"], ["--done", "https://wiki.example/1"])
    ]

    assert said == [
        "INC-1: postmortem owned by nobody.\n",
        "INC-1: postmortem owned by @U0CASEY.\n",
        "INC-1: postmortem done.\n",
    ]
    assert "Postmortem: done, https://wiki.example/1" in shell.ok("incident", "show", "1")


@pytest.mark.parametrize("words", [(), ("--start", "--done", "https://wiki.example/1")])
def test_a_postmortem_is_told_one_thing_at_a_time(shell: Shell, words: tuple[str, ...]) -> None:
    shell.declare()

    said = shell.refused("incident", "postmortem", "1", *words)

    assert said == "Say one of --start, --owner PERSON or --done LINK."


def test_an_update_is_shown_with_what_it_needs(shell: Shell) -> None:
    shell.declare()

    shown = shell.json(
        "incident", "update", "1", "--conditions", "No rows", "--actions", "Rerunning", "--type", "late",
        "--need", "Access to S3", "--need", "A decision", "--status", "fixing", "--as", "U0CASEY",
    )  # fmt: skip

    assert shown["status"] == "fixing"
    assert shown["reports"] == [
        {
            "at": "2026-11-22T10:00:00+00:00",
            "by": {"kind": "shell", "user": "U0CASEY"},
            "status": "fixing",
            "severity": "SEV2",
            "condition": "late",
            "conditions": "No rows",
            "actions": "Rerunning",
            "blast_radius": None,
            "needs": ["Access to S3", "A decision"],
            "met": [],
        }
    ]
    assert [need["text"] for need in shown["needs"]] == ["Access to S3", "A decision"]


@pytest.mark.parametrize("met", ["2", "a dec", "A decision"])
def test_a_need_is_met_by_its_number_or_its_beginning(shell: Shell, met: str) -> None:
    shell.declare()
    words = ("incident", "update", "1", "--conditions", "x", "--actions", "y")
    shell.ok(*words, "--type", "wrong", "--need", "Access to S3", "--need", "A decision")

    shown = shell.json(*words, "--met", met)

    assert [need["text"] for need in shown["needs"]] == ["Access to S3"]
    assert shown["reports"][-1]["met"] == ["A decision"]
    assert shown["reports"][-1]["condition"] == "wrong"


@pytest.mark.parametrize(("met", "says"), [("3", "none of"), ("a", "more than one"), ("zebra", "none of")])
def test_a_need_that_is_not_clear_is_refused_with_the_open_ones(shell: Shell, met: str, says: str) -> None:
    shell.declare()
    words = ("incident", "update", "1", "--conditions", "x", "--actions", "y")
    shell.ok(*words, "--need", "Access to S3", "--need", "A decision")

    said = shell.refused(*words, "--met", met)

    assert says in said
    assert "1. Access to S3; 2. A decision" in said


def test_a_commander_who_is_there_is_asked_to_hand_over(shell: Shell) -> None:
    shell.declare()

    first = shell.ok("incident", "assign", "1", "commander", "U0CASEY")
    second = shell.ok("incident", "assign", "1", "commander", "<@U0ROBIN>")

    assert first == "INC-1: commander @U0CASEY.\n"
    assert second == "INC-1: commander @U0CASEY; @U0ROBIN was asked for the command.\n"


def test_the_timeline_has_what_happened_and_what_was_said(shell: Shell) -> None:
    shell.declare()
    open_room(shell)
    said_at = NOW + timedelta(minutes=1)
    message = Message(
        channel=ChannelId("C0ROOM"), ts="1795341660.000100", user=UserId("U0ROBIN"), said_at=said_at,
        text="rows\x1b[31m are back\nask <@U0CASEY>",
    )  # fmt: skip
    shell.do(lambda ports: ports.archive.record([message]))
    shell.wired.now = NOW + timedelta(minutes=2)
    shell.ok("incident", "note", "1", "Called the vendor", "--at", "09:30", "--as", "U0CASEY")

    for_people = shell.ok("incident", "timeline", "1")
    entries = shell.json("incident", "timeline", "1")
    key_moments = shell.json("incident", "timeline", "1", "--key")

    assert for_people.splitlines() == [
        "2026-11-22 09:30:00    the shell for @U0CASEY noted: Called the vendor",
        "2026-11-22 10:00:00    the shell declared this incident as SEV2: Orders are late",
        "2026-11-22 10:00:00    Warroom opened the war room #inc-1-orders",
        "2026-11-22 10:01:00    @U0ROBIN: rows[31m are back",
        "    ask @U0CASEY",
    ]
    assert [entry["kind"] for entry in entries] == [
        "note_added",
        "incident_declared",
        "war_room_opened",
        "message",
    ]
    assert "message" not in {entry["kind"] for entry in key_moments}


@pytest.mark.parametrize(
    ("typed", "occurred"),
    [
        ("09:30", "2026-11-22T09:30:00+00:00"),
        ("23:30", "2026-11-21T23:30:00+00:00"),
        ("2026-11-22T09:30", "2026-11-22T09:30:00+00:00"),
        ("2026-11-22 09:30:00+01:00", "2026-11-22T08:30:00+00:00"),
    ],
)
def test_times_are_utc_unless_they_say_otherwise(shell: Shell, typed: str, occurred: str) -> None:
    shell.declare()

    shell.ok("incident", "note", "1", "x", "--at", typed)

    assert shell.json("incident", "timeline", "1")[0]["at"] == occurred


@pytest.mark.parametrize(
    "typed", ["yesterday", "25:00", "2026-13-01", "2026-11-22T11:00", "0001-01-01T00:00+14:00"]
)
def test_a_time_that_cannot_be_is_refused(shell: Shell, typed: str) -> None:
    shell.declare()

    said = shell.refused("incident", "note", "1", "x", "--at", typed)

    assert "time" in said


def test_open_incidents_are_listed_the_worst_first(shell: Shell) -> None:
    shell.declare("Slow", severity="4")
    shell.declare("Down", severity="1")
    shell.declare("Over")
    shell.ok("incident", "resolve", "3")
    shell.ok("incident", "close", "3")

    listed = shell.json("incident", "list")
    everything = shell.json("incident", "list", "--all", "--limit", "2")

    assert [line["title"] for line in listed] == ["Down", "Slow"]
    assert [line["id"] for line in everything] == ["INC-3", "INC-2"]


def test_an_empty_list_says_so(shell: Shell) -> None:
    assert shell.ok("incident", "list") == "No incidents.\n"
    assert shell.json("incident", "list") == []


def test_a_private_incident_is_seen_by_members_and_by_who_asks_on_the_record(
    shell: Shell,
) -> None:
    shell.declare("Salaries leaked", "--private", "--as", "U0CASEY")

    for_all = shell.json("incident", "list", "--all")
    refused = shell.refused("incident", "show", "1")
    asked = shell("incident", "show", "1", "--include-private", "--json")

    assert for_all == []
    assert "Salaries" not in refused
    assert "Salaries leaked" in asked.stdout
    assert "private_incidents_read" in asked.stderr


@pytest.mark.parametrize(
    ("reading", "reader"),
    [
        (("list", "--include-private"), "shell"),
        (("list", "--all", "--include-private"), "shell"),
        (("show", "1", "--include-private"), "shell"),
        (("timeline", "1", "--include-private"), "shell"),
        (("list", "--as", "U0CASEY"), "shell:U0CASEY"),
        (("show", "1", "--as", "U0CASEY"), "shell:U0CASEY"),
        (("timeline", "1", "--as", "U0CASEY"), "shell:U0CASEY"),
    ],
)
def test_who_reads_a_private_incident_in_the_shell_is_in_its_timeline(
    shell: Shell, reading: tuple[str, ...], reader: str
) -> None:
    shell.declare("Salaries leaked", "--private", "--as", "U0CASEY")
    shell.declare("Orders are late")

    for _ in range(3):
        assert "Salaries leaked" in shell.ok("incident", *reading)

    async def history(ports: Ports) -> list[list[str]]:
        numbers = IncidentId(1), IncidentId(2)
        read = [await ports.reads.history(number, seen_by=SYSTEM) for number in numbers]
        return [[str(fact.by) for fact in one if isinstance(fact, PrivateRead)] for one in read]

    assert shell.do(history) == [[reader], []]


def test_somebody_who_reads_on_for_hours_is_recorded_every_hour(shell: Shell) -> None:
    shell.declare("Salaries leaked", "--private", "--as", "U0CASEY")

    for _ in range(5):
        shell.ok("incident", "show", "1", "--include-private")
        shell.wired.now += timedelta(minutes=30)

    told = shell.ok("incident", "timeline", "1", "--as", "U0CASEY")
    again = shell.ok("incident", "timeline", "1", "--as", "U0CASEY")
    assert "read this private incident from outside its room" in again
    assert told.count("read this private incident") == 3


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("declare", "", "--severity", "2"), "The title is empty"),
        (("declare", "x" * 200, "--severity", "2"), "150 fit"),
        (("declare", "x", "--severity", "9"), "no severity"),
        (("declare", "x", "--severity", "2", "--as", "@casey"), "U012ABCDEF"),
        (("declare", "x", "--severity", "2", "--started", "2027-01-01"), "still to come"),
        (("status", "1", "sleeping"), "no status"),
        (("close", "1"), "Resolve it first"),
        (("reopen", "1", "--reason", "x"), "already investigating"),
        (("status", "1", "merged"), "other incident"),
        (("status", "1", "merged", "--into", "7"), "no incident"),
        (("status", "1", "cancelled"), "needs a reason"),
        (("severity", "1", "SEV2"), "already SEV2"),
        (("assign", "1", "king", "U0CASEY"), "no role"),
        (("update", "1", "--conditions", " ", "--actions", "x"), "Conditions is empty"),
        (("note", "1", " "), "note is empty"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(shell: Shell, words: tuple[str, ...], says: str) -> None:
    shell.declare()

    said = shell.refused("incident", *words)

    assert says.casefold() in said.casefold()
    assert "<@" not in said
    assert len(said.splitlines()) == 1


def test_a_refusal_names_people_readably(shell: Shell) -> None:
    shell.declare()
    shell.ok("incident", "assign", "1", "scribe", "U0CASEY")

    said = shell.refused("incident", "assign", "1", "scribe", "U0CASEY")

    assert said == "@U0CASEY is already scribe."


def test_what_people_did_in_slack_is_named_as_theirs(shell: Shell) -> None:
    shell.declare("x", "--as", "U0CASEY")
    command = Assign(
        actor=SYSTEM, incident=IncidentId(1), role=Role.SME, person=UserId("U0ROBIN"), workstream="S3"
    )
    shell.do(lambda ports: assign(command, ports))

    shown = shell.json("incident", "show", "1")

    assert shown["roles"] == [{"role": "sme", "person": "U0ROBIN", "workstream": "S3"}]


def test_a_missing_database_is_named_with_what_makes_one(empty_shell: Shell) -> None:
    said = empty_shell.refused("incident", "list")

    assert "warroom.db" in said
    for command in ("`warroom run`", "`warroom migrate`"):
        assert command in said
    assert len(said.splitlines()) == 1
