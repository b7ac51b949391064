"""``POST /rest/v1/rpc/<function>`` in PostgREST's dialect: the hot path, so bare ASGI beside the router."""

from __future__ import annotations

import json
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from casebase.kernel.db import ANON, Principal
from casebase.kernel.errors import CasebaseError, NotFoundError, RpcError
from casebase.kernel.http.auth import TokenVerifier
from casebase.kernel.http.body import idempotency_key, read_body, require_json, strict_json
from casebase.kernel.http.limits import RateLimiter
from casebase.kernel.http.problem import REST_PREFIX, MethodNotAllowedError, RefusedRequestError, refusal
from casebase.kernel.http.refusals import Refusals
from casebase.kernel.runtime import Runtime

_JSON: Final = (b"content-type", b"application/json; charset=utf-8")
_REPLAYED: Final = (b"idempotency-replayed", b"true")
_OBJECT: Final = b"application/vnd.pgrst.object"
_PREFIX: Final = f"{REST_PREFIX}rpc/"


class NotAcceptableError(CasebaseError):
    """The reply can't have the form that was asked for."""

    code = "not_acceptable"
    status = 406


class FunctionNotFoundError(NotFoundError):
    """Could not find the function in the schema public with the given argument names"""

    code = "function_not_found"


class RpcEndpoint:
    """Serve supabase-js, supabase-py and curl as PostgREST does: named arguments in, jsonb handed through.

    Without a token the role is ``anon``, at the rate of anonymous endpoints. GET is refused, as are filters in
    the query string: ignoring one would answer with more rows than were asked for.

    It stands before the application instead of among its routes: the way there is a tenth of what a request costs.
    """

    path: Final = f"{_PREFIX}{{function}}"

    def __init__(
        self,
        app: ASGIApp,
        runtime: Runtime,
        verifier: TokenVerifier,
        limiter: RateLimiter,
        refusals: Refusals,
    ) -> None:
        self._app = app
        self._database = runtime.database
        self._limit = runtime.settings.max_body_bytes
        self._verifier = verifier
        self._limiter = limiter
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102  # ASGI
        function = scope["path"].removeprefix(_PREFIX) if scope["type"] == "http" else ""
        if not function or "/" in function:  # anybody else's address still has its slashes
            await self._app(scope, receive, send)
            return
        principal = ANON
        scope["route"] = self  # for its template
        try:
            headers = dict(scope["headers"])
            authorization = headers.get(b"authorization")
            if authorization is not None:
                principal = await self._verifier.authorize(authorization.decode("latin-1"))
            if principal.role == "anon":
                await self._limiter.hit("/rest/v1/rpc", scope)
            await self._answer(function, principal, headers, scope, receive, send)
        except CasebaseError as error:
            self._refusals.tell(error, scope, function=function, principal=principal)
            await refusal(_as_postgrest(error, principal), scope)(scope, receive, send)

    async def _answer(
        self,
        function: str,
        principal: Principal,
        headers: dict[bytes, bytes],
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        if scope["method"] != "POST":
            raise MethodNotAllowedError("POST")
        if scope["query_string"]:
            raise RefusedRequestError("Filters are not supported here; pass arguments in the body.")
        if headers.get(b"content-profile", b"public") != b"public":
            raise NotAcceptableError("The schema must be one of the following: public")
        body = await read_body(headers, receive, self._limit)
        if body:
            if b"content-type" in headers:
                require_json(headers)
            arguments, _ = strict_json(body)
        else:
            arguments = "{}"
        if not function.isidentifier() or len(function) > 63:
            raise FunctionNotFoundError
        reply = await self._database.rpc(
            principal, function, arguments, idempotency_key=idempotency_key(headers)
        )
        replayed = (_REPLAYED,) if reply.is_replay else ()
        if reply.body is None:
            await send({"type": "http.response.start", "status": 204, "headers": [*replayed]})
            await send({"type": "http.response.body", "body": b""})
            return
        text = reply.body
        if _OBJECT in headers.get(b"accept", b""):
            text = _only_row(text)
        content = text.encode()
        length = (b"content-length", b"%d" % len(content))
        await send({"type": "http.response.start", "status": 200, "headers": [_JSON, length, *replayed]})
        await send({"type": "http.response.body", "body": content})


def _only_row(text: str) -> str:
    """Return the one row of a set (the client libraries' ``.single()``); a reply that is no set is itself."""
    if not text.startswith("["):
        return text
    if (count := len(json.loads(text))) != 1:
        raise RpcError(
            "not_acceptable",
            406,
            sqlstate="PGRST116",
            message="JSON object requested, multiple (or no) rows returned",
            detail={"rows": count},
        )
    return text[1:-1]


def _as_postgrest(error: CasebaseError, principal: Principal) -> CasebaseError:
    if error.code == "function_not_found":
        return FunctionNotFoundError(hint=error.hint)
    if isinstance(error, RpcError) and error.sqlstate == "42501" and principal.role == "anon":
        # Signing in might help, so a permission that anon lacks is a 401.
        return RpcError(error.code, 401, sqlstate=error.sqlstate, message=error.message, hint=error.hint)
    return error
