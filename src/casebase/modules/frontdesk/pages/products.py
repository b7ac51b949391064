"""The price list: what is sold for how much, and changing it."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import Column, Field, Filter, Form, StaffDep, Table, page
from casebase.kernel.errors import CasebaseError, InvalidInputError
from casebase.modules.frontdesk import wording
from casebase.modules.frontdesk.pages.tenant import (
    ROOT,
    DecidedDep,
    DeskDep,
    led,
    payload,
    position,
    settings,
)

router = APIRouter()

PATH: Final = f"{ROOT}/products"
_FORM: Final = Form(
    (
        Field("sku", "Code", is_required=True, hint="Up to 64 letters, digits and . _ / -, as ORAL-CARE/12."),
        Field("name", "Name", is_required=True),
        Field("unit_price", "Price", is_required=True, inputmode="decimal", hint="As 12.50, for one."),
        Field("currency", "Currency", is_required=True, hint="Three letters, as EUR. Each has a price of its own."),
        Field("is_active", "Sold", "checkbox", hint="Off, it can no longer be ordered; orders keep their prices."),
    ),
    action=f"{PATH}/set",
    cancel_url=PATH,
)  # fmt: skip


@router.get("/products")
async def products(request: Request, staff: StaffDep, desk: DeskDep, saved: str = "") -> Response:
    """List the products, by their code."""
    table = Table(
        columns=(
            Column("sku", "Code"),
            Column("name", "Name"),
            Column(
                "unit_price",
                "Price",
                show=lambda row: wording.amount(row["unit_price"], row["currency"]),
                is_numeric=True,
            ),
            Column(
                "is_active",
                "Sold",
                show=lambda row: "Sold" if row["is_active"] else "No longer",
                badge=lambda row: "good" if row["is_active"] else "neutral",
            ),
        ),
        sort="sku",
        filters=(Filter("sold", "Sold", (("true", "Sold"), ("false", "No longer"))),),
        href=_address if desk.is_administered else None,
        caption="Products, by their code",
        empty_title="Nothing is on the list",
        empty_text="Orders of what is on the list are priced from it, whatever their sender says.",
    )
    state = table.read(request)
    asked = payload(desk, state)
    if "sold" in state.filters:
        asked["is_active"] = state.filters["sold"] == "true"
    found = await staff.call("list_products", {"payload": asked})
    return page(
        request,
        "frontdesk/products.html",
        title="Products",
        table=table.view(request, state, found["items"], position(found["next_cursor"])),
        is_saved=bool(saved),
    )


@router.get("/products/set")
async def ask(
    request: Request,
    staff: StaffDep,
    desk: DecidedDep,
    sku: str = "",
    name: str = "",
    price: str = "",
    currency: str = "",
    sold: str = "true",
) -> Response:
    """Ask for a product: a new one, or what of the given one changes."""
    currency = currency or (await settings(staff, desk))["currency"]
    values = {
        "sku": sku,
        "name": name,
        "unit_price": price,
        "currency": currency,
        "is_active": sold == "true",
    }
    return _page(request, _FORM.filled(values))


@router.post("/products/set")
async def save(request: Request, staff: StaffDep, desk: DecidedDep) -> Response:
    """Put it on the list, or say what is wrong."""
    sent = await request.form()
    told = {field.name: str(sent.get(field.name, "")).strip() for field in _FORM.fields}
    product = {**told, "is_active": told["is_active"] == "true", "currency": told["currency"].upper()}
    try:
        await staff.call("set_products", {"payload": {**desk.named, "products": [product]}})
    except CasebaseError as error:
        if error.status != 422:
            raise
        problems = error.detail.get("errors", ())
        named = [{**one, "field": str(one.get("field", "")).rpartition(".")[2]} for one in problems]
        refused = InvalidInputError(error.message, detail={"errors": named})
        return _page(request, _FORM.filled(product).refused(refused), status_code=422)
    return led(request, f"{PATH}?saved=1")


def _address(row: Any) -> str:
    query = {
        "sku": row["sku"],
        "name": row["name"],
        "price": row["unit_price"],
        "currency": row["currency"],
        "sold": "true" if row["is_active"] else "false",
    }
    return f"{PATH}/set?{urlencode(query)}"


def _page(request: Request, form: Form, *, status_code: int = 200) -> Response:
    title = "Change a product" if form.values.get("name") else "Add a product"
    return page(request, "frontdesk/product.html", title=title, form=form, status_code=status_code)
