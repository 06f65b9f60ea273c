"""``/incident ...``: what people type, in the words they reach for."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import grammar
from bot.slack.commands import COMMANDS, GRAMMAR
from bot.slack.grammar import Unknown
from tests.domain.refusing import LONGEST, refused


@pytest.mark.parametrize(
    ("word", "name"), [(word, command.name) for command in COMMANDS for word in (command.name, *command.also)]
)
def test_every_word_of_the_table_finds_its_command(word: str, name: str) -> None:
    for typed in (word, word.upper(), f"  {word}  "):
        command = GRAMMAR.parse(typed).command

        assert command
        assert command.name == name


def test_no_word_means_two_things() -> None:
    words = [word for command in COMMANDS for word in (command.name, *command.also, *command.short)]

    assert len(words) == len(set(words))
    assert all(word == word.casefold() and not word.isspace() for word in words)


@pytest.mark.parametrize(
    ("typed", "name", "rest", "incident"),
    [
        ("sev 2", "severity", "2", None),
        ("ic <@U1|ada>", "commander", "<@U1|ada>", None),
        ("fixing", "status", "fixing", None),
        ("Backfilling since  noon", "status", "backfilling since  noon", None),
        ("INC-3 fixing", "status", "fixing", 3),
        ("sev2 it grows", "severity", "2 it grows", None),
        ("inc3 sev 1", "severity", "1", 3),
        ("sev INC-3 3", "severity", "3", 3),
        ("INC-12 note 12 rows are wrong", "note", "12 rows are wrong", 12),
        ("note INC-12 12 rows are wrong", "note", "INC-12 12 rows are wrong", None),
        ("cancel INC-4 is the same", "cancel", "INC-4 is the same", None),
        ("resolve INC-4", "resolve", "", 4),
        ("merge INC-2", "merge", "INC-2", None),
        ("INC-1 merge INC-2", "merge", "INC-2", 1),
        ("declare INC-3 is back", "declare", "INC-3 is back", None),
        ("note the note\nof two lines", "note", "the note\nof two lines", None),
        ("declare  Revenue   is wrong ", "declare", "Revenue   is wrong", None),
        ("pm done https://wiki/1", "postmortem", "done https://wiki/1", None),
    ],
)
def test_what_was_typed_is_taken_apart(typed: str, name: str, rest: str, incident: int | None) -> None:
    parsed = GRAMMAR.parse(typed)

    assert parsed.command
    assert (parsed.command.name, parsed.rest, parsed.incident) == (name, rest, incident)


@pytest.mark.parametrize(("typed", "incident"), [("", None), ("   ", None), ("INC-7", 7), (" inc7 ", 7)])
def test_nothing_typed_asks_for_the_tray(typed: str, incident: int | None) -> None:
    parsed = GRAMMAR.parse(typed)

    assert (parsed.command, parsed.incident) == (None, incident)


@pytest.mark.parametrize(
    ("typed", "near", "instead"),
    [
        ("decalre", "declare", "declare"),
        ("reslove it ran  again", "resolve", "resolve it ran  again"),
        ("fixin", "fixing", "fixing"),
        ("INC-3 Serverity 2", "severity", "INC-3 severity 2"),
    ],
)
def test_an_unknown_word_gets_the_nearest_command_with_all_that_was_typed(
    typed: str, near: str, instead: str
) -> None:
    with pytest.raises(Unknown, match=f"Did you mean `/incident {near}`") as caught:
        GRAMMAR.parse(typed)

    assert caught.value.instead == instead


@pytest.mark.parametrize("typed", ["xyzzy", "<!channel>", "🙂", "x" * 40_000])
def test_a_word_like_no_other_is_told_where_the_help_is(typed: str) -> None:
    with pytest.raises(Unknown, match="`/incident help`") as caught:
        GRAMMAR.parse(typed)

    assert caught.value.instead is None
    assert len(caught.value.why) <= LONGEST


words = st.sampled_from(["INC-3", "sev", "sev1", "merge", "note", "fixing", "3", "\n"])


@given(st.one_of(st.text(), st.lists(words).map(" ".join)))
def test_any_text_is_parsed_or_refused(typed: str) -> None:
    try:
        parsed = GRAMMAR.parse(typed)
    except Unknown as no:
        refusal = no.why
    else:
        refusal = ""
        assert parsed.rest == parsed.rest.strip()
        assert parsed.command is None or parsed.command in COMMANDS

    assert len(refusal) <= LONGEST


@given(st.text())
def test_any_text_is_searched_for_people_and_lengths(typed: str) -> None:
    grammar.person_in(typed)
    length, before = grammar.length_in(typed)

    assert length is None or length >= timedelta()
    assert before == before.strip()
    assert grammar.labelled(typed) is None or typed[:3].casefold() == "inc"


@pytest.mark.parametrize(
    ("typed", "person", "rest"),
    [
        ("<@U1>", "U1", ""),
        ("<@U1|ada> ingest", "U1", "ingest"),
        ("ingest <@W2>", "W2", "ingest"),
        ("ingest", None, "ingest"),
    ],
)
def test_a_person_is_found_anywhere(typed: str, person: str | None, rest: str) -> None:
    assert grammar.someone_in(typed) == (person, rest)


def test_a_name_slack_did_not_turn_into_a_person_is_refused() -> None:
    with refused("nobody called “@ada”"):
        grammar.someone_in("@ada ingest")


@pytest.mark.parametrize(
    ("typed", "length", "before"),
    [
        ("report 30m", timedelta(minutes=30), "report"),
        ("2H", timedelta(hours=2), ""),
        ("1h30m", timedelta(minutes=90), ""),
        ("report 1h 30m", timedelta(minutes=90), "report"),
        ("update for 2 hours", timedelta(hours=2), "update"),
        ("CAN update 1 day 2 hrs 5 min", timedelta(days=1, hours=2, minutes=5), "CAN update"),
        ("the 2 hours ago", None, "the 2 hours ago"),
        ("postmortem 1d", timedelta(days=1), "postmortem"),
        ("report", None, "report"),
        ("report 30", None, "report 30"),
    ],
)
def test_a_length_of_time_stands_at_the_end(typed: str, length: timedelta | None, before: str) -> None:
    assert grammar.length_in(typed) == (length, before)


def test_the_help_has_a_row_for_each_command_with_all_its_words() -> None:
    rows = GRAMMAR.help_rows()

    assert len(rows) == len(COMMANDS)
    for (typed, says), command in zip(rows, COMMANDS, strict=True):
        assert typed.startswith(f"/incident {command.name}")
        assert all(word in says for word in command.also)
