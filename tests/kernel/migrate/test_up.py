from __future__ import annotations

import asyncio
import signal
import sys

import pytest

from casebase.kernel.migrate import (
    MigrationChangedError,
    MigrationFailedError,
    MigrationOrderError,
    connected,
    migrate_up,
    migration_status,
)
from tests.kernel.migrate.catalog import catalog_of, run, value_of
from tests.kernel.migrate.toy import Toy
from tests.support.postgres import our_modules
from tests.support.waiting import locks_awaited

_MIGRATE = """
import asyncio, os, signal, sys
from casebase.kernel.migrate import migrate_up
from casebase.kernel.module import installed_modules
def die(done, total, file):
    if file.endswith(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
modules = [module for module in installed_modules() if module.package.startswith("casebase.")]
asyncio.run(migrate_up(sys.argv[1], modules, progress=die if sys.argv[2] else None))
"""


async def migrate_in_process(url: str, dies_at: str = "") -> int:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _MIGRATE, url, dies_at)
    return await process.wait()


async def test_a_second_run_finds_nothing_to_do(empty_database: str) -> None:
    modules = our_modules()
    first = await migrate_up(empty_database, modules)
    assert ("kernel.db", "functions/rpc.sql") in first.applied
    assert (await migrate_up(empty_database, modules)).applied == ()
    assert all(unit.is_current for unit in await migration_status(empty_database, modules))


async def test_several_runs_at_once_give_one_schema(empty_database: str, database: str) -> None:
    codes = await asyncio.gather(*(migrate_in_process(empty_database) for _ in range(3)))
    assert codes == [0, 0, 0]
    assert await catalog_of(empty_database) == await catalog_of(database)


@pytest.mark.parametrize(
    "dies_at",
    [
        "platform.sql",
        "now.sql",
        "kernel_tables.sql",
        "kernel.db/access.sql",
        "pgmq.sql",
        "kernel.jobs/seed.sql",
        "mortgage/access.sql",
    ],
)
async def test_a_killed_run_is_completed_by_the_next(
    empty_database: str, database: str, dies_at: str
) -> None:
    assert await migrate_in_process(empty_database, dies_at) == -signal.SIGKILL
    assert await migrate_in_process(empty_database) == 0
    assert await catalog_of(empty_database) == await catalog_of(database)


async def test_databases_of_one_cluster_migrate_at_once(create_database) -> None:  # type: ignore[no-untyped-def]
    urls = [create_database(None) for _ in range(4)]
    reports = await asyncio.gather(*(migrate_up(url, ()) for url in urls))
    assert len({report.applied for report in reports}) == 1


async def test_progress_counts_up_to_the_total(empty_database: str) -> None:
    seen: list[tuple[int, int]] = []
    report = await migrate_up(
        empty_database, (), progress=lambda done, total, file: seen.append((done, total))
    )
    assert [done for done, _ in seen] == list(range(len(report.applied) + 1))
    assert {total for _, total in seen} == {len(report.applied)}


