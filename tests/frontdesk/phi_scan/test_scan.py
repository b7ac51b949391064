"""A scanned text comes back without what tells of a person, and what was found is noted, masked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from threading import Event, get_ident
from typing import Any

import asyncpg
import httpx
import pytest

from casebase.kernel.db import ANON, SERVICE, Principal
from casebase.kernel.guard import scan as scan_for
from casebase.kernel.http import create_app
from casebase.kernel.runtime import Runtime
from casebase.modules.frontdesk.phi import PhiScan, scan_phi
from casebase.modules.frontdesk.phi.customers import CustomerNames
from casebase.modules.frontdesk.phi.scanner import MOST_SCANS, Scanner
from tests.frontdesk.conftest import Book, People
from tests.support.rows import all_rows
from tests.support.tokens import bearer

TEXT = "Please tell Theodora Quill, dob 02.03.1961, that her metformin is ready. Mail: tq@quill.example"
RAW = ["Theodora", "Quill", "02.03.1961", "metformin", "tq@quill.example"]
NO_TENANT = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
async def http(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(runtime)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://casebase/v1/frontdesk/phi"
        ) as client,
    ):
        yield client


async def scanned(http: httpx.AsyncClient, who: Principal, text: str = TEXT, **fields: Any) -> dict[str, Any]:
    response = await http.post("/scan", json={"text": text, **fields}, headers=bearer(who))
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_a_member_gets_the_text_back_masked(
    http: httpx.AsyncClient, people: People, book: Book, owner: asyncpg.Connection
) -> None:
    await book(user_name="Theodora Quill")
    found = await scanned(http, people.member, session_id="chat:17")
    assert found["masked_text"] == (
        "Please tell [name], dob [birth_date], that her [medication] is ready. Mail: [email]"
    )
    assert not found["is_blocked"]
    assert found["tenant_id"] == str(people.default_tenant)
    assert [TEXT[f["start"] : f["end"]] for f in found["findings"]] == [
        "Theodora Quill", "02.03.1961", "metformin", "tq@quill.example",
    ]  # fmt: skip
    kept = await owner.fetch("select * from public.phi_detection_events order by phi_type")
    assert [row["phi_type"] for row in kept] == ["birth_date", "email", "medication", "name"]
    assert {(row["user_id"], row["session_id"], row["action_taken"]) for row in kept} == {
        (people.member.sub, "chat:17", "masked")
    }
    assert (
        kept[0]["context"] == "Please tell [name], dob [birth_date], that her [medication] is ready. Mail:…"
    )


async def test_a_blocked_text_is_not_given_back(http: httpx.AsyncClient, people: People) -> None:
    found = await scanned(http, people.member, action="blocked")
    assert (found["is_blocked"], found["masked_text"]) == (True, None)
    clean = await scanned(http, people.member, "See you at nine.", action="blocked")
    assert (clean["is_blocked"], clean["masked_text"], clean["findings"]) == (False, "See you at nine.", [])


async def test_an_alert_is_raised_once_an_hour_and_names_nobody(
    http: httpx.AsyncClient, people: People, owner: asyncpg.Connection
) -> None:
    for who in (people.member, people.admin, people.other_member):
        await scanned(http, who, action="alerted")
    alerts = await owner.fetch("select message::text from pgmq.q_casebase_alerts")
    assert len(alerts) == 2
    assert not [raw for raw in RAW for (alert,) in alerts if raw in alert]
    assert await owner.fetchval(
        "select array_agg(distinct action_taken) from public.phi_detection_events"
    ) == ["alerted"]


async def test_names_of_one_tenants_customers_are_not_looked_for_in_anothers_texts(
    http: httpx.AsyncClient, people: People, book: Book, owner: asyncpg.Connection
) -> None:
    await book(user_name="Wren Halloway")
    await owner.execute(
        "insert into public.orders (order_id, tenant_id, items, total, shipping_address) values "
        '(frontdesk.new_order_id(now()), $1, $2, 5, \'{"name": "Piet Zandvoort"}\')',
        people.default_tenant,
        '[{"name": "Tea", "quantity": 1, "unit_price": 5, "amount": 5}]',
    )
    text = "We met wren halloway and P. Zandvoort today."
    ours = await scanned(http, people.admin, text)
    assert ours["masked_text"] == "We met [name] and [name] today."
    assert (await scanned(http, people.other_member, text))["masked_text"] == text
    assert (await scanned(http, SERVICE, text))["masked_text"] == ours["masked_text"]
    other = await scanned(http, SERVICE, text, tenant_id=str(people.other_tenant))
    assert other["masked_text"] == text


async def test_who_may_not_read_orders_learns_no_name_that_only_orders_hold(
    http: httpx.AsyncClient, people: People, book: Book, owner: asyncpg.Connection
) -> None:
    await book(user_name="Wren Halloway")
    for name in ("Wren Halloway", "Piet Zandvoort"):
        await owner.execute(
            "insert into public.orders (order_id, tenant_id, items, total, shipping_address) values "
            "(frontdesk.new_order_id(now()), $1, $2, 5, jsonb_build_object('name', $3::text))",
            people.default_tenant,
            '[{"name": "Tea", "quantity": 1, "unit_price": 5, "amount": 5}]',
            name,
        )
    text = "We met wren halloway and piet zandvoort today."
    for who, told in (
        (people.member, "We met [name] and piet zandvoort today."),
        (people.admin, "We met [name] and [name] today."),
        (people.owner, "We met [name] and [name] today."),
        (SERVICE, "We met [name] and [name] today."),
        (people.member, "We met [name] and piet zandvoort today."),
    ):
        assert (await scanned(http, who, text))["masked_text"] == told


async def test_a_text_that_is_too_long_once_folded_is_refused(
    http: httpx.AsyncClient, people: People
) -> None:
    response = await http.post("/scan", json={"text": "㏂" * 66_667}, headers=bearer(people.member))
    assert (response.status_code, response.json()["code"]) == (422, "invalid_input")
    (error,) = response.json()["errors"]
    assert (error["field"], error["rule"]) == ("text", "string_too_long")
    assert "㏂" not in response.text
    await scanned(http, people.member, "x" * 99_999 + "…")


async def test_long_texts_wait_for_one_another_and_nothing_else_for_them(
    runtime: Runtime, people: People
) -> None:
    app = create_app(runtime)
    gate, threads = Event(), set[int]()
    empty = scan_phi("")

    def scan() -> PhiScan:
        threads.add(get_ident())
        gate.wait()
        return empty

    long = "Mail ada@example.com now. " * 100
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://casebase/v1/frontdesk/phi"
        ) as http,
    ):
        scanner: Scanner = app.state.services["frontdesk"].scanner
        scans = [asyncio.create_task(scanner.run(scan)) for _ in range(MOST_SCANS)]
        try:
            await asyncio.sleep(0)  # each has taken its place
            refused = await http.post("/scan", json={"text": long}, headers=bearer(people.member))
            assert (refused.status_code, refused.json()["code"]) == (429, "too_many_scans")
            assert int(refused.headers["retry-after"]) > 0
            assert (await scanned(http, people.member, "Hello"))["masked_text"] == "Hello"
            assert await asyncio.to_thread(get_ident) not in threads
        finally:
            gate.set()
        assert await asyncio.gather(*scans) == [empty] * MOST_SCANS
        assert len(threads) == 1
        assert len((await scanned(http, people.member, long))["findings"]) == 100


@pytest.mark.parametrize(
    ("who", "fields", "status", "code"),
    [
        (lambda p: p.customer, {}, 404, "tenant_not_found"),
        (lambda p: p.other_admin, {"tenant_id": "default"}, 404, "tenant_not_found"),
        (lambda p: SERVICE, {"tenant_id": NO_TENANT}, 404, "tenant_not_found"),
        (lambda p: ANON, {}, 403, "forbidden"),
        (lambda p: p.member, {"text": "x" * 100_001}, 422, "invalid_input"),
        (lambda p: p.member, {"session_id": "ada@example.com"}, 422, "invalid_input"),
        (lambda p: p.member, {"min_score": 1.5}, 422, "invalid_input"),
        (lambda p: p.member, {"action": "deleted"}, 422, "invalid_input"),
        (lambda p: p.member, {"surprise": True}, 422, "invalid_input"),
    ],
)
async def test_a_refusal_writes_nothing_and_repeats_nothing(
    http: httpx.AsyncClient,
    people: People,
    owner: asyncpg.Connection,
    who: Callable[[People], Principal],
    fields: dict[str, Any],
    status: int,
    code: str,
) -> None:
    if fields.get("tenant_id") == "default":
        fields = {**fields, "tenant_id": str(people.default_tenant)}
    before = await all_rows(owner)
    response = await http.post("/scan", json={"text": TEXT, **fields}, headers=bearer(who(people)))
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert not [raw for raw in [*RAW, "ada@example.com", "xxx"] if raw in response.text]
    assert await all_rows(owner) == before


async def test_no_raw_value_is_in_any_table_statistic_or_log(
    http: httpx.AsyncClient,
    people: People,
    database: str,
    owner: asyncpg.Connection,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = "Her name is not known to us: Ms Quill, dob 02.03.1961, takes metformin. Mail tq@quill.example"
    response = await http.post(
        "/scan",
        json={"text": said, "action": "alerted"},
        headers=bearer(people.member) | {"idempotency-key": "k1"},
    )
    again = await http.post(
        "/scan",
        json={"text": said, "action": "alerted"},
        headers=bearer(people.member) | {"idempotency-key": "k1"},
    )
    assert response.json() == again.json()
    assert len(response.json()["findings"]) == 4
    await owner.execute("analyze")
    assert await owner.fetchval("select count(*) from public.phi_detection_events") == 4
    found = [leak async for place in scan_for(database, RAW[1:]) for leak in place.leaks]
    assert found == []
    printed = capfd.readouterr()
    assert not [raw for raw in RAW[1:] if raw in printed.out + printed.err + caplog.text]


async def test_a_list_of_people_is_noted_to_its_end(
    http: httpx.AsyncClient, people: People, owner: asyncpg.Connection
) -> None:
    text = "\n".join(f"p{n}@example.com" for n in range(1500))
    found = await scanned(http, people.member, text)
    assert found["masked_text"] == "\n".join(["[email]"] * 1500)
    assert await owner.fetchval("select count(*) from public.phi_detection_events") == 1500


async def test_names_are_read_again_after_their_time_and_the_least_asked_for_go_first(
    runtime: Runtime, people: People, book: Book
) -> None:
    await book("a", user_name="Wren Halloway")
    await book("b", by=people.other_member, user_name="Piet Zandvoort")
    names = CustomerNames(runtime.session(), capacity=1)
    ours, theirs = (
        partial(names.of, tenant_id, with_orders=True)
        for tenant_id in (people.default_tenant, people.other_tenant)
    )
    first = await ours()
    assert await ours() is first
    await theirs()
    assert await ours() is not first
    fresh = partial(CustomerNames(runtime.session(), ttl_s=0).of, people.default_tenant, with_orders=True)
    assert await fresh() is not await fresh()
