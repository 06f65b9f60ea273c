"""What the outside decides for this process: secrets from the environment, a team's choices from a file.

``load`` reads both once; everything after it is handed plain values. Each mistake is one sentence that names
the variable or the key, and never shows a secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from bot.settings import environment, file
from bot.settings.environment import VARIABLES
from bot.settings.problems import SettingsError
from bot.usecases.policy import Policy

__all__ = ["VARIABLES", "Settings", "SettingsError", "SlackAccess", "load"]


@dataclass(frozen=True, kw_only=True)
class SlackAccess:
    """What it takes to speak with Slack: events arrive by socket (app token), by HTTP (secret), or both."""

    bot_token: SecretStr
    app_token: SecretStr | None
    signing_secret: SecretStr | None
    api_url: str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of one process."""

    slack_bot_token: SecretStr | None
    slack_app_token: SecretStr | None
    slack_signing_secret: SecretStr | None
    slack_api_url: str
    database_url: SecretStr
    host: str
    port: int
    log_level: str
    log_json: bool
    policy: Policy

    @property
    def database_path(self) -> Path | None:
        """Return the file of an SQLite database, as it was written; None for a server."""
        scheme, _, rest = self.database_url.get_secret_value().partition("://")
        return Path(rest.removeprefix("/")).expanduser() if scheme.startswith("sqlite") else None

    def require_slack(self) -> SlackAccess:
        """Return what `warroom run` needs to speak with Slack; refuses with the name of what is missing."""
        if self.slack_bot_token is None:
            msg = (
                "SLACK_BOT_TOKEN is not set. Create the app with `warroom manifest --url`, install it, and "
                "put its Bot User OAuth Token there, such as xoxb-1-2-abc. Without Slack: `warroom demo`."
            )
            raise SettingsError(msg, field="SLACK_BOT_TOKEN")
        if self.slack_app_token is None and self.slack_signing_secret is None:
            msg = (
                "SLACK_APP_TOKEN is not set. Put the app-level token with connections:write there, such as "
                "xapp-1-A1-2-abc; or set SLACK_SIGNING_SECRET to have Slack call this server over HTTP."
            )
            raise SettingsError(msg, field="SLACK_APP_TOKEN")
        return SlackAccess(
            bot_token=self.slack_bot_token,
            app_token=self.slack_app_token,
            signing_secret=self.slack_signing_secret,
            api_url=self.slack_api_url,
        )


def load(env: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process, or with ``env`` those of exactly these variables.

    Without ``env`` the variables of the process go before those of ``.env`` in the working directory.
    Raises ``SettingsError`` for anything malformed, and for a `WARROOM_CONFIG` that is not there.
    """
    process = environment.read(env)
    policy = Policy()
    if process.config is not None:
        policy = file.read(Path(process.config))
    elif Path(file.DEFAULT_CONFIG).exists():
        policy = file.read(Path(file.DEFAULT_CONFIG))
    return Settings(
        slack_bot_token=process.slack_bot_token,
        slack_app_token=process.slack_app_token,
        slack_signing_secret=process.slack_signing_secret,
        slack_api_url=process.slack_api_url,
        database_url=process.database_url,
        host=process.host,
        port=process.port,
        log_level=process.log_level,
        log_json=process.log_json,
        policy=policy,
    )
