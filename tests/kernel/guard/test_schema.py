from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from casebase.cli.verify import app
from casebase.kernel.guard import contract_texts, verify_schema
from casebase.kernel.guard.contract import FILE_NAME
from casebase.kernel.migrate import connected, migrate_up, units
from casebase.kernel.module import Module
from tests.support.postgres import Server, our_modules, run_sync


def verify(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(
        app, ["schema", *arguments], env={"CASEBASE_DATABASE_URL": url, "COLUMNS": "200"}
    )


def run(url: str, statements: str) -> None:
    async def execute() -> None:
        async with connected(url) as connection:
            await connection.execute(statements)

    run_sync(execute)


async def test_shipped_contracts_are_those_of_the_sql_files(empty_database: str) -> None:
    texts = await contract_texts(empty_database, our_modules())
    for unit in units(our_modules()):
        assert (unit.folder / FILE_NAME).read_text("utf-8") == texts[unit.name], (
            f"stale: run `make contracts` ({unit.name})"
        )


async def test_contracts_are_the_same_on_postgresql_15(debian_database: str) -> None:
    assert (await verify_schema(debian_database, our_modules())).drift == ()


def test_a_migrated_database_has_no_drift(database: str) -> None:
    result = verify(database)
    assert result.exit_code == 0
    assert "objects are as shipped" in result.output


def test_a_restored_backup_has_no_drift(
    pg_server: Server, database: str, empty_database: str, tmp_path: Path
) -> None:
    programs, file = pg_server.process.installation.bin, tmp_path / "backup.dump"
    subprocess.run([programs / "pg_dump", "--format", "custom", "--file", file, database], check=True)
    options = ["--no-owner", "--exit-on-error", "--dbname", empty_database]
    subprocess.run([programs / "pg_restore", *options, file], check=True)
    result = verify(empty_database)
    assert result.exit_code == 0, result.output


_MUTATIONS = {
    "table added": ("create table public.stray ()", "added: table public.stray"),
    "table removed": ("drop table casebase.job_failures", "removed: table casebase.job_failures"),
    "row level security off": (
        "alter table public.tenants disable row level security",
        "changed: table public.tenants",
    ),
    "row level security forced": (
        "alter table public.tenants force row level security",
        "changed: table public.tenants",
    ),
    "storage option": ("alter table public.tenants set (fillfactor = 50)", "changed: table public.tenants"),
    "column added": (
        "alter table public.tenants add column stray text",
        "added: column public.tenants.stray",
    ),
    "column renamed": (
        "alter table public.tenants rename column name to title",
        "removed: column public.tenants.name",
    ),
    "column type": (
        "alter table public.tenants alter column name type varchar(9)",
        "changed: column public.tenants.name",
    ),
    "column default": (
        "alter table public.tenants alter column name set default ''",
        "changed: column public.tenants.name",
    ),
    "column nullable": (
        "alter table public.tenants alter column name drop not null",
        "changed: column public.tenants.name",
    ),
    "constraint removed": (
        "alter table public.tenants drop constraint slug_is_lower_case_words",
        "removed: constraint public.tenants.slug_is_lower_case_words",
    ),
    "constraint changed": (
        "alter table public.tenants drop constraint slug_is_lower_case_words, "
        "add constraint slug_is_lower_case_words check (slug <> '')",
        "changed: constraint public.tenants.slug_is_lower_case_words",
    ),
    "foreign key action": (
        "alter table public.tenant_users drop constraint tenant_users_tenant_id_fkey, "
        "add constraint tenant_users_tenant_id_fkey foreign key (tenant_id) references public.tenants (id)",
        "changed: constraint public.tenant_users.tenant_users_tenant_id_fkey",
    ),
    "index removed": (
        "drop index public.tenant_users_user_id_idx",
        "removed: index public.tenant_users_user_id_idx",
    ),
    "index changed": (
        "drop index public.tenant_users_user_id_idx;"
        "create index tenant_users_user_id_idx on public.tenant_users (user_id desc)",
        "changed: index public.tenant_users_user_id_idx",
    ),
    "function body": (
        "create or replace function casebase.now() returns timestamptz language sql stable parallel safe"
        " set search_path = '' as 'select now()'",
        "changed: function casebase.now()",
    ),
    "function search path": (
        "alter function casebase.now() reset search_path",
        "changed: function casebase.now()",
    ),
    "function definer": (
        "alter function casebase.now() security definer",
        "changed: function casebase.now()",
    ),
    "function overloaded": (
        "create function casebase.now(int) returns int language sql as 'select 1'",
        "added: function casebase.now(integer)",
    ),
    "view added": ("create view public.stray as select 1 as n", "added: view public.stray"),
    "rule added": (
        "create rule stray as on delete to public.tenants do instead nothing",
        "added: rule public.tenants.stray",
    ),
    "policy removed": (
        "drop policy tenants_select_member on public.tenants",
        "removed: policy public.tenants.tenants_select_member",
    ),
    "policy widened": (
        "alter policy tenants_select_member on public.tenants using (true)",
        "changed: policy public.tenants.tenants_select_member",
    ),
    "policy role": (
        "alter policy tenants_select_member on public.tenants to anon",
        "changed: policy public.tenants.tenants_select_member",
    ),
    "table grant": ("grant select on public.tenants to anon", "added: grant on table public.tenants to anon"),
    "column grant": (
        "grant select (slug) on public.tenants to anon",
        "added: grant on column public.tenants.slug to anon",
    ),
    "grant widened": (
        "grant delete on public.tenants to authenticated",
        "changed: grant on table public.tenants to auth",
    ),
    "grant removed": (
        "revoke select on public.tenants from authenticated",
        "removed: grant on table public.tenants to auth",
    ),
    "function grant": (
        "grant execute on function casebase.member_tenants(text[]) to anon",
        "added: grant on function casebase.member_tenants(text[]) to anon",
    ),
    "schema grant": ("grant create on schema casebase to anon", "changed: grant on schema casebase to anon"),
    "trigger added": (
        "create trigger stray before update on public.tenants for each row"
        " execute function suppress_redundant_updates_trigger()",
        "added: trigger public.tenants.stray",
    ),
    "trigger disabled": (
        "alter table public.scenario_outcomes disable trigger scenario_outcomes_touch_updated_at",
        "changed: trigger public.scenario_outcomes.scenario_outcomes_touch_updated_at",
    ),
    "enum label": (
        "alter type public.scenario_decision add value 'stray'",
        "changed: enum public.scenario_decision",
    ),
    "domain added": (
        "create domain public.stray as int check (value > 0)",
        "added: constraint public.stray.stray_check",
    ),
    "composite type": ("create type public.stray as (n int)", "added: column public.stray.n"),
    "sequence added": ("create sequence public.stray", "added: sequence public.stray"),
    "schema added": ("create schema stray", "added: schema stray"),
}


@pytest.mark.parametrize(("statements", "expected"), _MUTATIONS.values(), ids=_MUTATIONS.keys())
def test_drift_is_found(database: str, statements: str, expected: str) -> None:
    run(database, statements)
    result = verify(database)
    assert result.exit_code == 1
    assert expected in result.output


def test_what_changed_is_shown_line_by_line(database: str) -> None:
    run(database, "alter table public.tenants alter column name drop not null")
    lines = verify(database).output.splitlines()
    assert "    -text not null" in lines
    assert "    +text" in lines


def test_modules_not_asked_for_are_left_alone(database: str) -> None:
    run(database, "drop policy tenants_select_member on public.tenants")
    result = verify(database, "--modules", "")
    assert "1 of" in result.output


def test_a_module_without_a_contract_is_named(
    create_database: Callable[[Sequence[Module] | None], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = "toy_without_contract"
    folder = tmp_path / package / "sql" / "migrations"
    folder.mkdir(parents=True)
    (tmp_path / package / "__init__.py").touch()
    (folder / "20270101000000_toy.sql").write_text("create schema toy; create table toy.items ();")
    monkeypatch.syspath_prepend(str(tmp_path))
    toy = Module(name="toy", package=package, title="Toy")
    url = create_database(())
    run_sync(lambda: migrate_up(url, [toy]))
    report = run_sync(lambda: verify_schema(url, [toy]))
    assert report.without_contract == ("toy",)
    assert report.drift == ()
    sys.modules.pop(package, None)
