"""What the forms about one case share: its address, the case itself, and the page around a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import Form, Staff, page
from casebase.modules.mortgage.models import Case

CASES_PATH: Final = "/console/mortgage/cases"


def path_of(case_id: UUID) -> str:
    """Return the address of a case's page."""
    return f"{CASES_PATH}/{case_id}"


async def seen(staff: Staff, case_id: UUID) -> Case:
    """Return a case that is about to be shown; the view is logged."""
    return Case.model_validate(await staff.call("view_scenario_case", {"case_id": case_id}))


def form_page(
    request: Request,
    case: Case,
    form: Form,
    title: str,
    explanation: str,
    *,
    hidden: Mapping[str, str] | None = None,
    status_code: int = 200,
) -> Response:
    """Return the page that asks for something about a case; ``hidden`` comes back as it was."""
    return page(
        request,
        "mortgage/case_form.html",
        title=title,
        case=case,
        form=form,
        hidden=hidden or {},
        explanation=explanation,
        case_path=path_of(case.case_id),
        status_code=status_code,
    )
