"""The migrations make exactly the tables that the code speaks of."""

import asyncio
import stat
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, inspect, text

import bot
from storage import migrations
from storage.engine import Database, Schema
from storage.failures import CannotOpen
from storage.migrate import migrate
from storage.tables import Row
from storage.upgrade import upgrade
from tests.databases import KINDS, fresh


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    return list(compare_metadata(context, Row.metadata))


def checks(connection: Connection) -> set[str | None]:
    found = inspect(connection)
    return {
        check["name"] for table in found.get_table_names() for check in found.get_check_constraints(table)
    }


async def test_the_migrations_make_exactly_our_tables(database: Database) -> None:
    ours = {
        str(constraint.name)
        for table in Row.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []
        assert {name.removeprefix("ck_ck_") for name in await connection.run_sync(checks) if name} >= ours


async def test_a_database_is_made_once(bare_url: str) -> None:
    database = Database.open(bare_url)

    before = await database.schema_state(), await database.exists()
    await migrate(database)
    await migrate(database)
    after = await database.schema_state(), await database.exists()

    await database.close()
    assert before == (Schema.NONE, False)
    assert after == (Schema.CURRENT, True)


async def test_replicas_that_start_at_once_wait_for_each_other(bare_url: str) -> None:
    databases = [Database.open(bare_url) for _ in range(3)]

    await asyncio.gather(*(migrate(database) for database in databases))

    states = [await database.schema_state() for database in databases]
    for database in databases:
        await database.close()
    assert states == [Schema.CURRENT] * 3


@pytest.mark.parametrize(("oldest", "state"), [(2, Schema.CURRENT), (3, Schema.NEWER)])
async def test_a_newer_schema_is_used_only_while_it_serves_this_code(
    database_url: str, oldest: int, state: Schema
) -> None:
    database = Database.open(database_url)
    async with database.migrating() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        await connection.execute(text(f"UPDATE schema_info SET min_code = {oldest}"))  # noqa: S608

    found = await database.schema_state()
    refused = None
    try:
        await migrate(database)
    except CannotOpen as error:
        refused = str(error)
    await database.close()

    assert found is state
    assert (refused is None) == (state is Schema.CURRENT)


async def test_a_migration_that_fails_leaves_what_was_there(bare_url: str) -> None:
    database = Database.open(bare_url)
    if database.is_sqlite:
        database.path.touch()

    async def migrate_by_half() -> None:
        async with database.migrating() as connection:
            await connection.execute(text("CREATE TABLE half (id INTEGER)"))
            raise LookupError

    with pytest.raises(LookupError):
        await migrate_by_half()

    async with database.read() as connection:
        tables = await connection.run_sync(lambda c: inspect(c).get_table_names())
    await database.close()
    assert tables == []


async def test_a_migration_that_leaves_rows_pointing_nowhere_is_undone(tmp_path: Path) -> None:
    async with fresh("sqlite", tmp_path) as url:
        database = Database.open(url)

        with pytest.raises(CannotOpen, match="members"):
            async with database.migrating() as connection:
                await connection.execute(text("INSERT INTO members VALUES (404, 'U1')"))

        async with database.read() as connection:
            found = (await connection.execute(text("SELECT count(*) FROM members"))).scalar_one()
        await database.close()
        assert found == 0


async def test_a_database_file_is_its_owners_alone(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/warroom.db")

    await migrate(database)
    await database.close()

    assert stat.S_IMODE((tmp_path / "warroom.db").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("missing/warroom.db", "the folder .*missing does not exist"),
        ("", "cannot be written: Is a directory"),
    ],
)
async def test_a_path_that_cannot_be_written_is_one_clear_sentence(
    tmp_path: Path, path: str, why: str
) -> None:
    database = Database.open(f"sqlite:///{tmp_path / path}")

    with pytest.raises(CannotOpen, match=why):
        await migrate(database)

    await database.close()


async def test_a_file_that_is_no_database_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Buy milk. " * 200)
    database = Database.open(f"sqlite:///{tmp_path}/notes.txt")

    with pytest.raises(CannotOpen, match=r"notes\.txt cannot be used: file is not a database"):
        await migrate(database)

    await database.close()


async def test_a_server_that_does_not_answer_is_one_sentence_without_the_password() -> None:
    database = Database.open("postgresql://bot:hunter2@127.0.0.1:1/warroom")

    with pytest.raises(CannotOpen, match="cannot be used") as refused:
        await migrate(database)

    await database.close()
    assert "hunter2" not in str(refused.value)


def test_the_revisions_are_those_that_their_files_are_named_for() -> None:
    settings = Config()
    settings.set_main_option("script_location", str(migrations.FOLDER))
    settings.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(settings)

    assert migrations.known() == {script.revision for script in scripts.walk_revisions()}
    assert migrations.head() == scripts.get_current_head()


async def test_the_first_tables_are_brought_up_to_date(bare_url: str) -> None:
    database = Database.open(bare_url)
    if database.is_sqlite:
        database.path.touch()
    async with database.migrating() as connection:
        await connection.run_sync(upgrade, "0001")

    before = await database.schema_state()
    await migrate(database)
    after = await database.schema_state()

    await database.close()
    assert (before, after) == (Schema.OLD, Schema.CURRENT)


async def test_a_start_on_a_current_database_does_without_alembic(database_url: str) -> None:
    program = f"""
import asyncio, sys
import bot.app
from storage.engine import Database
from storage.migrate import migrate

async def start():
    database = Database.open({database_url!r})
    await migrate(database)
    print(await database.schema_state())
    await database.close()

asyncio.run(start())
print(sorted(each for each in sys.modules if each.partition(".")[0] in ("alembic", "mako")))
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, cwd=Path(bot.__file__).parents[1]
    )

    said, _ = await process.communicate()

    assert said.decode().split("\n") == ["current", "[]", ""]


def test_both_kinds_of_database_are_tested() -> None:
    assert set(KINDS) == {"sqlite", "postgresql"}
