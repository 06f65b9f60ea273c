"""The sandbox is held to Slack's own reference: methods, arguments, scopes, tiers and error codes."""

import re

import pytest

from bot.sandbox.methods import TABLE
from tests.sandbox.kit import GENERAL, ROOT, specs

# Answers of the sandbox that are no Web API replies: response URLs and faulty acks, shown to the person.
ELSEWHERE = {"expired_url", "used_url", "invalid_url", "invalid_response_action", "invalid_errors"}


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_method_takes_what_slack_takes(name: str) -> None:
    reference = specs()[name]

    method = TABLE[name]

    assert method.args <= set(reference["args"])
    assert method.required == set(reference["required"])
    assert method.tier == reference["tier"]


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_method_asks_for_a_scope_that_slack_accepts(name: str) -> None:
    reference = specs()[name]

    scopes = set(TABLE[name].access.every())

    assert scopes <= set(reference["bot_scopes"])
    assert bool(scopes) == bool(reference["bot_scopes"])


def test_every_error_code_in_the_source_is_one_of_slacks() -> None:
    known = {code for each in specs().values() for code in each["errors"]} | GENERAL | ELSEWHERE

    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "bot" / "sandbox").glob("*.py")]
    codes = {
        code for source in sources for code in re.findall(r'(?:SlackError|invalid)\(\s*"([a-z_]+)"', source)
    }

    assert len(codes) > 50
    assert codes - known == set()
