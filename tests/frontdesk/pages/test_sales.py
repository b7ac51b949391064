"""Orders are settled once, after a yes; products and settings are decided in forms that say what is wrong."""

from __future__ import annotations

import asyncpg
import httpx
import pytest

from casebase.console.kit.table import encode_position
from casebase.kernel.db import Session
from casebase.modules.frontdesk.wording import decimals
from tests.enforcement.pages.reading import text_of
from tests.frontdesk.conftest import People
from tests.frontdesk.pages.conftest import ROOT
from tests.frontdesk.pages.reading import followed, read, submit


class TestOrders:
    async def test_are_listed_and_narrowed(
        self, admin: httpx.AsyncClient, service: Session, order_id: str
    ) -> None:
        assert "Pending grace@example.com 2 123.05 EUR" in (await read(admin, "orders")).replace("\xa0", " ")
        for query, count in (
            ("status=pending", 1),
            ("status=failed", 0),
            ("customer_email=GRACE@example.com", 1),
        ):
            assert (await admin.get(f"{ROOT}/orders?{query}")).text.count("<tr data-href") == count, query
        await service.call("set_order_status", {"order_id": order_id, "status": "failed"})
        assert "Nothing matches" in await read(admin, "orders?status=pending")

    async def test_a_position_without_one_is_the_first_page(
        self, admin: httpx.AsyncClient, order_id: str
    ) -> None:
        listed = await admin.get(f"{ROOT}/orders", params={"after": encode_position({"of": "another list"})})
        assert order_id in listed.text

    async def test_one_shows_its_items_and_where_it_stands(
        self, admin: httpx.AsyncClient, order_id: str
    ) -> None:
        text = (await read(admin, f"orders/{order_id}")).replace("\xa0", " ")
        for shown in (
            "Brush BRUSH-XL 3 39.95 EUR 119.85 EUR",
            "Floss 1 3.20 EUR 3.20 EUR",
            "Total 123.05 EUR",
            "City Oslo",
        ):
            assert shown in text, shown
        html = (await admin.get(f"{ROOT}/orders/{order_id}")).text
        assert "This order is pending." in html
        assert (await admin.get(f"{ROOT}/orders/ord_none")).status_code == 404
        assert (await admin.get(f"{ROOT}/orders/{order_id}/eaten")).status_code == 404

    async def test_is_settled_once(
        self, admin: httpx.AsyncClient, owner: asyncpg.Connection, service: Session, order_id: str
    ) -> None:
        here = f"orders/{order_id}"
        assert "Complete this order?" in await read(admin, f"{here}/completed")
        refused = await submit(admin, f"{here}/completed", transaction_id="x" * 201)
        assert refused.status_code == 422
        assert await owner.fetchval("select status from orders") == "pending"
        done = await followed(admin, await submit(admin, f"{here}/completed", transaction_id="tr_1"))
        assert "Completed." in done
        assert "Transaction tr_1" in done
        late = await followed(admin, await submit(admin, f"{here}/cancelled"))
        assert "It was completed before." in late
        assert f"/{here}/failed" not in (await admin.get(f"{ROOT}/{here}")).text


class TestProducts:
    @pytest.mark.usefixtures("products")
    async def test_are_listed_and_changed(self, admin: httpx.AsyncClient, member: httpx.AsyncClient) -> None:
        text = (await read(member, "products")).replace("\xa0", " ")
        assert "BRUSH Brush 39.95 EUR Sold" in text
        assert "RINSE Rinse 6.00 EUR No longer" in text
        assert "/products/set" not in (await member.get(f"{ROOT}/products")).text
        assert "RINSE" not in await read(admin, "products?sold=true")
        fields = {
            "sku": "BRUSH",
            "name": "Brush",
            "unit_price": "41.5",
            "currency": "eur",
            "is_active": "true",
        }
        saved = await followed(admin, await submit(admin, "products/set", **fields))
        assert "BRUSH Brush 41.50 EUR" in saved.replace("\xa0", " ")

    async def test_what_is_wrong_is_said_at_its_field(self, admin: httpx.AsyncClient) -> None:
        for field, value in (
            ("sku", "a b"), ("unit_price", "12,50"), ("unit_price", "0"), ("currency", "EURO"), ("name", "")
        ):  # fmt: skip
            fields = {"sku": "A", "name": "A", "unit_price": "1", "currency": "EUR", field: value}
            refused = await submit(admin, "products/set", **fields)
            assert refused.status_code == 422, field
            assert f'id="error-{field}"' in refused.text
        assert "Nothing is on the list" in await read(admin, "products")

    async def test_the_first_is_in_the_tenants_currency(
        self, admin: httpx.AsyncClient, owner: asyncpg.Connection, people: People
    ) -> None:
        await owner.execute(
            "insert into frontdesk.settings (tenant_id, currency) values ($1, 'JPY')", people.default_tenant
        )
        assert 'value="JPY"' in (await admin.get(f"{ROOT}/products/set")).text


async def test_amounts_have_the_decimals_of_their_currency(owner: asyncpg.Connection) -> None:
    units = await owner.fetch("select code, least(minor_units, 2) as places from frontdesk.currencies")
    assert {row["code"]: decimals(row["code"]) for row in units} == dict(units)


class TestSettings:
    async def test_are_decided(self, admin: httpx.AsyncClient, owner: asyncpg.Connection) -> None:
        assert 'value="UTC"' in (await admin.get(f"{ROOT}/settings")).text
        told = {"time_zone": "Europe/Oslo", "hold_minutes": "30", "currency": "nok"}
        assert "Saved." in await followed(admin, await submit(admin, "settings", **told))
        row = await owner.fetchrow("select time_zone, hold_minutes, currency from frontdesk.settings")
        assert tuple(row or ()) == ("Europe/Oslo", 30, "NOK")
        for field, value in (
            ("time_zone", "Atlantis"),
            ("hold_minutes", "soon"),
            ("hold_minutes", "0"),
            ("currency", "XXX"),
        ):
            refused = await submit(admin, "settings", **{**told, field: value})
            assert refused.status_code == 422
            assert f'id="error-{field}"' in refused.text, text_of(refused.text)

    async def test_all_that_is_wrong_is_said_at_once(self, admin: httpx.AsyncClient) -> None:
        for wrong in (
            {"time_zone": "Atlantis", "hold_minutes": "0", "currency": "XXX"},
            {"time_zone": "x" * 61, "hold_minutes": "soon", "currency": "EURO"},
        ):
            refused = await submit(admin, "settings", **wrong)
            for field in wrong:
                assert refused.text.count(f'id="error-{field}"') == 1, field
