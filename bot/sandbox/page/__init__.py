"""The workspace in a browser: a page on which a person acts as anybody of the team."""

from bot.sandbox.page.extension import Action, Extension, Form, Outcome, Section, Trouble, templates
from bot.sandbox.page.routes import mount
from bot.sandbox.page.where import Scene

__all__ = ["Action", "Extension", "Form", "Outcome", "Scene", "Section", "Trouble", "mount", "templates"]
