"""What the Slack app's manifest grants."""

from pathlib import Path

import yaml


def scopes(path: Path) -> frozenset[str]:
    """Return the bot scopes that the manifest asks for."""
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    return frozenset(read["oauth_config"]["scopes"]["bot"])
