"""The list of cases: filters that can be kept, and edits of many cases at once, previewed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.kit import Column, Field, Filter, Form, Staff, StaffDep, Table, page
from casebase.console.kit.format import day, words
from casebase.kernel.errors import CasebaseError
from casebase.kernel.privacy.detectors import mask
from casebase.modules.mortgage.case_view import PROPERTIES, TONES, sgd
from casebase.modules.mortgage.enums import CaseStatus, OutcomeDecision, Recommendation
from casebase.modules.mortgage.pages.case_form import CASES_PATH
from casebase.modules.mortgage.timeline_view import changes_read, review_instant

router = APIRouter()


# As in mortgage.staff_tenants.
_STAFF_ROLES: Final = frozenset({"owner", "admin", "broker", "operator"})


def _unbroken(text: str) -> Markup:
    return Markup('<span class="nowrap">{}</span>').format(text)


CASES: Final = Table(
    columns=(
        Column("reference", "Case", show=lambda row: _unbroken(row["reference"])),
        Column("initials", "Borrower"),
        Column(
            "recommendation",
            "Advice",
            show=lambda row: words(row["recommendation"]) if row["recommendation"] else "Being advised",
            badge=lambda row: TONES.get(row["recommendation"], "neutral"),
        ),
        Column(
            "net_savings",
            "Savings",
            show=lambda row: sgd(row["net_savings"] if row["recommendation"] else None),
            is_numeric=True,
            is_sortable=True,
        ),
        Column("loan_amount", "Loan", show=lambda row: sgd(row["loan_amount"]), is_numeric=True),
        Column(
            "property_type",
            "Property",
            show=lambda row: PROPERTIES[row["property_type"]],
            is_secondary=True,
        ),
        Column(
            "status",
            "Status",
            show=lambda row: words(row["status"]),
            badge=lambda row: TONES[row["status"]],
        ),
        Column(
            "created_at",
            "Opened",
            show=lambda row: _unbroken(day(row["created_at"])),
            is_sortable=True,
            is_secondary=True,
        ),
    ),
    sort="-created_at",
    filters=(
        Filter("search", "Case or initials"),
        Filter("status", "Status", tuple((value, words(value)) for value in CaseStatus)),
        Filter(
            "recommendation",
            "Advice",
            (*((value, words(value)) for value in Recommendation), ("none", "Not advised")),
        ),
        Filter("review", "Review", (("due", "Due"),)),
        Filter("consent", "Consent", (("expiring", "Ends within 24 hours"), ("ended", "Ended"))),
        Filter("tag", "Tag", pattern="#[a-z][a-z0-9_]{0,39}"),
        Filter("decision", "Outcome", pattern="|".join((*OutcomeDecision, "converted")), show=words),
        Filter("opened_on", "Opened on", pattern=r"\d{4}-\d\d-\d\d", show=day),
        Filter("happened", "With", pattern="opened|chat|reveal|follow_up|bank_quote|outcome", show=words),
        Filter("from_day", "From", pattern=r"\d{4}-\d\d-\d\d", show=day),
        Filter("to_day", "To", pattern=r"\d{4}-\d\d-\d\d", show=day),
    ),
    href=lambda row: f"{CASES_PATH}/{row['case_id']}",
    caption="Mortgage cases",
    empty_title="No cases yet",
    empty_text="A lead posted to /v1/mortgage/leads appears here with its advice.",
    live="mortgage.case",
    select=lambda row: str(row["case_id"]),
)

_BULK_EDIT: Final = Form(
    (
        Field("next_review_at", "Next review", "date", hint="Morning of that day in Singapore."),
        Field("add_tags", "Add tags", hint="Words like #viewing, separated by spaces."),
        Field("remove_tags", "Remove tags", hint="As above."),
        Field("status", "Mark drafts as active", "checkbox"),
    ),
    action=f"{CASES_PATH}/bulk",
    submit="Preview",
    cancel_url=CASES_PATH,
)


@router.get("/cases")
async def cases(request: Request, staff: StaffDep, changed: int | None = None) -> Response:
    """List the tenant's cases."""
    state = CASES.read(request)
    found = await staff.call(
        "list_scenario_cases",
        {
            **state.filters,
            "tenant_id": _tenant_of(staff),
            "sort": f"-{state.sort}" if state.is_descending else state.sort,
            "cursor": (state.after or {}).get("cursor"),
            "page_size": state.limit,
        },
    )
    following = {"cursor": found["next_cursor"]} if found["next_cursor"] else None
    table = CASES.view(request, state, found["items"], following)
    query = {**state.filters, "sort": table.sort_value} if table.sort_value != CASES.sort else state.filters
    saved = await staff.call("list_case_filters", {"tenant_id": _tenant_of(staff)})
    return page(
        request,
        "mortgage/cases.html",
        title="Cases",
        table=table,
        saved=[{**one, "url": f"{CASES_PATH}?{urlencode(one['query'])}"} for one in saved],
        chosen=next((one["name"] for one in saved if one["query"] == query), ""),
        query=query,
        changed=changed,
    )


