"""How a refusal looks to a client: RFC 9457 problem+json, or PostgREST's shape below ``/rest/v1``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from casebase.kernel.errors import CasebaseError, InvalidInputError, NotFoundError, RpcError
from casebase.kernel.payloads import broken_rules

REST_PREFIX: Final = "/rest/v1/"
_RESERVED: Final = frozenset({"type", "title", "status", "code", "detail", "errors", "hint", "request_id"})


# PostgREST's codes for refusals that no function raised; one it doesn't know keeps ours.
_DIALECT_CODES: Final = {
    "unauthenticated": "PGRST301",
    "token_invalid": "PGRST301",
    "token_expired": "PGRST301",
    "role_not_allowed": "42501",
    "malformed_json": "PGRST102",
    "unsupported_media_type": "PGRST107",
    "bad_request": "PGRST100",
    "method_not_allowed": "PGRST101",
    "not_acceptable": "PGRST106",
    "not_found": "PGRST125",
    "function_not_found": "PGRST202",
    "database_unavailable": "PGRST001",
    "pool_exhausted": "PGRST003",
}


class FieldError(BaseModel):
    """One field that breaks one rule; never with the value."""

    field: str
    rule: str
    message: str


class Problem(BaseModel):
    """A refusal (RFC 9457); ``code`` is stable, ``errors`` names each wrong field and its rule."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str | None = None
    errors: list[FieldError] = Field(default_factory=list)
    hint: str | None = None
    request_id: str


class MethodNotAllowedError(CasebaseError):
    """The address exists, but not for this method."""

    code = "method_not_allowed"
    status = 405

    def __init__(self, allow: str) -> None:
        super().__init__()
        self.allow = allow


class RefusedRequestError(CasebaseError):
    """The request can't be served as it is."""

    code = "bad_request"
    status = 400


def refusal(error: CasebaseError, scope: Scope) -> Response:
    """Return the response that tells a client about an error, in the dialect of the address it called."""
    request_id = scope.get("state", {}).get("request_id", "")
    if scope["path"].startswith(REST_PREFIX):
        content, media_type = _dialect(error), "application/json; charset=utf-8"
    else:
        content, media_type = _problem(error, request_id), "application/problem+json"
    headers = {}
    # A SQL function that limits its callers tells it in its detail.
    retry_after = getattr(error, "retry_after", None) or error.detail.get("retry_after")
    if retry_after is not None or error.status == 503:
        headers["Retry-After"] = str(retry_after or 2)
    if error.status == 401:
        headers["WWW-Authenticate"] = _challenge(error)
    if isinstance(error, MethodNotAllowedError):
        headers["Allow"] = error.allow
    return Response(json.dumps(content), error.status, headers, media_type)


def from_http_exception(error: HTTPException) -> CasebaseError:
    """Return our error for one that Starlette or FastAPI raised."""
    if error.status_code == 404:
        return NotFoundError("There is nothing at this address.")
    if error.status_code == 405:
        return MethodNotAllowedError((error.headers or {}).get("Allow", ""))
    return RefusedRequestError() if error.status_code < 500 else CasebaseError()


def from_validation(error: RequestValidationError) -> InvalidInputError:
    """Name each field and rule that pydantic found broken; its inputs and contexts may hold values."""
    found = [
        {"field": _field(entry["loc"]), "rule": entry["type"], "message": _message(entry)}
        for entry in broken_rules(error.errors())
    ]
    return InvalidInputError(detail={"errors": found})


def _field(location: tuple[int | str, ...]) -> str:
    # The first part says where the field came from: body, query, path, header.
    return ".".join(str(part) for part in location[1:])


def _message(entry: Mapping[str, Any]) -> str:
    # Parsers append what is wrong with the text they were given ("…: invalid character in year").
    message = str(entry["msg"])
    return message.partition(":")[0] if entry["type"].endswith("_parsing") else message


def _problem(error: CasebaseError, request_id: str) -> dict[str, Any]:
    title = error.code.replace("_", " ").capitalize()
    problem: dict[str, Any] = {name: value for name, value in error.detail.items() if name not in _RESERVED}
    problem |= {
        "type": f"urn:casebase:problem:{error.code}",
        "title": title,
        "status": error.status,
        "code": error.code,
        "detail": _safe_message(error),
        "errors": error.detail.get("errors", []),
        "hint": error.hint,
        "request_id": request_id,
    }
    return {name: value for name, value in problem.items() if value not in (None, [])}


def _safe_message(error: CasebaseError) -> str | None:
    if error.status == 500:
        return "The request failed; nothing was written."
    return None if error.message == error.code else error.message


def _dialect(error: CasebaseError) -> dict[str, Any]:
    code = _DIALECT_CODES.get(error.code, error.code)
    if isinstance(error, RpcError):
        code = error.sqlstate
    return {
        "code": code,
        "details": json.dumps(error.detail) if error.detail else None,
        "hint": error.hint,
        "message": _safe_message(error) or error.code,
    }


def _challenge(error: CasebaseError) -> str:
    if error.code in ("token_invalid", "token_expired"):
        return f'Bearer error="invalid_token", error_description="{error.message}"'
    return "Bearer"
