"""Runs alembic's revisions; imported only where there is something to migrate, for it takes a while."""

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection

from storage import migrations


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the revisions up to one of them, in the transaction that `Database.migrating` holds."""
    settings = Config()
    settings.set_main_option("script_location", str(migrations.FOLDER))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)
