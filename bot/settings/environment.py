"""The variables of the process: secrets, and where it listens, stores and logs."""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, parse_qs, urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.settings.problems import SettingsError, reason, unknown, why

ENV_FILE = ".env"

_DATABASES = {"sqlite", "sqlite+aiosqlite", "postgres", "postgresql", "postgresql+asyncpg"}
_DATABASE_OPTIONS = {"host", "port", "ssl", "sslmode"}
_NOT_SETTINGS = re.compile(r"WARROOM_(?:SERVICE_\w+|PORT_\w+|SLACK_SPECS|TEST_\w+)")
"""What Kubernetes sets for a service called "warroom", and what tells the tests where things are."""
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def _token(prefix: str, name: str, example: str) -> AfterValidator:
    """Check a Slack token's kind; whoever mixed two up is told which one this is."""
    kinds = {"xoxb-": "a bot token", "xapp-": "an app-level token", "xoxp-": "a user token"}

    def check(token: SecretStr) -> SecretStr:
        value = token.get_secret_value().strip()
        if not value.startswith(prefix) or not re.fullmatch(r"[\w-]+", value) or value == prefix:
            kind = next((kind for start, kind in kinds.items() if value.startswith(start)), None)
            seems = f" This looks like {kind}." if kind and not value.startswith(prefix) else ""
            msg = f"is not a token that begins with {prefix}.{seems} Put the {name} there, such as {example}."
            raise ValueError(msg)
        return SecretStr(value)

    return AfterValidator(check)


def _signing_secret(secret: SecretStr) -> SecretStr:
    value = secret.get_secret_value().strip()
    # Slack's own are 32 hexadecimal digits; a Slack of somebody's own may give any word.
    if not re.fullmatch(r"[\w.+/=-]+", value) or value.startswith(("xoxb-", "xapp-", "xoxp-")):
        msg = (
            "is not a signing secret: it has spaces in it, or is a token. "
            "Copy it from Basic Information in the app's settings, such as 0123456789abcdef0123456789abcdef."
        )
        raise ValueError(msg)
    return SecretStr(value)


def _address(value: str) -> str:
    """Return an http(s) address; a user and password in it would end up in logs, so they are refused."""
    parts = _split(value)
    if (
        parts is None
        or parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.username is not None
    ):
        msg = "is not an address. Write one with http:// or https:// and a host, such as https://warroom.example.com."
        raise ValueError(msg)
    return value.strip()


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url.strip())
        _ = parts.port  # read, because it is checked only then
    except ValueError:
        return None
    return parts


def _api_address(value: str) -> str:
    return _address(value).rstrip("/") + "/"


def _database(url: SecretStr) -> SecretStr:
    value = url.get_secret_value().strip()
    scheme, there, rest = value.partition("://")
    if not there or scheme not in _DATABASES:
        msg = (
            "is not a database address that Warroom knows. Write sqlite:///warroom.db (a file) or "
            "postgresql://user:password@host/warroom."
        )
        raise ValueError(msg)
    is_file = rest.startswith("/") and rest not in {"/", "/:memory:"} and "?" not in rest
    if scheme.startswith("sqlite") and not is_file:
        msg = "names no file. Write three slashes, a path and no options, such as sqlite:///warroom.db."
        raise ValueError(msg)
    if not scheme.startswith("sqlite") and not _names_server(value):
        msg = "names no server and database. Write postgresql://user:password@host/warroom."
        raise ValueError(msg)
    if unknown_ones := set(parse_qs(urlsplit(value).query)) - _DATABASE_OPTIONS:
        msg = f"has the option {min(unknown_ones)}; known are {', '.join(sorted(_DATABASE_OPTIONS))}."
        raise ValueError(msg)
    return SecretStr(value)


def _names_server(url: str) -> bool:
    parts = _split(url)
    if parts is None:
        return False
    # A query may name the server instead: ?host=/run/postgresql is how a Unix socket is written.
    return bool(parts.path.strip("/")) and bool(parts.hostname or "host=" in parts.query)


def _port(value: object) -> int:
    if str(value).startswith("tcp://"):
        # Kubernetes sets this name for a service called "warroom".
        msg = "was set by Kubernetes for a service of that name. Set enableServiceLinks: false in the pod."
        raise ValueError(msg)
    if not re.fullmatch(r"\d{1,5}", str(value).strip()) or int(str(value)) > 65535:  # noqa: PLR2004 - the last port
        msg = "is not a port. Write a number from 0 (any free one) to 65535, such as 8080."
        raise ValueError(msg)
    return int(str(value))


