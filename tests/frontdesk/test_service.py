"""``cb.frontdesk``: the typed client understands every answer of the RPCs, and raises the errors of its parts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from casebase.app import Casebase
from casebase.kernel.db import Database, Session
from casebase.kernel.errors import CasebaseError, DatabaseUnavailableError, RpcError
from casebase.kernel.runtime import Runtime
from casebase.modules.frontdesk.enums import BookingStatus
from casebase.modules.frontdesk.errors import (
    DB_ERROR,
    BookingError,
    CheckoutError,
    FrontdeskError,
    MetricsError,
    ScoringError,
)
from casebase.modules.frontdesk.models import NewBooking
from casebase.modules.frontdesk.service import Client
from tests.frontdesk.conftest import People

Ask = Callable[[Client], Awaitable[Any]]
ADA: dict[str, Any] = {"user_name": "Ada Byron", "user_email": "ada@example.com"}
EACH_PART: dict[type[FrontdeskError], Ask] = {
    BookingError: lambda client: client.list_bookings(),
    CheckoutError: lambda client: client.list_orders(),
    ScoringError: lambda client: client.list_scores(),
    MetricsError: lambda client: client.list_metric_names(),
    FrontdeskError: lambda client: client.list_phi_events(),
}


@pytest.fixture
def desk(service: Session) -> Client:
    return Client(service)


def test_the_connection_has_it_as_an_attribute(runtime: Runtime) -> None:
    assert isinstance(Casebase(runtime).frontdesk, Client)


async def test_a_bookings_whole_life(desk: Client, api: Database, people: People) -> None:
    settings = await desk.set_settings({"time_zone": "Europe/Oslo", "hold_minutes": 5})
    assert (await desk.get_settings()) == settings
    starts_at = (datetime.now(UTC) + timedelta(days=2)).replace(hour=9, minute=0, second=0, microsecond=0)
    slots = [
        {
            "slot_id": f"s{n}",
            "resource": "chair",
            "starts_at": starts_at + timedelta(hours=n),
            "ends_at": starts_at + timedelta(hours=n + 1),
        }
        for n in range(3)
    ]
    assert [slot.outcome for slot in (await desk.add_slots({"slots": slots})).slots] == ["added"] * 3
    assert (await desk.remove_slot("s2")).slot_id == "s2"
    assert [slot.slot_id for slot in (await desk.list_available_slots(starts_at.date())).slots] == [
        "s0",
        "s1",
    ]

    held = await desk.book_slot(NewBooking(slot_id="s0", user_id=people.customer.sub, **ADA))
    assert (held.status, held.hold_expires_at is None) == (BookingStatus.PENDING, False)
    kept = await desk.confirm_booking(held.booking_id)
    assert (kept.status, kept.is_repeated) == (BookingStatus.CONFIRMED, False)
    moved = await desk.reschedule_booking(held.booking_id, "s1", is_listed=True)
    assert (moved.slot_id, moved.starts_at) == ("s1", starts_at + timedelta(hours=1))
    for refused in (
        desk.reschedule_booking(held.booking_id, "s2", is_listed=True),
        desk.book_slot(NewBooking(slot_id="s2", is_listed=True, **ADA)),
    ):
        with pytest.raises(BookingError) as caught:
            await refused
        assert (caught.value.code, caught.value.status) == ("SLOT_NOT_FOUND", 404)
    found = await desk.get_booking(held.booking_id)
    assert (found.user_name, found.user_id) == ("Ada Byron", people.customer.sub)
    period = {"since": starts_at, "until": starts_at + timedelta(days=1), "status": "confirmed"}
    assert (await desk.list_bookings(period)).items == (found,)
    theirs = Client(api.session(people.customer))
    assert (await theirs.list_my_bookings()).items == (found,)
    assert (await theirs.cancel_booking(held.booking_id)).status is BookingStatus.CANCELLED


async def test_an_orders_whole_life(desk: Client, api: Database, people: People) -> None:
    prices = {"products": [{"sku": "lamp", "name": "Lamp", "unit_price": Decimal("12.50")}]}
    assert (await desk.set_products(prices)).changed_count == 1
    assert [product.unit_price for product in (await desk.list_products()).items] == [Decimal("12.5")]
    order = await desk.create_order(
        {"items": [{"sku": "lamp", "quantity": 2}], "user_id": people.customer.sub, "checkout_id": "cart-1"}
    )
    assert (float(order.total), float(order.items[0].amount), order.is_repeated) == (25, 25, False)
    paid = await desk.set_order_status(order.order_id, "completed", transaction_id="tx-1")
    assert (paid.status, paid.transaction_id) == ("completed", "tx-1")
    assert (await desk.get_order(order.order_id)).checkout_id == "cart-1"
    assert [line.order_id for line in (await desk.list_orders({"status": "completed"})).items] == [
        order.order_id
    ]
    [mine] = (await Client(api.session(people.customer)).list_my_orders()).items
    assert (mine.order_id, mine.item_count) == (order.order_id, 1)
    with pytest.raises(CheckoutError) as refused:
        await desk.set_order_status(order.order_id, "failed")
    assert (refused.value.code, refused.value.status) == ("ORDER_COMPLETED", 409)


async def test_what_is_measured(desk: Client) -> None:
    now = datetime.now(UTC)
    period = now - timedelta(hours=1), now + timedelta(hours=1)
    messages = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Good morning."}]
    stored = await desk.score_conversation(
        {"session_id": "c1", "messages": messages, "feedback": {"rating": 5}}
    )
    [listed] = (await desk.list_scores({"min_score": stored.score, "since": period[0]})).items
    assert (listed.score_id, listed.measures) == (stored.score_id, stored.measures)
    assert [point.count for point in (await desk.get_score_trend(*period)).points] == [1]

    assert (await desk.record_metric({"name": "Visits", "value": 1})).recorded == 1
    readings = [{"name": "visits", "value": n, "tags": {"page": "home"}} for n in (2, 3)]
    assert (await desk.record_metrics({"metrics": readings})).recorded == 2
    series = await desk.query_metrics({"name": "visits", "since": period[0], "until": period[1]})
    assert (series.total.count, float(series.total.sum)) == (3, 6)
    assert series.points[0].p50 == 2
    tagged = {"name": "visits", "from": period[0], "tags": {"page": "home"}, "until": period[1]}
    assert (await desk.query_metrics(tagged)).total.count == 2
    assert [metric.name for metric in (await desk.list_metric_names()).items] == ["visits"]
    assert (await desk.list_metric_archives()).items == ()
    assert (await desk.list_metric_partitions()).waiting_in_default >= 0

    event = {"phi_type": "email", "masked_value": "[email]", "context": "Write to [email]"}
    assert (await desk.record_phi_events({"action_taken": "masked", "events": [event]})).recorded == 1
    assert [found.phi_type for found in (await desk.list_phi_events({"phi_type": "email"})).items] == [
        "email"
    ]
    assert (await desk.get_phi_counts(*period)).count == 1


async def test_a_slot_that_is_taken_says_so(desk: Client) -> None:
    await desk.book_slot({"slot_id": "s", **ADA})
    with pytest.raises(BookingError, match="Slot unavailable") as refused:
        await desk.book_slot({"slot_id": "s", **ADA})
    error = refused.value
    assert (error.code, error.status, error.detail) == ("SLOT_UNAVAILABLE", 409, {"field": "slot_id"})
    assert error.hint
    assert isinstance(error.__cause__, RpcError)
    assert (BookingError.code, CasebaseError.code) == (DB_ERROR, "internal_error")


@pytest.mark.parametrize("kind", EACH_PART)
async def test_each_part_has_its_error(
    api: Database, people: People, runtime: Runtime, owner: asyncpg.Connection, kind: type[FrontdeskError]
) -> None:
    ask = EACH_PART[kind]
    with pytest.raises(kind) as refused:
        await ask(Client(api.session(people.customer)))
    assert (type(refused.value), refused.value.code, refused.value.status) == (kind, "TENANT_NOT_FOUND", 404)

    # A database without the module, one that fails, and one that is not there.
    await owner.execute("alter schema frontdesk rename to was_frontdesk")
    assert await _code(kind, ask(Client(api.session(people.admin)))) == DB_ERROR
    for (function,) in await owner.fetch(
        "select oid::regprocedure::text from pg_proc where pronamespace = 'public'::regnamespace "
        "and proname like 'list\\_%'"
    ):
        await owner.execute(f"drop function {function}")
    assert await _code(kind, ask(Client(api.session(people.admin)))) == DB_ERROR
    gone = await Database.connect("postgresql://nobody@127.0.0.1:1/none")
    async with gone:
        with pytest.raises(kind) as failed:
            await ask(Client(gone.session(people.admin)))
    assert (failed.value.code, failed.value.status) == (DB_ERROR, 503)
    assert isinstance(failed.value.__cause__, DatabaseUnavailableError)


async def test_what_cannot_be_sent_is_named_and_not_repeated(desk: Client) -> None:
    with pytest.raises(BookingError) as refused:
        await desk.book_slot({"slot_id": "s", **ADA, "user_name": "x" * 201})
    assert refused.value.code == "INVALID_INPUT"
    assert [each["field"] for each in refused.value.detail["errors"]] == ["user_name"]
    assert "xxx" not in repr(refused.value.detail)


async def _code(kind: type[FrontdeskError], call: Awaitable[Any]) -> str:
    with pytest.raises(kind) as failed:
        await call
    return failed.value.code
