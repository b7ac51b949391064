"""The documents of a case: what it has, and adding, downloading and removing one.

The case's page shows them with ``documents_panel`` of ``mortgage/documents_panel.html``.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.kit import Field, Form, Staff, StaffDep, page
from casebase.console.kit.format import words
from casebase.kernel.errors import CasebaseError
from casebase.kernel.http.downloads import download
from casebase.modules.mortgage.documents import Documents, DocumentType
from casebase.modules.mortgage.pages.case_form import path_of, seen

router = APIRouter()

UPLOAD: Final = Form(
    (
        Field(
            "doc_type",
            "What it is",
            "select",
            is_required=True,
            options=(("", "Choose"), *((value, words(value)) for value in DocumentType)),
        ),
    ),
    submit="Add document",
)
_SAID: Final = {
    "file_too_large": "The file is too large.",
    "file_type_unsupported": "This is no PDF, JPEG, PNG or WebP.",
    "file_unreadable": "The file is damaged, or asks for a password.",
    "file_too_complex": "The file has too many pages or pixels.",
    "text_layer_missing": "This quote is a picture: what cannot be searched cannot be masked. Send the bank's own PDF.",
    "consent_ended": "The consent has ended, so nothing more of the borrower is taken in.",
    "too_many_documents": "The case has as many documents as it can. Remove one first.",
    "dependency_unavailable": "The file store is away. Nothing was kept; try again in a minute.",
}


@router.get("/cases/{case_id}/documents")
async def documents(request: Request, staff: StaffDep, case_id: UUID) -> Response:
    """Show what the case has, and ask for more."""
    return await _documents_page(request, staff, case_id, UPLOAD)


@router.post("/cases/{case_id}/documents")
async def add_document(request: Request, staff: StaffDep, case_id: UUID) -> Response:
    """Keep the file that was sent, or say why not."""
    form = await request.form()
    doc_type, file = str(form.get("doc_type", "")), form.get("file")
    filled = UPLOAD.filled({"doc_type": doc_type})
    if not isinstance(file, UploadFile) or not file.size:
        refused = Form(filled.fields, submit=filled.submit, values=filled.values, message="Choose a file.")
        return await _documents_page(request, staff, case_id, refused, 422)
    try:
        await _of(request, staff).add(case_id, doc_type, await file.read())
    except CasebaseError as error:
        if error.code not in _SAID and error.status != 422:
            raise
        said = CasebaseError(hint=_SAID[error.code]) if error.code in _SAID else error
        return await _documents_page(request, staff, case_id, filled.refused(said), error.status)
    return RedirectResponse(f"{path_of(case_id)}/documents", status_code=303)


@router.get("/documents/{document_id}")
async def get_document(request: Request, staff: StaffDep, document_id: UUID) -> Response:
    """Hand out a file; the view is logged."""
    return download(*await _of(request, staff).read(document_id))


@router.post("/cases/{case_id}/documents/{document_id}/remove")
async def remove_document(request: Request, staff: StaffDep, case_id: UUID, document_id: UUID) -> Response:
    """Forget a document and delete its file."""
    await _of(request, staff).remove(document_id)
    return RedirectResponse(f"{path_of(case_id)}/documents", status_code=303)


def _of(request: Request, staff: Staff) -> Documents:
    return Documents(request.app.state.runtime, staff.db.principal)


async def _documents_page(
    request: Request, staff: Staff, case_id: UUID, form: Form, status_code: int = 200
) -> Response:
    return page(
        request,
        "mortgage/documents.html",
        title="Documents",
        case=await seen(staff, case_id),
        documents=await _of(request, staff).list(case_id),
        form=form,
        case_path=path_of(case_id),
        status_code=status_code,
    )
