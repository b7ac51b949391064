"""``casebase tenant`` makes organisations and looks after who belongs to them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from casebase.cli.tenant import app
from casebase.kernel.errors import CasebaseError

Tenant = Any


@pytest.fixture
def tenant(kernel_database: str, pg_server: Any) -> Tenant:
    """Run a command of the group against a database with the kernel alone."""
    environment = {
        "CASEBASE_DATABASE_URL": kernel_database,
        "CASEBASE_API_DATABASE_URL": pg_server.api_url(kernel_database),
    }

    def run(*arguments: str, answer: str = "") -> Result:
        return CliRunner().invoke(app, arguments, input=answer, env=environment)

    return run


def joined(url: str, email: str, token: str) -> None:
    async def join() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute("select casebase.use_invitation($1, null, 'a hash')", token)
        finally:
            await connection.close()

    asyncio.run(join())


def test_an_organisation_is_made_with_its_first_owner(tenant: Tenant, kernel_database: str) -> None:
    made = json.loads(
        tenant("create", "acme", "--name", "Acme Dental", "--owner", "Ada@example.com", "--json").output
    )
    assert (made["slug"], made["invitation"]["role"]) == ("acme", "owner")
    listed = json.loads(tenant("members", "acme", "--json").output)
    assert (listed["members"], [i["email"] for i in listed["invitations"]]) == ([], ["ada@example.com"])
    joined(kernel_database, "ada@example.com", made["invitation"]["token"])
    shown = tenant("members", "acme").output
    assert "ada@example.com" in shown
    assert "invited" not in shown
    assert tenant("rename", "acme", "Acme & Family").output == "acme is called Acme & Family.\n"
    assert "Acme & Family" in tenant("list").output


def test_members_are_invited_given_roles_and_removed(tenant: Tenant, kernel_database: str) -> None:
    link = tenant("invite", "default", "bo@example.com", "--role", "owner").output.splitlines()[-1]
    joined(kernel_database, "bo@example.com", link.rpartition("/")[2])
    owner = tenant("remove", "default", "bo@example.com", "--yes").exception
    assert isinstance(owner, CasebaseError)
    assert owner.code == "last_owner"
    again = tenant("invite", "default", "cy@example.com", "--json").output
    joined(kernel_database, "cy@example.com", json.loads(again)["token"])
    assert tenant("set-role", "default", "CY@example.com", "--role", "admin").exit_code == 0
    assert tenant("remove", "default", "cy@example.com", answer="n\n").exit_code == 1
    assert "cy@example.com" in tenant("members", "default").output
    assert tenant("remove", "default", "cy@example.com", answer="y\n").exit_code == 0
    assert "cy@example.com" not in tenant("members", "default").output


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("members", "nowhere"), "tenant_not_found"),
        (("create", "default"), "tenant_exists"),
        (("create", "Not A Slug"), "invalid_input"),
        (("set-role", "default", "nobody@example.com", "--role", "admin"), "member_not_found"),
        (("invite", "default", "no address"), "invalid_input"),
    ],
)
def test_wrong_values_are_refused(tenant: Tenant, arguments: tuple[str, ...], code: str) -> None:
    error = tenant(*arguments).exception
    assert isinstance(error, CasebaseError)
    assert error.code == code


@pytest.mark.parametrize("command", ["list", "create", "rename", "members", "invite", "set-role", "remove"])
def test_help_shows_an_example(command: str) -> None:
    assert f"casebase tenant {command}" in CliRunner().invoke(app, [command, "--help"]).output
