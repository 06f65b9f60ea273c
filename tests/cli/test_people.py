"""People in the shell: found and shown by the names Slack shows, by their ids where Slack is not there."""

from datetime import timedelta

import pytest

from bot.usecases.ports import Unavailable

from .conftest import Shell

PEOPLE = {"U0CASEY": "casey", "U0ROBIN": "robin", "U0OTHER": "robin"}


@pytest.fixture
def in_slack(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Return a shell that has a token, in a workspace of three people."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1-2-abc")
    shell.wired.slack.called.update(PEOPLE)
    shell.declare()
    return shell


def test_a_person_is_assigned_by_their_name(in_slack: Shell) -> None:
    said = in_slack.ok("incident", "assign", "1", "commander", "@casey")

    assert said == "INC-1: commander @casey.\n"
    assert in_slack.json("incident", "show", "1")["roles"][0]["person"] == "U0CASEY"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("@zebra", "Nobody in the workspace is called “@zebra”"),
        (
            "@robin",
            "2 people are called “@robin”. Write the member id of the one you mean: U0ROBIN",
        ),
    ],
)
def test_a_name_that_is_nobodys_or_several_peoples_is_refused(in_slack: Shell, name: str, says: str) -> None:
    assert says in in_slack.refused("incident", "assign", "1", "scribe", name)


def test_without_a_token_a_name_is_refused_with_what_to_write(shell: Shell) -> None:
    shell.declare()

    said = shell.refused("incident", "assign", "1", "scribe", "@casey")

    assert "SLACK_BOT_TOKEN is not set" in said
    assert "U012ABCDEF" in said


def test_while_slack_is_away_a_name_is_refused_and_an_id_is_taken(in_slack: Shell) -> None:
    in_slack.wired.slack.away = Unavailable("users.list", unknown=False)

    said = in_slack.refused("incident", "assign", "1", "scribe", "@casey")
    done = in_slack.ok("incident", "assign", "1", "scribe", "@U0CASEY")

    assert "Slack could not be asked who “@casey” is" in said
    assert done == "INC-1: scribe @U0CASEY.\n"


def test_people_are_shown_by_their_names(in_slack: Shell) -> None:
    in_slack.ok("incident", "assign", "1", "commander", "U0CASEY", "--as", "U0ROBIN")
    in_slack.ok("incident", "assign", "1", "sme", "U0GONE")

    listed = in_slack.ok("incident", "list")
    shown = in_slack.ok("incident", "show", "1")
    told = in_slack.ok("incident", "timeline", "1")

    assert "@casey" in listed
    assert "Commander: @casey" in shown
    assert "Sme: @U0GONE" in shown
    assert "the shell for @robin made @casey commander" in told
    assert in_slack.json("incident", "list")[0]["commander"] == "U0CASEY"


def test_while_slack_is_away_people_are_shown_by_their_ids(in_slack: Shell) -> None:
    in_slack.ok("incident", "assign", "1", "commander", "U0CASEY")
    in_slack.wired.slack.away = Unavailable("users.info", unknown=False)

    assert "Commander: @U0CASEY" in in_slack.ok("incident", "show", "1")


# -- what follows from an act


def test_an_act_says_that_what_follows_is_owed(shell: Shell) -> None:
    shell.declare()

    done = shell("incident", "resolve", "1")

    assert done.stdout == "INC-1 is resolved now.\n"
    assert done.stderr == (
        "What follows is owed (2 jobs); a running bot does it at once. Without one: `warroom run`.\n"
    )


def test_an_act_says_when_nobody_has_paid_for_a_while(shell: Shell) -> None:
    shell.declare()
    shell.wired.now += timedelta(minutes=5)

    done = shell("incident", "resolve", "1")

    assert "nothing was done since 2026-11-22 10:00 UTC: start `warroom run`." in done.stderr
