"""Refusals and failures as pages of the web client, or as JSON for its script."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from casebase.kernel.errors import (
    CasebaseError,
    DatabaseUnavailableError,
    NotFoundError,
    UnauthenticatedError,
)
from casebase.kernel.http.problem import from_http_exception, from_validation
from casebase.kernel.http.template import route_template
from casebase.modules.practice.web import wording
from casebase.modules.practice.web.person import find_person
from casebase.modules.practice.web.templating import page

log = structlog.get_logger(__name__)


def register(site: FastAPI) -> None:
    """Answer errors in words."""
    for kind in (CasebaseError, HTTPException, RequestValidationError, Exception):
        site.add_exception_handler(kind, _refuse)


def is_streaming(request: Request) -> bool:
    """Tell whether our script asks, which shows what happened in the page it is on."""
    return request.headers.get("accept", "").startswith("text/event-stream")


def tell(request: Request, error: CasebaseError) -> None:
    """Let the log of the service know of a refusal that a page shows."""
    person = getattr(request.state, "person", None)
    request.app.state.refusals.tell(error, request.scope, principal=person.principal if person else None)


def ask_to_wait(response: Response, error: CasebaseError) -> Response:
    """Tell a client in how many seconds trying again makes sense."""
    wait: Any = error.detail.get("retry_after", DatabaseUnavailableError.retry_after)
    response.headers["retry-after"] = str(wait)
    return response


async def _refuse(request: Request, error: Exception) -> Response:
    refusal = _refusal(request, error)
    if isinstance(refusal, UnauthenticatedError):
        return _sign_in(request)
    try:
        person = await find_person(request)
    except CasebaseError:
        person = request.state.person = None
    tell(request, refusal)
    text = wording.said(refusal)
    response: Response
    if is_streaming(request):
        response = JSONResponse({"code": refusal.code, "text": text}, refusal.status)
    else:
        response = page(
            request,
            "problem.html",
            title=wording.title(refusal),
            status_code=refusal.status,
            text=text,
            resets_at=refusal.detail.get("resets_at"),
            is_signed_in=person is not None,
            again=request.url.path if request.method == "GET" and refusal.status >= 500 else None,
        )
    if refusal.status in (429, 503):
        ask_to_wait(response, refusal)
    return response


def _refusal(request: Request, error: Exception) -> CasebaseError:
    if isinstance(error, CasebaseError):
        refusal = error
    elif isinstance(error, HTTPException):
        refusal = from_http_exception(error)
    elif isinstance(error, RequestValidationError):
        # An address that names nothing we could have made leads nowhere, like one that names nothing.
        is_address = any(e["loc"][0] == "path" for e in error.errors())
        refusal = NotFoundError() if is_address else from_validation(error)
    else:
        log.error("practice_page_failed", error=type(error).__name__, route=route_template(request.scope))
        return CasebaseError()
    if refusal.status == 500:
        log.error("practice_page_failed", code=refusal.code, route=route_template(request.scope))
    return refusal


def _sign_in(request: Request) -> Response:
    response: Response
    if is_streaming(request):
        response = JSONResponse({"code": "unauthenticated", "text": "You are signed out."}, 401)
    else:
        target = "/practice/sign-in"
        if request.method == "GET" and request.url.path != "/practice/":
            asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            target += f"?next={quote(asked, safe='')}"
        response = RedirectResponse(target, status_code=303)
    if getattr(request.state, "has_ended_session", False):
        request.app.state.cookies.sign_out(response)
    return response
