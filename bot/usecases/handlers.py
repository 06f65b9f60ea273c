"""What handles each kind of job, by its stored name: the sum of what the contexts register."""

from collections.abc import Mapping

from bot.usecases import home, reconcile, upkeep
from bot.usecases.incident import registration as incident
from bot.usecases.ports import Handler

HANDLERS: Mapping[str, Handler] = {
    **incident.HANDLERS,
    reconcile.RECONCILE: reconcile.reconcile_all,
    home.SHOW_HOME: home.show_home,
    upkeep.SWEEP: upkeep.sweep,
}
