from __future__ import annotations

import asyncio
import json

import asyncpg
import bcrypt
import pytest
from typer.testing import CliRunner, Result

from casebase.cli.user import app
from casebase.kernel.errors import CasebaseError, InvalidInputError

EMAIL = "Ada@Example.com"


def casebase_user(url: str, *arguments: str, password: str = "correct horse battery\n") -> Result:
    return CliRunner().invoke(app, arguments, input=password, env={"CASEBASE_DATABASE_URL": url})


def created(url: str, *arguments: str) -> Result:
    return casebase_user(url, "create", "--email", EMAIL, "--password-stdin", *arguments)


def password_hash(url: str) -> bytes:
    (user,) = _fetch(url, "select encrypted_password from auth.users")
    return str(user[0]).encode()


def test_created_user_is_a_member_with_a_bcrypt_hash(kernel_database: str) -> None:
    assert created(kernel_database).output == "ada@example.com can sign in as admin of default.\n"
    assert bcrypt.checkpw(b"correct horse battery", password_hash(kernel_database))
    (listed,) = json.loads(casebase_user(kernel_database, "list", "--json").output)
    assert listed["email"] == "ada@example.com"
    assert listed["memberships"] == [{"tenant": "default", "role": "admin"}]


def test_password_is_asked_for_twice(kernel_database: str) -> None:
    twice = casebase_user(
        kernel_database, "create", "--email", EMAIL, password="long enough 1\nlong enough 1\n"
    )
    assert twice.exit_code == 0
    assert "long enough" not in twice.output
    assert bcrypt.checkpw(b"long enough 1", password_hash(kernel_database))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--tenant", "nowhere"), "tenant_not_found"),
        (("--email", "not-an-address"), "email_invalid"),
        (("--role", "Not A Role"), "constraint_violated"),
    ],
)
def test_wrong_values_are_refused_and_nothing_is_written(
    kernel_database: str, arguments: tuple[str, ...], code: str
) -> None:
    error = created(kernel_database, *arguments).exception
    assert isinstance(error, CasebaseError)
    assert error.code == code
    assert _fetch(kernel_database, "select 1 from auth.users") == []


def test_taken_e_mail_is_refused_whatever_its_case(kernel_database: str) -> None:
    created(kernel_database)
    error = casebase_user(kernel_database, "create", "--email", EMAIL.upper(), "--password-stdin").exception
    assert isinstance(error, CasebaseError)
    assert error.code == "user_exists"
    assert "set-password" in str(error.hint)


@pytest.mark.parametrize("password", ["short", "ü" * 37, ""])
def test_password_bcrypt_cannot_keep_is_refused(kernel_database: str, password: str) -> None:
    refused = casebase_user(
        kernel_database, "create", "--email", EMAIL, "--password-stdin", password=f"{password}\n"
    )
    assert isinstance(refused.exception, InvalidInputError)


def test_set_password_replaces_the_hash(kernel_database: str) -> None:
    created(kernel_database)
    casebase_user(
        kernel_database, "set-password", "--email", EMAIL, "--password-stdin", password="another secret\n"
    )
    assert bcrypt.checkpw(b"another secret", password_hash(kernel_database))


def test_set_password_of_nobody_is_refused(kernel_database: str) -> None:
    error = casebase_user(kernel_database, "set-password", "--email", EMAIL, "--password-stdin").exception
    assert isinstance(error, CasebaseError)
    assert error.code == "user_not_found"


def test_list_names_everyone(kernel_database: str) -> None:
    created(kernel_database)
    assert "default (admin)" in casebase_user(kernel_database, "list").output


def test_columns_that_supabase_needs_are_filled(kernel_database: str) -> None:
    """Supabase's Auth service cannot read a user whose tokens are null, nor one without an identity."""
    _execute(
        kernel_database,
        "alter table auth.users add instance_id uuid, add confirmation_token text, add recovery_token text, "
        "add is_sso_user boolean not null default false, add confirmed_at timestamptz generated always as "
        "(email_confirmed_at) stored; "
        "create table auth.identities (id uuid primary key default gen_random_uuid(), provider_id text not null, "
        "user_id uuid not null references auth.users, identity_data jsonb not null, provider text not null, "
        "created_at timestamptz, updated_at timestamptz, last_sign_in_at timestamptz, "
        "email text generated always as (lower(identity_data ->> 'email')) stored)",
    )
    assert created(kernel_database).exit_code == 0
    (row,) = _fetch(
        kernel_database,
        "select u.instance_id::text, u.confirmation_token, u.confirmed_at is not null, i.email, "
        "i.provider_id = u.id::text "
        "from auth.users u join auth.identities i on i.user_id = u.id",
    )
    assert tuple(row) == ("00000000-0000-0000-0000-000000000000", "", True, "ada@example.com", True)


def _fetch(url: str, query: str) -> list[asyncpg.Record]:
    async def fetch() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(url)
        try:
            rows: list[asyncpg.Record] = await connection.fetch(query)
            return rows
        finally:
            await connection.close()

    return asyncio.run(fetch())


def _execute(url: str, script: str) -> None:
    async def execute() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(script)
        finally:
            await connection.close()

    asyncio.run(execute())
