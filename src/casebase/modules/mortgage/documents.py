"""The files of a case: taken in as pixels alone, a bank quote masked, kept in the file store until consent ends.

The file is stored first and its row written last, so whatever dies when, no row is without its file; a file without
a row is swept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import structlog
from pydantic import BaseModel, ConfigDict

from casebase.kernel.db import SERVICE, Principal
from casebase.kernel.errors import CasebaseError
from casebase.kernel.jobs import Job, JobContext
from casebase.kernel.privacy.redraw import FileTooLargeError, Masking, redraw
from casebase.kernel.runtime import Runtime

FOLDER: Final = "mortgage"

_EXTENSIONS: Final = {
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
}
# What a bank quote tells of rates. A table's cell names no unit, so any small decimal is taken for one: a figure too
# many is black, none too few.
_RATES: Final = (
    r"(?<![\d.,])\d{1,3}(?:[.,]\d{1,6})?\s*(?:%|per\s?cent\b|pct\b|p\.?\s?a\b|per\s+annum\b|bps?\b|basis\s+points?\b)",
    r"(?<![\d.,$])\d{1,2}(?:\.\d{1,4}|,\d{1,2})(?!\d|[.,]\d)",
    r"\b(?:zero|one|two|three|four|five|six|seven|eight|nine)(?:\s+point(?:\s+[a-z]+){1,4}?)?\s+per\s?cent\b",
)

_log = structlog.get_logger(__name__)


class DocumentType(StrEnum):
    """Say what an uploaded file is; a bank quote is kept as a masked PDF only."""

    BANK_QUOTE = "bank_quote"
    LETTER_OF_OFFER = "letter_of_offer"
    LOAN_STATEMENT = "loan_statement"
    INCOME_PROOF = "income_proof"
    IDENTITY = "identity"
    PROPERTY = "property"
    OTHER = "other"


class Document(BaseModel):
    """A file of a case; its name on the borrower's machine is not kept."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    document_id: UUID
    case_id: UUID
    doc_type: DocumentType
    content_type: str
    size_bytes: int
    page_count: int
    sha256: str
    is_masked: bool
    uploaded_by: str
    expires_at: datetime
    created_at: datetime
    is_repeat: bool = False
    """Whether the case had the same file already; the answer is that one's."""

    @property
    def file_name(self) -> str:
        """What a download is called."""
        return f"{self.doc_type}.{_EXTENSIONS[self.content_type]}"


class Documents:
    """Add, list, read and remove the files of cases as one principal: staff of the tenant, or the service."""

    def __init__(self, runtime: Runtime, principal: Principal = SERVICE) -> None:
        self._runtime = runtime
        self._session = runtime.session(principal)
        self._files = runtime.files

    async def add(self, case_id: UUID | str, doc_type: DocumentType | str, content: bytes) -> Document:
        """Keep a PDF, JPEG, PNG or WebP, drawn anew; a bank quote masked. The same file again is the same document.

        Raises ``FileTooLargeError``, what ``kernel.privacy.redraw`` refuses, ``DependencyUnavailableError`` while
        the store is away, and ``RpcError``: ``case_not_found``, ``consent_ended``, ``too_many_documents``.
        """
        most = self._runtime.settings.max_file_bytes
        if len(content) > most:
            raise FileTooLargeError(hint=f"The limit is {most} bytes.")
        of_case = {"case_id": str(case_id), "doc_type": str(doc_type)}
        plan = await self._session.call("plan_scenario_document", {"payload": of_case})
        masking = await self._masking(case_id) if plan["must_be_masked"] else None
        drawn = await redraw(content, masking)
        path: str = plan["storage_path"]
        await self._files.put(path, drawn.content, drawn.content_type)
        row = of_case | {
            "storage_path": path,
            "content_type": drawn.content_type,
            "size_bytes": len(drawn.content),
            "sha256": hashlib.sha256(drawn.content).hexdigest(),
            "page_count": drawn.page_count,
            "is_masked": masking is not None,
        }
        try:
            document = Document.model_validate(
                await self._session.call("add_scenario_document", {"payload": row})
            )
        except CasebaseError as error:
            # A refusal is certain; after a lost connection the row may be there, and the sweep will know.
            if error.status < 500:
                await self._files.discard(path)
            raise
        if document.is_repeat:
            await self._files.discard(path)
        return document

    async def list(self, case_id: UUID | str) -> Sequence[Document]:
        """Return the documents of a case, newest first; raises ``RpcError`` (``case_not_found``)."""
        found = await self._session.call("list_scenario_documents", {"case_id": case_id})
        return [Document.model_validate(item) for item in found["items"]]

    async def read(self, document_id: UUID | str) -> tuple[Document, bytes]:
        """Return a document and its content; the view is logged. Raises ``RpcError`` (``document_not_found``)."""
        found: dict[str, Any] = await self._session.call(
            "open_scenario_document", {"document_id": document_id}
        )
        return Document.model_validate(found), await self._files.get(found["storage_path"])

    async def remove(self, document_id: UUID | str) -> None:
        """Forget a document and delete its file; raises ``RpcError`` (``document_not_found``)."""
        gone = await self._session.call("remove_scenario_document", {"document_id": document_id})
        await self._files.discard(gone["storage_path"])

    async def _masking(self, case_id: UUID | str) -> Masking:
        # Staff may add a quote without seeing the contact, so it is the service that asks for it.
        told = await self._runtime.session(SERVICE).call("get_document_masking", {"case_id": case_id})
        return Masking(subject=told["subject"], terms=told["terms"], patterns=_RATES)


async def sweep(_: Job, context: JobContext) -> None:
    """Delete the files that an upload or removal left behind when it died; running it again is harmless."""
    session = context.session

    async def find_orphans(paths: Sequence[str]) -> Sequence[str]:
        found: Sequence[str] = await session.call("find_orphan_documents", {"paths": paths})
        return found

    if removed := await context.runtime.files.sweep(FOLDER, find_orphans):
        _log.info("orphan_files_removed", count=removed)
