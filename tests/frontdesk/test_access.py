"""Who may read and write each table, and call each function of the module.

A table or function that is new is missing here until its lines are added: the tests name it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Database, Principal, Session
from casebase.kernel.errors import RpcError
from tests.frontdesk.conftest import Book, MakeSlot, People
from tests.support.access import (
    CALLERS,
    ROLES,
    acting_as,
    assert_serves,
    functions_exposed_by,
    payload,
    privileges_of,
    relations_made_by,
    relations_shown_to,
    without_row_security,
)
from tests.support.rows import all_rows

BOOKINGS = "public.bookings"
ORDERS = "public.orders"
OF_MEMBERS = ("public.slots", BOOKINGS, "public.products")
OF_ADMINISTRATORS = (
    ORDERS,
    "public.conversation_scores",
    "public.analytics_metrics",
    "public.metric_rollups",
    "public.phi_detection_events",
)
EXPOSED = (*OF_MEMBERS, *OF_ADMINISTRATORS)
OF_THE_SERVICE = ("frontdesk.currencies", "frontdesk.settings")
HIDDEN = (
    "public.analytics_metrics_default",
    "frontdesk.availability_versions",
    "frontdesk.expired_metrics",
    "frontdesk.expired_metrics_default",
    "frontdesk.metric_archive_parts",
    "frontdesk.metric_archives",
    "frontdesk.metric_marks",
)
"""What nobody reads but through functions."""
RELATIONS = (*EXPOSED, *OF_THE_SERVICE, *HIDDEN)


def expected_privileges(role: str, relation: str) -> set[str]:
    if role == "service_role" and relation in (*EXPOSED, *OF_THE_SERVICE):
        return {"SELECT"}
    return {"SELECT"} if role == "authenticated" and relation in EXPOSED else set()


WRITABLE = {
    ("authenticated", BOOKINGS),
    ("service_role", BOOKINGS),
    ("service_role", "public.analytics_metrics"),
}
"""Of which some columns can be inserted; nothing is updated or deleted by hand."""


@dataclass(frozen=True)
class World:
    """A desk of the default tenant with one of everything, the customer's, to name in calls."""

    tenant_id: str
    customer_id: str
    booking_id: str
    order_id: str
    archive_id: str = ""
    fresh: Iterator[int] = field(default_factory=count)

    @property
    def ids(self) -> set[str]:
        """What names something of theirs, or tells who they are."""
        return {self.customer_id, self.booking_id, self.order_id, "Ada Byron", "ada@example.com"}

    @property
    def tenant(self) -> dict[str, Any]:
        return {"tenant_id": self.tenant_id}

    @property
    def booking(self) -> dict[str, Any]:
        return {"booking_id": self.booking_id}


@pytest.fixture
async def world(
    owner: asyncpg.Connection, service: Session, people: People, make_slot: MakeSlot, book: Book
) -> World:
    tenant = {"tenant_id": str(people.default_tenant)}
    customer = {"user_id": str(people.customer.sub)}
    await make_slot(capacity=50)
    await make_slot("chair-2", capacity=50)
    for n in range(len(CALLERS) + len(PEOPLE)):
        await make_slot(f"spare-{n}")
    booking = await book(**customer)
    await service.call("set_products", payload(tenant, products=[_PRODUCT]))
    order = await service.call(
        "create_order", payload(tenant, customer, items=[{"sku": "lamp", "quantity": 1}])
    )
    await service.call("score_conversation", payload(tenant, customer, _SCORE))
    await service.call("record_metric", payload(tenant, name="visits", value=1, at="2026-01-01T00:00:00Z"))
    while (await service.call("roll_up_metrics"))["is_more"]:
        pass
    await service.call("record_phi_events", payload(tenant, _EVENTS))
    return World(tenant["tenant_id"], customer["user_id"], booking["booking_id"], order["order_id"])


_PRODUCT = {"sku": "lamp", "name": "Lamp", "unit_price": "9.90"}
_SCORE = {"session_id": "chat-1", "score": 80, "version": 1}
_EVENTS = {"action_taken": "masked", "events": [{"phi_type": "email", "masked_value": "[email]"}]}
_SLOT = {"starts_at": "2030-01-01T09:00:00Z", "ends_at": "2030-01-01T09:30:00Z"}
_DAY = {"on_date": "2030-01-01"}
_PERIOD = {"from": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}
_METRIC = {"name": "visits", "value": 1}