class TestVersionedFile:
    async def test_is_refused_once_applied_and_changed(self, kernel_database: str, toy: Toy) -> None:
        await migrate_up(kernel_database, [toy.module])
        toy.write("migrations/20270101000000_tables.sql", "create schema toy; create table toy.others ();")
        toy.write(
            "functions/answer.sql",
            "create or replace function toy.answer() returns int language sql as 'select 42';",
        )
        with pytest.raises(MigrationChangedError, match=r"toy/migrations/20270101000000_tables\.sql"):
            await migrate_up(kernel_database, [toy.module])
        assert await value_of(kernel_database, "select toy.answer()") == 41
        assert (await migration_status(kernel_database, [toy.module]))[-1].changed

    async def test_that_fails_leaves_nothing_and_names_the_line(self, kernel_database: str, toy: Toy) -> None:
        await migrate_up(kernel_database, [toy.module])
        toy.write(
            "migrations/20270102000000_more.sql",
            "create table toy.kept ();\n\ncreate table nowhere.lost ();\n",
        )
        with pytest.raises(
            MigrationFailedError, match=r"toy/migrations/20270102000000_more\.sql, line 3: .*nowhere"
        ):
            await migrate_up(kernel_database, [toy.module])
        assert await value_of(kernel_database, "select to_regclass('toy.kept')") is None
        toy.write("migrations/20270102000000_more.sql", "create table toy.kept ();")
        await migrate_up(kernel_database, [toy.module])
        assert await value_of(kernel_database, "select to_regclass('toy.kept') is not null")

    async def test_runs_the_repeatables_again_that_it_may_have_dropped(
        self, kernel_database: str, toy: Toy
    ) -> None:
        await migrate_up(kernel_database, [toy.module])
        toy.write("migrations/20270102000000_drop.sql", "drop function toy.answer();")
        await migrate_up(kernel_database, [toy.module])
        assert await value_of(kernel_database, "select toy.answer()") == 41

    async def test_waits_for_a_lock_and_asks_again(self, kernel_database: str, toy: Toy) -> None:
        await migrate_up(kernel_database, [toy.module])
        toy.write("migrations/20270102000000_wide.sql", "alter table toy.items add column name text;")
        async with connected(kernel_database) as reader:
            transaction = reader.transaction()
            await transaction.start()
            await reader.execute("select from toy.items")
            waiting = asyncio.create_task(migrate_up(kernel_database, [toy.module]))
            await locks_awaited(reader, on="toy.items")
            await transaction.rollback()
            assert ("toy", "migrations/20270102000000_wide.sql") in (await waiting).applied

    async def test_version_belongs_to_one_file(self, kernel_database: str, toy: Toy) -> None:
        toy.write("migrations/20261121000200_clash.sql", "select 1;")
        with pytest.raises(MigrationOrderError, match="20261121000200"):
            await migrate_up(kernel_database, [toy.module])


class TestRepeatableFile:
    async def test_runs_again_when_it_changes_and_only_then(self, kernel_database: str, toy: Toy) -> None:
        await migrate_up(kernel_database, [toy.module])
        toy.write(
            "functions/answer.sql",
            "create or replace function toy.answer() returns int language sql as 'select 42';",
        )
        report = await migrate_up(kernel_database, [toy.module])
        assert report.applied == (("toy", "functions/answer.sql"),)
        assert await value_of(kernel_database, "select toy.answer()") == 42

    async def test_may_hold_comments_alone(self, kernel_database: str, toy: Toy) -> None:
        toy.write("functions/answer.sql", "-- Nothing is left of it.\n/* Really. */")
        report = await migrate_up(kernel_database, [toy.module])
        assert report.applied[-1] == ("toy", "functions/answer.sql")

    async def test_that_is_required_runs_first_and_takes_its_dependants_along(
        self, kernel_database: str, toy: Toy
    ) -> None:
        toy.write(
            "views/a.sql", "-- requires: views/b.sql\ncreate or replace view toy.a as select n from toy.b;"
        )
        toy.write("views/b.sql", "drop view if exists toy.b cascade; create view toy.b as select 1 as n;")
        await migrate_up(kernel_database, [toy.module])
        toy.write("views/b.sql", "drop view if exists toy.b cascade; create view toy.b as select 2 as n;")
        report = await migrate_up(kernel_database, [toy.module])
        assert report.applied == (("toy", "views/b.sql"), ("toy", "views/a.sql"))
        assert await value_of(kernel_database, "select n from toy.a") == 2

    @pytest.mark.parametrize("requires", ["views/a.sql", "views/absent.sql"])
    async def test_cannot_require_itself_or_nothing(
        self, kernel_database: str, toy: Toy, requires: str
    ) -> None:
        toy.write("views/a.sql", f"-- requires: {requires}\ncreate or replace view toy.a as select 1 as n;")
        with pytest.raises(MigrationOrderError, match=requires):
            await migrate_up(kernel_database, [toy.module])


async def test_an_older_supabase_ledger_is_taken_over(empty_database: str) -> None:
    await run(
        empty_database,
        "create schema supabase_migrations;"
        "create table supabase_migrations.schema_migrations (version text not null primary key);"
        "insert into supabase_migrations.schema_migrations values ('20200101000000');",
    )
    await migrate_up(empty_database, ())
    known = "select count(*) from supabase_migrations.schema_migrations where statements is not null"
    assert await value_of(empty_database, known)
