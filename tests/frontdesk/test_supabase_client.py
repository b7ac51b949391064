"""supabase-py drives every RPC of the module over a running server, and nobody reads another's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from postgrest.exceptions import APIError

from casebase.kernel.db import SERVICE, Session
from tests.frontdesk.conftest import Book, People
from tests.frontdesk.test_access import DOORS
from tests.support.access import payload
from tests.support.supabase_client import Supabase, only_its_own_warnings, supabase

__all__ = ["supabase"]

pytestmark = only_its_own_warnings

GRACE = {"user_name": "Grace Hopper", "user_email": "grace@example.com"}


async def test_every_rpc_is_driven(supabase: Supabase, people: People) -> None:
    rpc, admin, member, customer = supabase, people.admin, people.member, people.customer
    now = datetime.now(UTC)
    period = {"from": (now - timedelta(hours=1)).isoformat(), "until": (now + timedelta(hours=1)).isoformat()}
    theirs = {"user_id": str(customer.sub)}

    # A desk with two slots tomorrow, and a customer who takes one, moves and gives it back.
    desk = await rpc(member, "get_acting_tenant")
    assert desk == {"tenant_id": str(people.default_tenant), "is_administrator": False}
    settings = await rpc(
        admin, "set_frontdesk_settings", **payload(hold_minutes=5, time_zone="Asia/Singapore")
    )
    assert await rpc(member, "get_frontdesk_settings") == settings
    nine = (now + timedelta(days=1)).replace(hour=1, minute=0, second=0, microsecond=0)
    day = {"tenant_id": None, "on_date": nine.date().isoformat()}
    slots = [
        {
            "slot_id": f"s{n}",
            "resource": "chair",
            "starts_at": (nine + timedelta(hours=n)).isoformat(),
            "ends_at": (nine + timedelta(hours=n, minutes=30)).isoformat(),
        }
        for n in range(3)
    ]
    assert (await rpc(admin, "add_slots", **payload(slots=slots)))["added"] == 3
    await rpc(admin, "remove_slot", tenant_id=None, slot_id="s2")
    free = await rpc(member, "list_available_slots", **day)
    assert [slot["slot_id"] for slot in free["slots"]] == ["s0", "s1"]
    version = (await rpc(member, "get_availability_version", **day))["version"]
    booking = await rpc(SERVICE, "book_slot", **payload(theirs, GRACE, slot_id="s0"))
    assert (await rpc(member, "get_availability_version", **day))["version"] > version
    asked = {"booking_id": booking["booking_id"]}
    assert (await rpc(member, "confirm_booking", **asked))["status"] == "confirmed"
    assert (await rpc(customer, "reschedule_booking", **asked, slot_id="s1"))["slot_id"] == "s1"
    found = await rpc(customer, "get_booking", **asked)
    assert [found] == (await rpc(customer, "list_my_bookings"))["items"]
    assert [found] == (await rpc(member, "list_bookings", **payload(status="confirmed")))["items"]
    days = {"from_day": day["on_date"], "to_day": day["on_date"]}
    shown = await rpc(member, "get_booking_calendar", **payload(days))
    assert [len(slot["bookings"]) for slot in shown["slots"]] == [0, 1]
    assert (await rpc(customer, "cancel_booking", **asked))["cancel_reason"] == "cancelled"
    assert await rpc(SERVICE, "expire_holds", batch_limit=10) == 0

    # An order from the price list, paid.
    lamp = {"sku": "lamp", "name": "Lamp", "unit_price": "0.10"}
    assert (await rpc(admin, "set_products", **payload(products=[lamp])))["changed_count"] == 1
    assert [product["sku"] for product in (await rpc(member, "list_products", **payload()))["items"]] == [
        "lamp"
    ]
    order = await rpc(admin, "create_order", **payload(theirs, items=[{"sku": "lamp", "quantity": 3}]))
    assert order["total"] == 0.3
    paid = await rpc(SERVICE, "set_order_status", order_id=order["order_id"], status="completed")
    assert (paid["status"], paid["is_repeated"]) == ("completed", False)
    assert (await rpc(customer, "get_order", order_id=order["order_id"]))["user_id"] == theirs["user_id"]
    [mine] = (await rpc(customer, "list_my_orders"))["items"]
    [listed] = (await rpc(admin, "list_orders", **payload(status="completed")))["items"]
    assert mine["order_id"] == listed["order_id"] == order["order_id"]

    # What is counted.
    score = {"session_id": "chat-1", "score": 80, "version": 1, "measures": {"turn_count": 3}}
    assert (await rpc(SERVICE, "score_conversation", **payload(score)))["is_replaced"] is False
    [kept] = (await rpc(admin, "list_conversation_scores", **payload()))["items"]
    assert kept["measures"] == {"turn_count": 3}
    assert [point["avg"] for point in (await rpc(admin, "get_score_trend", **period))["points"]] == [80]
    assert (await rpc(SERVICE, "record_metric", **payload(name="Visits", value=1)))["recorded"] == 1
    readings = [{"name": "visits", "value": 3}, {"name": "visits", "value": 5, "at": "2020-01-01T00:00:00Z"}]
    assert (await rpc(SERVICE, "record_metrics", **payload(metrics=readings)))["recorded"] == 2
    series = await rpc(admin, "query_metrics", **payload(period, name="visits"))
    assert (series["total"]["count"], series["total"]["sum"]) == (2, 4)
    assert [each["name"] for each in (await rpc(admin, "list_metric_names"))["items"]] == ["visits"]
    event = {"phi_type": "email", "masked_value": "[email]", "context": "Write to [email]"}
    noted = await rpc(member, "record_phi_events", **payload(action_taken="masked", events=[event]))
    assert noted["recorded"] == 1
    assert len((await rpc(admin, "list_phi_events", **payload()))["items"]) == 1
    assert (await rpc(admin, "get_phi_counts", **payload(period)))["count"] == 1
    names = await rpc(SERVICE, "list_customer_names", tenant_id=desk["tenant_id"])
    assert names["names"] == ["Grace Hopper"]

    # A month that has had its time is taken out, exported and dropped.
    assert "2020-01" in (await rpc(SERVICE, "maintain_metric_partitions"))["made"]
    while (await rpc(SERVICE, "roll_up_metrics"))["is_more"]:
        pass
    archive = await rpc(SERVICE, "detach_expired_metrics", keep_months=36)
    assert archive["month"] == "2020-01"
    states = {
        each["month"]: each["state"] for each in (await rpc(SERVICE, "list_metric_partitions"))["items"]
    }
    assert states["2020-01"] == "expired"
    part = {"archive_id": archive["archive_id"], "part": 0}
    read = await rpc(SERVICE, "read_expired_metrics", **part)
    path = f"frontdesk/metrics/{archive['archive_id']}/0"
    assert await rpc(SERVICE, "find_orphan_metric_files", paths=[path, "a/b"]) == [path]
    file = {"path": path, "sha256": "0" * 64, "size_bytes": 1}
    counted = {"row_count": read["row_count"], "id_sum": read["id_sum"]}
    assert (await rpc(SERVICE, "keep_metric_archive_part", **payload(part, file, counted)))["is_kept"]
    dropped = await rpc(SERVICE, "drop_expired_metrics", archive_id=archive["archive_id"])
    assert dropped == {"is_dropped": True, "row_count": 1}
    assert len((await rpc(SERVICE, "list_metric_archives"))["items"]) == 1

    assert supabase.called == set(DOORS)


@pytest.mark.parametrize("who", ["other_admin", "other_member", "other_customer"])
async def test_a_strangers_token_opens_nothing(
    supabase: Supabase, service: Session, people: People, book: Book, who: str
) -> None:
    booking = await book("s", user_id=people.customer.sub)
    items = [{"name": "Lamp", "quantity": 1, "unit_price": 1}]
    order = await service.call("create_order", payload(items=items, user_id=str(people.customer.sub)))
    stranger = getattr(people, who)
    for function, arguments, code in (
        ("get_booking", {"booking_id": booking["booking_id"]}, "booking_not_found"),
        ("cancel_booking", {"booking_id": booking["booking_id"]}, "booking_not_found"),
        ("get_order", {"order_id": order["order_id"]}, "order_not_found"),
        ("list_bookings", payload(tenant_id=str(people.default_tenant)), "tenant_not_found"),
    ):
        with pytest.raises(APIError) as refused:
            await supabase(stranger, function, **arguments)
        assert (refused.value.code, refused.value.message) == ("PT404", code)
    for function in ("list_my_bookings", "list_my_orders"):
        assert (await supabase(stranger, function))["items"] == []


async def test_without_a_token_nothing_is_told(supabase: Supabase) -> None:
    for function, arguments in (
        ("list_my_bookings", {}),
        ("list_available_slots", {"tenant_id": str(UUID(int=0)), "on_date": "2026-06-17"}),
    ):
        with pytest.raises(APIError) as refused:
            await supabase(None, function, **arguments)
        assert refused.value.code == "42501"