class TestTables:
    def test_are_all_here(self) -> None:
        assert relations_made_by("frontdesk") == set(RELATIONS)

    @pytest.mark.parametrize("role", ROLES)
    async def test_give_each_role_exactly_its_privileges(self, owner: asyncpg.Connection, role: str) -> None:
        granted = await privileges_of(owner, role, RELATIONS)
        assert granted == {relation: expected_privileges(role, relation) for relation in RELATIONS}
        for privilege, writable in (("INSERT", WRITABLE), ("UPDATE", set()), ("REFERENCES", set())):
            found = await owner.fetch(
                "select r from unnest($2::text[]) r where has_any_column_privilege($1, r, $3)",
                role,
                list(RELATIONS),
                privilege,
            )
            assert {(role, relation) for (relation,) in found} == {
                each for each in writable if each[0] == role
            }

    async def test_have_row_level_security(self, owner: asyncpg.Connection, service: Session) -> None:
        await service.call("maintain_metric_partitions")
        partitions = await owner.fetch(
            "select inhrelid::regclass::text from pg_inherits where inhparent = 'public.analytics_metrics'::regclass"
        )
        # The default one is among them. What else is hidden is granted to nobody, in a schema that is not exposed.
        tables = [*EXPOSED, *OF_THE_SERVICE, *(name for (name,) in partitions)]
        assert await without_row_security(owner, tables) == []

    @pytest.mark.usefixtures("world")
    @pytest.mark.parametrize(
        ("who", "visible"),
        [
            ("owner", set(EXPOSED)),
            ("admin", set(EXPOSED)),
            ("member", set(OF_MEMBERS)),
            ("customer", {BOOKINGS, ORDERS}),
            ("other_admin", set()),
            ("other_member", set()),
            ("other_customer", set()),
            ("service", set(EXPOSED)),
        ],
    )
    async def test_show_whoever_may_read_them(
        self, owner: asyncpg.Connection, people: People, who: str, visible: set[str]
    ) -> None:
        principal = SERVICE if who == "service" else getattr(people, who)
        assert await relations_shown_to(owner, principal, EXPOSED) == visible

    @pytest.mark.usefixtures("world")
    @pytest.mark.parametrize("relation", EXPOSED)
    async def test_are_written_by_nobody_by_hand(
        self, owner: asyncpg.Connection, people: People, relation: str
    ) -> None:
        for statement in (
            "update {0} set created_at = created_at",
            "delete from {0}",
            "insert into {0} select * from {0}",
            "truncate {0} cascade",
        ):
            for principal in (people.customer, people.owner, SERVICE):
                text = statement.format(relation)
                if (principal, relation) == (SERVICE, "public.analytics_metrics") and "insert" in text:
                    continue  # has no other columns than those that it may give
                with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedColumnError)):
                    async with acting_as(owner, principal):
                        await owner.execute(text)

    @pytest.mark.parametrize(
        ("who", "tenant", "whose", "is_taken"),
        [
            ("member", "default", "member", True),
            ("member", "default", None, True),
            ("member", "default", "customer", False),
            ("admin", "default", "customer", False),
            ("member", "other", None, False),
            ("customer", "default", "customer", False),
            ("service", "other", "customer", True),
        ],
    )
    async def test_bookings_are_inserted_by_members_for_their_tenant(
        self,
        owner: asyncpg.Connection,
        people: People,
        who: str,
        tenant: str,
        whose: str | None,
        is_taken: bool,
    ) -> None:
        principal = SERVICE if who == "service" else getattr(people, who)
        insert = (
            "insert into public.bookings (slot_id, tenant_id, user_id, user_name, user_email, status) "
            "values ('by hand', $1, $2, 'Ada Byron', 'ada@example.com', $3)"
        )
        given = getattr(people, f"{tenant}_tenant"), whose and getattr(people, whose).sub
        for status, is_right in (("confirmed", is_taken), ("cancelled", who == "service")):
            try:
                async with acting_as(owner, principal):
                    await owner.execute(insert, *given, status)
                    is_inserted = True
            except (
                asyncpg.InsufficientPrivilegeError,
                asyncpg.RaiseError,
                asyncpg.IntegrityConstraintViolationError,
            ):
                is_inserted = False
            assert is_inserted is is_right, status


