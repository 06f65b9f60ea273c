"""How the tables came to be: alembic's revisions, and which code each schema serves."""

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

CODE = 1
"""This code, as `schema_info.min_code` counts it: one more whenever a schema leaves older code behind."""


def config() -> Config:
    """Return alembic's settings; there is no ini file at run time."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.set_main_option("path_separator", "os")
    return made


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(config())


def head() -> str | None:
    """Return the newest revision this code knows."""
    return _scripts().get_current_head()


def known() -> frozenset[str]:
    """Return all revisions this code knows."""
    return frozenset(script.revision for script in _scripts().walk_revisions())
