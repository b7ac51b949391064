"""Turn what the database or its connection raises into the product's errors; no other file knows an SQLSTATE."""

from __future__ import annotations

import json
import re
from typing import Any

import asyncpg

from casebase.kernel.errors import CasebaseError, DatabaseUnavailableError, RpcError, SchemaMissingError

# SQLSTATE classes whose meaning for a client is the same wherever they arise. The server's own message may
# quote a value ("invalid input syntax for type uuid: …"), so none of it is passed on.
_BY_STATE: dict[str, tuple[str, int, str]] = {
    "23505": ("already_exists", 409, "A row with the same key exists."),
    "23503": (
        "reference_not_found",
        409,
        "A row that this one refers to does not exist, or is still referred to.",
    ),
    # What 23503 was for on delete restrict before PostgreSQL 18.
    "23001": (
        "reference_not_found",
        409,
        "A row that this one refers to does not exist, or is still referred to.",
    ),
    "23514": ("constraint_violated", 422, "A value breaks a rule of the table."),
    "23502": ("constraint_violated", 422, "A required value is missing."),
    "23P01": ("already_exists", 409, "An overlapping row exists."),
    "42501": ("forbidden", 403, "The caller may not do this."),
    "40001": ("conflict", 409, "Another call changed the same rows; try again."),
    "40P01": ("conflict", 409, "Another call holds the same rows; try again."),
    "55P03": ("conflict", 409, "Another call holds the same rows; try again."),
    "57014": ("timeout", 504, "The call took too long and was cancelled; nothing was written."),
    "54000": ("invalid_input", 413, "The request is too large."),
}
DRIVER_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
"""All that a statement can raise: what the server refuses and what a dying connection leaves behind."""

_UNAVAILABLE_CLASSES = ("08", "53", "57P")
_DATABASE_STATUS = re.compile(r"PT[45]\d\d")


def translate(error: BaseException) -> CasebaseError:
    """Return the product's error for one raised by asyncpg or the socket below it."""
    if isinstance(error, CasebaseError):
        return error
    if isinstance(error, asyncpg.PostgresError):
        return _translate_sqlstate(error)
    if isinstance(error, DRIVER_ERRORS):
        return DatabaseUnavailableError()
    return CasebaseError()


def _translate_sqlstate(error: asyncpg.PostgresError) -> CasebaseError:
    state = error.sqlstate or "XX000"
    if state.startswith(_UNAVAILABLE_CLASSES):
        return DatabaseUnavailableError()
    if _DATABASE_STATUS.fullmatch(state):
        return RpcError(
            str(error.args[0]),
            int(state[2:]),
            sqlstate=state,
            detail=_detail(error),
            hint=getattr(error, "hint", None) or None,
        )
    if state in _BY_STATE:
        code, status, message = _BY_STATE[state]
        constraint = getattr(error, "constraint_name", None) or getattr(error, "column_name", None)
        detail = {"constraint": constraint} if constraint else {}
        return RpcError(code, status, sqlstate=state, message=message, detail=detail)
    if state == "3F000":
        return SchemaMissingError(hint="Run: casebase migrate up")
    if state.startswith("22"):
        return RpcError(
            "invalid_input", 400, sqlstate=state, message="A value does not have the type of its field."
        )
    return RpcError("internal_error", 500, sqlstate=state, message="The call failed; nothing was written.")


def _detail(error: asyncpg.PostgresError) -> dict[str, Any]:
    try:
        detail = json.loads(getattr(error, "detail", None) or "{}")
    except ValueError:
        return {}
    return detail if isinstance(detail, dict) else {}
