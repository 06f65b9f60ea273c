"""`warroom` itself: its commands, its exit codes, and what it says when something breaks."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from bot.resources import manifest_path
from bot.usecases.doctor import Finding
from storage.failures import CannotOpen

from .conftest import Shell

HEAVY = (
    "sqlalchemy",
    "slack_bolt",
    "slack_sdk",
    "starlette",
    "uvicorn",
    "aiohttp",
    "pydantic",
    "storage",
    "bot.app",
)


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; from typer.testing import CliRunner; from bot.cli.root import app; "
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0; "
        f"print(sorted(name for name in {HEAVY} if name in sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603

    assert done.stdout.strip() == "[]"


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "--version"], capture_output=True, text=True, check=True
    )

    assert done.stdout.startswith("warroom ")


def test_serving_commands_call_what_they_name(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARROOM_PORT", "8123")

    typed = (["run"], ["demo", "--script"], ["demo", "--empty", "--keep", "here"], ["sandbox", "--port", "7"])
    codes = [shell(*words).exit_code for words in typed]

    assert shell.wired.called == [
        "run on 8123",
        "demo, script True, story on 0",
        "demo, script False, empty on 0 kept in here",
        "sandbox on 7",
    ]
    assert codes[0] == codes[-1] == 0
    assert codes[1] == 3


@pytest.mark.parametrize("command", ["demo", "sandbox"])
def test_without_what_the_demo_needs_it_is_said_how_to_get_it(command: str) -> None:
    script = (
        "import sys; sys.modules['jinja2'] = None; sys.argv = ['warroom', sys.argv[1]]; "
        "from bot.cli.root import app; app()"
    )

    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script, command], capture_output=True, text=True, check=False
    )

    assert done.stderr.splitlines() == [
        "The demo needs jinja2, which is not installed here: pip install 'warroom[demo]'."
    ]
    assert done.returncode == 2


@pytest.mark.parametrize(
    "words", [("run",), ("doctor",), ("migrate",), ("incident", "list"), ("jobs",), ("jobs", "retry", "1")]
)
def test_a_malformed_setting_stops_every_command_with_one_line(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxp-1-hush")

    said = shell.refused(*words)

    assert said.startswith("SLACK_BOT_TOKEN is not a token that begins with xoxb-.")
    assert "hush" not in said
    assert len(said.splitlines()) == 1


def test_the_manifest_needs_no_settings(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "broken")

    assert shell.ok("manifest") == manifest_path().read_text(encoding="utf-8")


def test_the_link_carries_the_whole_manifest(shell: Shell) -> None:
    link = shell.ok("manifest", "--url").strip()

    query = parse_qs(urlsplit(link).query)

    assert link.startswith("https://api.slack.com/apps?new_app=1&manifest_yaml=")
    assert yaml.safe_load(query["manifest_yaml"][0]) == yaml.safe_load(
        manifest_path().read_text(encoding="utf-8")
    )


def test_with_a_host_slack_calls_it_over_http(shell: Shell) -> None:
    manifest = yaml.safe_load(shell.ok("manifest", "--host", "https://data.example.org/warroom/"))

    url = "https://data.example.org/warroom/slack/events"
    assert manifest["settings"]["event_subscriptions"]["request_url"] == url
    assert manifest["settings"]["interactivity"]["request_url"] == url
    assert [command["url"] for command in manifest["features"]["slash_commands"]] == [url]
    assert manifest["settings"]["socket_mode_enabled"] is False


@pytest.mark.parametrize(
    "host", ["data.example.org", "http://data.example.org", "https://", "https://a b", 'https://a"b']
)
def test_a_host_that_slack_cannot_call_is_refused(shell: Shell, host: str) -> None:
    said = shell.refused("manifest", "--host", host)

    assert "https://warroom.example.com" in said


def test_the_doctor_says_what_to_do_and_fails(shell: Shell) -> None:
    shell.wired.findings = [
        Finding(check="settings", ok=True, what="all well-formed"),
        Finding(check="scopes", ok=False, what="pins:write is missing", remedy="Reinstall the app."),
    ]

    for_people, for_programs = shell("doctor"), shell("doctor", "--json")

    assert for_people.exit_code == for_programs.exit_code == 1
    assert for_people.stdout.splitlines() == [
        "ok    settings: all well-formed",
        "FAIL  scopes: pins:write is missing",
        "      Reinstall the app.",
    ]
    assert '"remedy": "Reinstall the app."' in for_programs.stdout


def test_the_doctor_is_content_when_all_is_well(shell: Shell) -> None:
    shell.wired.findings = [Finding(check="settings", ok=True, what="all well-formed")]

    assert shell("doctor").exit_code == 0


def test_migrating_makes_the_database(empty_shell: Shell) -> None:
    said = empty_shell.ok("migrate")

    assert said == "The database is up to date.\n"
    assert Path("warroom.db").is_file()


def test_a_surprise_is_a_reference_on_the_screen_and_in_the_log(shell: Shell) -> None:
    shell.wired.fails_with = RuntimeError("xoxb-1-hush fell over")

    result = shell("incident", "list")

    assert result.exit_code == 1
    assert result.stdout == ""
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("Something went wrong, reference ")
    reference = last.removeprefix("Something went wrong, reference ")[:8]
    assert result.stderr.count(reference) == 2
    assert "hush" not in result.stderr


def test_a_database_that_cannot_be_used_is_no_surprise(shell: Shell) -> None:
    shell.wired.fails_with = CannotOpen("The database at h cannot be used: connection refused")

    said = shell.refused("incident", "list")

    assert said == "The database at h cannot be used: connection refused"


def test_a_word_that_is_no_command_gets_the_nearest(shell: Shell) -> None:
    result = shell("incidnt", "list")

    assert result.exit_code == 2
    assert "incident" in result.stderr
