"""``/v1/mortgage``: the documents of a case, for its staff and for services."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from casebase.kernel.http import Caller, VerifiedCaller
from casebase.kernel.http.downloads import download
from casebase.kernel.privacy.redraw import FileUnreadableError
from casebase.modules.mortgage.documents import Document, Documents, DocumentType

router = APIRouter()

_ANY_FILE: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "The file itself: a PDF, JPEG, PNG or WebP, told by its content.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_A_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/pdf": {}, "image/*": {}}, "description": "The file."}
}


class DocumentList(BaseModel):
    """The documents of a case, newest first."""

    items: tuple[Document, ...]


@router.post(
    "/cases/{case_id}/documents",
    status_code=201,
    response_model=Document,
    openapi_extra=_ANY_FILE,
    responses={200: {"model": Document, "description": "The case had the same file already."}},
    summary="Add a document",
)
async def add_document(
    case_id: UUID, doc_type: DocumentType, request: Request, caller: VerifiedCaller
) -> Response:
    """Keep a file of at most ``CASEBASE_MAX_FILE_BYTES``, drawn anew; a bank quote as a masked PDF.

    Sending the same file again answers 200 with the same document, so an upload can be repeated without a key.
    """
    try:
        content = await request.body()
    except ClientDisconnect:
        raise FileUnreadableError("The upload broke off.") from None
    document = await _documents(request, caller).add(case_id, doc_type, content)
    status_code = 200 if document.is_repeat else 201
    return Response(document.model_dump_json(), status_code, media_type="application/json")


@router.get("/cases/{case_id}/documents", response_model=DocumentList, summary="List a case's documents")
async def list_documents(case_id: UUID, caller: VerifiedCaller) -> Response:
    """Return the documents of a case, newest first; their content has an address of its own."""
    return await caller.rpc("list_scenario_documents", {"case_id": case_id})


@router.get(
    "/documents/{document_id}/content",
    response_class=Response,
    responses=_A_FILE,
    summary="Download a document",
)
async def get_document_content(document_id: UUID, request: Request, caller: VerifiedCaller) -> Response:
    """Return a document's file, as an attachment that no page can show; the view is logged."""
    return download(*await _documents(request, caller).read(document_id))


@router.delete("/documents/{document_id}", status_code=204, summary="Remove a document")
async def remove_document(document_id: UUID, request: Request, caller: VerifiedCaller) -> Response:
    """Forget a document and delete its file."""
    await _documents(request, caller).remove(document_id)
    return Response(status_code=204)


def _documents(request: Request, caller: Caller) -> Documents:
    return Documents(request.app.state.runtime, caller.principal)
