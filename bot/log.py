"""One event a line, bound to what it is about, with secrets redacted."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import TextIO

# structlog loads rich for tracebacks that are never drawn here: half of its import, and some megabytes.
_IS_RICH_UNUSED = "rich" not in sys.modules
if _IS_RICH_UNUSED:
    sys.modules["rich"] = None  # type: ignore[assignment] # what the import system reads as "not there"
import structlog  # noqa: E402

if _IS_RICH_UNUSED:
    del sys.modules["rich"]

_SECRETS = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+"  # Slack's tokens
    r"|hooks\.slack\.com/\S+|/response/\S+"  # response URLs: whoever has one can speak for us
    r"|(?<=://)[^/@\s:]*:\S+(?=@)"  # a URL's user and password, up to its last @: some passwords hold one
    r"|(?<=password=)[^&\s]+"
    r"|(?<=ticket=)[\w%-]+"  # socket tickets
    r"|(?<=signing_secret=)\S+"
    r"|\b\d{9,}\.\d{9,}\.[0-9a-f]{32}\b"  # trigger ids
)
_SECRET_KEYS = frozenset({"token", "bot_token", "app_token", "signing_secret", "response_url", "trigger_id"})


def redact(text: str) -> str:
    """Return the text with everything that opens a door blanked."""
    return _SECRETS.sub("[redacted]", text)


def _redacted(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    for key, value in event.items():
        if key in _SECRET_KEYS:
            event[key] = "[redacted]"
        elif isinstance(value, str):
            event[key] = redact(value)
        elif isinstance(value, BaseException):
            event[key] = redact(repr(value))
    return event


def configure(*, level: str = "INFO", json: bool = False, stream: TextIO | None = None) -> None:
    """Send all logs, the libraries' too, one event a line to ``stream`` (default: standard error)."""
    stream = stream or sys.stderr
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redacted,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(colors=stream.isatty(), sort_keys=False)
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _redacted, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # These speak at INFO about every statement, request or reconnect.
    for noisy in (
        "slack_bolt",
        "slack_sdk",
        "aiosqlite",
        "apscheduler",
        "uvicorn.access",
        "alembic",
        "asyncio",
    ):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def get(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger
