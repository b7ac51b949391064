"""The filings and evidence of a case: kept byte for byte, since a court may ask for what was served.

The file is stored first and its row written last, so whatever dies when, no row is without its file; a file without
a row is swept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from pydantic import BaseModel, ConfigDict

from casebase.kernel.db import SERVICE, Principal
from casebase.kernel.errors import CasebaseError
from casebase.kernel.jobs import Job, JobContext
from casebase.kernel.privacy.redraw import FileTooLargeError, type_of
from casebase.kernel.runtime import Runtime

FOLDER: Final = "enforcement"
EXTENSIONS: Final = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}
ACCEPTED: Final = ",".join(EXTENSIONS)
"""What a form's file field offers to choose."""


_log = structlog.get_logger(__name__)


class DocumentTypeUnsupportedError(CasebaseError):
    """Its content is no PDF, PNG or JPEG, whatever its name or declared type says."""

    code = "file_type_unsupported"
    status = 415


class DocumentElsewhereError(CasebaseError):
    """The document is in a store that the caller looks after; Casebase knows its path alone."""

    code = "document_elsewhere"
    status = 409


class Document(BaseModel):
    """A filing or piece of evidence; of one kept elsewhere only the path is known."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    document_id: UUID
    case_id: UUID
    event_id: UUID | None
    """The event it proves, once there is one."""
    doc_kind: str
    title: str | None
    storage_path: str
    """What an event names as its ``document_path``."""
    is_ours: bool
    """Whether the installation's own file store has it."""
    content_type: str | None
    size_bytes: int | None
    sha256: str | None
    uploaded_by: str
    uploaded_at: datetime
    is_repeat: bool = False
    """Whether the case had the same file already; the answer is that one's."""

    @property
    def file_name(self) -> str:
        """What a download is called."""
        return f"{self.doc_kind}.{EXTENSIONS.get(self.content_type or '', 'bin')}"


class Documents:
    """Add, list and read the documents of cases as one principal: people of the tenant, or the service."""

    def __init__(self, runtime: Runtime, principal: Principal = SERVICE) -> None:
        self._runtime = runtime
        self._person = principal.sub if principal.role == "authenticated" else None
        self._session = runtime.session(principal)
        self._files = runtime.files

    async def add(
        self, case_id: UUID | str, doc_kind: str, content: bytes, *, title: str | None = None
    ) -> Document:
        """Keep a PDF, PNG or JPEG, told by its content, as it is. The same file again is the same document.

        Raises ``FileTooLargeError``, ``DocumentTypeUnsupportedError``, ``DependencyUnavailableError`` while the store
        is away, and ``RpcError``: ``case_not_found``, ``operator_required``, ``too_many_documents``, ``invalid_input``.
        """
        most = self._runtime.settings.max_file_bytes
        if len(content) > most:
            raise FileTooLargeError(hint=f"The limit is {most} bytes.")
        of_case = {"case_id": str(case_id), "doc_kind": doc_kind}
        plan = await self._session.call("plan_enforcement_document", {"payload": of_case})
        content_type = type_of(content)
        if content_type not in EXTENSIONS:
            raise DocumentTypeUnsupportedError(hint="Send a PDF, PNG or JPEG.")
        path: str = plan["storage_path"]
        await self._files.put(path, content, content_type)
        row = of_case | {
            "title": title,
            "storage_path": path,
            "content_type": content_type,
            "size_bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        if self._person is not None:
            row["person_id"] = str(self._person)
        try:
            document = Document.model_validate(
                # The plan let the person; only what this process has stored itself becomes a row.
                await self._runtime.session(SERVICE).call("add_enforcement_document", {"payload": row})
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
        found = await self._session.call("list_enforcement_documents", {"case_id": case_id})
        return [Document.model_validate(item) for item in found["items"]]

    async def read(self, document_id: UUID | str) -> tuple[Document, bytes]:
        """Return a document and its content; who read it is kept in the case's history.

        Raises ``RpcError`` (``document_not_found``), ``DocumentElsewhereError``, ``FileMissingError``.
        """
        found: dict[str, Any] = await self._session.call(
            "open_enforcement_document", {"document_id": document_id}
        )
        document = Document.model_validate(found)
        if not document.is_ours:
            raise DocumentElsewhereError(hint="Fetch it from the store that its storage_path is a key of.")
        return document, await self._files.get(document.storage_path)


async def sweep(_: Job, context: JobContext) -> None:
    """Delete the files that an upload left behind when it died; running it again is harmless."""
    session = context.session

    async def find_orphans(paths: Sequence[str]) -> Sequence[str]:
        found: Sequence[str] = await session.call("find_orphan_enforcement_documents", {"paths": paths})
        return found

    if removed := await context.runtime.files.sweep(FOLDER, find_orphans):
        _log.info("orphan_files_removed", count=removed)
