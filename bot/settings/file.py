"""``warroom.toml``: what a team decides for itself, read into a policy."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import time, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictStr,
    ValidationError,
    create_model,
)

from bot.domain.shared.severity import DEFAULT_SCALE, Severity, SeverityKey, SeverityScale
from bot.domain.shared.vocabulary import UserId
from bot.domain.shared.working_hours import WorkingHours
from bot.settings.problems import SettingsError, dotted, reason, unknown, why
from bot.usecases.policy import Nudges, Policy, WhoMay

DEFAULT_CONFIG = "warroom.toml"

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST = timedelta(days=366)


def _duration(raw: object) -> timedelta:
    """Return what "1h30m" means; days, hours, minutes and seconds, each with its letter."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        msg = f'has no unit. Write "{raw}s", "{raw}m", "{raw}h" or "{raw}d", with the quotes.'
        raise ValueError(msg)  # noqa: TRY004 - pydantic collects ValueError only
    form = r"(?:(\d{1,6})d)?\s*(?:(\d{1,6})h)?\s*(?:(\d{1,6})m)?\s*(?:(\d{1,6})s)?"
    match = re.fullmatch(form, raw.strip().casefold(), re.ASCII) if isinstance(raw, str) else None
    if match is None or not any(match.groups()):
        msg = (
            'is not a duration. Write days, hours, minutes and seconds, such as "90s", "5m", "1h30m" or "2d".'
        )
        raise ValueError(msg)
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta(seconds=1) <= length <= _LONGEST:
        msg = f'is out of range. Write at least "1s" and at most "{_LONGEST.days}d".'
        raise ValueError(msg)
    return length


def _cadence(raw: object) -> timedelta | None:
    return None if raw == "none" else _duration(raw)


def _person(raw: str) -> str:
    if not re.fullmatch(r"[UW][A-Z0-9]{1,20}", raw):
        msg = (
            f"holds “{raw[:40]}”, which is no member id. Write ids such as U012ABCDEF "
            "(in Slack: profile, ⋮, Copy member ID)."
        )
        raise ValueError(msg)
    return raw


def _clock_time(raw: object) -> time:
    if isinstance(raw, time):
        return raw
    match = (
        re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", raw.strip(), re.ASCII) if isinstance(raw, str) else None
    )
    if match is None:
        msg = 'is not a time of day. Write hours and minutes, such as "09:00"; the last is "23:59".'
        raise ValueError(msg)
    return time(int(match[1]), int(match[2]))


def _zone(raw: str) -> str:
    zones = available_timezones()
    if raw not in zones:
        near = get_close_matches(raw, zones, n=1)
        hint = f"Did you mean {near[0]}?" if near else "Write one such as Europe/Berlin or UTC."
        msg = f"is not a time zone. {hint}"
        raise ValueError(msg)
    return raw


def _incidents_channel(raw: str) -> str:
    name = raw.strip().removeprefix("#")
    if not re.fullmatch(r"[a-z0-9_-]{1,80}|[CG][A-Z0-9]{4,20}", name):
        msg = 'is not a channel. Write its name or its id, such as "incidents" or "C012ABCDEF".'
        raise ValueError(msg)
    return name


def _prefix(raw: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,19}", raw):
        msg = 'is not the start of a channel name. Write up to 20 of a-z, 0-9, - and _, such as "inc-".'
        raise ValueError(msg)
    return raw


def _severity_key(raw: str) -> str:
    # People may type it with spaces and dashes, which are dropped; so it has none itself.
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,11}", raw):
        msg = 'is not a name. Write a letter, then up to 11 letters and digits, such as "SEV1" or "P1".'
        raise ValueError(msg)
    return raw


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Cadence = Annotated[timedelta | None, BeforeValidator(_cadence)]
Person = Annotated[StrictStr, AfterValidator(_person)]
TimeOfDay = Annotated[time, BeforeValidator(_clock_time)]
Words = Annotated[StrictStr, Field(min_length=1, max_length=100)]


