"""Whose notifications the pages show: of several organisations the one that the URL names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.kit import StaffDep, Tenant, carried, carry

ROOT: Final = "/console/notifications"


@dataclass(frozen=True, slots=True)
class Organization:
    """The organisation that is shown, of those that the person decides for."""

    shown: Tenant | None
    """Absent for who belongs to none: the database refuses them."""
    choice: tuple[Tenant, ...]
    """Between which they may choose; empty unless they decide for several."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.shown.name if self.shown else "your organisation"

    @property
    def named(self) -> dict[str, UUID]:
        """The argument that names it."""
        return {"organization_id": self.shown.id} if self.shown else {}

    @property
    def payload(self) -> dict[str, str]:
        """The same as a field of a payload."""
        return {name: str(value) for name, value in self.named.items()}


async def choose(request: Request, staff: StaffDep, organization: str = "") -> Organization:
    """Return the organisation that the URL names, and have every link of the page name it where there are several."""
    mine = sorted(
        (tenant for tenant in staff.tenants if tenant.role in ("owner", "admin")),
        key=lambda tenant: (tenant.name, tenant.id),
    )
    if organization and organization not in {str(tenant.id) for tenant in mine}:
        raise HTTPException(404)
    # Whoever administers none is refused by the database, whichever they ask for.
    offered = mine or sorted(staff.tenants, key=lambda tenant: tenant.id)
    found = next((one for one in offered if str(one.id) == organization), offered[0] if offered else None)
    chosen = Organization(found, tuple(mine) if len(mine) > 1 else ())
    request.state.organization = chosen
    if chosen.choice and found:
        carry(request, ROOT, organization=found.id)
    return chosen


OrganizationDep = Annotated[Organization, Depends(choose)]


def led(request: Request, path: str) -> Response:
    """Lead to another page of the organisation that is shown."""
    return RedirectResponse(carried(request)(path), status_code=303)


def position(cursor: Any) -> dict[str, Any] | None:
    """Return a ``next_cursor`` as the position that a table's link carries."""
    return None if cursor is None else {"cursor": cursor}
