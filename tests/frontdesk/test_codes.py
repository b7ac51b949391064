"""Every code that an RPC's description names is one that it refuses with, under the status that it names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Database, Principal, Session
from tests.frontdesk.conftest import Book, MakeSlot, People
from tests.frontdesk.test_access import DOORS, World, world
from tests.support.access import payload
from tests.support.refusals import described_codes, refusal_of

__all__ = ["world"]

NO_ID = str(UUID(int=0))
ADA = {"user_name": "Ada Byron", "user_email": "ada@example.com"}


@dataclass(frozen=True)
class Scene:
    """The world of the access tests, and what makes it otherwise."""

    world: World
    people: People
    owner: asyncpg.Connection
    service: Session
    make_slot: MakeSlot
    book: Book

    async def change(self, statement: str) -> None:
        """Change the world's booking, order or slot behind the doors' back."""
        await self.owner.execute(statement)

    async def settle(self, status: str) -> None:
        await self.service.call("set_order_status", {"order_id": self.world.order_id, "status": status})


@pytest.fixture
def scene(
    world: World,
    people: People,
    owner: asyncpg.Connection,
    service: Session,
    make_slot: MakeSlot,
    book: Book,
) -> Scene:
    return Scene(world, people, owner, service, make_slot, book)


Refused = tuple[str, Callable[[World], dict[str, Any]]]
"""Who calls, and with what."""
Prepare = Callable[[Scene], Awaitable[object]]


def ordinary(function: str, who: str) -> Refused:
    """What is right for others."""
    return who, DOORS[function][1]


def wrong(**fields: Any) -> Refused:
    """What nobody may send in a payload."""
    return "service", lambda w: payload(w.tenant, **fields)


def named(arguments: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A call's arguments with others among them."""
    if "payload" in arguments:
        return {"payload": {**arguments["payload"], **fields}}
    return {**arguments, **fields}


def changed(function: str, **fields: Any) -> Refused:
    """What is right, but for some fields."""
    return "service", lambda w: named(DOORS[function][1](w), **fields)


def for_another(function: str) -> Refused:
    """What is right, but said of another person."""
    return "member", lambda w: named(DOORS[function][1](w), user_id=w.customer_id)


def slot(resource: str, minutes: int, **fields: Any) -> dict[str, Any]:
    """A slot that begins some minutes after the one of ``make_slot``."""
    starts_at = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(hours=1, minutes=minutes)
    ends_at = starts_at + timedelta(minutes=30)
    return {
        "resource": resource,
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
        **fields,
    }


