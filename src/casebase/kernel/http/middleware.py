"""What every request gets: an id, a log line without personal data, metrics, security headers.

When code fails, the client gets a refusal that tells nothing and the log a trace without values.
"""

from __future__ import annotations

import re
import secrets
import time
from typing import Any, Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from casebase.kernel.errors import CasebaseError
from casebase.kernel.http.problem import refusal
from casebase.kernel.http.refusals import Refusals
from casebase.kernel.http.template import route_template
from casebase.kernel.metrics import HTTP_DURATION, HTTP_REQUESTS

log = structlog.get_logger("casebase.http")

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECURITY_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


class Observed:
    """Wrap the whole application; one ``send`` wrapper does all of it, for the sake of the hot path."""

    def __init__(self, app: ASGIApp, refusals: Refusals) -> None:
        self._app = app
        self._refusals = refusals
        self._recorders: dict[tuple[str, str, int], Any] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102  # ASGI
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message["headers"] = list(message.get("headers", ()))
                # What a route says about itself goes first: the console has its own policy and caching.
                present = dict(headers)
                headers += [header for header in _SECURITY_HEADERS if header[0] not in present]
                headers.append((b"x-request-id", request_id.encode()))
            await send(message)

        # A request is a task of its own, so its context ends with it.
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, send_observed)
        except Exception as error:
            if not isinstance(error, CasebaseError):
                log.exception("request_failed", route=route_template(scope))
                error = CasebaseError()
            self._refusals.tell(error, scope)
            if status:
                raise error from None
            await refusal(error, scope)(scope, receive, send_observed)
        finally:
            self._record(scope, status or 500, time.perf_counter() - started)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = route_template(scope)
        # Looking a labelled child up takes prometheus_client a lock each time.
        recorders = self._recorders.get((method, route, status))
        if recorders is None:
            recorders = self._recorders[method, route, status] = (
                HTTP_REQUESTS.labels(method, route, str(status)),
                HTTP_DURATION.labels(method, route),
            )
        recorders[0].inc()
        recorders[1].observe(seconds)
        # The path and the query may hold ids or worse: the route's template says what was asked.
        log.info("request", method=method, route=route, status=status, duration_ms=round(seconds * 1000, 2))


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return str(value.decode("ascii"))
    return secrets.token_hex(16)
