"""Is the process alive, can it serve, and how does it do."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from casebase.kernel.db import translate
from casebase.kernel.errors import CasebaseError, DatabaseUnavailableError
from casebase.kernel.monitoring.exposition import Exposition
from casebase.kernel.runtime import Runtime

router = APIRouter(include_in_schema=False)
_READY = "select to_regprocedure('casebase.rpc(jsonb, text, jsonb, text)') is not null"


class SchemaMissingError(CasebaseError):
    """The database answers, but its schema is not there."""

    code = "schema_missing"
    status = 503


@router.get("/healthz")
async def healthz() -> Response:
    """Say that the process runs; asks nothing else, so that a database outage restarts no container."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """Say that the database answers and has the schema; 503 otherwise."""
    runtime: Runtime = request.app.state.runtime
    try:
        async with asyncio.timeout(2):
            is_ready = await runtime.database.pool.fetchval(_READY)
    except Exception as error:
        refusal = translate(error)
        raise refusal if isinstance(refusal, DatabaseUnavailableError) else SchemaMissingError() from error
    if not is_ready:
        raise SchemaMissingError(hint="Run: casebase migrate up")
    return JSONResponse({"status": "ready"})


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Return the metrics of the process and its database as Prometheus text."""
    exposition: Exposition = request.app.state.exposition
    content, media_type = await exposition.render()
    return Response(content, media_type=media_type)
