"""``/v1/enforcement``: judgments, what vendors know of their debtors, and imports."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from casebase.kernel.http import VerifiedCaller
from casebase.kernel.payloads import jsonable
from casebase.modules.enforcement.models import (
    Bundle,
    CreatedJudgment,
    Enrichment,
    Entity,
    ImportFile,
    ImportRowPage,
    ImportRun,
    ImportRunPage,
    LinkedEntity,
    MergedBundle,
    NewJudgment,
    Scores,
    StagedRows,
)
from casebase.modules.enforcement.payloads import docket_arguments, payload_of
from casebase.modules.enforcement.service import RowStatus

router = APIRouter()


@router.post("/judgments", status_code=201, response_model=CreatedJudgment, summary="Record a judgment")
async def create_judgment(judgment: NewJudgment, caller: VerifiedCaller) -> Response:
    """Record a judgment with its parties and docket, for a tenant's operators and for services."""
    return await caller.rpc("create_judgment", {"payload": payload_of(judgment)}, status_code=201)


@router.post("/entities", response_model=LinkedEntity, summary="Insert or get an entity")
async def insert_or_get_entity(entity: Entity, caller: VerifiedCaller) -> Response:
    """Have a person or company exactly once and link who is it; for services."""
    return await caller.rpc("insert_or_get_entity", {"payload": payload_of(entity)})


@router.put("/dockets/{docket_id}/enrichment", status_code=204, summary="Set what enrichment found")
async def set_enrichment(docket_id: UUID, enrichment: Enrichment, caller: VerifiedCaller) -> Response:
    """Keep a docket's score, tier and summary; the open case follows. For services."""
    return await caller.rpc("set_case_enrichment", docket_arguments(docket_id, enrichment))


@router.put("/dockets/{docket_id}/scores", status_code=204, summary="Set a docket's scores")
async def set_scores(docket_id: UUID, scores: Scores, caller: VerifiedCaller) -> Response:
    """Keep a docket's scores in their parts, and its tier; the open case follows. For services."""
    return await caller.rpc("set_case_scores", docket_arguments(docket_id, scores))


@router.post("/dockets/{docket_id}/bundles", response_model=MergedBundle, summary="Merge a vendor's bundle")
async def merge_bundle(docket_id: UUID, bundle: Bundle, caller: VerifiedCaller) -> Response:
    """Merge what a vendor knows of a debtor; the same again changes counts only. For services."""
    document = jsonable(bundle) | {"case_id": str(docket_id)}
    return await caller.rpc("upsert_enrichment_bundle", {"bundle": document})


@router.get("/imports", response_model=ImportRunPage, summary="List import runs")
async def list_imports(
    caller: VerifiedCaller,
    cursor: Annotated[str | None, Query(max_length=200, description="The last page's next_cursor.")] = None,
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
    tenant_id: UUID | None = None,
) -> Response:
    """Return a page of the tenant's import runs, latest first, for its operators and for services."""
    return await caller.rpc(
        "list_import_runs", {"cursor": cursor, "page_size": page_size, "tenant_id": tenant_id}
    )


@router.post("/imports", response_model=ImportRun, summary="Start an import")
async def start_import(file: ImportFile, caller: VerifiedCaller) -> Response:
    """Begin, or find again, the import of an export, known by its content; for services."""
    return await caller.rpc("start_simplicity_import", {"payload": payload_of(file)})


@router.post("/imports/{import_run_id}/rows", response_model=ImportRun, summary="Add rows to an import")
async def add_rows(import_run_id: UUID, rows: StagedRows, caller: VerifiedCaller) -> Response:
    """Stage rows of the export; a row number that is there already is left as it is. For services."""
    payload = jsonable(rows) | {"import_run_id": str(import_run_id)}
    return await caller.rpc("add_simplicity_rows", {"payload": payload})


@router.post("/imports/{import_run_id}/process", response_model=ImportRun, summary="Process an import")
async def process_import(import_run_id: UUID, caller: VerifiedCaller) -> Response:
    """Make judgments of the next staged rows; call again while ``is_more``. For services."""
    return await caller.rpc("process_simplicity_imports", {"import_run_id": import_run_id})


@router.get("/imports/{import_run_id}/rows", response_model=ImportRowPage, summary="List an import's rows")
async def list_import_rows(
    import_run_id: UUID,
    caller: VerifiedCaller,
    status: RowStatus | None = None,
    cursor: Annotated[int | None, Query(ge=0, description="The last page's next_cursor.")] = None,
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Return a page of what became of the rows, the rejected ones with their reasons."""
    return await caller.rpc(
        "list_import_rows",
        {"import_run_id": import_run_id, "status": status, "cursor": cursor, "page_size": page_size},
    )
