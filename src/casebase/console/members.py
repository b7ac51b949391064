"""The pages of members: who belongs to a tenant and as what, whom to invite, and whom to let go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

import fastapi
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.cookies import Cookies
from casebase.console.kit.carried import carry
from casebase.console.kit.form import Field, Form
from casebase.console.kit.format import moment, words
from casebase.console.kit.page import page
from casebase.console.kit.table import Column, Row, Table
from casebase.console.staff import Staff, StaffDep, Tenant, require_staff
from casebase.kernel.errors import CasebaseError, NotFoundError, RpcError

PATH: Final = "/console/members"

router = APIRouter(prefix="/members", dependencies=[Depends(require_staff)])

_ADMINISTRATORS: Final = ("owner", "admin")
_TONES: Final = {"owner": "accent", "admin": "good"}
_DONE: Final = {
    "changed": "The role holds from their next click on.",
    "removed": "They are out, with their open pages and their tokens.",
    "withdrawn": "That link is worth nothing any more.",
    "renamed": "The organisation has its new name.",
}


def _name(row: Row) -> str:
    return str(row["email"] or row["user_id"])


MEMBERS: Final = Table(
    columns=(
        Column("email", "E-mail", show=_name),
        Column(
            "role",
            "Role",
            show=lambda row: words(row["role"]),
            badge=lambda row: _TONES.get(row["role"], "neutral"),
        ),
        Column("joined_at", "Joined", show=lambda row: moment(row["joined_at"])),
        Column(
            "last_sign_in_at",
            "Last sign-in",
            show=lambda row: moment(row["last_sign_in_at"]) if row["last_sign_in_at"] else "Never",
            is_secondary=True,
        ),
    ),
    sort="joined_at",
    limit=50,
    caption="Members",
    empty_title="Nobody belongs here",
    empty_text="Invite somebody below.",
    live="members",
    href=lambda row: f"{PATH}/{row['user_id']}",
)


async def choose_tenant(request: Request, staff: StaffDep) -> Tenant:
    """Return the tenant that the address names by its slug, else the first that the person decides for."""
    slug = request.query_params.get("tenant")
    own = sorted(staff.tenants, key=lambda tenant: (tenant.role not in _ADMINISTRATORS, tenant.name))
    found = next((tenant for tenant in own if slug in (None, tenant.slug)), None)
    if found is None:
        raise NotFoundError
    carry(request, PATH, tenant=found.slug)
    return found


TenantDep = Annotated[Tenant, Depends(choose_tenant)]


@router.get("")
async def members(request: Request, staff: StaffDep, tenant: TenantDep, done: str = "") -> Response:
    """Show who belongs to the tenant and who is invited; its other members may only leave."""
    return await _members_page(request, staff, tenant, note=_DONE.get(done, ""))


@router.post("/invite")
async def invite(
    request: Request,
    staff: StaffDep,
    tenant: TenantDep,
    email: Annotated[str, fastapi.Form(max_length=300)] = "",
    role: Annotated[str, fastapi.Form(max_length=100)] = "",
) -> Response:
    """Invite somebody, and show the link this once."""
    typed = {"email": email.strip(), "role": role}
    try:
        invitation = await staff.call("invite_member", {"tenant_id": tenant.id, **typed})
    except RpcError as error:
        form = _invite_form(request, tenant).filled(typed).refused(_said(error))
        return await _members_page(request, staff, tenant, invite_form=form, status_code=error.status)
    cookies: Cookies = request.app.state.cookies
    scheme = "https" if cookies.is_https(request) else "http"
    return page(
        request,
        "console/invited.html",
        title="Invitation",
        tenant=tenant,
        invitation=invitation,
        link=f"{scheme}://{request.url.netloc}/console/invitations/{invitation['token']}",
    )


@router.post("/invitations/{invitation_id}/withdraw")
async def withdraw(staff: StaffDep, tenant: TenantDep, invitation_id: UUID) -> Response:
    """Take an invitation back."""
    await staff.call("withdraw_invitation", {"invitation_id": invitation_id})
    return _to_members(tenant, "withdrawn")


@router.post("/rename")
async def rename(
    request: Request,
    staff: StaffDep,
    tenant: TenantDep,
    name: Annotated[str, fastapi.Form(max_length=1000)] = "",
) -> Response:
    """Give the tenant another name."""
    try:
        await staff.call("rename_tenant", {"tenant_id": tenant.id, "name": name})
    except RpcError as error:
        form = _rename_form(tenant).filled({"name": name}).refused(_said(error))
        return await _members_page(request, staff, tenant, rename_form=form, status_code=error.status)
    return _to_members(tenant, "renamed")


@router.get("/leave")
async def ask_leave(request: Request, tenant: TenantDep) -> Response:
    """Ask whether to leave."""
    return _leave_page(request, tenant)


@router.post("/leave")
async def leave(request: Request, staff: StaffDep, tenant: TenantDep) -> Response:
    """Leave the tenant; whoever belongs nowhere else is signed out by it."""
    try:
        await staff.call("leave_tenant", {"tenant_id": tenant.id})
    except RpcError as error:
        return _leave_page(request, tenant, _said(error).message, error.status)
    return RedirectResponse("/console/", status_code=303)


@router.get("/{user_id}")
async def member(request: Request, staff: StaffDep, tenant: TenantDep, user_id: UUID) -> Response:
    """Show one member, and what can be changed about them."""
    found = await staff.call("get_member", {"tenant_id": tenant.id, "user_id": user_id})
    return _member_page(request, staff, tenant, found)


@router.post("/{user_id}/role")
async def set_role(
    request: Request,
    staff: StaffDep,
    tenant: TenantDep,
    user_id: UUID,
    role: Annotated[str, fastapi.Form(max_length=100)] = "",
) -> Response:
    """Give a member another role."""
    which = {"tenant_id": tenant.id, "user_id": user_id}
    try:
        await staff.call("set_member_role", {**which, "role": role})
    except RpcError as error:
        found = await staff.call("get_member", which)
        form = _role_form(request, tenant, found).filled({"role": role}).refused(_said(error))
        return _member_page(request, staff, tenant, found, form, status_code=error.status)
    return _to_members(tenant, "changed")


@router.get("/{user_id}/remove")
async def ask_remove(request: Request, staff: StaffDep, tenant: TenantDep, user_id: UUID) -> Response:
    """Ask whether to remove a member."""
    found = await staff.call("get_member", {"tenant_id": tenant.id, "user_id": user_id})
    return _remove_page(request, tenant, found)


@router.post("/{user_id}/remove")
async def remove(request: Request, staff: StaffDep, tenant: TenantDep, user_id: UUID) -> Response:
    """Take a member out of the tenant, at once."""
    which = {"tenant_id": tenant.id, "user_id": user_id}
    try:
        await staff.call("remove_member", which)
    except RpcError as error:
        if error.code == "member_not_found":
            return _to_members(tenant, "removed")
        found = await staff.call("get_member", which)
        return _remove_page(request, tenant, found, _said(error).message, error.status)
    return _to_members(tenant, "removed")


async def _members_page(
    request: Request,
    staff: Staff,
    tenant: Tenant,
    *,
    note: str = "",
    invite_form: Form | None = None,
    rename_form: Form | None = None,
    status_code: int = 200,
) -> Response:
    is_administrator = tenant.role in _ADMINISTRATORS
    view, invitations = None, []
    if is_administrator:
        state = MEMBERS.read(request)
        found = await staff.call(
            "list_members",
            {
                "tenant_id": tenant.id,
                "cursor": (state.after or {}).get("cursor"),
                "page_size": state.limit,
            },
        )
        following = found["next_cursor"] and {"cursor": found["next_cursor"]}
        view = MEMBERS.view(request, state, found["items"], following)
        invitations = (await staff.call("list_invitations", {"tenant_id": tenant.id}))["items"]
    return page(
        request,
        "console/members.html",
        title="Members",
        tenant=tenant,
        members=view,
        invitations=invitations,
        note=note,
        invite_form=invite_form or _invite_form(request, tenant),
        rename_form=(rename_form or _rename_form(tenant)) if tenant.role == "owner" else None,
        status_code=status_code,
    )


def _member_page(
    request: Request,
    staff: Staff,
    tenant: Tenant,
    found: Mapping[str, Any],
    form: Form | None = None,
    status_code: int = 200,
) -> Response:
    is_changeable = found["role"] != "owner" or tenant.role == "owner"
    return page(
        request,
        "console/member.html",
        title=_name(found),
        tenant=tenant,
        member=found,
        form=(form or _role_form(request, tenant, found)) if is_changeable else None,
        is_self=str(staff.user_id) == found["user_id"],
        status_code=status_code,
    )


def _remove_page(
    request: Request, tenant: Tenant, found: Mapping[str, Any], message: str = "", status_code: int = 200
) -> Response:
    return page(
        request,
        "console/sure.html",
        title=f"Remove {_name(found)}?",
        text=f"They are out of {tenant.name} at once, with their open pages and their tokens. What they did stays; the "
        "invitations they made end.",
        form=Form(
            fields=(),
            action=f"{PATH}/{found['user_id']}/remove",
            submit="Remove",
            cancel_url=f"{PATH}/{found['user_id']}",
            message=message,
        ),
        back=("Members", PATH),
        status_code=status_code,
    )


def _leave_page(request: Request, tenant: Tenant, message: str = "", status_code: int = 200) -> Response:
    return page(
        request,
        "console/sure.html",
        title=f"Leave {tenant.name}?",
        text="You see nothing of it from then on. Only an invitation brings you back.",
        form=Form(fields=(), action=f"{PATH}/leave", submit="Leave", cancel_url=PATH, message=message),
        back=("Members", PATH),
        status_code=status_code,
    )


def _invite_form(request: Request, tenant: Tenant) -> Form:
    return Form(
        fields=(
            Field("email", "E-mail", "email", is_required=True),
            Field("role", "Role", "select", options=_role_options(request, tenant), is_required=True),
        ),
        action=f"{PATH}/invite",
        submit="Invite",
        values={"role": "member"},
    )


def _rename_form(tenant: Tenant) -> Form:
    return Form(
        fields=(Field("name", "Name", hint="Shown to its members.", is_required=True),),
        action=f"{PATH}/rename",
        submit="Rename",
        values={"name": tenant.name},
    )


def _role_form(request: Request, tenant: Tenant, found: Mapping[str, Any]) -> Form:
    return Form(
        fields=(
            Field(
                "role",
                "Role",
                "select",
                hint="Owners and admins decide about members; the other roles are the modules' own.",
                options=_role_options(request, tenant, found["role"]),
                is_required=True,
            ),
        ),
        action=f"{PATH}/{found['user_id']}/role",
        submit="Change role",
        values={"role": found["role"]},
    )


def _role_options(request: Request, tenant: Tenant, *others: str) -> tuple[tuple[str, str], ...]:
    """Return the roles that the person may give: the kernel's, those of the installed modules, and the one there is."""
    of_modules = {
        role
        for module in request.app.state.runtime.modules
        for item in module.navigation
        for role in item.roles
    }
    further = sorted({*of_modules, *others} - {*_ADMINISTRATORS, "member"})
    roles = ["member", "admin", *(["owner"] if "owner" in (tenant.role, *others) else []), *further]
    return tuple((role, words(role)) for role in roles)


def _said(error: CasebaseError) -> CasebaseError:
    """Return a refusal in a person's words."""
    said = _SAID.get(error.code)
    if said is None:
        return error
    return RpcError(error.code, error.status, sqlstate="", message=said)


_SAID: Final = {
    "last_owner": "This is the last owner. Make somebody else an owner first.",
    "owner_required": "Only an owner may do this.",
    "already_member": "They belong here already. Change their role instead.",
    "administrator_required": "Only owners and admins may do this.",
    "member_not_found": "They do not belong here any more.",
}


def _to_members(tenant: Tenant, done: str) -> Response:
    return RedirectResponse(f"{PATH}?{urlencode({'tenant': tenant.slug, 'done': done})}", status_code=303)
