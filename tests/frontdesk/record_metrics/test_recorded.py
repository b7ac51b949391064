"""Metrics are recorded one by one or in batches, all or none, by the service alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.frontdesk.conftest import People
from tests.support.refusals import refusal, wrong_fields

ROWS = "select name, value, tags, created_at from public.analytics_metrics order by created_at, name, value"


async def test_under_normalised_names(owner: asyncpg.Connection, service: Session, people: People) -> None:
    at = datetime(2026, 11, 20, 23, 59, 59, 999999, UTC)
    one = {
        "name": "  API.Latency ms ",
        "value": 12.5,
        "tags": {"Route": "/x", "ok": True},
        "at": at.isoformat(),
    }
    reply = await service.call("record_metric", {"payload": one})
    assert reply == {"tenant_id": str(people.default_tenant), "recorded": 1}
    theirs = {
        "tenant_id": str(people.other_tenant),
        "metrics": [{"name": "A", "value": -1}, {"name": "a", "value": 0}],
    }
    before = await owner.fetchval("select now()")
    assert (await service.call("record_metrics", {"payload": theirs}))["recorded"] == 2
    rows = await owner.fetch(ROWS)
    assert tuple(rows[0]) == ("api.latency ms", Decimal("12.5"), '{"ok": true, "Route": "/x"}', at)
    assert [(row["name"], row["value"], row["tags"]) for row in rows[1:]] == [("a", -1, "{}"), ("a", 0, "{}")]
    assert before <= rows[1]["created_at"] <= await owner.fetchval("select now()")
    held = await owner.fetch("select distinct tenant_id from public.analytics_metrics where name = 'a'")
    assert held == [(people.other_tenant,)]


async def test_ten_thousand_at_once(owner: asyncpg.Connection, service: Session) -> None:
    metrics = [{"name": f"m{n % 7}", "value": n} for n in range(10_000)]
    assert (await service.call("record_metrics", {"payload": {"metrics": metrics}}))["recorded"] == 10_000
    assert await owner.fetchval("select sum(value) from public.analytics_metrics") == sum(range(10_000))
    for wrong in ([*metrics, metrics[0]], [], "m", None):
        error = await refusal(owner, service, "record_metrics", {"metrics": wrong})
        assert (error.status, wrong_fields(error)) == (422, ["metrics"])


LATER = (datetime.now(UTC) + timedelta(days=2)).isoformat()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "name value"),
        ({"name": "x"}, "value"),
        ({"name": "x", "value": None}, "value"),
        ({"name": "x", "value": "12"}, "value"),
        ({"name": "x", "value": "NaN"}, "value"),
        ({"name": "x", "value": True}, "value"),
        ({"name": "x", "value": 1e30}, "value"),
        ({"name": "x", "value": -(10**30)}, "value"),
        ({"name": "", "value": 1}, "name"),
        ({"name": "what?", "value": 1}, "name"),
        ({"name": "x\n", "value": 1}, "name"),
        ({"name": ".x", "value": 1}, "name"),
        # Letters that some locales lower to i and k.
        ({"name": "İx", "value": 1}, "name"),
        ({"name": "\u212aelvin", "value": 1}, "name"),
        ({"name": "x" * 101, "value": 1}, "name"),
        ({"name": 5, "value": 1}, "name"),
        ({"name": "x", "value": 1, "unit": "ms"}, "unit"),
        ({"name": "x", "value": 1, "tags": []}, "tags"),
        ({"name": "x", "value": 1, "tags": {"a": {"b": 1}}}, "tags"),
        ({"name": "x", "value": 1, "tags": {"a": [1]}}, "tags"),
        ({"name": "x", "value": 1, "tags": {str(n): n for n in range(17)}}, "tags"),
        ({"name": "x", "value": 1, "tags": {"a": "b" * 1000}}, "tags"),
        ({"name": "x", "value": 1, "at": "now"}, "at"),
        ({"name": "x", "value": 1, "at": "2026-02-30T10:00:00Z"}, "at"),
        ({"name": "x", "value": 1, "at": "2026-02-03T10:00:00"}, "at"),
        ({"name": "x", "value": 1, "at": "1999-12-31T23:59:59Z"}, "at"),
        ({"name": "x", "value": 1, "at": LATER}, "at"),
        ({"name": "x", "value": 1, "at": 5}, "at"),
        (["x"], ""),
        (None, ""),
    ],
)
async def test_not_what_breaks_a_rule(
    owner: asyncpg.Connection, service: Session, wrong: Any, field: str
) -> None:
    right = {"name": "x", "value": 1}
    error = await refusal(owner, service, "record_metrics", {"metrics": [right, wrong, right]})
    wanted = [f"metrics[1].{name}" for name in field.split()] or ["metrics[1]"]
    assert (error.status, error.code, wrong_fields(error)) == (422, "invalid_input", wanted)
    if isinstance(wrong, dict):
        error = await refusal(owner, service, "record_metric", wrong)
        assert wrong_fields(error) == field.split()


async def test_up_to_the_bounds(owner: asyncpg.Connection, service: Session) -> None:
    metrics = [
        {"name": "x" * 100, "value": 9.9e29, "tags": {str(n): n for n in range(16)}},
        {"name": "a b/c:d-e_f.g0", "value": -9.9e29, "tags": {"a": "b" * 980}, "at": None},
        {"name": "9", "value": 0, "tags": None, "at": "2000-01-01T00:00:00Z"},
        {"name": "zone", "value": 0, "tags": {"none": None}, "at": "2024-02-29T23:30:00.5-0130"},
    ]
    assert (await service.call("record_metrics", {"payload": {"metrics": metrics}}))["recorded"] == 4
    at = await owner.fetchval("select created_at from public.analytics_metrics where name = 'zone'")
    assert at == datetime(2024, 3, 1, 1, 0, 0, 500_000, UTC)


async def test_with_thirty_decimals(owner: asyncpg.Connection, service: Session) -> None:
    kept = {
        1.23e-28: "0.000000000000000000000000000123",
        -1.2345678901234567e-30: "-0.000000000000000000000000000001",
        5e-324: "0",
        12.5: "12.5",
        1234567.25: "1234567.25",
    }
    # What is wrong with another is no fault of theirs.
    metrics = [{"name": f"m{n}", "value": value} for n, value in enumerate(kept)]
    error = await refusal(owner, service, "record_metrics", {"metrics": [*metrics, {"name": "x"}]})
    assert wrong_fields(error) == [f"metrics[{len(kept)}].value"]
    await service.call("record_metrics", {"payload": {"metrics": metrics}})
    stored = await owner.fetch("select value::text from public.analytics_metrics order by name")
    assert [row["value"] for row in stored] == list(kept.values())


async def test_of_no_tenant_there_is(owner: asyncpg.Connection, service: Session) -> None:
    stranger = {"tenant_id": "00000000-0000-0000-0000-000000000000"}
    for function, payload in (
        ("record_metric", {"name": "x", "value": 1}),
        ("record_metrics", {"metrics": [{"name": "x", "value": 1}]}),
    ):
        error = await refusal(owner, service, function, {**payload, **stranger})
        assert (error.status, error.code) == (404, "tenant_not_found")
        error = await refusal(owner, service, function, {**payload, "tenant_id": "x"})
        assert wrong_fields(error) == ["tenant_id"]


async def test_by_nobody_but_the_service(owner: asyncpg.Connection, api: Database, people: People) -> None:
    for who in (people.owner, people.member, people.customer):
        for function in ("record_metric", "record_metrics"):
            with pytest.raises(RpcError) as caught:
                await api.session(who).call(function, {"payload": {"name": "x", "value": 1}})
            assert caught.value.status in {403, 404}
    assert await owner.fetchval("select count(*) from public.analytics_metrics") == 0
