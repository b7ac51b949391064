"""A mentor's nudges, from ten activities to the welcome after a month away, through the doors that everybody has.

The product runs as its users run it (``casebase up``), with a program on loopback that pushes for it; a month is the clock
of all its processes moved.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from casebase.kernel.db import Principal
from tests.acceptance.product import casebase, environment, started
from tests.conftest import MakePerson
from tests.support.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.xdist_group("acceptance")

SECRET = "whsec_" + "YSBzZWNyZXQgb2YgdGhlIHByb2dyYW0gdGhhdCBwdXNoZXM="
MONTH = {"CASEBASE_CLOCK_OFFSET": "P31D"}


@pytest.fixture
def env(tmp_path: Path, database: str, api_url: str, hook: Receiver) -> dict[str, str]:
    return environment(
        tmp_path / "home",
        database_url=database,
        api_database_url=api_url,
        push_webhook_url=hook.url,
        push_webhook_secret=SECRET,
    )


@pytest.fixture
async def default_tenant(owner: asyncpg.Connection) -> UUID:
    tenant_id: UUID = await owner.fetchval("select id from tenants where slug = 'default'")
    return tenant_id


def bearer(person: Principal, env: dict[str, str]) -> dict[str, str]:
    done = casebase(
        *("token", "create", "--role", "authenticated", "--sub", str(person.sub), "--ttl", str(60 * 86400)),
        env=env,
    )
    assert done.returncode == 0, done.stderr
    return {"Authorization": f"Bearer {done.stdout.strip()}"}


@asynccontextmanager
async def product(env: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    with started("up", "--port", "0", env=env) as running:
        async with await running.client() as http:
            yield http


def evaluate(env: dict[str, str], *arguments: str) -> dict[str, Any]:
    done = casebase("notifications", "evaluate", "--json", *arguments, env=env)
    assert done.returncode == 0, done.stderr
    scenarios: dict[str, Any] = json.loads(done.stdout)["scenarios"]
    return scenarios


async def mine(http: httpx.AsyncClient, mentor: dict[str, str]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await call(http, "GET", "/mine", mentor))["items"]
    return items


async def all_sent(http: httpx.AsyncClient, mentor: dict[str, str], count: int) -> list[dict[str, Any]]:
    """Wait until somebody has so many notifications, all of them sent; newest first."""

    async def look() -> list[dict[str, Any]]:
        items = await mine(http, mentor)
        return items if [item["delivery_status"] for item in items] == ["sent"] * count else []

    return await eventually(look)


async def call(http: httpx.AsyncClient, method: str, path: str, who: dict[str, str], **request: Any) -> Any:
    response = await http.request(method, f"/v1/notifications{path}", headers=who, **request)
    assert response.is_success, response.text
    return response.json()


async def test_from_ten_activities_to_the_welcome_after_a_month_away(
    env: dict[str, str], hook: Receiver, default_tenant: UUID, make_person: MakePerson
) -> None:
    person, administrator = (
        await make_person(default_tenant, "member"),
        await make_person(default_tenant, "admin"),
    )
    mentor, admin = bearer(person, env), bearer(administrator, env)
    ten, one = ({"activities": [{"kind": "visit"}] * count} for count in (10, 1))

    # A milestone: reached, evaluated because an administrator asked, pushed once in the mentor's language, and read.
    async with product(env) as http:
        await call(http, "PATCH", "/preferences", mentor, json={"language": "nb"})
        await call(http, "POST", "/devices", mentor, json={"token": "phone-of-the-mentor", "platform": "ios"})
        await call(http, "POST", "/activities", mentor, json=ten)
        await call(http, "POST", f"/organizations/{default_tenant}/evaluations", admin, json={})
        [milestone] = await all_sent(http, mentor, 1)
        assert (milestone["title"], milestone["milestone_value"]) == ("En milepæl", 10)
        [pushed] = hook.received
        Webhook(SECRET).verify(pushed.body, pushed.headers)
        assert pushed.headers["idempotency-key"] == milestone["notification_id"]
        assert (
            pushed.json["data"]["body"] == milestone["body"] == "Du har 10 aktiviteter bak deg. Tusen takk!"
        )
        assert pushed.json["data"]["devices"] == [{"token": "phone-of-the-mentor", "platform": "ios"}]
        read = await call(http, "POST", f"/mine/{milestone['notification_id']}/read", mentor)
        assert (await mine(http, mentor))[0]["read_at"] == read["read_at"]
        assert (await http.get("/v1/notifications/due", headers=mentor)).status_code == 403

    # A month later: missed, whoever evaluates first told once; back again, and welcomed.
    later = env | MONTH
    assert evaluate(later, "--dry-run", "--only", "inactivity") == {"inactivity": {"notified": 1}}
    async with product(later) as http:
        evaluate(later)  # beside the schedules, whose hour has come too
        inactivity, _ = await all_sent(http, mentor, 2)
        assert inactivity["title"] == "Vi savner deg"
        await call(http, "POST", "/activities", mentor, json=one)
        evaluate(later, "--org", "default", "--only", "welcome_back")
        welcome, *_ = await all_sent(http, mentor, 3)
        assert welcome["title"] == "Velkommen tilbake"

        # Who wants no more congratulations gets none, and the administrator sees why.
        silence = {"preferences": [{"scenario_type": "milestone", "enabled": False}]}
        await call(http, "PATCH", "/preferences", mentor, json=silence)
        await call(http, "POST", "/activities", mentor, json={"activities": ten["activities"] * 2})
        assert evaluate(later, "--only", "milestone") == {"milestone": {"opted_out": 1}}
        [held] = (await call(http, "GET", "/due", admin))["items"]
        assert (held["user_id"], held["outcome"], held["milestone_value"]) == (
            str(person.sub),
            "opted_out",
            25,
        )
        listed = (await call(http, "GET", "", admin, params={"user_id": str(person.sub)}))["items"]
        assert [item["scenario_type"] for item in listed] == ["welcome_back", "inactivity", "milestone"]

    assert [request.json["data"]["title"] for request in hook.received] == [
        *("En milepæl", "Vi savner deg", "Velkommen tilbake")
    ]
    assert not any(b"@" in request.body for request in hook.received)
