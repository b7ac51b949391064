"""``/v1/notifications``: typed routes over the RPCs, for people, administrators and services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from casebase.kernel.db import SERVICE
from casebase.kernel.http import create_app
from casebase.kernel.runtime import Runtime
from tests.notifications.conftest import People
from tests.support.refusals import problem_of
from tests.support.tokens import bearer

V1 = "/v1/notifications"
ALL = f"http://casebase{V1}"
"""The empty path, which a base URL would end with a slash."""
TOKEN = "a-token-of-a-push-service"


@pytest.fixture
async def http(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(runtime))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://casebase{V1}") as client:
        yield client


def ok(response: httpx.Response, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json()


async def test_a_person_is_nudged_and_reads_it(
    http: httpx.AsyncClient,
    owner: asyncpg.Connection,
    people: People,
) -> None:
    await owner.execute("update tenant_users set created_at = created_at - interval '1 year'")
    mine, service = bearer(people.member), bearer(SERVICE)
    long_ago = (datetime.now(UTC).date() - timedelta(days=45)).isoformat()
    await http.post("/activities", json={"activities": [{"activity_date": long_ago}]}, headers=mine)
    soon = (datetime.now(UTC).date() + timedelta(days=20)).isoformat()
    certifications = {"certifications": [{"name": "First aid", "expires_on": soon}]}
    [kept] = ok(await http.put("/certifications", json=certifications, headers=mine))["certifications"]
    assert ok(await http.get("/certifications", headers=mine))[0]["name"] == "First aid"
    device = ok(await http.post("/devices", json={"token": TOKEN, "platform": "ios"}, headers=mine))
    wishes = ok(await http.patch("/preferences", json={"language": "nb"}, headers=mine))
    assert ok(await http.get("/preferences", headers=mine)) == wishes

    done = ok(
        await http.post("/evaluations", json={"organization_id": str(people.default_tenant)}, headers=service)
    )
    assert {name: outcome["notified"] for name, outcome in done["scenarios"].items()} == {
        "inactivity": 1,
        "certification_expiry": 1,
    }
    page = ok(await http.get("/mine", params={"limit": 1}, headers=mine))
    # Both of one moment, so that the next page misses none.
    assert (len(page["items"]), page["next_before"]) == (2, None)
    one = page["items"][0]["notification_id"]
    read = ok(await http.post(f"/mine/{one}/read", headers=mine))
    earlier = page["items"][0]["triggered_at"]
    assert ok(await http.get("/mine", params={"before": earlier}, headers=mine))["items"] == []
    assert read["notification_id"] == one

    revoked = ok(await http.post("/devices/revoke", json={"token": TOKEN}, headers=mine))
    assert revoked["device_id"] == device["device_id"]
    ok(await http.delete(f"/certifications/{kept['certification_id']}", headers=mine))
    assert ok(await http.get("/certifications", headers=mine)) == []


async def test_an_administrator_decides_and_sees(http: httpx.AsyncClient, people: People) -> None:
    admin, service = bearer(people.admin), bearer(SERVICE)
    rule = {"scenario_type": "milestone", "threshold": [5, 1], "cooldown_hours": 2}
    rules = ok(await http.patch("/config", json=rule, headers=admin))
    assert ok(await http.get("/config", headers=admin)) == rules
    hours = {"quiet_from": "22:00", "quiet_until": "07:00"}
    ok(await http.patch("/settings", json=hours, headers=admin))
    ended = ok(await http.patch("/settings", json={"quiet_from": None, "quiet_until": None}, headers=admin))
    assert ok(await http.get("/settings", headers=admin)) == ended
    assert ended["quiet_from"] is None

    member = str(people.member.sub)
    ok(
        await http.post("/activities", json={"activities": [{"user_id": member}]}, headers=admin),
        201,
    )
    due = ok(await http.get("/due", params={"scenario_type": "milestone"}, headers=admin))
    assert [(item["user_id"], item["outcome"]) for item in due["items"]] == [(member, "notified")]
    jobs = ok(
        await http.post(
            f"/organizations/{people.default_tenant}/evaluations",
            json={"scenario_types": ["milestone"]},
            headers=admin,
        ),
        202,
    )
    assert [job["scenario_type"] for job in jobs["jobs"]] == ["milestone"]
    written = ok(
        await http.post(
            ALL,
            json={
                "user_id": member,
                "organization_id": str(people.default_tenant),
                "scenario_type": "milestone",
                "milestone_value": 1,
                "delivery_status": "failed",
            },
            headers=service,
        ),
        201,
    )
    listed = ok(await http.get(ALL, params={"delivery_status": "failed"}, headers=admin))
    assert [item["notification_id"] for item in listed["items"]] == [written["id"]]
    again = ok(await http.post("/resend", json={"notification_ids": [written["id"]]}, headers=admin))
    assert again["resent"] == [written["id"]]
    assert sum(day["pending"] for day in ok(await http.get("/overview", headers=admin))["days"]) == 1
    assert ok(await http.get(f"/people/{member}", headers=admin))["activity_count"] == 1
    assert ok(await http.get("/evaluations", headers=admin)) == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", ALL, None, 403, "administrator_required"),
        ("POST", "/evaluations", {}, 403, "forbidden"),
        ("GET", "/mine?limit=0", None, 422, "invalid_input"),
        ("GET", "/mine?before=2026-06-15T12:00:00", None, 422, "invalid_input"),
        ("PATCH", "/preferences", {"timezone": "Europe/Atlantis"}, 422, "invalid_input"),
        ("PATCH", "/preferences", {"preferences": [{"scenario_type": "x"}]}, 422, "invalid_input"),
        ("POST", "/devices/revoke", {"token": "unknown-token"}, 404, "device_not_found"),
        ("POST", "/devices", {"token": "short", "platform": "ios"}, 422, "invalid_input"),
        ("POST", "/mine/not-a-uuid/read", None, 422, "invalid_input"),
    ],
)
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
    found = await problem_of(owner, http, method, path, json=body, headers=bearer(people.member))
    assert found == (status, code)


async def test_a_wrong_item_of_a_list_is_named_alone(http: httpx.AsyncClient, people: People) -> None:
    payload = {"certifications": [{"name": "First aid"}]}
    problem = ok(await http.put("/certifications", json=payload, headers=bearer(people.member)), 422)
    assert [(each["field"], each["rule"]) for each in problem["errors"]] == [
        ("certifications.0.expires_on", "missing")
    ]


async def test_every_route_wants_a_token(http: httpx.AsyncClient, runtime: Runtime) -> None:
    paths = create_app(runtime).openapi()["paths"]
    ours = [(method, path) for path in paths if path.startswith(V1) for method in paths[path]]
    assert len(ours) > 20
    for method, path in ours:
        url = f"http://casebase{path}".format(
            **dict.fromkeys(
                ("notification_id", "certification_id", "user_id", "organization_id"),
                "00000000-0000-0000-0000-000000000000",
            )
        )
        assert (await http.request(method, url)).status_code == 401, (method, path)


async def test_a_write_with_a_key_is_done_once(
    http: httpx.AsyncClient,
    owner: asyncpg.Connection,
    people: People,
) -> None:
    headers = {**bearer(people.member), "Idempotency-Key": "k1"}
    for replayed in (None, "true"):
        response = await http.post("/activities", json={"activities": [{}]}, headers=headers)
        assert response.headers.get("Idempotency-Replayed") == replayed
    assert await owner.fetchval("select count(*) from activities") == 1
