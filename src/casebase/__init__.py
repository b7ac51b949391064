"""Casebase: the operational backend of case-driven products, on PostgreSQL or Supabase."""

from casebase.app import Casebase
from casebase.kernel.db import Principal
from casebase.kernel.errors import CasebaseError, RpcError

__all__ = ["Casebase", "CasebaseError", "Principal", "RpcError"]