PEOPLE = (
    "owner",
    "admin",
    "member",
    "customer",
    "other_admin",
    "other_member",
    "other_customer",
)
# The status for whoever is refused. Who is not named is served: answered, or told that the state of things forbids it.
_OUTSIDE = {"anon": 403, "casebase_analyst": 403, "casebase_ai_broker": 403}
_STRANGERS = {**_OUTSIDE, **dict.fromkeys(("other_admin", "other_member", "other_customer"), 404)}
MEMBERS = {**_STRANGERS, "customer": 404}
ADMINISTRATORS = {**MEMBERS, "member": 403}
MEMBERS_AND_THE_CUSTOMER = _STRANGERS
ADMINISTRATORS_AND_THE_CUSTOMER = {**_STRANGERS, "member": 404}
PEOPLE_ALONE = {**_OUTSIDE, "service": 403}
SERVICE_ALONE = {**_OUTSIDE, **dict.fromkeys(PEOPLE, 403)}

Arguments = Callable[[World], dict[str, Any]]
DOORS: dict[str, tuple[Mapping[str, int], Arguments]] = {
    # Bookings
    "get_acting_tenant": (MEMBERS, lambda w: w.tenant),
    "list_available_slots": (MEMBERS, lambda w: {**w.tenant, **_DAY}),
    "get_availability_version": (MEMBERS, lambda w: {**w.tenant, **_DAY}),
    "book_slot": (
        MEMBERS,
        lambda w: payload(
            w.tenant, slot_id="chair-1", user_name="Grace", user_email="grace@example.com", user_id=None
        ),
    ),
    "confirm_booking": ({**MEMBERS, "customer": 403}, lambda w: w.booking),
    "cancel_booking": (MEMBERS_AND_THE_CUSTOMER, lambda w: w.booking),
    "reschedule_booking": (MEMBERS_AND_THE_CUSTOMER, lambda w: {**w.booking, "slot_id": "chair-2"}),
    "get_booking": (MEMBERS_AND_THE_CUSTOMER, lambda w: w.booking),
    "list_bookings": (MEMBERS, lambda w: payload(w.tenant)),
    "list_my_bookings": (PEOPLE_ALONE, lambda _: {}),
    "get_booking_calendar": (
        MEMBERS,
        lambda w: payload(w.tenant, from_day="2026-01-01", to_day="2026-01-02"),
    ),
    "add_slots": (ADMINISTRATORS, lambda w: payload(w.tenant, slots=[{"resource": "chair", **_SLOT}])),
    "remove_slot": (ADMINISTRATORS, lambda w: {**w.tenant, "slot_id": f"spare-{next(w.fresh)}"}),
    "expire_holds": (SERVICE_ALONE, lambda _: {"batch_limit": 10}),
    "get_frontdesk_settings": (MEMBERS, lambda w: w.tenant),
    "set_frontdesk_settings": (ADMINISTRATORS, lambda w: payload(w.tenant, hold_minutes=20)),
    # Orders
    "create_order": (
        ADMINISTRATORS,
        lambda w: payload(w.tenant, items=[{"sku": "lamp", "quantity": 1}]),
    ),
    "set_order_status": (
        {**ADMINISTRATORS_AND_THE_CUSTOMER, "customer": 403},
        lambda w: {"order_id": w.order_id, "status": "completed"},
    ),
    "get_order": (ADMINISTRATORS_AND_THE_CUSTOMER, lambda w: {"order_id": w.order_id}),
    "list_orders": (ADMINISTRATORS, lambda w: payload(w.tenant)),
    "list_my_orders": (PEOPLE_ALONE, lambda _: {}),
    "set_products": (ADMINISTRATORS, lambda w: payload(w.tenant, products=[_PRODUCT])),
    "list_products": (MEMBERS, lambda w: payload(w.tenant)),
    # Conversation scores
    "score_conversation": (ADMINISTRATORS, lambda w: payload(w.tenant, _SCORE)),
    "list_conversation_scores": (ADMINISTRATORS, lambda w: payload(w.tenant)),
    "get_score_trend": (ADMINISTRATORS, lambda w: {**w.tenant, **_PERIOD}),
    # Metrics
    "record_metric": (SERVICE_ALONE, lambda w: payload(w.tenant, _METRIC)),
    "record_metrics": (SERVICE_ALONE, lambda w: payload(w.tenant, metrics=[_METRIC])),
    "query_metrics": (ADMINISTRATORS, lambda w: payload(w.tenant, _PERIOD, name="visits")),
    "list_metric_names": (ADMINISTRATORS, lambda w: w.tenant),
    "list_metric_partitions": (SERVICE_ALONE, lambda _: {}),
    "list_metric_archives": (SERVICE_ALONE, lambda _: {}),
    "maintain_metric_partitions": (SERVICE_ALONE, lambda _: {}),
    "roll_up_metrics": (SERVICE_ALONE, lambda _: {}),
    "detach_expired_metrics": (SERVICE_ALONE, lambda _: {"keep_months": 1200}),
    "read_expired_metrics": (SERVICE_ALONE, lambda w: {"archive_id": w.archive_id, "part": 0}),
    "keep_metric_archive_part": (
        SERVICE_ALONE,
        lambda w: payload(
            archive_id=w.archive_id,
            part=0,
            path="a/b",
            sha256="0" * 64,
            row_count=1,
            id_sum="1",
            size_bytes=1,
        ),
    ),
    "drop_expired_metrics": (SERVICE_ALONE, lambda w: {"archive_id": w.archive_id}),
    "find_orphan_metric_files": (SERVICE_ALONE, lambda _: {"paths": ["a/b"]}),
    # Personal and health information
    "record_phi_events": (MEMBERS, lambda w: payload(w.tenant, _EVENTS)),
    "list_phi_events": (ADMINISTRATORS, lambda w: payload(w.tenant)),
    "get_phi_counts": (ADMINISTRATORS, lambda w: payload(w.tenant, _PERIOD)),
    "list_customer_names": (SERVICE_ALONE, lambda w: w.tenant),
}
_ON_AN_ARCHIVE = {"read_expired_metrics", "keep_metric_archive_part", "drop_expired_metrics"}
READING = [name for name in DOORS if name.startswith(("get", "list", "query"))]


