"""``/v1/enforcement``: the documents of a case, for its tenant's people and for services."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect

from casebase.kernel.errors import InvalidInputError
from casebase.kernel.http import Caller, VerifiedCaller
from casebase.kernel.http.body import refuse_unstorable
from casebase.kernel.http.downloads import download
from casebase.kernel.privacy.redraw import FileUnreadableError
from casebase.modules.enforcement.documents import Document, Documents

router = APIRouter()

_FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "doc_kind"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "A PDF, PNG or JPEG, told by its content and kept byte for byte.",
                        },
                        "doc_kind": {"type": "string", "pattern": "^[a-z][a-z_]{0,39}$"},
                        "title": {"type": "string", "maxLength": 200},
                    },
                }
            }
        },
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
    openapi_extra=_FORM,
    responses={200: {"model": Document, "description": "The case had the same file already."}},
    summary="Add a document",
)
async def add_document(case_id: UUID, request: Request, caller: VerifiedCaller) -> Response:
    """Keep a file of at most ``CASEBASE_MAX_FILE_BYTES`` as it is.

    Sending the same file again answers 200 with the same document, so an upload can be repeated without a key.
    """
    try:
        async with request.form(max_files=1, max_fields=8) as form:
            refuse_unstorable(form)
            file, doc_kind, title = form.get("file"), form.get("doc_kind"), form.get("title")
            if not isinstance(file, UploadFile) or not file.size:
                raise _missing("file")
            if not isinstance(doc_kind, str):
                raise _missing("doc_kind")
            content = await file.read()
    except ClientDisconnect:
        raise FileUnreadableError("The upload broke off.") from None
    document = await _documents(request, caller).add(
        case_id, doc_kind, content, title=title if isinstance(title, str) and title else None
    )
    status_code = 200 if document.is_repeat else 201
    return Response(document.model_dump_json(), status_code, media_type="application/json")


@router.get("/cases/{case_id}/documents", response_model=DocumentList, summary="List a case's documents")
async def list_documents(case_id: UUID, caller: VerifiedCaller) -> Response:
    """Return the documents of a case, newest first; their content has an address of its own."""
    return await caller.rpc("list_enforcement_documents", {"case_id": case_id})


@router.get(
    "/documents/{document_id}/content",
    response_class=Response,
    responses=_A_FILE,
    summary="Download a document",
)
async def get_document_content(document_id: UUID, request: Request, caller: VerifiedCaller) -> Response:
    """Return a document's file, as an attachment that no page can show; who read it is kept in the case's history."""
    return download(*await _documents(request, caller).read(document_id))


def _documents(request: Request, caller: Caller) -> Documents:
    return Documents(request.app.state.runtime, caller.principal)


def _missing(field: str) -> InvalidInputError:
    return InvalidInputError(
        detail={"errors": [{"field": field, "rule": "required", "message": "is missing"}]}
    )
