"""``/v1/frontdesk/orders`` and ``/v1/frontdesk/products``: orders, priced from the price list."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from casebase.kernel.http import VerifiedCaller
from casebase.kernel.payloads import jsonable
from casebase.modules.frontdesk.models.orders import (
    MyOrderPage,
    NewOrder,
    NewProducts,
    Order,
    OrderDetails,
    OrderPage,
    OrderSettlement,
    OrderStatus,
    ProductPage,
    SetProducts,
)

router = APIRouter()

Cursor = Annotated[str | None, Query(max_length=200, description="The last page's next_cursor.")]
PageSize = Annotated[int, Query(ge=1, le=200)]
Since = Annotated[AwareDatetime | None, Query(alias="from")]


@router.post("/orders", status_code=201, response_model=Order, summary="Make an order")
async def create_order(order: NewOrder, caller: VerifiedCaller) -> Response:
    """Price an order and write it, pending; sent again under its checkout_id it is the one that was made."""
    return await caller.rpc("create_order", {"payload": jsonable(order)}, status_code=201)


@router.get("/orders", response_model=OrderPage, summary="List a tenant's orders")
async def list_orders(
    caller: VerifiedCaller,
    tenant_id: UUID | None = None,
    status: OrderStatus | None = None,
    customer_email: Annotated[str | None, Query(max_length=254)] = None,
    since: Since = None,
    until: AwareDatetime | None = None,
    cursor: Cursor = None,
    page_size: PageSize = 50,
) -> Response:
    """Return a page of a tenant's orders, newest first. For its administrators and services."""
    which = {
        "tenant_id": tenant_id,
        "status": status,
        "customer_email": customer_email,
        "from": since,
        "until": until,
        "cursor": cursor,
        "page_size": page_size,
    }
    return await caller.rpc("list_orders", {"payload": _given(which)})


@router.get("/orders/mine", response_model=MyOrderPage, summary="List one's own orders")
async def list_my_orders(caller: VerifiedCaller, cursor: Cursor = None, page_size: PageSize = 20) -> Response:
    """Return the caller's orders, newest first: those of their account and of their confirmed e-mail address."""
    return await caller.rpc("list_my_orders", {"cursor": cursor, "page_size": page_size})


@router.get("/orders/{order_id}", response_model=OrderDetails, summary="Get an order")
async def get_order(order_id: str, caller: VerifiedCaller) -> Response:
    """Return an order with its customer. For the customer, the tenant's administrators and services."""
    return await caller.rpc("get_order", {"order_id": order_id})


@router.put("/orders/{order_id}/status", response_model=Order, summary="Settle an order")
async def set_order_status(order_id: str, settlement: OrderSettlement, caller: VerifiedCaller) -> Response:
    """Complete a pending order, or say that it failed or was cancelled: once."""
    return await caller.rpc("set_order_status", {"order_id": order_id, **jsonable(settlement)})


@router.put("/products", response_model=SetProducts, summary="Set prices")
async def set_products(products: NewProducts, caller: VerifiedCaller) -> Response:
    """Put products on a tenant's price list, or change them there; orders keep the price they were made at."""
    return await caller.rpc("set_products", {"payload": jsonable(products)})


@router.get("/products", response_model=ProductPage, summary="List a tenant's prices")
async def list_products(
    caller: VerifiedCaller,
    tenant_id: UUID | None = None,
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$")] = None,
    is_active: bool | None = None,
    cursor: Cursor = None,
    page_size: PageSize = 50,
) -> Response:
    """Return a page of a tenant's price list, by sku. For its members and services."""
    which = {
        "tenant_id": tenant_id,
        "currency": currency,
        "is_active": is_active,
        "cursor": cursor,
        "page_size": page_size,
    }
    return await caller.rpc("list_products", {"payload": _given(which)})


def _given(which: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in which.items() if value is not None}
