"""A metric over time is told by the step, for the readings that have the tags, to the tenant's administrators."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from casebase.kernel.db import ANON, SERVICE, Database, Session
from casebase.kernel.errors import RpcError
from casebase.kernel.http import create_app
from casebase.kernel.runtime import Runtime
from tests.frontdesk.conftest import People
from tests.support.access import acting_as
from tests.support.refusals import refusal, wrong_fields
from tests.support.tokens import bearer

DAY = datetime(2026, 6, 16, tzinfo=UTC)
QUERY = {"name": " Latency ", "from": DAY.isoformat(), "until": (DAY + timedelta(hours=1)).isoformat()}


@pytest.fixture
async def readings(service: Session, people: People) -> None:
    """A reading every half minute of an hour, by turns of two routes; and one of another tenant."""
    metrics = [
        {
            "name": "latency",
            "value": n,
            "tags": {"route": "ab"[n % 2], "ok": n % 3 == 0},
            "at": (DAY + timedelta(seconds=30 * n)).isoformat(),
        }
        for n in range(120)
    ]
    await service.call("record_metrics", {"payload": {"metrics": metrics}})
    theirs = {"name": "latency", "value": 7, "at": DAY.isoformat(), "tenant_id": str(people.other_tenant)}
    await service.call("record_metric", {"payload": theirs})


@pytest.mark.usefixtures("readings")
async def test_by_the_minute_and_the_tags(api: Database, people: People) -> None:
    session = api.session(people.admin)
    reply = await session.call("query_metrics", {"payload": QUERY})
    assert (reply["name"], reply["step"], len(reply["points"])) == ("latency", "minute", 60)
    assert reply["points"][1] == {
        "starts_at": "2026-06-16T00:01:00+00:00", "count": 2, "sum": 5, "avg": 2.5, "min": 2, "max": 3,
        "p50": 2, "p95": 3, "p99": 3, "is_raw": True,
    }  # fmt: skip
    assert reply["total"] == {"count": 120, "sum": 7140, "avg": 59.5, "min": 0, "max": 119}
    for tags, values in (({"route": "a"}, range(0, 120, 2)), ({"route": "b", "ok": True}, range(3, 120, 6))):
        told = await session.call(
            "query_metrics", {"payload": {**QUERY, "step": "day", "tags": tags, "percentiles": False}}
        )
        [point] = told["points"]
        assert point == {
            "starts_at": DAY.isoformat(), "count": len(values), "sum": sum(values), "avg": sum(values) / len(values),
            "min": values[0], "max": values[-1], "is_raw": True,
        }  # fmt: skip
        # Whole steps, as a part of a day would pass for the day.
        assert (told["from"], told["until"]) == (DAY.isoformat(), (DAY + timedelta(days=1)).isoformat())
    nothing = {**QUERY, "name": "nothing"}
    reply = await session.call("query_metrics", {"payload": nothing})
    assert (reply["points"], reply["total"]["count"], reply["total"]["avg"]) == ([], 0, None)


@pytest.mark.usefixtures("readings")
async def test_in_a_step_that_suits_the_period(service: Session) -> None:
    for hours, step in ((6, "minute"), (7, "hour"), (60 * 24, "hour"), (61 * 24, "day")):
        until = (DAY + timedelta(hours=hours)).isoformat()
        reply = await service.call("query_metrics", {"payload": {**QUERY, "until": until}})
        assert (reply["step"], reply["total"]["count"]) == (step, 120)


@pytest.mark.usefixtures("readings")
async def test_of_the_longest_period_whenever_it_is_asked_for(service: Session) -> None:
    since = DAY - timedelta(seconds=1)
    for step, hours in (("minute", 36), ("hour", 90 * 24), ("day", 3660 * 24)):
        until = (since + timedelta(hours=hours)).isoformat()
        query = {**QUERY, "from": since.isoformat(), "until": until, "step": step}
        reply = await service.call("query_metrics", {"payload": query})
        assert (reply["step"], reply["total"]["count"]) == (step, 120)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"from": None}, "from"),
        ({"from": "yesterday"}, "from"),
        ({"until": DAY.isoformat()}, "until"),
        ({"step": "week"}, "step"),
        ({"step": "minute", "until": "2026-06-18T00:00:00Z"}, "step"),
        ({"step": "hour", "until": "2026-10-01T00:00:00Z"}, "step"),
        ({"until": "2037-10-01T00:00:00Z"}, "step"),
        ({"tags": "a"}, "tags"),
        ({"percentiles": 50}, "percentiles"),
        ({"color": "red"}, "color"),
    ],
)
async def test_not_what_breaks_a_rule(
    owner: asyncpg.Connection, service: Session, wrong: dict[str, Any], field: str
) -> None:
    error = await refusal(owner, service, "query_metrics", {**QUERY, **wrong})
    assert wrong_fields(error) == [field]


@pytest.mark.usefixtures("readings")
async def test_to_administrators_alone(
    owner: asyncpg.Connection, api: Database, service: Session, people: People
) -> None:
    while (await service.call("roll_up_metrics"))["is_more"]:
        pass
    seen = (
        (people.owner, 120, 2), (people.admin, 120, 2), (people.other_admin, 1, 2), (people.member, 0, 0),
        (people.other_member, 0, 0), (people.customer, 0, 0), (SERVICE, 121, 4),
    )  # fmt: skip
    for who, metrics, rollups in seen:
        async with acting_as(owner, who):
            assert await owner.fetchval("select count(*) from public.analytics_metrics") == metrics
            assert await owner.fetchval("select count(*) from public.metric_rollups") == rollups
    reply = await api.session(people.other_admin).call("query_metrics", {"payload": QUERY})
    assert reply["total"]["count"] == 1
    names = await api.session(people.other_admin).call("list_metric_names")
    assert names["items"] == [{"name": "latency", "latest_hour": DAY.isoformat()}]
    for principal, tenant, status, code in (
        (people.member, None, 403, "administrator_required"),
        (people.admin, people.other_tenant, 404, "tenant_not_found"),
        (people.customer, people.default_tenant, 404, "tenant_not_found"),
    ):
        for function, arguments in (
            ("query_metrics", {"payload": {**QUERY, "tenant_id": str(tenant)} if tenant else QUERY}),
            ("list_metric_names", {"tenant_id": tenant}),
        ):
            with pytest.raises(RpcError) as caught:
                await api.session(principal).call(function, arguments)
            assert (caught.value.status, caught.value.code) == (status, code)
    with pytest.raises(RpcError) as caught:
        await api.session(ANON).call("query_metrics", {"payload": QUERY})
    assert caught.value.status in {401, 403}


@pytest.fixture
async def http(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://casebase/v1/frontdesk") as client:
        yield client


async def test_over_http(http: httpx.AsyncClient, people: People) -> None:
    service, admin = bearer(SERVICE), bearer(people.admin)
    one = {"name": "Visits", "value": 2.5, "at": DAY.isoformat(), "tags": {"page": "/a", "new": True}}
    made = await http.post("/metrics", json=one, headers=service)
    assert (made.status_code, made.json()["recorded"]) == (201, 1)
    many = {"metrics": [one, {"name": "visits", "value": 1, "at": DAY.isoformat()}]}
    assert (await http.post("/metrics/batch", json=many, headers=service)).json()["recorded"] == 2
    period = {"name": "visits", "from": DAY.isoformat(), "until": (DAY + timedelta(days=1)).isoformat()}
    told = (await http.get("/metrics", params={**period, "step": "day"}, headers=admin)).json()
    assert (told["total"]["sum"], told["points"][0]["p99"]) == (6, 2.5)
    tagged = await http.post("/metrics/query", json={**period, "tags": {"page": "/a"}}, headers=admin)
    assert tagged.json()["total"] == {"count": 2, "sum": 5, "avg": 2.5, "min": 2.5, "max": 2.5}
    names = (await http.get("/metrics/names", headers=admin)).json()
    assert [item["name"] for item in names["items"]] == ["visits"]
    partitions = (await http.get("/metrics/partitions", headers=service)).json()
    assert partitions["waiting_in_default"] == 3  # the month is over, and nobody made its partition
    assert (await http.get("/metrics/archives", headers=service)).json() == {"items": []}

    wrong: dict[str, Any]
    for wrong in ({"value": "NaN"}, {"value": "2"}, {"value": True}, {"value": 1e30}, {"tags": {"a": []}}):
        assert (await http.post("/metrics", json={**one, **wrong}, headers=service)).status_code == 422
    assert (await http.post("/metrics", json=one, headers=admin)).status_code == 403
    assert (await http.get("/metrics", params=period, headers=bearer(people.member))).status_code == 403
    assert (await http.get("/metrics", params=period)).status_code == 401
