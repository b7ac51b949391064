"""Refusals and failures as pages of the console, in a person's words."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.kit.page import page
from casebase.console.staff import find_staff
from casebase.kernel.errors import CasebaseError, DatabaseUnavailableError
from casebase.kernel.http.template import route_template

log = structlog.get_logger(__name__)

_SAID: Final = {
    400: (
        "This address is damaged",
        "A part of it could not be read. Open the page anew from the navigation.",
    ),
    403: (
        "You may not do this",
        "Your account lacks the role for it. Ask an administrator of your organisation.",
    ),
    404: ("Nothing here", "It does not exist, or it belongs to an organisation you are not a member of."),
    409: ("Someone was faster", "It was changed meanwhile. Open it again and repeat what you meant to do."),
    413: ("That is too large", "Send less at once."),
    422: ("That could not be saved", "A value is not valid. Go back, correct it and try again."),
    429: ("Too many tries", "Wait a minute, then try again."),
    500: (
        "Something broke on our side",
        "Nothing was saved. The error has been logged; trying again may help.",
    ),
    503: ("The database is away", "Nothing is lost. This page works again as soon as the database answers."),
    504: ("That took too long", "It was cancelled and nothing was saved. Try again, or narrow the filters."),
}


def register(app: FastAPI) -> None:
    """Answer errors with pages."""
    app.add_exception_handler(CasebaseError, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _failed)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, CasebaseError)
    if error.status == 401:
        return _sign_in(request)
    headers = {}
    if error.status in (429, 503):
        headers["retry-after"] = str(error.detail.get("retry_after", DatabaseUnavailableError.retry_after))
    if error.status == 500:
        log.error("console_error", code=error.code, route=route_template(request.scope))
    text = error.message if error.code in ("csrf_token_invalid", "invalid_input") else ""
    return await _answer(request, error.status, text=text, headers=headers)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return await _answer(request, error.status_code, headers=dict(error.headers or {}))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    parts = {problem["loc"][0] for problem in error.errors()}
    if parts == {"path"}:
        return await _answer(request, 404)
    # Whoever only opens a page saves nothing: its address is wrong.
    return await _answer(request, 400 if parts <= {"path", "query"} and request.method == "GET" else 422)


async def _failed(request: Request, error: Exception) -> Response:
    log.error("console_error", error=type(error).__name__, route=route_template(request.scope))
    return await _answer(request, 500)


async def _answer(
    request: Request, status: int, *, text: str = "", headers: dict[str, str] | None = None
) -> Response:
    title, explanation = _SAID.get(status, _SAID[500 if status >= 500 else 400])
    try:
        staff = await find_staff(request)
    except CasebaseError:
        staff = request.state.staff = None
    template = "console/error.html" if staff else "console/error_bare.html"
    response = page(
        request, template, title=title, status_code=status, status=status, text=text or explanation
    )
    response.headers.update(headers or {})
    return response


def _sign_in(request: Request) -> Response:
    if request.headers.get("accept", "").startswith("text/event-stream"):
        return Response(status_code=401)
    target = "/console/login"
    if request.method == "GET" and request.url.path != "/console/":
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        target += f"?next={quote(asked, safe='')}"
    return RedirectResponse(target, status_code=303)
