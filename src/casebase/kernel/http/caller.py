"""What a module's route calls the database with: who asks, and one method."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from casebase.kernel.db import ANYONE, Principal
from casebase.kernel.errors import UnauthenticatedError
from casebase.kernel.http.auth import TokenVerifier
from casebase.kernel.http.body import idempotency_key
from casebase.kernel.http.limits import RateLimiter
from casebase.kernel.http.template import route_template
from casebase.kernel.runtime import Runtime

_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT")
_Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern="^[!-~]+$",
        description="Repeat a write safely: the same key and body get the same reply for 24 hours.",
    ),
]


class Caller:
    """A principal at the door of the database, for the length of one request."""

    def __init__(self, request: Request, principal: Principal) -> None:
        self._request = request
        self._runtime: Runtime = request.app.state.runtime
        self.principal = principal

    async def rpc(
        self,
        function: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        status_code: int = 200,
        key: str | None = None,
    ) -> Response:
        """Call ``public.<function>`` and hand its JSON to the client unparsed; nothing returned is 204.

        Arguments may hold pydantic models, decimals, uuids and dates. The request's ``Idempotency-Key``
        applies to every method but GET, unless ``key`` takes its place. Raises the function's refusal:
        problem+json for the client.
        """
        if key is None and self._request.method != "GET":
            key = idempotency_key(dict(self._request.scope["headers"]))
        text = json.dumps(dict(arguments or {}), default=_jsonable, allow_nan=False)
        reply = await self._runtime.database.rpc(self.principal, function, text, idempotency_key=key)
        headers = {"Idempotency-Replayed": "true"} if reply.is_replay else None
        if reply.body is None:
            return Response(status_code=204, headers=headers)
        return Response(reply.body, status_code, headers, "application/json")

    async def rpc_cached(
        self, function: str, arguments: Mapping[str, Any] | None = None, *, version: str
    ) -> Response:
        """Answer a read like ``rpc``, from the cache while ``public.<version>`` of the same arguments stays the same.

        The version is asked for each time, as the caller: it refuses whom the function would refuse, answers everyone
        else alike, and never returns to what it was. So a reply is never older than the last commit before the call.
        """
        text = json.dumps(dict(arguments or {}), default=_jsonable, allow_nan=False)
        database, cache = self._runtime.database, self._runtime.cache
        current = await database.rpc(self.principal, version, text)
        key = f"{function}:{text}:{current.body}"
        body = await cache.get(key)
        if body is None:
            # What was written meanwhile is kept under the older version, which nobody will ask for again.
            body = (await database.rpc(self.principal, function, text)).body or "null"
            await cache.put(key, body)
        return Response(body, media_type="application/json")


async def verified_caller(
    request: Request,
    _scheme: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)] = None,
    _key: _Key = None,
) -> Caller:
    """Require a valid token; its role then decides in the database what may be called."""
    authorization = request.headers.get("authorization")
    if authorization is None:
        raise UnauthenticatedError(hint="Send Authorization: Bearer and a token (casebase token create).")
    verifier: TokenVerifier = request.app.state.verifier
    # For those who are told of a refusal.
    request.state.principal = principal = await verifier.authorize(authorization)
    return Caller(request, principal)


async def public_caller(request: Request, _key: _Key = None) -> Caller:
    """Serve anyone, at a limited rate, calling as ``service_role`` on their behalf.

    Only for a route whose RPC is safe to offer to the world, such as the intake of a lead.
    """
    limiter: RateLimiter = request.app.state.limiter
    await limiter.hit(route_template(request.scope), request.scope)
    return Caller(request, ANYONE)


VerifiedCaller = Annotated[Caller, Depends(verified_caller)]
PublicCaller = Annotated[Caller, Depends(public_caller)]


def _jsonable(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="python", by_alias=True)
    if isinstance(value, Decimal):
        # Shortest float text is exact to 15 significant digits, more than any amount of money here has.
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)
