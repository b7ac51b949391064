"""What happens to a case is told to the tenant's endpoints: signed, once, with facts and nobody's words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from casebase.kernel.db import Database, Session
from casebase.kernel.delivery.webhooks import Webhooks
from casebase.kernel.http import create_app
from casebase.kernel.jobs import Worker
from casebase.kernel.runtime import Runtime
from tests.acceptance.product import end_leases, environment, started
from tests.mortgage.leads import BANK, CONTACT, lead
from tests.support.receiver import Receiver

QUEUE = "casebase_webhooks"


@pytest.fixture
def webhooks(api: Database) -> Webhooks:
    return Webhooks(api)


@pytest.fixture
def deliver(owner: asyncpg.Connection, runtime: Runtime) -> Callable[[], Awaitable[None]]:
    """Send what is due, and again at once what was refused."""

    async def run() -> None:
        await owner.execute("update casebase.queues set backoff_s = 0")
        settings = runtime.settings.model_copy(update={"webhook_allow_private": True})
        await Worker(replace(runtime, settings=settings), [QUEUE]).drain()

    return run


@pytest.fixture
def post_lead(runtime: Runtime) -> Callable[[], Awaitable[str]]:
    """Post a lead as the form does and return the case's id."""

    async def post() -> str:
        transport = httpx.ASGITransport(create_app(runtime))
        async with httpx.AsyncClient(transport=transport, base_url="http://casebase") as client:
            response = await client.post("/v1/mortgage/leads", json=lead())
        assert response.status_code == 201
        return str(response.json()["case_id"])

    return post


async def test_a_posted_lead_reaches_the_endpoint_once(
    webhooks: Webhooks, hook: Receiver, post_lead: Any, deliver: Any
) -> None:
    _, secret = await webhooks.add(hook.url, ["mortgage.*"])
    case_id = await post_lead()
    await deliver()
    await deliver()
    [request] = hook.received
    message = Webhook(secret).verify(request.body, request.headers)
    assert message["type"] == "mortgage.lead_form"
    assert message["data"]["subject_id"] == case_id
    assert message["data"]["facts"]["source"] == "website"
    assert message["data"]["facts"]["input_version"] == 1


async def test_it_is_sent_again_after_failures_with_the_same_id(
    webhooks: Webhooks, hook: Receiver, post_lead: Any, deliver: Any
) -> None:
    _, secret = await webhooks.add(hook.url, ["mortgage.lead_form"])
    hook.answer = lambda _: 500 if len(hook.received) < 4 else 200
    await post_lead()
    await deliver()
    assert len(hook.received) == 4
    assert len({request.headers["webhook-id"] for request in hook.received}) == 1
    for request in hook.received:
        Webhook(secret).verify(request.body, request.headers)


async def test_a_worker_killed_before_it_could_acknowledge_leaves_a_repeat_that_is_known_by_its_id(
    webhooks: Webhooks,
    hook: Receiver,
    post_lead: Any,
    deliver: Any,
    database: str,
    api_url: str,
    tmp_path: Path,
) -> None:
    await webhooks.add(hook.url, ["mortgage.lead_form"])
    hook.answer = lambda _: None
    env = environment(tmp_path, database_url=database, api_database_url=api_url, webhook_allow_private="true")
    with started("worker", "--queue", QUEUE, "--no-scheduler", env=env) as worker:
        await post_lead()
        await hook.wait_for(1)
        worker.kill()
    await end_leases(database, QUEUE)
    hook.answer = lambda _: 204
    await deliver()
    first, second = hook.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    [delivery] = await webhooks.list_deliveries()
    assert (delivery.status, delivery.attempts) == ("delivered", 1)


async def test_nobodys_words_leave_the_house(
    webhooks: Webhooks, hook: Receiver, post_lead: Any, deliver: Any, service: Session
) -> None:
    await webhooks.add(hook.url)
    case_id = await post_lead()
    said = (
        f"I am {CONTACT['name']}, {CONTACT['email']}, {CONTACT['phone']}; {BANK} told me to wait until spring"
    )
    event = {"case_id": case_id, "event_type": "chat", "payload": {"author": "borrower", "message": said}}
    await service.call("record_scenario_event", {"payload": event})
    await deliver()
    assert [request.json["type"] for request in hook.received if "chat" in request.json["type"]]
    sent = " ".join(request.body.decode() for request in hook.received).lower()
    words = [*CONTACT["name"].split(), CONTACT["email"], "9123", BANK, "spring"]
    assert [word for word in words if word.lower() in sent] == []


async def test_a_case_without_an_endpoint_queues_nothing(owner: asyncpg.Connection, post_lead: Any) -> None:
    await post_lead()
    assert await owner.fetchval("select count(*) from casebase.webhook_deliveries") == 0
    assert await owner.fetchval(f"select count(*) from pgmq.q_{QUEUE}") == 0
