"""How bad it is: the levels, each with its test in words, and what follows from being one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import NewType

from bot.domain.shared.errors import Refused
from bot.domain.shared.texts import quoted

SeverityKey = NewType("SeverityKey", str)


@dataclass(frozen=True, kw_only=True)
class Severity:
    """One level. ``cadence`` is the time between CAN reports, or None where none are asked for."""

    key: SeverityKey
    degradation: str
    affected: str
    cadence: timedelta | None
    working_hours: bool
    major: bool

    @property
    def test(self) -> str:
        """Return the test in words, as the modal shows it beside the name."""
        return f"{self.degradation}; users affected: {self.affected}"


@dataclass(frozen=True)
class SeverityScale:
    """All levels, the worst first. Names, tests, cadences and what is major are settings."""

    levels: tuple[Severity, ...]

    def __iter__(self) -> Iterator[Severity]:
        """Yield the levels, the worst first."""
        return iter(self.levels)

    def get(self, key: str) -> Severity:
        """Return the level stored as ``key``; one that the settings dropped since reads as minor."""
        for level in self.levels:
            if level.key == key:
                return level
        return Severity(
            key=SeverityKey(key),
            degradation="no longer in the settings",
            affected="unknown",
            cadence=None,
            working_hours=False,
            major=False,
        )

    def find(self, typed: str) -> Severity:
        """Return the level a person meant by ``SEV2``, ``sev 2`` or ``2``; refuses what names none."""
        wanted = re.sub(r"[\s\-_]", "", typed).casefold()
        # Names before places: a scale may begin with SEV0.
        for level in self.levels:
            if wanted in {level.key.casefold(), level.key.casefold().removeprefix("sev")}:
                return level
        for number, level in enumerate(self.levels, start=1):
            if wanted in {str(number), f"sev{number}"}:
                return level
        names = ", ".join(level.key for level in self.levels)
        msg = f"There is no severity “{quoted(typed)}”. Choose one of {names}."
        raise Refused(msg, field="severity")


DEFAULT_SCALE = SeverityScale(
    (
        Severity(
            key=SeverityKey("SEV1"),
            degradation="Unavailable, or wrong data in front of customers or regulators",
            affected="most",
            cadence=timedelta(minutes=30),
            working_hours=False,
            major=True,
        ),
        Severity(
            key=SeverityKey("SEV2"),
            degradation="Significant problems",
            affected="many",
            cadence=timedelta(hours=1),
            working_hours=False,
            major=True,
        ),
        Severity(
            key=SeverityKey("SEV3"),
            degradation="Performance problems, late data",
            affected="some",
            cadence=timedelta(hours=4),
            working_hours=True,
            major=False,
        ),
        Severity(
            key=SeverityKey("SEV4"),
            degradation="Performance problems",
            affected="none",
            cadence=timedelta(days=1),
            working_hours=True,
            major=False,
        ),
        Severity(
            key=SeverityKey("SEV5"),
            degradation="Low-level annoyance",
            affected="none",
            cadence=None,
            working_hours=True,
            major=False,
        ),
    )
)
