"""Real time: the only place that reads this machine's clocks; everything else is handed what it needs.

Business time is another matter: it comes as `ports.now`, and may be moved by hand.
"""

import time
from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return what time it is by this machine's clock, which may be set back."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Return seconds that only ever go on, for how long something takes."""
    return time.monotonic()
