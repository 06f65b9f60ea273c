"""The workspace in a browser: a page on which a person lives through an incident as anybody of the team."""

from bot.sandbox.page.backstage import Backstage, OwedLine
from bot.sandbox.page.routes import mount

__all__ = ["Backstage", "OwedLine", "mount"]
