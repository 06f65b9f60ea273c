"""The Slack app's manifest: what it grants, and the link that creates the app from it."""

from pathlib import Path
from urllib.parse import quote

import yaml

CREATE = "https://api.slack.com/apps?new_app=1&manifest_yaml="


def scopes(path: Path) -> frozenset[str]:
    """Return the bot scopes that the manifest asks for."""
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    return frozenset(read["oauth_config"]["scopes"]["bot"])


def link(text: str) -> str:
    """Return the address that creates a Slack app from a manifest's text."""
    return CREATE + quote(text)
