from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from casebase.kernel.migrate import ExportFolderNotEmptyError, MigrationOrderError, export, migrate_up
from casebase.kernel.module import Module
from tests.kernel.migrate.catalog import catalog_of, run
from tests.kernel.migrate.toy import Toy
from tests.support.postgres import our_modules
from tests.support.requires import program, requires


async def supabase(folder: Path, url: str, *arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        program("supabase"),
        *arguments,
        f"--remote={url}?sslmode=disable",
        cwd=folder,
        env={"HOME": str(folder), "PATH": "/usr/local/bin:/usr/bin:/bin", "DO_NOT_TRACK": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output = (await process.communicate())[0].decode()
    assert process.returncode == 0, output
    return output


@requires("supabase")
async def test_supabase_cli_builds_the_identical_schema(
    empty_database: str, database: str, tmp_path: Path
) -> None:
    export(tmp_path, our_modules())
    await supabase(tmp_path, empty_database, "migration", "up", "--yes")
    assert await catalog_of(empty_database) == await catalog_of(database)
    assert (await migrate_up(empty_database, our_modules())).applied == ()


@requires("supabase")
async def test_supabase_advisors_find_nothing(database: str, tmp_path: Path) -> None:
    output = await supabase(
        tmp_path, database, "db", "advisors", "--level", "info", "--output-format", "json"
    )
    results = json.JSONDecoder().raw_decode(output[output.index("{") :])[0]["results"]
    assert [found for found in results if found["name"] != "unused_index"] == []


@requires("supabase")
@requires("plpgsql_check")
async def test_supabase_lint_finds_nothing(debian_database: str, tmp_path: Path) -> None:
    output = await supabase(
        tmp_path, debian_database, "db", "lint", "--level", "warning", "--fail-on", "warning"
    )
    assert "No schema errors found" in output


async def test_units_released_in_between_give_the_same_schema(
    create_database: Callable[[Sequence[Module] | None], str], toy: Toy, tmp_path: Path
) -> None:
    guest = Toy.create(tmp_path, "guest", requires=("toy",))
    guest.write(
        "migrations/20270102000000_tables.sql",
        "create schema guest; create table guest.visits (n int default toy.answer());",
    )
    toy.write("migrations/20270103000000_more.sql", "alter table toy.items add column name text;")
    toy.write("views/names.sql", "create or replace view toy.names as select name from toy.items;")
    modules = [toy.module, guest.module]
    migrated, exported = create_database(()), create_database(None)
    await migrate_up(migrated, modules)
    for path in export(tmp_path / "out", modules):
        await run(exported, path.read_text("utf-8"))
    assert await catalog_of(exported) == await catalog_of(migrated)


def test_a_module_older_than_what_it_builds_on_is_refused(toy: Toy, tmp_path: Path) -> None:
    toy.write("migrations/20200101000000_older_than_the_kernel.sql", "select 1;")
    with pytest.raises(MigrationOrderError, match="20200101000000"):
        export(tmp_path / "out", [toy.module])


def test_a_folder_with_files_is_refused(tmp_path: Path) -> None:
    export(tmp_path, ())
    with pytest.raises(ExportFolderNotEmptyError):
        export(tmp_path, ())
