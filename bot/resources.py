"""Where the manifest and the runbooks are: the copy inside the installed package, else the checkout's."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def manifest_path() -> Path:
    """Return the Slack app's manifest (YAML); raises ``FileNotFoundError`` where neither copy exists."""
    return _resource("manifest.yml")


def runbooks_dir() -> Path:
    """Return the folder of runbooks; raises ``FileNotFoundError`` where neither copy exists."""
    return _resource("runbooks")


def _resource(name: str) -> Path:
    for place in (_PACKAGE / name, _PACKAGE.parent / name):
        if place.exists():
            return place
    msg = f"{name} is neither in the package nor beside it: this installation is incomplete"
    raise FileNotFoundError(msg)
