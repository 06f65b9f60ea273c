"""What an operator is told about an installation: each finding with its remedy."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at; ``remedy`` says what to do where it is not ok."""

    check: str
    ok: bool
    what: str
    remedy: str | None = None
