"""The inputs of a case, corrected by staff: the next version, and advice on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.kit import Field, Form, StaffDep, typed_count, typed_number
from casebase.kernel.errors import CasebaseError
from casebase.modules.mortgage.case_view import PROPERTIES
from casebase.modules.mortgage.models import InputsVersion
from casebase.modules.mortgage.pages.case_form import form_page, path_of, seen

router = APIRouter()

_INCOME: Final[Mapping[str, str]] = {
    "monthly_income_fixed": "Fixed income a month",
    "monthly_income_variable": "Variable income a month",
    "other_property_debt": "Other property debt a month",
    "other_monthly_debt": "Other debt a month",
}
_INPUTS: Final = Form(
    (
        Field("loan_amount", "Outstanding loan", prefix="S$", inputmode="decimal", is_required=True),
        Field("tenure_months", "Remaining tenure, in months", inputmode="numeric", is_required=True),
        Field(
            "property_type",
            "Property",
            "select",
            is_required=True,
            options=tuple((str(value), label) for value, label in PROPERTIES.items()),
        ),
        Field("current_bank", "Another present bank", hint="Kept as its mask. Left empty, the bank stays."),
        Field(
            "current_rate",
            "Another present rate",
            hint="Percent a year, kept where no page shows it. Left empty, the rate stays.",
            inputmode="decimal",
        ),
        Field("lock_in_remaining", "Lock-in left, in months", inputmode="numeric"),
        Field("owner_occupied", "The borrower lives there", "checkbox"),
        *(Field(name, label, prefix="S$", inputmode="decimal") for name, label in _INCOME.items()),
    ),
    submit="Save and advise anew",
)
_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "tenure_months": typed_count,
    "property_type": str,
    "current_bank": str,
    "lock_in_remaining": typed_count,
    "owner_occupied": bool,
}
_TITLE: Final = "Correct the inputs"
_CORRECTING: Final = (
    "What you change becomes the next version; the former one stays, and the advice is computed anew."
)


@router.get("/cases/{case_id}/inputs")
async def inputs(request: Request, staff: StaffDep, case_id: UUID) -> Response:
    """Ask what is to be corrected."""
    found = await seen(staff, case_id)
    form = _INPUTS.filled(_shown(found.inputs[0]))
    hidden = {"version": str(found.inputs[0].version)}
    return form_page(request, found, form, _TITLE, _CORRECTING, hidden=hidden)


@router.post("/cases/{case_id}/inputs")
async def correct_inputs(request: Request, staff: StaffDep, case_id: UUID) -> Response:
    """Write what differs from the version that was shown, so that two people's corrections both prevail."""
    form = await request.form()
    found = await seen(staff, case_id)
    version = str(form.get("version", ""))
    base = next((one for one in found.inputs if str(one.version) == version), found.inputs[0])
    typed = {field.name: str(form.get(field.name, "")).strip() for field in _INPUTS.fields}
    correction = _correction(typed, _shown(base))
    if correction:
        try:
            await staff.call(
                "revise_scenario_inputs", {"payload": {"case_id": case_id, "inputs": correction}}
            )
        except CasebaseError as error:
            if error.status not in (409, 422):
                raise
            refused = _INPUTS.filled(typed).refused(error)
            hidden = {"version": str(base.version)}
            return form_page(
                request, found, refused, _TITLE, _CORRECTING, hidden=hidden, status_code=error.status
            )
    return RedirectResponse(f"{path_of(case_id)}#inputs", status_code=303)


def _shown(version: InputsVersion) -> dict[str, str]:
    income = version.income_profile_json or {}
    return {
        "loan_amount": _amount(version.loan_amount),
        "tenure_months": str(version.tenure_months),
        "property_type": version.property_type.value,
        "lock_in_remaining": str(version.lock_in_remaining),
        "owner_occupied": "true" if version.owner_occupied else "",
        **{name: _amount(income.get(name)) for name in _INCOME},
    }


def _amount(value: Any) -> str:
    return "" if value is None else f"{value:,.2f}".removesuffix(".00")


def _correction(typed: Mapping[str, str], shown: Mapping[str, str]) -> dict[str, Any]:
    changed = {
        name: _READ.get(name, typed_number)(text)
        for name, text in typed.items()
        if text != shown.get(name, "")
    }
    income = {name: changed.pop(name) for name in _INCOME if name in changed}
    if income:
        changed["income_profile"] = income if any(typed[name] for name in _INCOME) else None
    return changed
