"""``casebase tenant``: the organisations of an installation, and who belongs to them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from casebase.cli.output import print_json, print_table
from casebase.cli.session import in_runtime
from casebase.kernel.errors import NotFoundError
from casebase.kernel.runtime import Runtime

app = typer.Typer(
    name="tenant",
    help="Tenants: make and rename them, invite and remove their members.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

Slug = Annotated[str, typer.Argument(help="The tenant's slug.", show_default=False)]
Email = Annotated[str, typer.Argument(help="Their e-mail address.", show_default=False)]
Role = Annotated[str, typer.Option(help="owner, admin, member, or a role of a module.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


class TenantNotFoundError(NotFoundError):
    """There is no tenant of this slug."""

    code = "tenant_not_found"


class MemberNotFoundError(NotFoundError):
    """Nobody with this e-mail address belongs to the tenant."""

    code = "member_not_found"


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the tenants, the oldest first.

    Example:

      casebase tenant list
    """
    tenants = in_runtime(_tenants)
    if as_json:
        print_json(tenants)
        return
    print_table(
        ("TENANT", "NAME", "MEMBERS", "CREATED"),
        [(t["slug"], t["name"], t["member_count"], t["created_at"][:10]) for t in tenants],
    )


@app.command()
def create(
    slug: Annotated[str, typer.Argument(help="Lower-case words joined by hyphens.", show_default=False)],
    name: Annotated[str, typer.Option(help="What people call it. Default: the slug.")] = "",
    owner: Annotated[str, typer.Option(help="E-mail of its first owner, who is invited.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a tenant, and invite its first owner.

    Example:

      casebase tenant create acme-dental --name 'Acme Dental' --owner ada@example.com
    """

    async def make(runtime: Runtime) -> dict[str, Any]:
        session = runtime.session()
        tenant: dict[str, Any] = await session.call("create_tenant", {"slug": slug, "name": name or slug})
        if owner:
            invited = {"tenant_id": tenant["tenant_id"], "email": owner, "role": "owner"}
            tenant["invitation"] = await session.call("invite_member", invited)
        return tenant

    tenant = in_runtime(make)
    if as_json:
        print_json(tenant)
        return
    typer.echo(f"{tenant['slug']} is there.")
    if owner:
        _show_link(tenant["invitation"])
    else:
        typer.echo(f"Invite its first owner: casebase tenant invite {slug} ada@example.com --role owner")


@app.command()
def rename(
    slug: Slug, name: Annotated[str, typer.Argument(help="The new name.", show_default=False)]
) -> None:
    """Give a tenant another name; its slug stays.

    Example:

      casebase tenant rename acme-dental 'Acme Dental and Family'
    """

    async def do(runtime: Runtime) -> None:
        tenant = await _tenant(runtime, slug)
        await runtime.session().call("rename_tenant", {"tenant_id": tenant["tenant_id"], "name": name})

    in_runtime(do)
    typer.echo(f"{slug} is called {name}.")


@app.command()
def members(slug: Slug, as_json: AsJson = False) -> None:
    """List who belongs to a tenant, and who is invited.

    Example:

      casebase tenant members acme-dental
    """

    async def look(runtime: Runtime) -> dict[str, Any]:
        of = {"tenant_id": (await _tenant(runtime, slug))["tenant_id"]}
        invited = await runtime.session().call("list_invitations", of)
        return {"members": await _members(runtime, of["tenant_id"]), "invitations": invited["items"]}

    found = in_runtime(look)
    if as_json:
        print_json(found)
        return
    print_table(
        ("E-MAIL", "ROLE", "SINCE", ""),
        [
            *((m["email"] or m["user_id"], m["role"], m["joined_at"][:10], "") for m in found["members"]),
            *((i["email"], i["role"], i["created_at"][:10], "invited") for i in found["invitations"]),
        ],
        styles={"invited": "yellow"},
    )


@app.command()
def invite(slug: Slug, email: Email, role: Role = "member", as_json: AsJson = False) -> None:
    """Invite somebody by a link, which is shown this once.

    Example:

      casebase tenant invite acme-dental bo@example.com --role admin
    """

    async def do(runtime: Runtime) -> Any:
        tenant = await _tenant(runtime, slug)
        invited = {"tenant_id": tenant["tenant_id"], "email": email, "role": role}
        return await runtime.session().call("invite_member", invited)

    invitation = in_runtime(do)
    if as_json:
        print_json(invitation)
        return
    _show_link(invitation)


@app.command("set-role")
def set_role(slug: Slug, email: Email, role: Role) -> None:
    """Give a member another role.

    Example:

      casebase tenant set-role acme-dental bo@example.com --role owner
    """

    async def do(runtime: Runtime) -> None:
        which = await _member(runtime, slug, email)
        await runtime.session().call("set_member_role", {**which, "role": role})

    in_runtime(do)
    typer.echo(f"{email} is {role} of {slug}.")


@app.command()
def remove(slug: Slug, email: Email, yes: Yes = False) -> None:
    """Take a member out of a tenant, at once; their account stays.

    Example:

      casebase tenant remove acme-dental bo@example.com
    """
    if not yes:
        typer.confirm(f"Take {email} out of {slug}?", abort=True)

    async def do(runtime: Runtime) -> None:
        await runtime.session().call("remove_member", await _member(runtime, slug, email))

    in_runtime(do)
    typer.echo(f"{email} is out of {slug}.")


def _show_link(invitation: dict[str, Any]) -> None:
    typer.echo(f"Send {invitation['email']} this link of your console, which works once, for seven days:")
    typer.echo(f"/console/invitations/{invitation['token']}")


async def _tenants(runtime: Runtime) -> list[dict[str, Any]]:
    return await _all(runtime, "list_tenants", {})


async def _tenant(runtime: Runtime, slug: str) -> dict[str, Any]:
    found = next((tenant for tenant in await _tenants(runtime) if tenant["slug"] == slug), None)
    if found is None:
        raise TenantNotFoundError(hint="casebase tenant list shows all.")
    return found


async def _members(runtime: Runtime, tenant_id: str) -> list[dict[str, Any]]:
    return await _all(runtime, "list_members", {"tenant_id": tenant_id})


async def _member(runtime: Runtime, slug: str, email: str) -> dict[str, str]:
    """Return the ids that an RPC about a member takes."""
    tenant_id = (await _tenant(runtime, slug))["tenant_id"]
    for member in await _members(runtime, tenant_id):
        if (member["email"] or "").lower() == email.lower():
            return {"tenant_id": tenant_id, "user_id": member["user_id"]}
    raise MemberNotFoundError(hint=f"casebase tenant members {slug} shows all.")


async def _all(runtime: Runtime, function: str, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = await runtime.session().call(function, {**arguments, "cursor": cursor, "page_size": 200})
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items
