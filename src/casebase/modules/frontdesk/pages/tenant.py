"""Whose front desk the pages show: of several tenants the one that the URL names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.kit import Staff, StaffDep, TableState, Tenant, carried, carry

ROOT: Final = "/console/frontdesk"
ADMINISTRATORS: Final = ("owner", "admin")


@dataclass(frozen=True, slots=True)
class Desk:
    """The tenant that is shown, of those that the person belongs to."""

    shown: Tenant | None
    """Absent for who belongs to none: the database refuses them."""
    choice: tuple[Tenant, ...]
    """Between which they may choose; empty unless they belong to several."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.shown.name if self.shown else "your organisation"

    @property
    def is_administered(self) -> bool:
        """Whether the person decides there; what they may do, the database says."""
        return self.shown is not None and self.shown.role in ADMINISTRATORS

    @property
    def named(self) -> dict[str, str]:
        """The argument, or the field of a payload, that names it; ids of others are no tenant of the person's."""
        return {"tenant_id": str(self.shown.id)} if self.shown else {}


async def choose(request: Request, staff: StaffDep, tenant: str = "") -> Desk:
    """Return the tenant that the URL names, and have every link of the page name it where there are several."""
    mine = sorted(staff.tenants, key=lambda one: (one.name, one.id))
    found = next((one for one in mine if str(one.id) == tenant), None)
    if tenant and found is None:
        raise HTTPException(404)
    # Where they decide something comes first: it is what they come for.
    found = found or next((one for one in mine if one.role in ADMINISTRATORS), mine[0] if mine else None)
    chosen = Desk(found, tuple(mine) if len(mine) > 1 else ())
    request.state.desk = chosen
    if chosen.choice and found:
        carry(request, ROOT, tenant=found.id)
    return chosen


DeskDep = Annotated[Desk, Depends(choose)]


async def decide(desk: DeskDep) -> Desk:
    """Return the tenant that is shown to who decides there; others learn it before they fill a form in."""
    if not desk.is_administered:
        raise HTTPException(403)
    return desk


DecidedDep = Annotated[Desk, Depends(decide)]


async def settings(staff: Staff, desk: Desk) -> dict[str, Any]:
    """Return what the tenant decided: its time zone, how long a hold lasts, its currency."""
    found: dict[str, Any] = await staff.call("get_frontdesk_settings", desk.named)
    return found


def led(request: Request, path: str) -> Response:
    """Lead to another page of the tenant that is shown."""
    return RedirectResponse(carried(request)(path), status_code=303)


def payload(desk: Desk, state: TableState, *filters: str) -> dict[str, Any]:
    """Return the payload of a list: whose it is, the table's filters that go by the same names, which page."""
    return {
        **desk.named,
        **{name: state.filters[name] for name in filters if name in state.filters},
        "cursor": (state.after or {}).get("cursor"),
        "page_size": state.limit,
    }


def position(cursor: Any) -> dict[str, Any] | None:
    """Return a ``next_cursor`` as the position that a table's link carries."""
    return None if cursor is None else {"cursor": cursor}
