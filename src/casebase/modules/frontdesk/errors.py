"""What the typed client raises: an error for each part of the front desk, with the specification's codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Self

from casebase.kernel.errors import CasebaseError, RpcError

__all__ = [
    "DB_ERROR",
    "BookingError",
    "CheckoutError",
    "FrontdeskError",
    "MetricsError",
    "ScoringError",
    "raising",
]

DB_ERROR: Final = "DB_ERROR"


class FrontdeskError(CasebaseError):
    """The front desk refused, or its database failed.

    ``code`` is that of the refusal in capitals, such as ``SLOT_UNAVAILABLE``, and ``DB_ERROR`` whenever the database is
    away, fails or is without the module. ``status``, ``detail`` and ``hint`` are the refusal's; ``__cause__`` is it.
    """

    code = DB_ERROR

    @classmethod
    def of(cls, error: CasebaseError) -> Self:
        """Return what an error of the kernel is to who calls the front desk."""
        # A refusal has no words beside its code.
        words = error.code.replace("_", " ").capitalize() if error.message == error.code else error.message
        made = cls(words, detail=error.detail, hint=error.hint)
        made.status = error.status  # type: ignore[misc]  # the database names both, so they are the instance's
        if not _is_broken(error):
            made.code = error.code.upper()  # type: ignore[misc]
        return made


class BookingError(FrontdeskError):
    """A slot or booking could not be read or changed."""


class CheckoutError(FrontdeskError):
    """An order or price could not be read or changed."""


class ScoringError(FrontdeskError):
    """A conversation's score could not be stored or read."""


class MetricsError(FrontdeskError):
    """Metrics could not be recorded or read."""


@contextmanager
def raising(kind: type[FrontdeskError]) -> Iterator[None]:
    """Raise whatever the kernel raises within the block as ``kind``."""
    try:
        yield
    except CasebaseError as error:
        raise kind.of(error) from error


def _is_broken(error: CasebaseError) -> bool:
    # Without its function there is no module in the database: nothing that the caller could do better.
    return error.status >= 500 or (isinstance(error, RpcError) and error.code == "function_not_found")
