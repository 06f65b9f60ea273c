"""A strict Slack in one process: for the demo, for development, and as the double of every test."""

from bot.sandbox.clock import MovableClock
from bot.sandbox.people import Person
from bot.sandbox.server import PortTaken, Sandbox
from bot.sandbox.wire import SlackError

__all__ = ["MovableClock", "Person", "PortTaken", "Sandbox", "SlackError"]
