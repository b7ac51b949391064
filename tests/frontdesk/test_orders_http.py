"""``/v1/frontdesk``: orders, the price list and scores, for customers, administrators and services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from casebase.kernel.db import SERVICE
from casebase.kernel.http import create_app
from casebase.kernel.runtime import Runtime
from tests.frontdesk.conftest import People
from tests.support.refusals import problem_of
from tests.support.rows import all_rows
from tests.support.tokens import bearer

V1 = "/v1/frontdesk"
SECRET = "My passport is K1234567E, and I have been poorly since Tuesday"
SAID = [
    {"role": "user", "content": SECRET, "at": "2026-06-17T10:00:00Z"},
    {"role": "assistant", "content": f"You said: {SECRET}", "at": "2026-06-17T10:00:05Z"},
]


@pytest.fixture
async def http(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(runtime))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://casebase{V1}") as client:
        yield client


def ok(response: httpx.Response, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json()


async def test_an_order_is_made_paid_and_read(http: httpx.AsyncClient, people: People) -> None:
    admin, customer = bearer(people.admin), bearer(people.customer)
    prices = {"products": [{"sku": "TEA", "name": "Tea", "unit_price": "12.50"}]}
    assert ok(await http.put("/products", json=prices, headers=admin))["changed_count"] == 1
    [tea] = ok(await http.get("/products", params={"is_active": True}, headers=bearer(people.member)))[
        "items"
    ]
    assert tea["unit_price"] == 12.5

    cart = {
        "items": [{"sku": "TEA", "quantity": 3}, {"name": "Wrapping", "quantity": 1, "unit_price": "0.10"}],
        "user_id": str(people.customer.sub),
        "checkout_id": "cart-7",
        "shipping_address": {"name": "Ada Byron", "floor": None},
    }
    made = ok(await http.post("/orders", json=cart, headers=bearer(SERVICE)), 201)
    assert (made["total"], made["status"], made["is_repeated"]) == (37.6, "pending", False)
    assert ok(await http.post("/orders", json=cart, headers=bearer(SERVICE)), 201)["is_repeated"] is True
    order = f"/orders/{made['order_id']}"
    paid = {"status": "completed", "transaction_id": "ch_1"}
    assert ok(await http.put(f"{order}/status", json=paid, headers=admin))["status"] == "completed"
    assert ok(await http.get(order, headers=customer))["shipping_address"] == {
        "name": "Ada Byron",
        "floor": None,
    }
    [mine] = ok(await http.get("/orders/mine", headers=customer))["items"]
    period = {"status": "completed", "from": "2000-01-01T00:00:00Z"}
    [listed] = ok(await http.get("/orders", params=period, headers=admin))["items"]
    assert mine["order_id"] == listed["order_id"] == made["order_id"]


async def test_a_conversation_is_measured_and_forgotten(
    http: httpx.AsyncClient, owner: asyncpg.Connection, people: People, capfd: pytest.CaptureFixture[str]
) -> None:
    admin = bearer(people.admin)
    conversation = {
        "session_id": "s1",
        "messages": SAID,
        "feedback": {"rating": 5, "is_resolved": True, "text": "Thanks, write to ada@example.com"},
    }
    made = ok(await http.post("/scores", json=conversation, headers=admin), 201)
    assert (made["score"], made["version"], made["measures"]["message_count"]) == (100, 1, 2)
    # Nor does a refusal tell what was said.
    wrong = {**conversation, "messages": [*SAID, {"role": SECRET, "content": 7}]}
    refused = await http.post("/scores", json=wrong, headers=admin)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
    printed = capfd.readouterr()
    for told in (str(await all_rows(owner)), refused.text, str(made), printed.out, printed.err):
        assert "K1234567E" not in told
        assert "poorly" not in told
    [listed] = ok(await http.get("/scores", params={"min_score": 100}, headers=admin))["items"]
    assert listed["feedback"] == "Thanks, write to [email]"
    now = datetime.fromisoformat(listed["created_at"])
    period = {"from": now.isoformat(), "until": (now + timedelta(days=1)).isoformat()}
    [point] = ok(await http.get("/scores/trend", params=period, headers=admin))["points"]
    assert (point["count"], point["p50"]) == (1, 100)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/orders", {"items": [{"sku": "TEA", "quantity": 1}]}, 404, "product_not_found"),
        ("POST", "/orders", {"items": [{"sku": "TEA", "quantity": "1"}]}, 422, "invalid_input"),
        ("POST", "/orders", {"items": [{"name": "Tea", "quantity": 1, "unit_price": "NaN"}]}, 422, "invalid_input"),
        ("POST", "/orders", {"items": [{"name": "Tea", "quantity": 1, "unit_price": 1.001}]}, 422, "invalid_input"),
        ("GET", "/orders/ord_1", None, 404, "order_not_found"),
        ("GET", "/orders?page_size=201", None, 422, "invalid_input"),
        ("GET", "/orders?cursor=zz", None, 422, "invalid_input"),
        ("PUT", "/orders/ord_1/status", {"status": "pending"}, 422, "invalid_input"),
        ("PUT", "/products", {"products": [{"sku": "TEA", "name": "Tea", "unit_price": 0}]}, 422, "invalid_input"),
        ("POST", "/scores", {"session_id": "s1", "messages": [], "feedback": {"rating": 6}}, 422, "invalid_input"),
        ("GET", "/scores/trend?from=2026-01-01T00:00:00Z&until=2025-01-01T00:00:00Z", None, 422, "invalid_input"),
    ],
)  # fmt: skip
async def test_a_refusal_is_a_problem_and_changes_nothing(
    http: httpx.AsyncClient,
    owner: asyncpg.Connection,
    people: People,
    method: str,
    path: str,
    body: Any,
    status: int,
    code: str,
) -> None:
    found = await problem_of(owner, http, method, path, json=body, headers=bearer(people.admin))
    assert found == (status, code)
