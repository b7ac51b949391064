"""``casebase user``: the people who sign in to the console."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Annotated, Any

import asyncpg
import typer

from casebase.cli.output import print_json, print_table
from casebase.console.accounts import hash_password
from casebase.kernel.config import load_settings
from casebase.kernel.db import translate
from casebase.kernel.errors import RpcError
from casebase.kernel.platform.connection_urls import owner_url

app = typer.Typer(help="Make and list the people who sign in to the console.", no_args_is_help=True)

Email = Annotated[str, typer.Option(help="Their e-mail, with which they sign in.")]
PasswordStdin = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from standard input instead of asking for it."),
]

_REFUSALS = {
    "email_invalid": "This is not an e-mail address.",
    "tenant_not_found": "There is no such tenant.",
    "user_exists": "Someone with this e-mail exists.",
    "user_not_found": "Nobody has this e-mail.",
}


@app.command()
def create(
    email: Email,
    password_stdin: PasswordStdin = False,
    tenant: Annotated[str, typer.Option(help="Slug of the tenant they belong to.")] = "default",
    role: Annotated[str, typer.Option(help="Their role in that tenant.")] = "admin",
) -> None:
    """Make a person who can sign in to the console.

    Examples:

      casebase user create --email ada@example.com

      pass show casebase/ada | casebase user create --email ada@example.com --password-stdin
    """
    hashed = hash_password(_password(password_stdin))
    _call("select casebase.create_user($1, $2, $3, $4)::text", email, hashed, tenant, role)
    typer.echo(f"{email.lower()} can sign in as {role} of {tenant}.")


@app.command("list")
def list_users(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """List everyone who has an account, with tenants and roles.

    Example:

      casebase user list --json
    """
    users = json.loads(_call("select casebase.list_users()"))
    if as_json:
        print_json(users)
        return
    print_table(
        ["e-mail", "tenants", "created", "last sign-in"],
        [
            [
                user["email"],
                ", ".join(f"{m['tenant']} ({m['role']})" for m in user["memberships"]) or None,
                _instant(user["created_at"]),
                _instant(user["last_sign_in_at"]),
            ]
            for user in users
        ],
    )


@app.command()
def set_password(email: Email, password_stdin: PasswordStdin = False) -> None:
    """Give someone a new password and sign them out everywhere.

    Example:

      casebase user set-password --email ada@example.com
    """
    hashed = hash_password(_password(password_stdin))
    _call("select casebase.set_password($1, $2)::text", email, hashed)
    typer.echo(f"{email.lower()} has a new password.")


def _password(is_piped: bool) -> str:
    if is_piped:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _call(statement: str, *arguments: str) -> Any:
    url = owner_url(load_settings())

    async def fetch() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement, *arguments)
        finally:
            await connection.close()

    try:
        return asyncio.run(fetch())
    except (asyncpg.PostgresError, OSError) as error:
        refusal = translate(error)
        if isinstance(refusal, RpcError) and refusal.code in _REFUSALS:
            refusal.message = _REFUSALS[refusal.code]
        raise refusal from error


def _instant(text: str | None) -> str | None:
    return text and f"{text[:10]} {text[11:16]}"
