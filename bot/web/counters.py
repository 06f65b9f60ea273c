"""What a process counts; apart from how it is shown, which loads a library at the first scrape."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Counters:
    """What this process counted since it started; Slack calls by (method, outcome)."""

    messages_recorded: int = 0
    slack_calls: Mapping[tuple[str, str], int] = field(default_factory=dict)
