"""Orders, and the price list that they are made from."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from casebase.kernel.models import Amount, Given, Stored, Word

OrderStatus = Literal["pending", "completed", "failed", "cancelled"]
Settlement = Literal["completed", "failed", "cancelled"]
"""What a pending order becomes, once."""

_Sku = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$")]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")]
_Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
# Numbers and texts such as "12.50"; how many decimals a currency has is the database's to say.
_Price = Annotated[Decimal, Field(le=Decimal("99999999.99"), decimal_places=4, examples=["12.50"])]


class NewOrderItem(Given):
    """What is ordered: a ``sku`` of the price list, or anything else by ``name`` and ``unit_price``."""

    sku: _Sku | None = None
    name: _Name | None = None
    quantity: int = Field(strict=True, ge=1, le=100_000)
    unit_price: Annotated[_Price, Field(ge=0)] | None = None


class NewOrder(Given):
    """An order to price and to write; sent again under its ``checkout_id`` it is written once."""

    items: tuple[NewOrderItem, ...] = Field(min_length=1, max_length=200)
    tenant_id: UUID | None = None
    currency: _Currency | None = None
    customer_email: str | None = Field(default=None, max_length=254, repr=False)
    user_id: UUID | None = None
    payment_method: Word | None = None
    shipping_address: dict[str, Any] | None = Field(default=None, repr=False)
    checkout_id: str | None = Field(default=None, min_length=1, max_length=200)


class OrderItem(Stored):
    """What was ordered, at the price it was ordered at."""

    sku: str | None = None
    name: str
    quantity: int
    unit_price: Amount
    amount: Amount


class OrderLine(Stored):
    """An order as lists tell it."""

    order_id: str
    tenant_id: UUID
    item_count: int
    total: Amount
    currency: str
    status: OrderStatus
    payment_method: str | None
    transaction_id: str | None
    created_at: datetime
    updated_at: datetime


class TenantOrderLine(OrderLine):
    """An order as its tenant's administrators list it."""

    user_id: UUID | None
    customer_email: str | None = Field(repr=False)


class _Order(Stored):
    order_id: str
    tenant_id: UUID
    items: tuple[OrderItem, ...]
    total: Amount
    currency: str
    status: OrderStatus
    payment_method: str | None
    transaction_id: str | None
    created_at: datetime
    updated_at: datetime


class Order(_Order):
    """An order without its customer, as replies are kept; ``is_repeated`` if it was so already."""

    is_repeated: bool


class OrderDetails(_Order):
    """An order with its customer."""

    user_id: UUID | None
    customer_email: str | None = Field(repr=False)
    shipping_address: dict[str, Any] | None = Field(repr=False)
    checkout_id: str | None


class OrderSettlement(Given):
    """What became of a pending order, and the payment's own name for it."""

    status: Settlement
    transaction_id: str | None = Field(default=None, min_length=1, max_length=200)


class OrderFilter(Given):
    """Which of a tenant's orders to list, and how many at once."""

    tenant_id: UUID | None = None
    status: OrderStatus | None = None
    customer_email: str | None = Field(default=None, max_length=254, repr=False)
    since: Annotated[AwareDatetime | None, Field(serialization_alias="from")] = None
    until: AwareDatetime | None = None
    cursor: str | None = Field(default=None, max_length=200, pattern="^([0-9a-f]{2})+$")
    page_size: int | None = Field(default=None, strict=True, ge=1, le=200)


class OrderPage(Stored):
    """A page of a tenant's orders, newest first."""

    items: tuple[TenantOrderLine, ...]
    next_cursor: str | None


class MyOrderPage(Stored):
    """A page of the caller's own orders, newest first."""

    items: tuple[OrderLine, ...]
    next_cursor: str | None


class NewProduct(Given):
    """What is sold, and for how much; without a currency in the tenant's."""

    sku: _Sku
    name: _Name
    unit_price: Annotated[_Price, Field(gt=0)]
    currency: _Currency | None = None
    is_active: bool | None = Field(default=None, strict=True)


class NewProducts(Given):
    """Products to put on the price list, or to change there."""

    tenant_id: UUID | None = None
    products: tuple[NewProduct, ...] = Field(min_length=1, max_length=1000)


class SetProducts(Stored):
    """How many products changed."""

    tenant_id: UUID
    changed_count: int
    unchanged_count: int


class Product(Stored):
    """A line of the price list."""

    sku: str
    name: str
    unit_price: Amount
    currency: str
    is_active: bool
    created_at: datetime
    updated_at: datetime


class ProductFilter(Given):
    """Which of a tenant's products to list, and how many at once."""

    tenant_id: UUID | None = None
    currency: _Currency | None = None
    is_active: bool | None = Field(default=None, strict=True)
    cursor: str | None = Field(default=None, max_length=200, pattern="^([0-9a-f]{2})+$")
    page_size: int | None = Field(default=None, strict=True, ge=1, le=200)


class ProductPage(Stored):
    """A page of the price list, by ``sku``."""

    items: tuple[Product, ...]
    next_cursor: str | None
