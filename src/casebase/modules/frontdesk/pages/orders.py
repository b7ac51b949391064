"""Orders: the list, one of them with its items, and what becomes of a pending one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import Column, Field, Filter, Form, Staff, StaffDep, Table, page
from casebase.console.kit.format import ABSENT, number, plain, words
from casebase.kernel.clock import known_zone
from casebase.kernel.errors import CasebaseError
from casebase.modules.frontdesk import wording
from casebase.modules.frontdesk.pages.period import RANGE, read_range
from casebase.modules.frontdesk.pages.tenant import ROOT, DeskDep, choose, led, payload, position, settings

router = APIRouter()

PATH: Final = f"{ROOT}/orders"
_ENDS: Final = ("completed", "failed", "cancelled")
_ASKED: Final = {
    "completed": ("Complete this order?", "It is paid for, and stays completed.", "Complete"),
    "failed": (
        "Has this order failed?",
        "Its payment failed for good. A new try is a new order.",
        "It failed",
    ),
    "cancelled": ("Cancel this order?", "It will not be paid for, and stays cancelled.", "Cancel the order"),
}
"""What each end asks, says and is chosen by."""
_TRANSACTION: Final = Field(
    "transaction_id", "The payment's transaction", hint="As the payment service names it."
)


@router.get("/orders")
async def orders(request: Request, staff: StaffDep, desk: DeskDep) -> Response:
    """List the tenant's orders, the newest first."""
    where = known_zone((await settings(staff, desk))["time_zone"])
    range_ = read_range(request, where)
    table = Table(
        columns=(
            Column("order_id", "Order", show=lambda row: wording.breakable(short(row["order_id"]))),
            Column(
                "status",
                "Status",
                show=lambda row: wording.ORDER_STATUSES[row["status"]],
                badge=lambda row: wording.ORDER_TONES[row["status"]],
            ),
            Column(
                "customer_email",
                "Customer",
                show=lambda row: wording.breakable(row["customer_email"] or ABSENT),
            ),
            Column("item_count", "Items", is_numeric=True, is_secondary=True),
            Column(
                "total",
                "Total",
                show=lambda row: wording.amount(row["total"], row["currency"]),
                is_numeric=True,
            ),
            Column("created_at", "Made", show=lambda row: wording.local_moment(row["created_at"], where)),
        ),
        sort="-created_at",
        filters=(
            Filter("status", "Status", tuple(wording.ORDER_STATUSES.items())),
            Filter("customer_email", "Customer's e-mail"),
            *RANGE,
        ),
        href=lambda row: f"{PATH}/{row['order_id']}",
        caption="Orders, the newest first",
        empty_title="Nothing was ordered",
        empty_text="Orders are made by your shop's server, with create_order, and appear here.",
    )
    state = table.read(request)
    asked = payload(desk, state, "status", "customer_email") | range_.payload
    found = await staff.call("list_orders", {"payload": asked})
    return page(
        request,
        "frontdesk/orders.html",
        title="Orders",
        table=table.view(request, state, found["items"], position(found["next_cursor"])),
        range=range_,
        place=wording.place(where),
    )


