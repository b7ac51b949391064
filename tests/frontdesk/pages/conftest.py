"""The console in process and through a real server, somebody of each role signed in to it, and a desk with a busy day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from casebase.kernel.db import Session
from tests.enforcement.pages.conftest import SignIn, address, app, member, signed_in
from tests.frontdesk.conftest import Book, MakeSlot

__all__ = ["SignIn", "address", "app", "member", "signed_in"]

ROOT = "/console/frontdesk"


@dataclass(frozen=True)
class BusyDay:
    """Tomorrow at the desk, in UTC."""

    on: str
    confirmed: str
    held: str
    elsewhere: str
    """Ids of its bookings."""


@pytest.fixture
async def admin(signed_in: SignIn) -> httpx.AsyncClient:
    """An administrator of the default tenant."""
    return await signed_in("admin")


@pytest.fixture
async def busy_day(make_slot: MakeSlot, book: Book) -> BusyDay:
    """Two chairs with a free, a held and a confirmed slot, a course that one has booked, and a visit beside the slots."""
    nine = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
    await make_slot("one-9", resource="Chair 1", starts_at=nine)
    await make_slot("one-930", resource="Chair 1", starts_at=nine + timedelta(minutes=30))
    await make_slot("two-9", resource="Chair 2", starts_at=nine)
    await make_slot("course", resource="Hall", starts_at=nine, minutes=90, capacity=3)
    confirmed = await book("one-9", is_confirmed=True, user_name="Grace Hopper")
    held = await book("two-9", user_name="Alan Kay")
    await book("course", is_confirmed=True, user_name="Radia Perlman")
    at = {"starts_at": nine.isoformat(), "ends_at": (nine + timedelta(hours=1)).isoformat()}
    elsewhere = await book("visit", is_confirmed=True, user_name="Tony Hoare", resource="Home visit", **at)
    return BusyDay(str(nine.date()), *(booked["booking_id"] for booked in (confirmed, held, elsewhere)))


@pytest.fixture
async def order_id(service: Session) -> str:
    """A pending order of two kinds of items."""
    items = [
        {"name": "Brush", "quantity": 3, "unit_price": "39.95", "sku": "BRUSH-XL"},
        {"name": "Floss", "quantity": 1, "unit_price": "3.20"},
    ]
    made = await service.call(
        "create_order",
        {
            "payload": {
                "items": items,
                "currency": "EUR",
                "customer_email": "grace@example.com",
                "shipping_address": {"name": "Grace Hopper", "city": "Oslo"},
            }
        },
    )
    return str(made["order_id"])


@pytest.fixture
async def scored(service: Session) -> None:
    """A good and a poor conversation."""
    for session_id, score, is_resolved in (("good-chat", 92, True), ("poor-chat", 31, False)):
        measures = {
            "turn_count": 3,
            "error_count": 0,
            "rating": 4,
            "is_resolved": is_resolved,
            "errors_points": 15,
        }
        payload = {
            "session_id": session_id,
            "score": score,
            "version": 1,
            "measures": measures,
            "feedback": "Fine.",
        }
        await service.call("score_conversation", {"payload": payload})


@pytest.fixture
async def measured(service: Session) -> None:
    """A metric of the last hours, some of whose readings have a tag."""
    now = datetime.now(UTC)
    readings: list[dict[str, Any]] = [
        {
            "name": "chat.latency",
            "value": 100 + n,
            "at": (now - timedelta(minutes=20 * n)).isoformat(),
            "tags": {"plan": "pro" if n % 2 else "free"},
        }
        for n in range(12)
    ]
    await service.call("record_metrics", {"payload": {"metrics": readings}})


@pytest.fixture
async def found(service: Session) -> None:
    """Two names that were masked and a card that was blocked."""
    for action, mask, count in (("masked", "[name]", 2), ("blocked", "[card …4242]", 1)):
        kind = mask.strip("[]").partition(" ")[0]
        event = {"phi_type": kind, "masked_value": mask, "context": f"it is [{kind}] <b>", "score": 0.9}
        payload = {"action_taken": action, "session_id": "chat-1", "events": [event] * count}
        await service.call("record_phi_events", {"payload": payload})


@pytest.fixture
async def products(service: Session) -> None:
    """A product that is sold, and one that no longer is."""
    await service.call(
        "set_products",
        {
            "payload": {
                "products": [
                    {"sku": "BRUSH", "name": "Brush", "unit_price": "39.95", "currency": "EUR"},
                    {"sku": "RINSE", "name": "Rinse", "unit_price": 6, "currency": "EUR", "is_active": False},
                ]
            }
        },
    )
