"""Whatever a shop's checkouts, prices and payments do, in whatever order: orders are what a small model says.

Hypothesis plays the shop, its customer and the payment service. The model knows which calls are refused, and why.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import asyncpg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from casebase.kernel.db import SERVICE, Principal
from tests.frontdesk.conftest import People
from tests.support import machines, reads

SKUS: Final = ("TEA", "CUP", "POT")
NOBODYS: Final = "ord_" + "0" * 26
SKU = st.sampled_from(SKUS)
PRICE = st.decimals("0.01", "500", places=2)
COUNT = st.integers(1, 40)
CHECKOUT = st.sampled_from([None, "cart-1", "cart-2", "cart-3"])
STATUS = st.sampled_from(["completed", "failed", "cancelled"])
PAYMENT = st.sampled_from([None, "ch_1", "ch_2"])
WHICH = st.integers(0, 5)
IS_CUSTOMERS = st.booleans()

Bought = tuple[tuple[str, int], ...]
Asked = tuple[Bought, bool]


@dataclass
class Ordered:
    """An order as the model expects it."""

    total: Decimal
    is_customers: bool
    status: str = "pending"
    payment: str | None = None


@dataclass(frozen=True)
class World(machines.World):
    people: People


class Shop(RuleBasedStateMachine):
    """A price list that changes, checkouts that are sent again, and payments that arrive twice."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.prices: dict[str, Decimal] = {}
        self.orders: dict[str, Ordered] = {}
        self.checkouts: dict[str, tuple[Asked, str]] = {}

    def teardown(self) -> None:
        self.world.do(self.world.owner.execute("delete from public.orders; delete from public.products"))

    @rule(sku=SKU, price=PRICE)
    def sell(self, sku: str, price: Decimal) -> None:
        was = self.prices.get(sku)
        product = {"sku": sku, "name": sku.title(), "unit_price": str(price)}
        reply = self._call(None, "set_products", payload={"products": [product]})
        assert reply["changed_count"] == (was != price)
        self.prices[sku] = price

    @rule(sku=SKU)
    def stop_selling(self, sku: str) -> None:
        product = {"sku": sku, "name": sku.title(), "unit_price": 1, "is_active": False}
        self._call(None, "set_products", payload={"products": [product]})
        self.prices.pop(sku, None)

    @rule(
        bought=st.lists(st.tuples(SKU, COUNT), min_size=1, max_size=3).map(tuple),
        checkout=CHECKOUT,
        is_customers=IS_CUSTOMERS,
    )
    def order(self, bought: Bought, checkout: str | None, is_customers: bool) -> None:
        asked = (bought, is_customers)
        total = self._total(bought)
        known = self.checkouts.get(checkout) if checkout else None
        refusal = None
        if known:
            refusal = None if known[0] == asked else "checkout_id_reused"
        elif total is None:
            refusal = "product_not_found"
        reply = self._create(refusal, asked, checkout)
        if reply is None:
            return
        order_id = reply["order_id"]
        assert reply["is_repeated"] == (known is not None)
        if known:
            assert order_id == known[1]
            return
        assert total is not None
        assert order_id not in self.orders
        self.orders[order_id] = Ordered(total, is_customers)
        if checkout:
            self.checkouts[checkout] = (asked, order_id)

    @rule(checkout=CHECKOUT)
    def send_again(self, checkout: str | None) -> None:
        if checkout in self.checkouts:
            asked, order_id = self.checkouts[checkout]
            reply = self._create(None, asked, checkout)
            assert (reply["order_id"], reply["is_repeated"]) == (order_id, True)
            assert Decimal(str(reply["total"])) == self.orders[order_id].total

    @rule(which=WHICH, status=STATUS, payment=PAYMENT)
    def settle(self, which: int, status: str, payment: str | None) -> None:
        order_id = self._pick(which)
        order = self.orders.get(order_id)
        refusal = None
        is_repeated = False
        if order is None:
            refusal = "order_not_found"
        elif order.status != "pending":
            is_repeated = order.status == status and payment in (None, order.payment)
            refusal = None if is_repeated else f"order_{order.status}"
        reply = self._call(
            refusal, "set_order_status", order_id=order_id, status=status, transaction_id=payment
        )
        if reply and order:
            assert reply["is_repeated"] == is_repeated
            if not is_repeated:
                order.status, order.payment = status, payment

    @rule(which=WHICH, status=STATUS)
    def the_customer_settles(self, which: int, status: str) -> None:
        order_id = self._pick(which)
        order = self.orders.get(order_id)
        refusal = "administrator_required" if order and order.is_customers else "order_not_found"
        self._call(
            refusal, "set_order_status", by=self.world.people.customer, order_id=order_id, status=status
        )

    @invariant()
    def all_is_as_expected(self) -> None:
        listed = self._call(None, "list_orders", payload={"page_size": 200})["items"]
        found = {
            each["order_id"]: (Decimal(str(each["total"])), each["status"], each["transaction_id"])
            for each in listed
        }
        assert found == {name: (o.total, o.status, o.payment) for name, o in self.orders.items()}
        mine = self._call(None, "list_my_orders", by=self.world.people.customer, page_size=200)["items"]
        assert {each["order_id"] for each in mine} == {
            name for name, o in self.orders.items() if o.is_customers
        }

    def _total(self, bought: Bought) -> Decimal | None:
        """What it comes to at today's prices; None where something of it is not sold."""
        if any(sku not in self.prices for sku, _ in bought):
            return None
        return sum((self.prices[sku] * count for sku, count in bought), Decimal())

    def _create(self, refusal: str | None, asked: Asked, checkout: str | None) -> Any:
        bought, is_customers = asked
        payload = {
            "items": [{"sku": sku, "quantity": count} for sku, count in bought],
            "checkout_id": checkout,
            "user_id": self.world.people.customer.sub if is_customers else None,
        }
        return self._call(refusal, "create_order", payload=payload)

    def _pick(self, which: int) -> str:
        """The id of an order; nobody's, where there are not so many."""
        return sorted(self.orders)[which] if which < len(self.orders) else NOBODYS

    def _call(self, refusal: str | None, function: str, *, by: Principal = SERVICE, **arguments: Any) -> Any:
        """Call as somebody; the answer, or None where it must be refused, and is, with this code."""

        async def call() -> Any:
            async with self.world.owner.transaction():
                return await reads.call(self.world.owner, by, function, arguments)

        answer, code = self.world.outcome(call())
        assert code == refusal, (function, arguments)
        return answer


async def test_it_is_what_the_model_says(owner: asyncpg.Connection, people: People) -> None:
    world = World(asyncio.get_running_loop(), owner, people)
    await machines.play(lambda: Shop(world), examples=20, steps=30)