@router.get("/orders/{order_id}", dependencies=[Depends(choose)])
async def order(
    request: Request, staff: StaffDep, order_id: str, done: str = "", refused: str = ""
) -> Response:
    """Show one order: its items, its customer, and where it stands."""
    found = await staff.call("get_order", {"order_id": order_id})
    decided = await staff.call("get_frontdesk_settings", {"tenant_id": found["tenant_id"]})
    where = known_zone(decided["time_zone"])
    currency = found["currency"]
    facts = (
        ("Customer", wording.breakable(found["customer_email"] or ABSENT)),
        ("Paid by", words(found["payment_method"])),
        ("Transaction", wording.breakable(found["transaction_id"] or ABSENT)),
        ("Made", wording.local_moment(found["created_at"], where)),
        ("Last changed", wording.local_moment(found["updated_at"], where)),
        ("Checkout", wording.breakable(found["checkout_id"] or ABSENT)),
    )
    return page(
        request,
        "frontdesk/order.html",
        title=f"Order {short(order_id)}",
        order=found,
        items=[
            {
                "name": item["name"],
                "sku": item.get("sku") or "",
                "quantity": number(item["quantity"]),
                "unit_price": wording.amount(item["unit_price"], currency),
                "amount": wording.amount(item["amount"], currency),
            }
            for item in found["items"]
        ],
        total=wording.amount(found["total"], currency),
        facts=facts,
        shipping=[(words(name), plain(value)) for name, value in (found["shipping_address"] or {}).items()],
        status=wording.ORDER_STATUSES[found["status"]],
        tone=wording.ORDER_TONES[found["status"]],
        ends=_flow(found["status"]),
        actions=[(end, _ASKED[end][2]) for end in _ENDS] if found["status"] == "pending" else [],
        done=f"{wording.ORDER_STATUSES[found['status']]}." if done else "",
        refused=f"It was {wording.ORDER_STATUSES[refused].lower()} before." if refused in _ENDS else "",
    )


@router.get("/orders/{order_id}/{end}", dependencies=[Depends(choose)])
async def ask_settle(request: Request, staff: StaffDep, order_id: str, end: str) -> Response:
    """Ask whether to settle an order so, as it is for good."""
    found = await staff.call("get_order", {"order_id": order_id})
    return _ask(request, found, _form(order_id, end), end)


@router.post("/orders/{order_id}/{end}", dependencies=[Depends(choose)])
async def settle(request: Request, staff: StaffDep, order_id: str, end: str) -> Response:
    """Settle it, or say on its page that somebody did before."""
    form = _form(order_id, end)
    transaction_id = str((await request.form()).get("transaction_id", "")).strip()
    try:
        await _settle(staff, order_id, end, transaction_id)
    except CasebaseError as error:
        if error.code.removeprefix("order_") in _ENDS:
            return led(
                request, f"{PATH}/{order_id}?{urlencode({'refused': error.code.removeprefix('order_')})}"
            )
        if error.status != 422:
            raise
        found = await staff.call("get_order", {"order_id": order_id})
        again = form.filled({"transaction_id": transaction_id}).refused(error)
        return _ask(request, found, again, end, status_code=422)
    return led(request, f"{PATH}/{order_id}?done=1")


def short(order_id: str) -> str:
    """Return an order's id as people tell it apart: the time part of it, and the end of what follows."""
    return f"{order_id[4:14]}…{order_id[-4:]}"


async def _settle(staff: Staff, order_id: str, end: str, transaction_id: str) -> None:
    named = {"transaction_id": transaction_id} if transaction_id else {}
    await staff.call("set_order_status", {"order_id": order_id, "status": end, **named})


def _form(order_id: str, end: str) -> Form:
    if end not in _ASKED:
        raise HTTPException(404)
    return Form(
        (_TRANSACTION,) if end != "cancelled" else (),
        action=f"{PATH}/{order_id}/{end}",
        submit=_ASKED[end][2],
        cancel_url=f"{PATH}/{order_id}",
    )


def _ask(
    request: Request, found: Mapping[str, Any], form: Form, end: str, *, status_code: int = 200
) -> Response:
    title, means, _ = _ASKED[end]
    return page(
        request,
        "frontdesk/settle_order.html",
        title=title,
        order=found,
        means=means,
        total=wording.amount(found["total"], found["currency"]),
        form=form,
        status_code=status_code,
    )


def _flow(status: str) -> list[tuple[str, str, str]]:
    """Return each end of the flow with its tone, and how it stands: reached, ahead, or no longer to be reached."""
    return [
        (
            wording.ORDER_STATUSES[end],
            wording.ORDER_TONES[end],
            "current" if end == status else "ahead" if status == "pending" else "gone",
        )
        for end in _ENDS
    ]
