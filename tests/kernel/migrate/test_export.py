from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from casebase.kernel.migrate import ExportFolderNotEmptyError, export, migrate_up
from tests.kernel.migrate.catalog import catalog_of
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


async def test_units_released_in_between_keep_their_place(toy: Toy, tmp_path: Path) -> None:
    toy.write("migrations/20200101000000_older_than_the_kernel.sql", "select 1;")
    names = [path.name for path in export(tmp_path / "out", [toy.module])]
    assert names == sorted(names)
    assert names.index("20261121000201_kernel_db.sql") > names.index("20261121000200_kernel_tables.sql")


def test_a_folder_with_files_is_refused(tmp_path: Path) -> None:
    export(tmp_path, ())
    with pytest.raises(ExportFolderNotEmptyError):
        export(tmp_path, ())
