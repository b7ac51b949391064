"""Casebase: the operational backend of case-driven products, on PostgreSQL or Supabase."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from casebase.app import Casebase
    from casebase.kernel.db import Principal
    from casebase.kernel.errors import CasebaseError, RpcError

__all__ = ["Casebase", "CasebaseError", "Principal", "RpcError"]

_HOMES = {
    "Casebase": "casebase.app",
    "CasebaseError": "casebase.kernel.errors",
    "Principal": "casebase.kernel.db",
    "RpcError": "casebase.kernel.errors",
}


def __getattr__(name: str) -> Any:
    # Imported on first use: every command, and each process that redraws one file, begins with this package.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(_HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
