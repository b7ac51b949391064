"""What operators do on a case: the forms of ``work``, its documents, and asking the copilot."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.kit import Field, Form, Staff, StaffDep
from casebase.console.kit.format import words
from casebase.kernel.clock import known_zone
from casebase.kernel.errors import CasebaseError, InvalidInputError
from casebase.kernel.http.downloads import download
from casebase.modules.enforcement.documents import ACCEPTED, Documents
from casebase.modules.enforcement.pages.case_form import (
    PIPELINE_PATH,
    form_page,
    given,
    path_of,
    refused,
    typed,
)
from casebase.modules.enforcement.pages.work import MASKED, WORKS, Ground, Work

router = APIRouter()

_UPLOAD: Final = Form(
    (
        Field(
            "doc_kind",
            "What it is",
            "select",
            is_required=True,
            options=tuple(
                (kind, words(kind))
                for kind in (
                    "writ",
                    "levy",
                    "garnishment_order",
                    "proof_of_service",
                    "subpoena",
                    "answer",
                    "settlement",
                    "other",
                )
            ),
        ),
        Field("title", "Title", hint=MASKED),
        Field(
            "file",
            "File",
            "file",
            is_required=True,
            accept=ACCEPTED,
            hint="PDF, PNG or JPEG, kept byte for byte.",
        ),
    ),
    submit="Add the document",
)
_UPLOADING: Final = "It is kept as it is, for it may be evidence. Whoever opens it is in the case's history."


@router.get("/cases/{case_id}/documents")
async def ask_document(request: Request, staff: StaffDep, case_id: UUID) -> Response:
    """Ask for a document."""
    ground = await _ground(request, staff, case_id)
    return form_page(request, _of(_UPLOAD, case_id), "Add a document", _UPLOADING, _crumbs(ground, case_id))


@router.post("/cases/{case_id}/documents")
async def add_document(request: Request, staff: StaffDep, case_id: UUID) -> Response:
    """Keep the file that was sent, or say why not."""
    ground = await _ground(request, staff, case_id)
    sent = await request.form()
    told = typed(_UPLOAD, sent)
    try:
        content = await _content(sent)
        if content is None:
            raise _wrong("file", "required", "is missing")
        await _documents(request, staff).add(
            case_id, told["doc_kind"], content, title=given(told, "title").get("title")
        )
    except CasebaseError as error:
        again = refused(_of(_UPLOAD, case_id).filled(told), error)
        return form_page(
            request, again, "Add a document", _UPLOADING, _crumbs(ground, case_id), status_code=error.status
        )
    return RedirectResponse(f"{path_of(case_id)}#documents", status_code=303)


@router.get("/documents/{document_id}")
async def get_document(request: Request, staff: StaffDep, document_id: UUID) -> Response:
    """Hand out a file; who opened it is in the case's history."""
    return download(*await _documents(request, staff).read(document_id))


@router.post("/cases/{case_id}/copilot")
async def request_copilot(request: Request, staff: StaffDep, case_id: UUID) -> Response:
    """Ask the copilot for its note, which appears on the case's page by itself."""
    once = str((await request.form()).get("once", "")) or None
    await staff.call("request_case_copilot", {"case_id": case_id}, idempotency_key=once)
    return RedirectResponse(f"{path_of(case_id)}?asked=1#copilot", status_code=303)


@router.get("/cases/{case_id}/{work}")
async def ask(request: Request, staff: StaffDep, case_id: UUID, work: str) -> Response:
    """Ask for what a piece of work needs."""
    asked = _work(work)
    ground = await _ground(request, staff, case_id)
    form = _of(asked.form(ground), case_id)
    return form_page(request, form, asked.title, asked.explanation, _crumbs(ground, case_id))


@router.post("/cases/{case_id}/{work}")
async def do(request: Request, staff: StaffDep, case_id: UUID, work: str) -> Response:
    """Do it, or show what is wrong with what was typed."""
    asked = _work(work)
    ground = await _ground(request, staff, case_id)
    form = _of(asked.form(ground), case_id)
    sent = await request.form()
    told = typed(form, sent)
    try:
        payload = {"case_id": case_id, **asked.payload(told, ground)}
        if asked.doc_kind is not None:
            payload |= await _document(request, staff, ground, sent, told, asked.doc_kind(told))
        await staff.call(
            asked.function, {"payload": payload}, idempotency_key=str(sent.get("once", "")) or None
        )
    except CasebaseError as error:
        # A file that was kept before the refusal can be chosen now, so nobody sends it twice.
        ground = await _ground(request, staff, case_id)
        again = refused(_of(asked.form(ground), case_id).filled(told), error)
        return form_page(
            request, again, asked.title, asked.explanation, _crumbs(ground, case_id), status_code=error.status
        )
    return RedirectResponse(f"{path_of(case_id)}#{asked.anchor}".rstrip("#"), status_code=303)


def _work(name: str) -> Work:
    if name not in WORKS:
        raise HTTPException(404)
    return WORKS[name]


async def _ground(request: Request, staff: Staff, case_id: UUID) -> Ground:
    file = await staff.call("get_enforcement_case", {"case_id": case_id})
    desk = await staff.call("get_enforcement_desk", {"tenant_id": file["case"]["tenant_id"]})
    documents = await staff.call("list_enforcement_documents", {"case_id": case_id})
    return Ground(
        file=file,
        desk=desk,
        documents=tuple(documents["items"]),
        query=dict(request.query_params),
        now=request.app.state.runtime.clock.now(),
        where=known_zone(desk["time_zone"]),
    )


def _crumbs(ground: Ground, case_id: UUID) -> tuple[tuple[str, str], ...]:
    return ("Pipeline", PIPELINE_PATH), (ground.case["reference"], path_of(case_id))


def _of(form: Form, case_id: UUID) -> Form:
    return replace(form, cancel_url=path_of(case_id))


async def _document(
    request: Request, staff: Staff, ground: Ground, sent: FormData, told: dict[str, str], doc_kind: str
) -> dict[str, str]:
    """Return the path of the file that was sent, which ``told`` then chooses, or of the document that was chosen."""
    content = await _content(sent)
    if content is not None:
        kept = await _documents(request, staff).add(ground.case["case_id"], doc_kind, content)
        told["document_path"] = str(kept.document_id)
        return {"document_path": kept.storage_path}
    if chosen := told.get("document_path"):
        return {"document_path": _kept(ground, chosen)}
    return {}


def _kept(ground: Ground, document_id: str) -> str:
    """Return the path of one of the case's documents; it is not opened, so nobody is said to have opened it."""
    for one in ground.documents:
        if one["document_id"] == document_id:
            return str(one["storage_path"])
    raise _wrong("document_path", "enum", "must be one of the case's documents")


async def _content(sent: FormData) -> bytes | None:
    for name in ("file", "document_path"):
        file = sent.get(name)
        if isinstance(file, UploadFile) and file.size:
            return await file.read()
    return None


def _wrong(field: str, rule: str, message: str) -> InvalidInputError:
    problem = {"field": field, "rule": rule, "message": message}
    return InvalidInputError(detail={"errors": [problem]})


def _documents(request: Request, staff: Staff) -> Documents:
    return Documents(request.app.state.runtime, staff.db.principal)
