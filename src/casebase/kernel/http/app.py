"""The application factory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.routing import compile_path

from casebase.kernel.errors import CasebaseError
from casebase.kernel.http import probes
from casebase.kernel.http.auth import TokenVerifier
from casebase.kernel.http.body import BoundedBody, refuse_nul
from casebase.kernel.http.limits import RateLimiter
from casebase.kernel.http.middleware import Observed
from casebase.kernel.http.problem import Problem, from_http_exception, from_validation, refusal
from casebase.kernel.http.refusals import Refusals
from casebase.kernel.http.rpc import RpcEndpoint
from casebase.kernel.module import resolve
from casebase.kernel.monitoring.exposition import Exposition
from casebase.kernel.runtime import Runtime

_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "content": {"application/problem+json": {}}, "description": meaning}
    for status, meaning in {
        400: "Malformed JSON.",
        401: "No valid token.",
        403: "The token's role may not do this.",
        404: "No such thing, or not for this caller.",
        409: "In conflict with what is there.",
        413: "The body is too large.",
        415: "The body is not JSON.",
        422: "A field breaks a rule.",
        429: "Too many requests.",
        503: "The database is away.",
    }.items()
}


def create_app(runtime: Runtime) -> FastAPI:
    """Return the API of a runtime: ``/rest/v1/rpc``, ``/v1/<module>``, probes, metrics and OpenAPI.

    The runtime stays its opener's to close; ``app.state.resources`` is closed by the application's lifespan.
    """
    settings = runtime.settings
    app = FastAPI(
        title="Casebase",
        lifespan=_close_resources,
        version=version("casebase"),
        openapi_url="/openapi.json",
        # The usual pages that show it load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Its log records hold exceptions' messages, so values; and looking for an exporter costs each request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.runtime = runtime
    app.state.verifier = TokenVerifier(settings, runtime.jwt_secret, runtime.clock)
    app.state.limiter = RateLimiter(settings)
    app.state.resources = AsyncExitStack()
    app.state.resources.push_async_callback(app.state.limiter.close)
    app.state.services = {}
    app.state.exposition = Exposition(runtime.database)
    app.state.refusals = Refusals()
    app.include_router(probes.router)
    for module in runtime.modules:
        if module.service is not None:
            service = app.state.services[module.name] = resolve(module.service)(runtime)
            app.state.resources.push_async_callback(service.close)
            app.state.refusals.add(service)
        if module.routes is not None:
            app.include_router(
                resolve(module.routes),
                prefix=f"/v1/{module.name}",
                tags=[module.name],
                responses=_REFUSALS,
                dependencies=[Depends(refuse_nul)],
            )

    app.add_exception_handler(CasebaseError, _refuse)
    app.add_exception_handler(HTTPException, _refuse)
    app.add_exception_handler(RequestValidationError, _refuse)
    # Added last is outermost.
    app.add_middleware(
        BoundedBody,
        limit=settings.max_body_bytes,
        uploads=[
            compile_path(f"{prefix}/{module.name}{path}")[0]
            for module in runtime.modules
            for path in module.uploads
            for prefix in ("/v1", "/console")
        ],
        # A form wraps the file it sends.
        upload_limit=settings.max_file_bytes + 64 * 1024,
    )
    app.add_middleware(
        RpcEndpoint,
        runtime=runtime,
        verifier=app.state.verifier,
        limiter=app.state.limiter,
        refusals=app.state.refusals,
    )
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=[
                "Accept-Profile",
                "ApiKey",
                "Authorization",
                "Content-Profile",
                "Content-Type",
                "Idempotency-Key",
                "Prefer",
                "X-Client-Info",
                "X-Request-Id",
            ],
            expose_headers=["Idempotency-Replayed", "Retry-After", "X-Request-Id"],
        )
    app.add_middleware(Observed, refusals=app.state.refusals)
    return app


@asynccontextmanager
async def _close_resources(app: FastAPI) -> AsyncIterator[None]:
    async with app.state.exposition.shared(), app.state.resources:
        for service in app.state.services.values():
            await service.start()
        yield


async def _refuse(request: Request, error: Exception) -> Response:
    if isinstance(error, RequestValidationError):
        error = from_validation(error)
    elif isinstance(error, HTTPException):
        error = from_http_exception(error)
    assert isinstance(error, CasebaseError)
    request.app.state.refusals.tell(error, request.scope)
    return refusal(error, request.scope)