def _host(value: str) -> str:
    if not re.fullmatch(r"[\w.:-]+", value.strip()):
        msg = "is not a host. Write a name or an address without http:// and port, such as 127.0.0.1."
        raise ValueError(msg)
    return value.strip()


def _level(value: str) -> str:
    level = value.strip().upper()
    if level not in _LEVELS:
        msg = f"is not a level. Choose one of {', '.join(_LEVELS)}."
        raise ValueError(msg)
    return level


def _switch(value: object) -> bool:
    word = str(value).strip().casefold()
    if word not in {"1", "0", "true", "false", "yes", "no", "on", "off"}:
        msg = "is neither on nor off. Write true or false."
        raise ValueError(msg)
    return word in {"1", "true", "yes", "on"}


class Process(BaseSettings):
    """The variables as they stand, under the names people set."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_file=ENV_FILE, env_ignore_empty=True)

    slack_bot_token: Annotated[SecretStr, _token("xoxb-", "Bot User OAuth Token", "xoxb-1-2-abc")] | None = (
        Field(None, validation_alias="SLACK_BOT_TOKEN")
    )
    slack_app_token: (
        Annotated[SecretStr, _token("xapp-", "app-level token with connections:write", "xapp-1-A1-2-abc")]
        | None
    ) = Field(None, validation_alias="SLACK_APP_TOKEN")
    slack_signing_secret: Annotated[SecretStr, AfterValidator(_signing_secret)] | None = Field(
        None, validation_alias="SLACK_SIGNING_SECRET"
    )
    slack_api_url: Annotated[str, AfterValidator(_api_address)] = Field(
        "https://slack.com/api/", validation_alias="SLACK_API_URL"
    )
    database_url: Annotated[SecretStr, AfterValidator(_database)] = Field(
        SecretStr("sqlite:///warroom.db"), validation_alias="WARROOM_DATABASE_URL"
    )
    host: Annotated[str, AfterValidator(_host)] = Field("127.0.0.1", validation_alias="WARROOM_HOST")
    port: Annotated[int, BeforeValidator(_port)] = Field(8080, validation_alias="WARROOM_PORT")
    config: str | None = Field(None, validation_alias="WARROOM_CONFIG")
    log_level: Annotated[str, AfterValidator(_level)] = Field("INFO", validation_alias="WARROOM_LOG_LEVEL")
    log_json: Annotated[bool, BeforeValidator(_switch)] = Field(False, validation_alias="WARROOM_LOG_JSON")  # noqa: FBT003 - a default, named by its field


class _Given(Process):
    """The same, read from nothing but what it is given."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Leave out the process's own variables and every file."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


VARIABLES: tuple[str, ...] = tuple(str(field.validation_alias) for field in Process.model_fields.values())
"""Every variable Warroom reads; a test holds ``.env.example`` to them."""


def read(env: Mapping[str, str] | None) -> Process:
    """Return the variables; without ``env`` the process's, then those of ``.env``; refuses wrong ones."""
    try:
        if env is None:
            _check_env_file(Path(ENV_FILE))
            check_names(os.environ)
            return Process()
        check_names(env)
        return _Given.model_validate({name: env[name] for name in VARIABLES if env.get(name)})
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "A variable"
        msg = f"{name} {reason(first)}"
        raise SettingsError(msg, field=name) from None


def _check_env_file(path: Path) -> None:
    """Refuse a misspelt variable of ours in ``.env``; other programs' variables may stand there too."""
    try:
        names = dotenv_values(path) if path.is_file() else {}
    except (OSError, UnicodeDecodeError) as wrong:
        msg = f"{ENV_FILE} cannot be read: {why(wrong)}. It has lines such as WARROOM_PORT=8080."
        raise SettingsError(msg) from None
    check_names(names, where=f"{ENV_FILE}: ")


def check_names(names: Iterable[str], *, where: str = "") -> None:
    """Refuse a misspelt variable of ours: ignored, it would leave a setting at its default in silence."""
    ours = [known for known in VARIABLES if known.startswith("WARROOM_")]
    for name in sorted(names):
        if name.startswith("WARROOM_") and name not in ours and not _NOT_SETTINGS.fullmatch(name):
            msg = f"{where}{unknown(name, ours, 'variable')}"
            raise SettingsError(msg, field=name)
