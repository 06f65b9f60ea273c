"""The README says what is there: its two command tables are the code's own, and its links lead somewhere."""

import re
import shlex
from collections.abc import Iterator

import pytest
import typer.main
from typer.core import TyperGroup

from bot.cli.root import app
from bot.slack.commands import COMMANDS
from bot.slack.interactions.registration import Command
from tests.house.sources import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\|(.+)\|$", re.MULTILINE)
ESCAPED = "\x00"


def rows() -> list[list[str]]:
    """Return the cells of every row of every table, an escaped bar read as a bar."""
    return [
        [cell.strip().replace(ESCAPED, "|") for cell in row.replace(r"\|", ESCAPED).split("|")]
        for row in ROW.findall(README)
    ]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command.name))
def test_each_slack_command_stands_in_the_table_as_it_is_typed(command: Command) -> None:
    typed = f"`/incident {command.name} {command.usage}".strip() + "`"

    row = next((row for row in rows() if row[0] == typed), None)

    assert row, f"no row begins with {typed}"
    assert tuple(row[1].split(", ") if row[1] else ()) == command.also
    assert row[2] == command.says


def test_the_table_holds_no_slack_command_that_is_gone() -> None:
    listed = [row[0].strip("`").split()[1] for row in rows() if row[0].startswith("`/incident ")]

    assert listed == [command.name for command in COMMANDS]


def _shell(group: TyperGroup, path: tuple[str, ...] = ("warroom",)) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            if command.invoke_without_command:
                yield (*path, name)
            yield from _shell(command, (*path, name))
        elif not command.hidden:
            yield (*path, name)


def root() -> TyperGroup:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return group


def _listed() -> set[tuple[str, ...]]:
    """Return the shell commands of the table; words between bars after a group name several of its own."""
    found = set()
    for row in rows():
        for code in re.findall(r"`(warroom [^`]+)`", row[0]):
            words = code.split()
            for several in code.removeprefix(f"warroom {words[1]}").split("|"):
                rest = [word for word in several.split() if word.isalpha() and word.islower()]
                group = root().commands.get(words[1])
                sub = rest[:1] if isinstance(group, TyperGroup) and rest else []
                found.add(("warroom", words[1], *sub))
    return found


def test_each_shell_command_stands_in_the_table() -> None:
    assert set(_shell(root())) - _listed() == set()


def test_the_table_holds_no_shell_command_that_is_gone() -> None:
    assert _listed() - set(_shell(root())) == set()


@pytest.mark.parametrize("written", sorted(set(re.findall(r"\bwarroom (\w+(?: --?\w+)*)", README))))
def test_every_shell_command_in_the_text_exists_with_its_options(written: str) -> None:
    name, *options = shlex.split(written)
    if name not in root().commands:
        pytest.skip(f"“warroom {name}” is prose")

    taken = {option for parameter in root().commands[name].params for option in parameter.opts}

    assert {option for option in options if option.startswith("--")} <= taken


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?:|#)([^)]+)\)", README))))
def test_every_link_of_the_readme_leads_somewhere(target: str) -> None:
    assert (ROOT / target.split("#", maxsplit=1)[0]).exists()


def test_the_map_of_the_code_shows_places_that_are_there() -> None:
    places = re.findall(r"^((?:bot|storage|runbooks|tests|benchmarks|docs)\S*)\s{2,}", README, re.MULTILINE)

    assert len(places) > 10
    assert [place for place in places if not (ROOT / place).exists()] == []
