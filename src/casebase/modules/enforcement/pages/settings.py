"""What a tenant decides for itself: how often a person may be called, and who may ask without a token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.kit import Field, Form, Staff, StaffDep, Tenant, page
from casebase.kernel.errors import CasebaseError
from casebase.modules.enforcement.pages.case_form import ROOT, refused, tenant_of, typed

router = APIRouter()

_PATH: Final = f"{ROOT}/settings"
_NUMBERS: Final = (
    "calls_per_window",
    "call_window_days",
    "quiet_days_after_conversation",
    "planned_calls_limit",
    "anonymous_calls_per_minute",
)
_SWITCHES: Final = ("is_call_rule_enabled", "allow_anonymous_rpc")
_CALLS: Final = Form(
    (
        Field("is_call_rule_enabled", "Keep to the rule on how often a person is called", "checkbox",
              hint="12 CFR 1006.14(b)(2). Off only where another law applies."),
        Field("calls_per_window", "Calls at most", "number", is_required=True),
        Field("call_window_days", "Within days", "number", is_required=True),
        Field("quiet_days_after_conversation", "Days of quiet after a conversation", "number", is_required=True),
        Field("planned_calls_limit", "Calls the nightly outreach plans at most", "number", is_required=True),
        Field("time_zone", "Time zone", is_required=True, hint="As America/New_York: whose days count."),
        Field("allow_anonymous_rpc", "Take job requests and call outcomes without a token", "checkbox",
              hint="Whoever knows an id may then send them. Limited in number and size."),
        Field("anonymous_calls_per_minute", "Such calls a minute at most", "number", is_required=True),
    ),
    action=_PATH,
)  # fmt: skip


@router.get("/settings")
async def settings(request: Request, staff: StaffDep, saved: str = "") -> Response:
    """Show what is decided."""
    tenant = _decided_by(staff)
    found = await staff.call("get_enforcement_settings", {"tenant_id": tenant and tenant.id})
    return _settings_page(request, tenant, _CALLS.filled(found), is_saved=bool(saved))


@router.post("/settings")
async def save_settings(request: Request, staff: StaffDep) -> Response:
    """Decide it."""
    told = typed(_CALLS, await request.form())
    tenant = _decided_by(staff)
    payload: dict[str, Any] = {
        "tenant_id": tenant and tenant.id,
        "time_zone": told["time_zone"],
        **{name: told[name] == "true" for name in _SWITCHES},
        **{name: _whole(told[name]) for name in _NUMBERS},
    }
    try:
        await staff.call("set_enforcement_settings", {"payload": payload})
    except CasebaseError as error:
        shown: Mapping[str, Any] = {**told, **{name: payload[name] for name in _SWITCHES}}
        return _settings_page(request, tenant, refused(_CALLS.filled(shown), error), status_code=error.status)
    return RedirectResponse(f"{_PATH}?saved=1", status_code=303)


def _decided_by(staff: Staff) -> Tenant | None:
    """Return the tenant that the person decides for: the one the pages show if they may, else their first."""
    mine = {tenant.id: tenant for tenant in staff.tenants if tenant.role in ("owner", "admin")}
    shown = tenant_of(staff)
    return mine[shown if shown in mine else min(mine)] if mine else None


def _whole(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:
        return text


def _settings_page(
    request: Request, tenant: Tenant | None, form: Form, *, is_saved: bool = False, status_code: int = 200
) -> Response:
    return page(
        request,
        "enforcement/settings.html",
        title="Settings",
        tenant=tenant,
        form=form,
        is_saved=is_saved,
        status_code=status_code,
    )