async def with_archive(world: World, service: Session) -> World:
    """The same world, and a month of its metrics that was taken out."""
    await service.call("record_metric", payload(world.tenant, _METRIC, at="2020-01-01T00:00:00Z"))
    await service.call("maintain_metric_partitions")
    while (await service.call("roll_up_metrics"))["is_more"]:
        pass
    archive = await service.call("detach_expired_metrics", {"keep_months": 36})
    return World(world.tenant_id, world.customer_id, world.booking_id, world.order_id, archive["archive_id"])


class TestFunctions:
    def test_are_all_here(self) -> None:
        assert functions_exposed_by("frontdesk") == set(DOORS)

    @pytest.mark.parametrize("function", list(DOORS))
    async def test_serve_whom_they_are_for(
        self, api: Database, service: Session, people: People, world: World, function: str
    ) -> None:
        refused, arguments = DOORS[function]
        if function in _ON_AN_ARCHIVE:
            world = await with_archive(world, service)
        callers = {who: getattr(people, who) for who in PEOPLE} | CALLERS
        await assert_serves(api, callers, function, refused, lambda: arguments(world))

    async def test_tell_nobody_of_anothers(self, api: Database, people: People, world: World) -> None:
        for function in READING:
            for who in ("other_admin", "other_member", "other_customer"):
                told = await told_by(api, getattr(people, who), function, DOORS[function][1](world))
                assert [each for each in world.ids if each in told] == [], (function, who)

    async def test_refuse_strangers_what_they_would_change(
        self, owner: asyncpg.Connection, api: Database, people: People, world: World
    ) -> None:
        before = await all_rows(owner)
        for function, (refused, arguments) in DOORS.items():
            for who in ("other_admin", "other_customer"):
                if refused.get(who) == 404:
                    with pytest.raises(RpcError) as refusal:
                        await api.session(getattr(people, who)).call(function, arguments(world))
                    assert refusal.value.code in ("tenant_not_found", "booking_not_found", "order_not_found")
        assert await all_rows(owner) == before

    async def test_take_who_was_removed_for_a_stranger_at_once(
        self, owner: asyncpg.Connection, api: Database, people: People, world: World
    ) -> None:
        admin = api.session(people.admin)
        assert (await admin.call("list_orders", payload(world.tenant)))["items"]
        await owner.execute("delete from public.tenant_users where user_id = $1", people.admin.sub)
        for function in ("list_orders", "list_bookings", "list_phi_events"):
            with pytest.raises(RpcError, match="tenant_not_found"):
                await admin.call(function, payload(world.tenant))

    async def test_of_the_implementation_are_not_reachable(self, api: Database) -> None:
        for function in (
            "free_expired_holds",
            "frontdesk.book_slot",
            "price_items",
            "add_metrics",
            "settings_of",
        ):
            with pytest.raises(RpcError) as refused:
                await api.session(SERVICE).call(function, {"payload": {}})
            assert refused.value.code == "function_not_found"


async def told_by(api: Database, principal: Principal, function: str, arguments: dict[str, Any]) -> str:
    """All that a call tells, refusing or answering."""
    try:
        return json.dumps(await api.session(principal).call(function, arguments))
    except RpcError as refusal:
        return json.dumps([refusal.message, refusal.hint, refusal.detail])
