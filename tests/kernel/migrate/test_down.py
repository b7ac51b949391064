from __future__ import annotations

import dataclasses
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from casebase.cli.migrate import app
from casebase.kernel.migrate import (
    DumpUnreadableError,
    MigrationIrreversibleError,
    ModuleAppliedError,
    ModuleNotAppliedError,
    ModuleRequiredError,
    migrate_down,
    migrate_up,
    restore,
)
from casebase.kernel.module import Module
from tests.kernel.migrate.catalog import catalog_of, run, value_of
from tests.kernel.migrate.toy import Toy
from tests.support.postgres import our_modules, run_sync

_ROWS = """
    alter table toy.items add column parent_id int, add column name text,
        add column twice int generated always as (id * 2) stored;
    alter table toy.items add constraint items_parent_id_fkey foreign key (parent_id) references toy.items (id);
    create table toy.notes (id bigint generated always as identity primary key, item_id int references toy.items (id));
    create function toy.refuse() returns trigger language plpgsql as 'begin raise exception ''append only''; end';
    create trigger refuse before insert on toy.notes for each row execute function toy.refuse();
"""
_FILL = """
    insert into toy.items (id, parent_id, name) values (1, 2, E'tab\\t, line\\n, \\\\N'), (2, 1, null);
    alter table toy.notes disable trigger user;
    insert into toy.notes (item_id) values (1), (2), (1);
    alter table toy.notes enable trigger user;
"""
_CONTENT = """
    select jsonb_build_object(
        'items', (select jsonb_agg(i order by id) from toy.items i),
        'notes', (select jsonb_agg(n order by id) from toy.notes n))
"""


def command(url: str, home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, env={"CASEBASE_DATABASE_URL": url, "CASEBASE_HOME": str(home)})


class TestCommand:
    def test_without_yes_names_what_would_be_lost_and_changes_nothing(
        self, database: str, tmp_path: Path
    ) -> None:
        before = run_sync(lambda: catalog_of(database))
        result = command(database, tmp_path, "down", "mortgage")
        assert result.exit_code == 1
        assert "public.scenario_cases" in result.output
        assert "--yes" in result.output
        assert run_sync(lambda: catalog_of(database)) == before

    def test_with_yes_leaves_the_kernel_as_it_was(
        self, database: str, kernel_database: str, tmp_path: Path
    ) -> None:
        for module in our_modules():
            assert command(database, tmp_path, "down", module.name, "--yes").exit_code == 0
        assert run_sync(lambda: catalog_of(database)) == run_sync(lambda: catalog_of(kernel_database))

    @pytest.mark.parametrize("module", [module.name for module in our_modules()])
    def test_restore_brings_every_module_back(self, database: str, tmp_path: Path, module: str) -> None:
        before = run_sync(lambda: catalog_of(database))
        assert command(database, tmp_path, "down", module, "--yes").exit_code == 0
        (dump,) = (tmp_path / "dumps").iterdir()
        assert command(database, tmp_path, "restore", str(dump)).exit_code == 0
        assert run_sync(lambda: catalog_of(database)) == before

    def test_restore_brings_schema_and_rows_back(self, database: str, tmp_path: Path) -> None:
        run_sync(lambda: run(database, "update mortgage.banks set name = name || ' (renamed)'"))
        names = "select array_agg(name order by name) from mortgage.banks"
        before = run_sync(lambda: catalog_of(database)), run_sync(lambda: value_of(database, names))
        assert command(database, tmp_path, "down", "mortgage", "--yes").exit_code == 0
        (dump,) = (tmp_path / "dumps").iterdir()
        assert command(database, tmp_path, "restore", str(dump)).exit_code == 0
        assert (run_sync(lambda: catalog_of(database)), run_sync(lambda: value_of(database, names))) == before