class _Section(BaseModel):
    """A section of the file: unknown keys are mistakes, and nothing is turned into something else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Channels(_Section):
    incidents: Annotated[StrictStr, AfterValidator(_incidents_channel)] = "incidents"
    prefix: Annotated[StrictStr, AfterValidator(_prefix)] = "inc-"


def _delays() -> dict[str, Any]:
    """Return a setting for each delay of `Nudges`: one more there is one more here."""
    several = tuple[Duration, ...]
    return {
        field.name: (several if isinstance(field.default, tuple) else Duration, field.default)
        for field in fields(Nudges)
    }


_Nudges = create_model("_Nudges", __base__=_Section, **_delays())


class _Level(_Section):
    """A severity of one's own."""

    key: Annotated[StrictStr, AfterValidator(_severity_key)]
    degradation: Words
    affected: Words
    cadence: Cadence
    working_hours: StrictBool
    major: StrictBool

    def severity(self) -> Severity:
        return Severity(
            key=SeverityKey(self.key),
            degradation=self.degradation,
            affected=self.affected,
            cadence=self.cadence,
            working_hours=self.working_hours,
            major=self.major,
        )


class _LevelChange(_Section):
    """Single values of a severity that is there already."""

    degradation: Words | None = None
    affected: Words | None = None
    cadence: Cadence = None
    working_hours: StrictBool = False
    major: StrictBool = False

    def changed(self, level: Severity) -> Severity:
        said = self.model_fields_set
        return replace(
            level,
            degradation=self.degradation or level.degradation,
            affected=self.affected or level.affected,
            cadence=self.cadence if "cadence" in said else level.cadence,
            working_hours=self.working_hours if "working_hours" in said else level.working_hours,
            major=self.major if "major" in said else level.major,
        )


class _Hours(_Section):
    zone: Annotated[StrictStr, AfterValidator(_zone)]
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = (
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
    )
    opens: TimeOfDay = time(9)
    closes: TimeOfDay = time(18)


class _People(_Section):
    admins: frozenset[Person] = frozenset()
    declare: frozenset[Person] = frozenset()
    change_severity: frozenset[Person] = frozenset()
    resolve: frozenset[Person] = frozenset()
    close: frozenset[Person] = frozenset()
    act_from_outside: StrictBool = False

    def who_may(self) -> WhoMay:
        return WhoMay(
            admins=_ids(self.admins),
            declare=_ids(self.declare),
            change_severity=_ids(self.change_severity),
            resolve=_ids(self.resolve),
            close=_ids(self.close),
            act_from_outside=self.act_from_outside,
        )


class _File(_Section):
    """All of ``warroom.toml``."""

    channels: _Channels = _Channels()
    nudges: _Nudges = _Nudges()
    severities: tuple[_Level, ...] | None = None
    severity: dict[str, _LevelChange] = Field(default_factory=dict)
    working_hours: _Hours | None = None
    who_may: _People = _People()

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the file's content; refuses what is not there, not TOML, or not a setting of ours."""
        try:
            return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            msg = f"WARROOM_CONFIG names {path}, which is not there. Write warroom.toml or leave it unset."
            raise SettingsError(msg, field="WARROOM_CONFIG") from None
        except (OSError, UnicodeDecodeError) as wrong:
            msg = f"{path} cannot be read: {why(wrong)}."
            raise SettingsError(msg, field="WARROOM_CONFIG") from None
        except tomllib.TOMLDecodeError as wrong:
            msg = f'{path} is not TOML: {wrong}. Lines look like commander_after = "5m".'
            raise SettingsError(msg) from None
        except RecursionError:
            msg = f"{path} is nested too deeply to be a settings file."
            raise SettingsError(msg) from None
        except ValidationError as wrong:
            first = wrong.errors(include_input=False, include_url=False)[0]
            msg = f"{path}: {_file_reason(first)}"
            raise SettingsError(msg, field=dotted(first["loc"])) from None


def _ids(people: Iterable[str]) -> frozenset[UserId]:
    return frozenset(UserId(person) for person in people)