CASES: dict[tuple[str, str], Refused] = {
    # Who is refused what others are not.
    **{
        (function, "tenant_not_found"): ordinary(function, "other_admin")
        for function, (refused, arguments) in DOORS.items()
        if refused.get("other_admin") == 404 and not {"booking_id", "order_id"} & arguments(World(*"abcd")).keys()
    },
    **{
        (function, "administrator_required"): ordinary(function, "member")
        for function, (refused, _) in DOORS.items()
        if refused.get("member") == 403 and refused.get("owner") != 403
    },
    **{
        (function, "booking_not_found"): ordinary(function, "other_admin")
        for function in ("get_booking", "confirm_booking", "cancel_booking", "reschedule_booking")
    },
    **{(function, "order_not_found"): ordinary(function, "member") for function in ("get_order", "set_order_status")},
    **{
        (function, "tenant_not_found"): changed(function, tenant_id=NO_ID)
        for function in ("record_metric", "record_metrics", "list_customer_names")
    },
    **{
        (function, "user_not_found"): changed(function, user_id=NO_ID)
        for function in ("book_slot", "create_order", "score_conversation", "record_phi_events")
    },
    **{
        (function, "administrator_required"): for_another(function)
        for function in ("book_slot", "record_phi_events")
    },
    ("set_order_status", "administrator_required"): ordinary("set_order_status", "customer"),
    ("confirm_booking", "member_required"): ordinary("confirm_booking", "customer"),
    ("list_my_orders", "user_required"): ("nobody", lambda _: {}),
    # What the state of things forbids.
    ("book_slot", "slot_unavailable"): wrong(**ADA, slot_id="spare-0"),
    ("book_slot", "slot_not_found"): wrong(**ADA, slot_id="nowhere", is_listed=True),
    ("book_slot", "slot_past"): wrong(**ADA, slot_id="spare-0"),
    ("reschedule_booking", "slot_unavailable"): ("customer", lambda w: {**w.booking, "slot_id": "spare-0"}),
    ("reschedule_booking", "slot_not_found"): ("customer", lambda w: {**w.booking, "slot_id": "nowhere"}),
    ("reschedule_booking", "slot_past"): ("customer", lambda w: {**w.booking, "slot_id": "spare-0"}),
    **{
        (function, code): ordinary(function, "customer" if code == "booking_past" else "admin")
        for function, code in (
            ("confirm_booking", "hold_expired"),
            ("confirm_booking", "booking_cancelled"),
            ("cancel_booking", "booking_past"),
            ("reschedule_booking", "hold_expired"),
            ("reschedule_booking", "booking_cancelled"),
            ("reschedule_booking", "booking_past"),
        )
    },
    # Made when they are called: from when tests are collected to when they run is half an hour.
    ("add_slots", "slot_overlaps"): ("service", lambda w: payload(w.tenant, slots=[slot("spare-0", 10)])),
    ("add_slots", "slot_booked"): (
        "service",
        lambda w: payload(w.tenant, slots=[slot("chair-1", 0, slot_id="chair-1")]),
    ),
    ("remove_slot", "slot_booked"): ("service", lambda w: {**w.tenant, "slot_id": "chair-1"}),
    ("remove_slot", "slot_not_found"): ("service", lambda w: {**w.tenant, "slot_id": "nowhere"}),
    ("create_order", "product_not_found"): wrong(items=[{"sku": "sofa", "quantity": 1}]),
    ("create_order", "checkout_id_reused"): wrong(items=[{"sku": "lamp", "quantity": 2}], checkout_id="cart"),
    ("set_order_status", "order_completed"): ("admin", lambda w: {"order_id": w.order_id, "status": "failed"}),
    ("set_order_status", "order_failed"): ("admin", lambda w: {"order_id": w.order_id, "status": "completed"}),
    ("set_order_status", "order_cancelled"): ("admin", lambda w: {"order_id": w.order_id, "status": "failed"}),
    **{
        (function, "archive_not_found"): changed(function, archive_id=NO_ID)
        for function in ("read_expired_metrics", "keep_metric_archive_part", "drop_expired_metrics")
    },
    # What has not the form that it must have.
    ("get_acting_tenant", "invalid_input"): ("both", lambda _: {}),
    ("get_frontdesk_settings", "invalid_input"): ("both", lambda _: {}),
    ("list_metric_names", "invalid_input"): ("both", lambda _: {}),
    ("list_available_slots", "invalid_input"): ("admin", lambda w: {**w.tenant, "on_date": "1999-01-01"}),
    ("get_availability_version", "invalid_input"): ("admin", lambda w: {**w.tenant, "on_date": "1999-01-01"}),
    ("book_slot", "invalid_input"): wrong(slot_id="s"),
    ("reschedule_booking", "invalid_input"): ("admin", lambda w: {**w.booking, "slot_id": ""}),
    ("list_bookings", "invalid_input"): wrong(status="lost"),
    ("list_my_bookings", "invalid_input"): ("customer", lambda _: {"page_size": 0}),
    ("get_booking_calendar", "invalid_input"): wrong(from_day="2026-01-02", to_day="2026-01-01"),
    ("add_slots", "invalid_input"): wrong(slots=[]),
    ("expire_holds", "invalid_input"): ("service", lambda _: {"batch_limit": 0}),
    ("set_frontdesk_settings", "invalid_input"): wrong(time_zone="Mars/Olympus"),
    ("create_order", "invalid_input"): wrong(items=[]),
    ("set_order_status", "invalid_input"): ("admin", lambda w: {"order_id": w.order_id, "status": "pending"}),
    ("list_orders", "invalid_input"): wrong(status="lost"),
    ("list_my_orders", "invalid_input"): ("customer", lambda _: {"page_size": 0}),
    ("set_products", "invalid_input"): wrong(products=[{"sku": "lamp", "name": "Lamp", "unit_price": "0"}]),
    ("list_products", "invalid_input"): wrong(currency="dollars"),
    ("score_conversation", "invalid_input"): wrong(session_id="s", score=101, version=1),
    ("list_conversation_scores", "invalid_input"): wrong(min_score=-1),
    ("get_score_trend", "invalid_input"): (
        "admin",
        lambda w: {**w.tenant, "from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
    ),
    ("record_metric", "invalid_input"): wrong(name="visits", value="many"),
    ("record_metrics", "invalid_input"): wrong(metrics=[]),
    ("query_metrics", "invalid_input"): wrong(name="visits"),
    ("detach_expired_metrics", "invalid_input"): ("service", lambda _: {"keep_months": 0}),
    ("roll_up_metrics", "invalid_input"): ("service", lambda _: {"batch_limit": 0}),
    ("read_expired_metrics", "invalid_input"): ("service", lambda _: {"archive_id": NO_ID, "part": -1}),
    ("keep_metric_archive_part", "invalid_input"): ("service", lambda _: payload()),
    ("record_phi_events", "invalid_input"): wrong(action_taken="masked", events=[]),
    ("list_phi_events", "invalid_input"): wrong(action_taken="lost"),
    ("get_phi_counts", "invalid_input"): wrong(),
    ("list_customer_names", "invalid_input"): ("service", lambda w: {**w.tenant, "page_size": 0}),
}  # fmt: skip

_BOOKING = "update public.bookings set {} where slot_id = 'chair-1'"
PREPARED: dict[str, Prepare] = {
    "slot_unavailable": lambda s: s.book("spare-0"),
    "slot_past": lambda s: s.change(
        "update public.slots set starts_at = casebase.now() - interval '1 hour', ends_at = casebase.now() where slot_id = 'spare-0'"
    ),
    "hold_expired": lambda s: s.change(
        _BOOKING.format("hold_expires_at = casebase.now() - interval '1 minute'")
    ),
    "booking_cancelled": lambda s: s.service.call("cancel_booking", s.world.booking),
    "booking_past": lambda s: s.change(
        _BOOKING.format("starts_at = casebase.now(), ends_at = casebase.now() + interval '1 hour'")
    ),
    "checkout_id_reused": lambda s: s.service.call(
        "create_order", payload(s.world.tenant, items=[{"sku": "lamp", "quantity": 1}], checkout_id="cart")
    ),
    "order_completed": lambda s: s.settle("completed"),
    "order_failed": lambda s: s.settle("failed"),
    "order_cancelled": lambda s: s.settle("cancelled"),
    "slot_booked": lambda s: s.book(),
}


async def test_every_described_code_has_a_case(owner: asyncpg.Connection) -> None:
    assert set(await described_codes(owner, DOORS)) == set(CASES)


async def test_codes_are_raised_and_nothing_is_changed(scene: Scene, api: Database) -> None:
    # In one world: what is refused leaves it as it was.
    for function, code in CASES:
        if code not in PREPARED and CASES[function, code][0] != "both":
            await assert_refuses(scene, api, function, code)


@pytest.mark.parametrize(("function", "code"), [each for each in CASES if each[1] in PREPARED])
async def test_a_code_of_the_state_of_things_is_raised(
    scene: Scene, api: Database, function: str, code: str
) -> None:
    await PREPARED[code](scene)
    await assert_refuses(scene, api, function, code)


async def test_who_belongs_to_several_tenants_names_one(scene: Scene, api: Database) -> None:
    await scene.owner.execute(
        "insert into public.tenant_users (tenant_id, user_id, role) values ($1, $2, 'admin')",
        scene.people.other_tenant,
        scene.people.admin.sub,
    )
    for function, code in CASES:
        if CASES[function, code][0] == "both":
            await assert_refuses(scene, api, function, code)


async def assert_refuses(scene: Scene, api: Database, function: str, code: str) -> None:
    """Assert that a case is refused as its function's description says, and nothing changed."""
    who, arguments = CASES[function, code]
    callers = {"service": SERVICE, "nobody": Principal("authenticated"), "both": scene.people.admin}
    caller = callers.get(who) or getattr(scene.people, who)
    refused = await refusal_of(scene.owner, api.session(caller), function, **arguments(scene.world))
    status = (await described_codes(scene.owner, DOORS))[function, code]
    assert (function, refused.code, refused.status) == (function, code, status)
