"""What the tenant decides for its front desk: its time zone, how long a hold lasts, its currency."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import Field, Form, StaffDep, page, typed_count
from casebase.kernel.errors import CasebaseError
from casebase.modules.frontdesk.pages.tenant import ROOT, DecidedDep, led, settings

router = APIRouter()

_PATH: Final = f"{ROOT}/settings"
_FORM: Final = Form(
    (
        Field("time_zone", "Time zone", is_required=True,
              hint="As Europe/Oslo: whose days the calendar shows, and whose clock slots are added by."),
        Field("hold_minutes", "Minutes a hold lasts", "number", is_required=True,
              hint="A booking that nobody confirms in this time gives its slot back; 1 to 1,440."),
        Field("currency", "Currency", is_required=True, hint="Three letters, as EUR: of orders that name none."),
    ),
    action=_PATH,
)  # fmt: skip


@router.get("/settings")
async def ask(request: Request, staff: StaffDep, desk: DecidedDep, saved: str = "") -> Response:
    """Show what is decided, in the form that changes it."""
    return _page(request, _FORM.filled(await settings(staff, desk)), is_saved=bool(saved))


@router.post("/settings")
async def save(request: Request, staff: StaffDep, desk: DecidedDep) -> Response:
    """Decide it, or say what is wrong."""
    sent = await request.form()
    told = {field.name: str(sent.get(field.name, "")).strip() for field in _FORM.fields}
    decided = {
        **told,
        "hold_minutes": typed_count(told["hold_minutes"]),
        "currency": told["currency"].upper(),
    }
    try:
        await staff.call("set_frontdesk_settings", {"payload": {**desk.named, **decided}})
    except CasebaseError as error:
        if error.status != 422:
            raise
        return _page(request, _FORM.filled(told).refused(error), status_code=422)
    return led(request, f"{_PATH}?saved=1")


def _page(request: Request, form: Form, *, is_saved: bool = False, status_code: int = 200) -> Response:
    return page(
        request,
        "frontdesk/settings.html",
        title="Settings",
        form=form,
        is_saved=is_saved,
        status_code=status_code,
    )
