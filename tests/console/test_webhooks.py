"""The page of webhooks: for those who administer a tenant, and about that tenant only."""

from __future__ import annotations

import json
from uuid import UUID

import httpx
import pytest

from tests.console.conftest import Console, form_token, sign_in

PAGE = "/console/webhooks"


async def add_endpoint(console: Console, url: str, tenant: str = "default") -> str:
    made = await console.owner.fetchval("select casebase.create_webhook_endpoint($1, $2)", tenant, url)
    secret: str = json.loads(made)["secret"]
    return secret


async def publish(console: Console, tenant: str = "default", event_type: str = "toy.made") -> None:
    await console.owner.execute(
        "select casebase.publish_event(t.id, $2, t.id) from public.tenants t where t.slug = $1",
        tenant, event_type,
    )  # fmt: skip


async def fail_all(console: Console) -> list[UUID]:
    failed = await console.owner.fetch(
        "update casebase.webhook_deliveries set status = 'failed', attempts = 8, last_error = 'status_not_ok', "
        "last_status_code = 503 returning id"
    )
    return [row[0] for row in failed]


async def pending(console: Console) -> int:
    count: int = await console.owner.fetchval(
        "select count(*) from casebase.webhook_deliveries where status = 'pending'"
    )
    return count


async def test_endpoints_and_deliveries_are_shown_without_secrets(
    console: Console, member: httpx.AsyncClient
) -> None:
    secret = await add_endpoint(console, "https://crm.example.com/hooks")
    await publish(console)
    await fail_all(console)
    html = (await member.get(PAGE)).text
    assert "crm.example.com" in html
    assert "toy.made" in html
    assert "503" in html
    assert secret not in html
    assert PAGE in (await member.get("/console/")).text


async def test_the_log_is_filtered_and_paged(console: Console, member: httpx.AsyncClient) -> None:
    await add_endpoint(console, "https://crm.example.com/hooks")
    await publish(console, event_type="toy.broken")
    await fail_all(console)
    for number in range(60):
        await publish(console, event_type=f"toy.made_{number:02}")
    failed = (await member.get(PAGE, params={"status": "failed"})).text
    assert "toy.broken" in failed
    assert "toy.made_" not in failed
    first = (await member.get(PAGE)).text
    assert "toy.made_59" in first
    assert "toy.made_05" not in first
    following = next(part.split('"')[0] for part in first.split('href="') if part.startswith(f"{PAGE}?after"))
    second = (await member.get(following)).text
    assert "toy.made_05" in second
    assert "toy.made_59" not in second


async def test_chosen_deliveries_are_sent_again(console: Console, member: httpx.AsyncClient) -> None:
    await add_endpoint(console, "https://crm.example.com/hooks")
    for _ in range(3):
        await publish(console)
    chosen = await fail_all(console)
    token = form_token((await member.get(PAGE)).text)
    answer = await member.post(
        f"{PAGE}/redeliver", data={"csrf_token": token, "selected": [str(one) for one in chosen[:2]]}
    )
    assert answer.status_code == 303
    assert "2 deliveries are sent again" in (await member.get(answer.headers["location"])).text
    assert await pending(console) == 2


async def test_another_tenants_are_neither_shown_nor_sent(
    console: Console, member: httpx.AsyncClient
) -> None:
    await console.create_tenant("other")
    await add_endpoint(console, "https://other.example.com/hooks", "other")
    await publish(console, "other")
    [theirs] = await fail_all(console)
    page = (await member.get(PAGE)).text
    assert "other.example.com" not in page
    data = {"csrf_token": form_token(page), "selected": str(theirs)}
    await member.post(f"{PAGE}/redeliver", data=data)
    assert await pending(console) == 0


@pytest.mark.parametrize("role", ["member", "broker"])
async def test_only_owners_and_admins_come_in(console: Console, role: str) -> None:
    await console.create_user()
    await console.owner.execute("update public.tenant_users set role = $1", role)
    async with console.client() as client:
        await sign_in(client)
        assert (await client.get(PAGE)).status_code == 403
        home = (await client.get("/console/")).text
        assert PAGE not in home
        data = {"csrf_token": form_token(home), "selected": "00000000-0000-4000-8000-000000000000"}
        assert (await client.post(f"{PAGE}/redeliver", data=data)).status_code == 403
