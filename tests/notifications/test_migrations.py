"""The module's SQL may run twice: what is there stays as it is, rows and rules that were changed too."""

from __future__ import annotations

from importlib.resources import files

import asyncpg

from tests.kernel.migrate.catalog import catalog_of, run
from tests.notifications.conftest import Evaluate, MakeMentor
from tests.support.rows import all_rows

SQL = files("casebase.modules.notifications") / "sql"


async def test_every_file_may_run_again(
    owner: asyncpg.Connection, database: str, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await make_mentor(12, last_active=30)
    await evaluate()
    await owner.execute(
        "update notifications.scenario_defaults set threshold = '{45}' where scenario_type = 'inactivity'"
    )
    catalog, rows = await catalog_of(database), await sorted_rows(owner)
    migrations = sorted(
        (file for file in (SQL / "migrations").iterdir() if not file.name.endswith(".down.sql")),
        key=lambda file: file.name,
    )
    functions = sorted((SQL / "functions").iterdir(), key=lambda file: file.name)
    for file in (*migrations, *functions, SQL / "triggers.sql", SQL / "access.sql", SQL / "seed.sql"):
        await run(database, file.read_text())
    assert await catalog_of(database) == catalog
    assert await sorted_rows(owner) == rows


async def sorted_rows(owner: asyncpg.Connection) -> dict[str, list[str]]:
    return {table: sorted(rows) for table, rows in (await all_rows(owner)).items()}