def read(path: Path) -> Policy:
    """Return the policy that a file describes; what it leaves out is the default; refuses mistakes."""
    file = _File.read(path)
    try:
        return Policy(
            scale=_scale(file),
            nudges=_nudges(file.nudges),
            who_may=file.who_may.who_may(),
            hours=_hours(file.working_hours),
            incidents_channel=file.channels.incidents,
            channel_prefix=file.channels.prefix,
        )
    except SettingsError as wrong:
        msg = f"{path}: {wrong.why}"
        raise SettingsError(msg, field=wrong.field) from None


def _nudges(section: _Nudges) -> Nudges:
    nudges = Nudges(**{name: getattr(section, name) for name in _Nudges.model_fields})
    early = [before for before in nudges.postmortem_before if before > nudges.postmortem_due]
    if early:
        msg = (
            f"nudges.postmortem_before holds {_written(max(early))}, but a postmortem is due "
            f"{_written(nudges.postmortem_due)} after resolution: that reminder would never come. Write a "
            "shorter one, or a longer nudges.postmortem_due."
        )
        raise SettingsError(msg, field="nudges.postmortem_before")
    return nudges


def _written(length: timedelta) -> str:
    """Return a duration as the file has it: ``1h30m``; whole hours are not turned into days."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    parts = ((minutes // 60, "h"), (minutes % 60, "m"), (seconds, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number)


def _scale(file: _File) -> SeverityScale:
    levels = DEFAULT_SCALE.levels
    if file.severities is not None:
        levels = tuple(level.severity() for level in file.severities)
    keys = [level.key for level in levels]
    if not keys:
        msg = "severities is empty. Write at least one [[severities]], or none of them for SEV1 to SEV5."
        raise SettingsError(msg, field="severities")
    if len({key.casefold() for key in keys}) < len(keys):
        msg = f"severities names one level twice: {', '.join(keys)}. Give each its own key."
        raise SettingsError(msg, field="severities")
    for key in file.severity:
        if key not in keys:
            msg = unknown(f"severity.{key}", [f"severity.{known}" for known in keys], "section")
            raise SettingsError(msg, field=f"severity.{key}")
    return SeverityScale(
        tuple(
            file.severity[level.key].changed(level) if level.key in file.severity else level
            for level in levels
        )
    )


def _hours(section: _Hours | None) -> WorkingHours | None:
    if section is None:
        return None
    try:
        return WorkingHours(
            zone=ZoneInfo(section.zone),
            days=frozenset(_DAYS.index(day) for day in section.days),
            opens=section.opens,
            closes=section.closes,
        )
    except ValueError as wrong:
        msg = f'working_hours never open: {wrong} Write days = ["mon"], opens = "09:00", closes = "18:00".'
        raise SettingsError(msg, field="working_hours") from None


def _file_reason(error: Mapping[str, object]) -> str:
    where = error["loc"]
    loc = where if isinstance(where, tuple) else ()
    key = dotted(loc)
    kind = error["type"]
    if kind == "extra_forbidden":
        known = _known_beside(loc)
        word = "section" if len(loc) == 1 else "setting"
        return unknown(key, [dotted((*loc[:-1], name)) for name in known], word)
    if kind == "missing":
        return f"{key} is missing. See warroom.example.toml for what each section needs."
    if loc == ("severities",):
        return "severities is a list of sections. Write each level as [[severities]], its settings below."
    if kind in {"model_type", "model_attributes_type", "dict_type"}:
        return f"{key} is a section. Write it as [{key}] on a line of its own, its settings below."
    return f"{key} {reason(error)}"


def _known_beside(loc: tuple[object, ...]) -> list[str]:
    """Return the keys that may stand where an unknown one stood."""
    sections: Mapping[str, type[_Section]] = {
        "channels": _Channels,
        "nudges": _Nudges,
        "severities": _Level,
        "severity": _LevelChange,
        "working_hours": _Hours,
        "who_may": _People,
    }
    section = _File if len(loc) == 1 else sections.get(str(loc[0]), _File)
    return list(section.model_fields)
