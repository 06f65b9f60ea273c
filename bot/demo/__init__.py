"""An incident to watch: a Slack of our own, the real bot in it, and a story played through both."""

from bot.demo.shows import demo, sandbox

__all__ = ["demo", "sandbox"]
