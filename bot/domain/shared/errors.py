"""What a person is told when something cannot be done: every message here is fit to be shown."""

from typing import Self


class Refused(Exception):  # noqa: N818 - the word a person would use, not "RefusedError"
    """What was asked for breaks a rule; the message says why and what to do.

    ``field`` names the input that is at fault (``title``, ``started_at`` ...), or None.
    """

    def __init__(self, why: str, *, field: str | None = None) -> None:
        """Keep the sentence and the field it belongs to."""
        super().__init__(why)
        self.why = why
        self.field = field

    def on(self, field: str) -> Self:
        """Return the same refusal, at another field."""
        return type(self)(self.why, field=field)


class NotFound(Refused):
    """There is no such thing, or the person asking may not know that there is."""


class NotAllowed(Refused):
    """The rules of who may do what are against it; the message says who may."""


class Overtaken(Refused):
    """Somebody else was faster; the message says who and what they did."""
