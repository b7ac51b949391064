"""Whose notifications the pages show."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from casebase.console.kit import Staff, Tenant

ROOT: Final = "/console/notifications"


def shown(staff: Staff) -> Tenant | None:
    """Return the organisation that the person decides for: the first they own or administer."""
    mine = [tenant for tenant in staff.tenants if tenant.role in ("owner", "admin")]
    return min(mine, key=lambda tenant: tenant.id, default=None)


def named(staff: Staff) -> dict[str, UUID]:
    """Return the argument that names it; whoever administers none is refused by the database."""
    tenant = shown(staff) or min(staff.tenants, key=lambda tenant: tenant.id, default=None)
    return {} if tenant is None else {"organization_id": tenant.id}


def position(cursor: Any) -> dict[str, Any] | None:
    """Return a ``next_cursor`` as the position that a table's link carries."""
    return None if cursor is None else {"cursor": cursor}
