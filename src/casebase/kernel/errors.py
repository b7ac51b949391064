"""The errors of the whole product: one root, each leaf with a stable code and an HTTP status.

SQL raises the same codes (``casebase.fail``); ``kernel.db.translate`` alone turns a database error into one of
these, so that no other file knows an SQLSTATE.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class CasebaseError(Exception):
    """Refuse or fail with a stable code.

    ``detail`` is safe to show a client: it names fields and rules, never values. ``hint`` says the remedy.
    """

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500

    def __init__(
        self,
        message: str | None = None,
        *,
        detail: Mapping[str, Any] | None = None,
        hint: str | None = None,
    ) -> None:
        self.message = message or (type(self).__doc__ or self.code).strip().splitlines()[0]
        self.detail: dict[str, Any] = dict(detail or {})
        self.hint = hint
        super().__init__(self.message)


class ConfigurationError(CasebaseError):
    """A setting is missing or wrong."""

    code = "configuration_invalid"


class InvalidInputError(CasebaseError):
    """The request does not have the specified form."""

    code = "invalid_input"
    status = 422


class UnauthenticatedError(CasebaseError):
    """A valid token is needed."""

    code = "unauthenticated"
    status = 401


class ForbiddenError(CasebaseError):
    """The caller may not do this."""

    code = "forbidden"
    status = 403


class NotFoundError(CasebaseError):
    """There is no such thing, or the caller may not see it."""

    code = "not_found"
    status = 404


class RateLimitedError(CasebaseError):
    """Too many requests; try again after ``retry_after`` seconds."""

    code = "rate_limited"
    status = 429

    def __init__(self, message: str | None = None, *, retry_after: int = 1) -> None:
        super().__init__(message, detail={"retry_after": retry_after})
        self.retry_after = retry_after


class DatabaseUnavailableError(CasebaseError):
    """The database cannot be reached right now; nothing was written unless it was acknowledged."""

    code = "database_unavailable"
    status = 503
    retry_after: ClassVar[int] = 2


class PoolExhaustedError(DatabaseUnavailableError):
    """All of this process's database connections are in use right now; nothing was written."""

    code = "pool_exhausted"
    retry_after = 1


class DependencyUnavailableError(CasebaseError):
    """A service that Casebase leans on, beside the database, does not answer right now."""

    code = "dependency_unavailable"
    status = 503
    retry_after: ClassVar[int] = 5


class SchemaMissingError(CasebaseError):
    """The database answers, but the schema of Casebase is not in it."""

    code = "schema_missing"
    status = 503


class RpcError(CasebaseError):
    """A SQL function refused: the code and status are the ones it raised.

    ``sqlstate`` is what PostgREST's dialect shows as ``code``.
    """

    def __init__(
        self,
        code: str,
        status: int,
        *,
        sqlstate: str,
        message: str | None = None,
        detail: Mapping[str, Any] | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message or code, detail=detail, hint=hint)
        self.code = code  # type: ignore[misc]  # the database names it, so it is the instance's
        self.status = status  # type: ignore[misc]
        self.sqlstate = sqlstate
