from __future__ import annotations

import dataclasses
import json
import stat
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from casebase.cli.migrate import app
from casebase.kernel.migrate import (
    DumpExistsError,
    DumpUnreadableError,
    MigrationIrreversibleError,
    ModuleAppliedError,
    ModuleNotAppliedError,
    ModuleRequiredError,
    RestoreFailedError,
    migrate_down,
    migrate_up,
    migration_status,
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
_DROP_QUEUE = """
    select pgmq.drop_queue(name) from casebase.queues where name = 'toy_jobs';
    delete from casebase.queues where name = 'toy_jobs';
"""
_RESTORE_PARTITIONS = """
    create or replace function toy.restore_partitions(partitions text[]) returns void language plpgsql as $$
    declare
        v_number text;
    begin
        for v_number in select substring(p, '^toy\\.readings_(\\d+)$') from unnest(partitions) p loop
            continue when v_number is null;
            execute format('create table toy.%I partition of toy.readings for values in (%L)', 'readings_' || v_number, v_number);
        end loop;
    end
    $$;
"""
_CONTENT = """
    select jsonb_build_object(
        'items', (select jsonb_agg(i order by id) from toy.items i),
        'notes', (select jsonb_agg(n order by id) from toy.notes n))
"""

_QUEUES = "select array_agg(name order by name) from casebase.queues"


def as_workers_do(module: Module) -> str:
    """Return what a worker with its scheduler does to the database when it starts, before any job."""
    queues = [f"select casebase.create_queue('{job.queue}', {job.max_attempts});" for job in module.jobs]
    rules = [
        {"name": rule.name, "cron": rule.cron, "queue": rule.queue, "payload": json.loads(rule.payload)}
        for rule in module.schedules
    ]
    return "".join(queues) + f"select casebase.sync_schedules('{module.name}', $${json.dumps(rules)}$$)"


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

    @pytest.mark.parametrize("module", our_modules(), ids=lambda module: module.name)
    def test_restore_brings_every_module_back(self, database: str, tmp_path: Path, module: Module) -> None:
        run_sync(lambda: run(database, as_workers_do(module)))
        before = run_sync(lambda: catalog_of(database)), run_sync(lambda: value_of(database, _QUEUES))
        assert command(database, tmp_path, "down", module.name, "--yes").exit_code == 0
        (dump,) = (tmp_path / "dumps").iterdir()
        assert command(database, tmp_path, "restore", str(dump)).exit_code == 0
        assert (
            run_sync(lambda: catalog_of(database)),
            run_sync(lambda: value_of(database, _QUEUES)),
        ) == before

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


async def test_jobs_come_back_though_the_module_makes_no_queue(
    kernel_database: str, toy: Toy, tmp_path: Path
) -> None:
    toy.write("migrations/20270102000000_queue.sql", "-- A worker makes it.")
    toy.write("migrations/20270102000000_queue.down.sql", _DROP_QUEUE)
    await migrate_up(kernel_database, [toy.module])
    await run(
        kernel_database,
        "select casebase.create_queue('toy_jobs'), casebase.enqueue('toy_jobs', '{\"n\": 1}')",
    )
    await migrate_down(kernel_database, "toy", [toy.module], dump=tmp_path / "toy.zip")
    await restore(kernel_database, tmp_path / "toy.zip", [toy.module])
    assert await value_of(kernel_database, "select casebase.enqueue('toy_jobs', '{\"n\": 2}')") == 2
    job = "select message ->> 'n' from pgmq.q_toy_jobs where msg_id = 1"
    assert await value_of(kernel_database, job) == "1"


async def test_rows_come_back_into_the_partitions_they_were_in(
    kernel_database: str, toy: Toy, tmp_path: Path
) -> None:
    toy.write(
        "migrations/20270102000000_partitions.sql",
        "create table toy.readings (n int) partition by list (n);"
        "create table toy.readings_default partition of toy.readings default;",
    )
    toy.write("migrations/20270102000000_partitions.down.sql", "drop table toy.readings;")
    toy.write("functions/restore_partitions.sql", _RESTORE_PARTITIONS)
    await migrate_up(kernel_database, [toy.module])
    await run(
        kernel_database,
        "create table toy.readings_7 partition of toy.readings for values in (7);"
        "insert into toy.readings values (7), (8)",
    )
    places = "select array_agg(tableoid::regclass::text || n order by n) from toy.readings"
    before = await value_of(kernel_database, places)
    await migrate_down(kernel_database, "toy", [toy.module], dump=tmp_path / "toy.zip")
    await restore(kernel_database, tmp_path / "toy.zip", [toy.module])
    assert await value_of(kernel_database, places) == before == ["toy.readings_77", "toy.readings_default8"]


async def test_restore_brings_up_what_it_needs_and_leaves_other_modules_to_their_own_dumps(
    kernel_database: str, toy: Toy, tmp_path: Path
) -> None:
    base, other, present = (Toy.create(tmp_path, name) for name in ("base", "other", "present"))
    for number, module in enumerate((base, other, present)):
        name = module.module.name
        module.write(f"migrations/2026123100000{number}_tables.sql", f"create table public.{name} (id int);")
        module.write(f"migrations/2026123100000{number}_tables.down.sql", f"drop table public.{name};")
        module.write("seed.sql", "select 1;")
    needing = dataclasses.replace(toy.module, requires=("base",))
    modules = [base.module, other.module, needing, present.module]
    await migrate_up(kernel_database, modules)
    await run(kernel_database, "insert into public.other values (5)")
    dumps = {name: tmp_path / f"{name}.zip" for name in ("toy", "other", "base")}
    for name, dump in dumps.items():
        await migrate_down(kernel_database, name, modules, dump=dump)

    touched: set[str] = set()
    await restore(
        kernel_database, dumps["toy"], modules, progress=lambda *step: touched.add(step[2].partition("/")[0])
    )
    assert touched == {"base", "toy", ""}
    pending = {unit.unit for unit in await migration_status(kernel_database, modules) if not unit.is_current}
    assert pending == {"other"}
    await restore(kernel_database, dumps["other"], modules)
    assert await value_of(kernel_database, "select id from public.other") == 5


class TestFailure:
    """What stops a restore leaves no trace, and the same restore works once it is mended."""

    async def test_of_rows_whose_tenant_is_gone(self, database: str, tmp_path: Path) -> None:
        tenant = "insert into public.tenants (id, slug, name) values ('7c1f0f5e-0000-4000-8000-000000000001', 'gone', 'Gone');"
        await run(database, tenant)
        await run(
            database,
            "insert into public.products (tenant_id, sku, name, unit_price, currency)"
            " values ('7c1f0f5e-0000-4000-8000-000000000001', 'cut', 'Cut', 49.90, 'EUR')",
        )
        dump = tmp_path / "desk.zip"
        await migrate_down(database, "frontdesk", our_modules(), dump=dump)
        await run(database, "delete from public.tenants where slug = 'gone'")
        before = await catalog_of(database), await migration_status(database, our_modules())

        for _ in range(2):
            with pytest.raises(
                RestoreFailedError, match=r"public\.products.*products_tenant_id_fkey"
            ) as failed:
                await restore(database, dump, our_modules())
            assert "7c1f0f5e-0000-4000-8000-000000000001" in (failed.value.hint or "")
            assert (await catalog_of(database), await migration_status(database, our_modules())) == before

        await run(database, tenant)
        await restore(database, dump, our_modules())
        assert await value_of(database, "select sku from public.products") == "cut"

    async def test_of_rows_the_schema_has_no_place_for_any_more(
        self, kernel_database: str, toy: Toy, tmp_path: Path
    ) -> None:
        toy.write("migrations/20270102000000_rows.sql", _ROWS)
        toy.write("migrations/20270102000000_rows.down.sql", "drop table toy.notes;")
        await migrate_up(kernel_database, [toy.module])
        await run(kernel_database, _FILL)
        await migrate_down(kernel_database, "toy", [toy.module], dump=tmp_path / "toy.zip")
        toy.write("migrations/20270102000000_rows.sql", _ROWS.replace("name text", "label text"))
        with pytest.raises(RestoreFailedError, match='"name" of relation "items"') as failed:
            await restore(kernel_database, tmp_path / "toy.zip", [toy.module])
        assert "release" in (failed.value.hint or "")
        assert await value_of(kernel_database, "select to_regnamespace('toy') is null")

    async def test_keeps_the_rows_that_were_to_be_replaced(
        self, kernel_database: str, toy: Toy, tmp_path: Path
    ) -> None:
        await migrate_up(kernel_database, [toy.module])
        await run(kernel_database, "insert into toy.items values (1)")
        dump = tmp_path / "toy.zip"
        await migrate_down(kernel_database, "toy", [toy.module], dump=dump)
        await migrate_up(kernel_database, [toy.module])
        await run(kernel_database, "insert into toy.items values (7)")
        spoilt = tmp_path / "spoilt.zip"
        with zipfile.ZipFile(dump) as whole, zipfile.ZipFile(spoilt, "w") as archive:
            archive.writestr("manifest.json", whole.read("manifest.json"))
            archive.writestr("toy.items", "one\n")
        with pytest.raises(RestoreFailedError, match="COPY items, line 1, column id"):
            await restore(kernel_database, spoilt, [toy.module], replace=True)
        assert await value_of(kernel_database, "select array_agg(id) from toy.items") == [7]


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

    async def test_of_a_dump_in_place_of_another(
        self, kernel_database: str, toy: Toy, tmp_path: Path
    ) -> None:
        dump = tmp_path / "toy.zip"
        await migrate_up(kernel_database, [toy.module])
        await migrate_down(kernel_database, "toy", [toy.module], dump=dump)
        kept = dump.read_bytes()
        # Made anew it is empty: what it had is in the dump alone.
        await migrate_up(kernel_database, [toy.module])
        with pytest.raises(DumpExistsError):
            await migrate_down(kernel_database, "toy", [toy.module], dump=dump)
        assert dump.read_bytes() == kept
        assert await value_of(kernel_database, "select to_regnamespace('toy') is not null")

    async def test_of_a_file_that_is_no_dump(self, kernel_database: str, toy: Toy, tmp_path: Path) -> None:
        (tmp_path / "dump.zip").write_text("no zip")
        for name in ("dump.zip", "absent.zip"):
            with pytest.raises(DumpUnreadableError):
                await restore(kernel_database, tmp_path / name, [toy.module])

    async def test_of_a_dump_that_ends_early(self, kernel_database: str, toy: Toy, tmp_path: Path) -> None:
        await migrate_up(kernel_database, [toy.module])
        dump = tmp_path / "toy.zip"
        await migrate_down(kernel_database, "toy", [toy.module], dump=dump)
        with zipfile.ZipFile(dump) as whole:
            manifest = whole.read("manifest.json")
        with zipfile.ZipFile(dump, "w") as archive:
            archive.writestr("manifest.json", manifest)
        with pytest.raises(DumpUnreadableError, match=r"toy\.items"):
            await restore(kernel_database, dump, [toy.module])
        assert await value_of(kernel_database, "select to_regnamespace('toy') is null")

    async def test_of_a_dump_whose_rows_were_damaged(
        self, kernel_database: str, toy: Toy, tmp_path: Path
    ) -> None:
        await migrate_up(kernel_database, [toy.module])
        await run(kernel_database, "insert into toy.items select generate_series(1, 100000)")
        dump = tmp_path / "toy.zip"
        await migrate_down(kernel_database, "toy", [toy.module], dump=dump)
        content = bytearray(dump.read_bytes())
        middle = len(content) // 2
        content[middle : middle + 64] = bytes(64)
        dump.write_bytes(content)
        with pytest.raises(DumpUnreadableError, match=r"toy\.items"):
            await restore(kernel_database, dump, [toy.module])
        assert await value_of(kernel_database, "select to_regnamespace('toy') is null")

    async def test_by_a_database_that_is_away_is_not_the_dumps_fault(
        self, kernel_database: str, toy: Toy, tmp_path: Path
    ) -> None:
        await migrate_up(kernel_database, [toy.module])
        await migrate_down(kernel_database, "toy", [toy.module], dump=tmp_path / "toy.zip")
        with pytest.raises(ConnectionRefusedError):
            await restore("postgresql://owner@127.0.0.1:1/none", tmp_path / "toy.zip", [toy.module])