async def test_rows_come_back_to_the_letter(kernel_database: str, toy: Toy, tmp_path: Path) -> None:
    toy.write("migrations/20270102000000_rows.sql", _ROWS)
    toy.write("migrations/20270102000000_rows.down.sql", "drop table toy.notes;")
    await migrate_up(kernel_database, [toy.module])
    await run(kernel_database, _FILL)
    before = await value_of(kernel_database, _CONTENT), await catalog_of(kernel_database)

    lost = await migrate_down(kernel_database, "toy", [toy.module], dump=tmp_path / "toy.zip")
    assert [(table.full_name, table.row_count) for table in lost] == [("toy.items", 2), ("toy.notes", 3)]
    assert stat.S_IMODE((tmp_path / "toy.zip").stat().st_mode) == 0o600
    await restore(kernel_database, tmp_path / "toy.zip", [toy.module])

    assert (await value_of(kernel_database, _CONTENT), await catalog_of(kernel_database)) == before
    await run(
        kernel_database, "alter table toy.notes disable trigger user; insert into toy.notes default values"
    )
    assert await value_of(kernel_database, "select max(id) from toy.notes") == 4


async def test_restore_over_a_living_module_asks_to_replace(
    kernel_database: str, toy: Toy, tmp_path: Path
) -> None:
    await migrate_up(kernel_database, [toy.module])
    await run(kernel_database, "insert into toy.items values (1)")
    dump = tmp_path / "toy.zip"
    await migrate_down(kernel_database, "toy", [toy.module], dump=dump)
    await migrate_up(kernel_database, [toy.module])
    await run(kernel_database, "insert into toy.items values (7)")
    with pytest.raises(ModuleAppliedError):
        await restore(kernel_database, dump, [toy.module])
    await restore(kernel_database, dump, [toy.module], replace=True)
    assert await value_of(kernel_database, "select array_agg(id) from toy.items") == [1]


async def test_a_way_back_may_be_a_comment_alone(kernel_database: str, toy: Toy, tmp_path: Path) -> None:
    toy.write("migrations/20270102000000_nothing.sql", "-- Nothing any more.")
    toy.write("migrations/20270102000000_nothing.down.sql", "-- Nothing to take back.\n")
    await migrate_up(kernel_database, [toy.module])
    await migrate_down(kernel_database, "toy", [toy.module], dump=tmp_path / "toy.zip")
    assert await value_of(kernel_database, "select to_regnamespace('toy') is null")


class TestRefusal:
    async def test_of_a_module_that_another_requires(
        self, create_database: Callable[[Sequence[Module] | None], str], toy: Toy, tmp_path: Path
    ) -> None:
        url = create_database(our_modules())
        modules = [*our_modules(), dataclasses.replace(toy.module, requires=("mortgage",))]
        await migrate_up(url, modules)
        with pytest.raises(ModuleRequiredError, match="'toy' requires 'mortgage'"):
            await migrate_down(url, "mortgage", modules, dump=tmp_path / "dump.zip")
        assert not (tmp_path / "dump.zip").exists()

    async def test_of_a_module_that_is_not_there(
        self, kernel_database: str, toy: Toy, tmp_path: Path
    ) -> None:
        for name in ("toy", "kernel.db", "unheard_of"):
            with pytest.raises(ModuleNotAppliedError):
                await migrate_down(kernel_database, name, [toy.module], dump=tmp_path / "dump.zip")

    async def test_of_a_migration_that_has_no_way_back(
        self, kernel_database: str, toy: Toy, tmp_path: Path
    ) -> None:
        toy.write("migrations/20270102000000_more.sql", "create table toy.more ();")
        await migrate_up(kernel_database, [toy.module])
        with pytest.raises(MigrationIrreversibleError, match="20270102000000_more"):
            await migrate_down(kernel_database, "toy", [toy.module], dump=tmp_path / "dump.zip")
        assert await value_of(kernel_database, "select to_regclass('toy.more') is not null")

    async def test_of_a_file_that_is_no_dump(self, kernel_database: str, toy: Toy, tmp_path: Path) -> None:
        (tmp_path / "dump.zip").write_text("no zip")
        for name in ("dump.zip", "absent.zip"):
            with pytest.raises(DumpUnreadableError):
                await restore(kernel_database, tmp_path / name, [toy.module])
