"""What may come back from an outside system instead of an answer, and how long it wants to be left alone."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Protocol


class OutsideError(Exception):
    """An outside system did not do what was asked. ``counted_as`` is its outcome in the metrics."""

    counted_as: ClassVar[str]


class RateLimited(OutsideError):  # noqa: N818 - the field's word, not "RateLimitedError"
    """It asked to wait (429). It had no effect and does not count as a failure."""

    counted_as = "busy"

    def __init__(self, what: str, *, wait: timedelta) -> None:
        """Keep what was called and how long to wait."""
        super().__init__(f"{what}: asked to wait {wait.total_seconds():.0f} s")
        self.wait = wait


class Unavailable(OutsideError):  # noqa: N818 - as above
    """It cannot be reached or has failed; it may come back.

    ``unknown`` says that the effect may have happened. It never counts towards giving up.
    """

    counted_as = "away"

    def __init__(self, what: str, *, unknown: bool) -> None:
        """Keep what was called and whether it may have had its effect."""
        super().__init__(what)
        self.unknown = unknown


class PermanentFailure(OutsideError):  # noqa: N818 - as above
    """The answer means that it can never succeed; ``code`` is the outside system's word for it."""

    counted_as = "never"

    def __init__(self, what: str, *, code: str) -> None:
        """Keep what was called and the code of the refusal."""
        super().__init__(f"{what}: {code}")
        self.code = code


class Waits(Protocol):
    """Until when Slack asked to be left alone, shared by all processes; real time.

    A ``scope`` is a method, or a method and a channel. Neither raises when nothing can be kept or read:
    whoever calls Slack has its own memory, and goes on with that.
    """

    async def keep(self, scope: str, until: datetime) -> None:
        """Keep a wait; one that is longer stays."""

    async def standing(self) -> Mapping[str, datetime]:
        """Return the waits that are not over."""