@router.post("/filters")
async def save_filter(request: Request, staff: StaffDep) -> Response:
    """Keep the list's present filters under a name."""
    form = await request.form()
    query = {name: str(value) for name, value in form.items() if name not in ("name", "csrf_token") and value}
    payload = {
        "tenant_id": _tenant_of(staff),
        "name": mask(str(form.get("name", "")).strip()),
        "query": query,
    }
    await staff.call("save_case_filter", {"payload": payload})
    return RedirectResponse(f"{CASES_PATH}?{urlencode(query)}", status_code=303)


@router.post("/filters/{filter_id}/delete")
async def delete_filter(staff: StaffDep, filter_id: UUID) -> Response:
    """Forget a saved filter."""
    await staff.call("delete_case_filter", {"filter_id": filter_id})
    return RedirectResponse(CASES_PATH, status_code=303)


@router.post("/cases/bulk")
async def bulk(request: Request, staff: StaffDep) -> Response:
    """Ask what to change on the chosen cases, show what that changes, then change it."""
    form = await request.form(max_fields=500)
    selected = [str(value) for value in form.getlist("selected")]
    if not selected:
        return RedirectResponse(CASES_PATH, status_code=303)
    match form.get("step"):
        case "preview":
            return await _preview(request, staff, form, selected)
        case "apply":
            done = await staff.call("bulk_edit_scenario_cases", {"payload": _bulk(form, selected, False)})
            return RedirectResponse(f"{CASES_PATH}?changed={done['changed_count']}", status_code=303)
        case _:
            return _ask(request, _BULK_EDIT, selected)


def _tenant_of(staff: Staff) -> UUID | None:
    """Return the tenant whose cases are listed: the first in which the person may see any."""
    return min((tenant.id for tenant in staff.tenants if tenant.role in _STAFF_ROLES), default=None)


async def _preview(request: Request, staff: Staff, form: FormData, selected: list[str]) -> Response:
    try:
        found = await staff.call("bulk_edit_scenario_cases", {"payload": _bulk(form, selected, True)})
    except CasebaseError as error:
        return _ask(request, _BULK_EDIT.filled(_texts(form)).refused(error), selected, error.status)
    return page(
        request,
        "mortgage/bulk_preview.html",
        title=f"Change {found['changed_count']} {'case' if found['changed_count'] == 1 else 'cases'}?",
        items=[{**item, "changes": changes_read(item["changes"])} for item in found["items"]],
        unchanged_count=found["unchanged_count"],
        selected=selected,
        values=_texts(form),
    )


def _ask(request: Request, form: Form, selected: list[str], status_code: int = 200) -> Response:
    count = len(selected)
    return page(
        request,
        "mortgage/bulk.html",
        title=f"Edit {count} {'case' if count == 1 else 'cases'}",
        form=form,
        selected=selected,
        status_code=status_code,
    )


def _bulk(form: FormData, selected: list[str], is_preview: bool) -> dict[str, Any]:
    texts = _texts(form)
    edit: dict[str, Any] = {
        name: texts[name].replace(",", " ").split() for name in ("add_tags", "remove_tags") if texts.get(name)
    }
    if texts.get("next_review_at"):
        edit["next_review_at"] = review_instant(texts["next_review_at"])
    if texts.get("status"):
        edit["status"] = "active"
    return {"case_ids": selected, "edit": edit, "is_preview": is_preview}


def _texts(form: FormData) -> Mapping[str, str]:
    return {field.name: str(form.get(field.name, "")).strip() for field in _BULK_EDIT.fields}
