"""The composition root: the only place that names every concrete thing."""

from bot.app.database import migrate, opened
from bot.app.doctor import doctor
from bot.app.lifecycle import bot, run
from bot.app.serving import serving
from bot.app.shell import retry_job, shell
from bot.app.wiring import Bot, Wakeup, ports_over

__all__ = [
    "Bot",
    "Wakeup",
    "bot",
    "doctor",
    "migrate",
    "opened",
    "ports_over",
    "retry_job",
    "run",
    "serving",
    "shell",
]
