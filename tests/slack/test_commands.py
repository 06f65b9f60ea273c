"""The registry: all that people can type, press and send is answered, each by one listener."""

from importlib import import_module
from pkgutil import iter_modules

import pytest

from bot.slack import commands, interactions
from bot.slack.ids import Action, Form
from bot.slack.interactions.registration import Command

ELSEWHERE = {Action.PICK, Action.MORE}
"""Buttons that only carry what else is meant: a command, or another button."""
NOUNS = [
    module.name
    for module in iter_modules(interactions.__path__)
    if hasattr(import_module(f"{interactions.__name__}.{module.name}"), "REGISTERED")
]


@pytest.mark.parametrize("noun", NOUNS)
def test_what_a_listeners_module_registers_is_in_the_sum(noun: str) -> None:
    module = import_module(f"{interactions.__name__}.{noun}")

    assert module.REGISTERED in commands.REGISTERED


@pytest.mark.parametrize("action", sorted(set(Action) - ELSEWHERE))
def test_every_button_is_answered_by_one_listener(action: Action) -> None:
    assert [action in each.buttons for each in commands.REGISTERED].count(True) == 1


@pytest.mark.parametrize("form", sorted(set(Form) - {Form.NOTICE}))
def test_every_form_is_answered_by_one_listener(form: Form) -> None:
    assert [form in each.forms for each in commands.REGISTERED].count(True) == 1


@pytest.mark.parametrize("command", commands.COMMANDS, ids=lambda command: str(command.name))
def test_the_words_of_a_command_find_the_listener_in_its_row(command: Command) -> None:
    for word in (command.name, *command.also):
        found = commands.GRAMMAR.parse(word).command

        assert found
        assert found.listener is command.listener
