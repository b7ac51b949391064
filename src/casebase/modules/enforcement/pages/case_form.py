"""What the pages share: addresses, whose cases are shown, and the page around a form with what a call refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import Form, Staff, page
from casebase.kernel.errors import CasebaseError
from casebase.kernel.privacy.detectors import mask

ROOT: Final = "/console/enforcement"
PIPELINE_PATH: Final = f"{ROOT}/pipeline"
CALLS_PATH: Final = f"{ROOT}/calls"
OPERATOR_ROLES: Final = ("owner", "admin", "enforcement_operator")
"""As in enforcement.operator_tenants."""

_SAID: Final[Mapping[str, tuple[str, str]]] = {
    "case_already_open": ("", "A case is open for this judgment. Work on that one."),
    "nothing_due": ("", "All of this judgment is paid: there is nothing to enforce."),
    "case_closed": ("", "The case is closed: it takes nothing any more."),
    "stage_goes_back": ("stage", "This stage lies behind the case. Tick below to go back to it."),
    "payment_exceeds_balance": ("amount", "More than is still due."),
    "payment_already_recorded": ("reference", "A payment of this source and reference is recorded already."),
    "task_closed": ("", "Somebody has closed this task meanwhile."),
    "file_too_large": ("file", "The file is too large."),
    "file_type_unsupported": ("file", "This is no PDF, PNG or JPEG."),
    "file_unreadable": ("file", "The file is damaged, or the upload broke off."),
    "dependency_unavailable": ("", "The file store is away. Nothing was kept; try again in a minute."),
    "idempotency_key_reused": ("", "This form was sent already. Look at the case before you send it again."),
}
"""What a refusal means to a person, and which field it is about."""
_FREE: Final = frozenset({"note", "notes", "status_reason", "title"})


def path_of(case_id: UUID | str) -> str:
    """Return the address of a case's page."""
    return f"{ROOT}/cases/{case_id}"


def tenant_of(staff: Staff) -> UUID | None:
    """Return the tenant that is shown: the first the person operates, else the first they belong to."""
    operated = [tenant.id for tenant in staff.tenants if tenant.role in OPERATOR_ROLES]
    return min(operated or [tenant.id for tenant in staff.tenants], default=None)


def refused(form: Form, error: CasebaseError) -> Form:
    """Return the form with what the call refused, in a person's words; raise what no form can mend."""
    if error.code in _SAID:
        name, sentence = _SAID[error.code]
        known = {field.name for field in form.fields}
        if name in known:
            return replace(form, errors={name: sentence})
        return replace(form, message=sentence)
    if error.status not in (409, 413, 422):
        raise error
    return form.refused(error)


def typed(form: Form, sent: Mapping[str, Any]) -> dict[str, str]:
    """Return what was typed into a form's fields, files apart."""
    return {f.name: str(sent.get(f.name, "")).strip() for f in form.fields if f.kind != "file"}


def given(told: Mapping[str, str], *names: str) -> dict[str, Any]:
    """Return the fields that were filled in; what is free text without the personal data that only Python finds."""
    return {name: mask(told[name]) if name in _FREE else told[name] for name in names if told.get(name)}


def form_page(
    request: Request,
    form: Form,
    title: str,
    explanation: str,
    crumbs: tuple[tuple[str, str], ...],
    *,
    status_code: int = 200,
) -> Response:
    """Return a page that asks for something; each asking carries a key of its own, so that it counts once."""
    return page(
        request,
        "enforcement/form.html",
        title=title,
        form=form,
        explanation=explanation,
        crumbs=crumbs,
        once=str(uuid4()),
        status_code=status_code,
    )
