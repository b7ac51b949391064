"""The way of one call: principal, pool, and the translation of what the database refuses."""

from casebase.kernel.db.pool import Database, Reply, Session
from casebase.kernel.db.principal import ANON, ANYONE, ROLES, SERVICE, Principal
from casebase.kernel.db.translate import DRIVER_ERRORS, translate

__all__ = [
    "ANON",
    "ANYONE",
    "DRIVER_ERRORS",
    "ROLES",
    "SERVICE",
    "Database",
    "Principal",
    "Reply",
    "Session",
    "translate",
]
