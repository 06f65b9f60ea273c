"""The manifest of the Slack app, for this host, and the link that creates the app from it."""

import re
from urllib.parse import quote, urlsplit

import yaml

from bot.domain.shared.errors import Refused
from bot.resources import manifest_path

_PLACEHOLDER = "https://warroom.example.com"
_CREATE = "https://api.slack.com/apps?new_app=1&manifest_yaml="


def manifest_for(host: str | None) -> str:
    """Return the manifest as YAML; with a host, for Slack to call it over HTTP instead of Socket Mode."""
    text = manifest_path().read_text(encoding="utf-8")
    if host is None:
        return text
    parts = urlsplit(host.strip())
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or parts.username:
        msg = f"“{host}” is no address that Slack can call. Write it like https://warroom.example.com."
        raise Refused(msg, field="host")
    if any(character.isspace() or character in "\"'#" for character in host.strip()):
        msg = "An address has no spaces or quotes. Write it like https://warroom.example.com."
        raise Refused(msg, field="host")
    text = text.replace(_PLACEHOLDER, host.strip().rstrip("/"))
    return re.sub(r"(?m)^(\s*socket_mode_enabled:) true$", r"\1 false", text)


def creating_link(manifest: str) -> str:
    """Return the address that opens Slack's "create an app" with a manifest filled in."""
    # Without comments and line breaks that mean nothing: the link stays as short as it can be.
    bare = yaml.safe_dump(yaml.safe_load(manifest), sort_keys=False, allow_unicode=True, width=10_000)
    return _CREATE + quote(bare, safe="")
