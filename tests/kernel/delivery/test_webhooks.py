"""An event that is published reaches the endpoints that want it: signed, logged, tried again, known by its id."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from casebase.kernel.delivery.webhooks import Webhooks
from casebase.kernel.errors import RpcError
from casebase.kernel.jobs import Queues
from tests.support.receiver import Received, Receiver

Drain = Callable[..., Awaitable[None]]
Publish = Callable[..., Awaitable[int]]


@pytest.fixture
def publish(owner: asyncpg.Connection, tenant: UUID) -> Publish:
    async def one(event_type: str = "toy.made", *, event_id: UUID | None = None, **payload: Any) -> int:
        count: int = await owner.fetchval(
            "select casebase.publish_event($1, $2, $3, $4, $5)",
            tenant, event_type, uuid4(), json.dumps(payload), event_id or uuid4(),
        )  # fmt: skip
        return count

    return one


def verified(secret: str, request: Received) -> Any:
    return Webhook(secret).verify(request.body, request.headers)


class TestPublishing:
    async def test_an_endpoint_gets_the_event_signed(
        self, webhooks: Webhooks, hook: Receiver, publish: Publish, drain: Drain, tenant: UUID
    ) -> None:
        _, secret = await webhooks.add(hook.url)
        event_id = uuid4()
        assert await publish("toy.made", event_id=event_id, size=3) == 1
        await drain()
        [request] = hook.received
        message = verified(secret, request)
        assert message["type"] == "toy.made"
        assert message["data"]["size"] == 3
        assert message["data"]["event_id"] == request.headers["webhook-id"] == str(event_id)
        assert message["data"]["tenant_id"] == str(tenant)
        [delivery] = await webhooks.list_deliveries()
        assert (delivery.status, delivery.attempts, delivery.last_status_code) == ("delivered", 1, 204)
        assert delivery.delivered_at is not None

    @pytest.mark.parametrize(
        ("wanted", "event_type", "count"),
        [
            ("*", "toy.made", 1),
            ("toy.*", "toy.made", 1),
            ("toy.*", "toy.part.made", 1),
            ("toy.made", "toy.made", 1),
            ("toy.made", "toy.made_again", 0),
            ("toy.*", "toys.made", 0),
            ("toy.*", "toy", 0),
        ],
    )
    async def test_an_endpoint_gets_the_types_it_wants(
        self, webhooks: Webhooks, publish: Publish, wanted: str, event_type: str, count: int
    ) -> None:
        await webhooks.add("https://example.com/hooks", [wanted])
        assert await publish(event_type) == count

    async def test_an_event_is_published_once(self, webhooks: Webhooks, publish: Publish) -> None:
        await webhooks.add("https://example.com/hooks")
        event_id = uuid4()
        assert [await publish(event_id=event_id) for _ in range(2)] == [1, 0]

    async def test_each_endpoint_of_the_tenant_gets_it_and_no_other_tenants(
        self, webhooks: Webhooks, publish: Publish, owner: asyncpg.Connection
    ) -> None:
        await owner.execute("insert into public.tenants (slug, name) values ('other', 'Other')")
        await webhooks.add("https://one.example/hooks")
        await webhooks.add("https://two.example/hooks")
        await webhooks.add("https://three.example/hooks", tenant="other")
        assert await publish() == 2

    async def test_what_is_rolled_back_is_not_published(
        self, webhooks: Webhooks, publish: Publish, owner: asyncpg.Connection, queues: Queues
    ) -> None:
        await webhooks.add("https://example.com/hooks")
        transaction = owner.transaction()
        await transaction.start()
        assert await publish() == 1
        await transaction.rollback()
        assert await webhooks.list_deliveries() == []
        assert await queues.list_jobs("casebase_webhooks") == []


class TestRetries:
    async def test_a_refused_attempt_is_made_again_with_the_same_id_and_body(
        self, webhooks: Webhooks, hook: Receiver, publish: Publish, drain: Drain
    ) -> None:
        _, secret = await webhooks.add(hook.url)
        hook.answer = lambda _: 500 if len(hook.received) < 3 else 200
        await publish()
        await drain()
        assert len(hook.received) == 3
        assert len({request.headers["webhook-id"] for request in hook.received}) == 1
        assert len({request.body for request in hook.received}) == 1
        for request in hook.received:
            verified(secret, request)
        [delivery] = await webhooks.list_deliveries()
        assert (delivery.status, delivery.attempts, delivery.last_error) == ("delivered", 3, None)

    async def test_between_attempts_the_log_says_when_the_next_is(
        self, webhooks: Webhooks, hook: Receiver, publish: Publish, drain: Drain, owner: asyncpg.Connection
    ) -> None:
        await owner.execute("update casebase.queues set backoff_s = 3600 where name = 'casebase_webhooks'")
        await webhooks.add(hook.url)
        hook.answer = lambda _: 503
        await publish()
        await drain()
        [delivery] = await webhooks.list_deliveries()
        assert (delivery.status, delivery.attempts, delivery.last_error) == ("pending", 1, "status_not_ok")
        assert delivery.last_status_code == 503
        assert delivery.next_attempt_at is not None
        assert timedelta(minutes=40) < delivery.next_attempt_at - delivery.created_at < timedelta(minutes=61)

    async def test_after_eight_attempts_it_has_failed_and_can_be_redelivered(
        self, webhooks: Webhooks, hook: Receiver, publish: Publish, drain: Drain, queues: Queues
    ) -> None:
        endpoint_id, _ = await webhooks.add(hook.url)
        hook.answer = lambda _: 500
        await publish()
        await drain()
        [delivery] = await webhooks.list_deliveries(status="failed")
        assert (delivery.attempts, len(hook.received)) == (8, 8)
        assert await queues.list_jobs("casebase_webhooks") == []

        hook.answer = lambda _: 204
        assert await webhooks.redeliver(endpoint_id=endpoint_id) == [delivery.delivery_id]
        await drain()
        [again] = await webhooks.list_deliveries(delivery_id=delivery.delivery_id)
        assert (again.status, again.attempts, again.redeliveries) == ("delivered", 1, 1)
        assert len({request.headers["webhook-id"] for request in hook.received}) == 1

    async def test_a_redelivery_that_is_asked_for_twice_is_sent_once(
        self, webhooks: Webhooks, hook: Receiver, publish: Publish, drain: Drain
    ) -> None:
        await webhooks.add(hook.url)
        await publish()
        await drain()
        [delivery] = await webhooks.list_deliveries()
        await webhooks.redeliver([delivery.delivery_id])
        await webhooks.redeliver([delivery.delivery_id])
        await drain()
        assert len(hook.received) == 2

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    async def test_a_redirect_is_not_followed(
        self, webhooks: Webhooks, hook: Receiver, publish: Publish, drain: Drain, status: int
    ) -> None:
        await webhooks.add(hook.url)
        hook.headers["location"] = f"http://127.0.0.1:{hook.port}/elsewhere"
        hook.answer = lambda _: status
        await publish()
        await drain()
        assert {request.target for request in hook.received} == {"/hooks"}
        [delivery] = await webhooks.list_deliveries()
        assert (delivery.status, delivery.last_error) == ("failed", "redirect_refused")


class TestEndpoints:
    async def test_410_switches_the_endpoint_off(
        self, webhooks: Webhooks, hook: Receiver, publish: Publish, drain: Drain
    ) -> None:
        endpoint_id, _ = await webhooks.add(hook.url)
        hook.answer = lambda _: 410
        await publish()
        await publish()
        await drain()
        [endpoint] = await webhooks.list_endpoints()
        assert (endpoint.is_enabled, endpoint.disabled_reason, endpoint.failed) == (False, "endpoint_gone", 2)
        assert await publish() == 0
        await webhooks.enable(endpoint_id)
        assert await publish() == 1

    async def test_a_secret_is_rotated_with_an_overlap(
        self,
        webhooks: Webhooks,
        hook: Receiver,
        publish: Publish,
        drain: Drain,
        owner: asyncpg.Connection,
    ) -> None:
        endpoint_id, old = await webhooks.add(hook.url)
        new = await webhooks.rotate(endpoint_id)
        await publish()
        await drain()
        for secret in (old, new):
            verified(secret, hook.received[0])

        await owner.execute("update casebase.webhook_endpoints set previous_secret_until = casebase.now()")
        await publish()
        await drain()
        verified(new, hook.received[1])
        with pytest.raises(WebhookVerificationError):
            verified(old, hook.received[1])

    async def test_a_leaked_secret_ends_at_once_when_asked(
        self, webhooks: Webhooks, hook: Receiver, publish: Publish, drain: Drain
    ) -> None:
        endpoint_id, old = await webhooks.add(hook.url)
        await webhooks.rotate(endpoint_id, timedelta(0))
        await publish()
        await drain()
        with pytest.raises(WebhookVerificationError):
            verified(old, hook.received[0])

    async def test_a_removed_endpoint_gets_nothing_more(
        self, webhooks: Webhooks, hook: Receiver, publish: Publish, drain: Drain, queues: Queues
    ) -> None:
        endpoint_id, _ = await webhooks.add(hook.url)
        await publish()
        assert await webhooks.remove(endpoint_id) == 1
        await drain()
        assert hook.received == []
        assert await queues.list_jobs("casebase_webhooks") == []

    async def test_a_test_event_reaches_an_endpoint_whatever_it_wants(
        self, webhooks: Webhooks, hook: Receiver, drain: Drain
    ) -> None:
        endpoint_id, secret = await webhooks.add(hook.url, ["toy.made"])
        delivery_id = await webhooks.send_test(endpoint_id)
        await drain()
        assert verified(secret, hook.received[0])["type"] == "casebase.test"
        [delivery] = await webhooks.list_deliveries(delivery_id=delivery_id)
        assert delivery.status == "delivered"

    @pytest.mark.parametrize(
        ("url", "event_types"),
        [
            ("ftp://example.com/", ["*"]),
            ("https://user:password@example.com/", ["*"]),
            ("https://example.com/#part", ["*"]),
            ("https:///path", ["*"]),
            ("https://example.com/ hooks", ["*"]),
            ("https://example.com/", []),
            ("https://example.com/", ["Toy.made"]),
            ("https://example.com/", ["toy*"]),
            ("https://example.com/", ["*.made"]),
            ("https://example.com/", ["toy.made toy"]),
        ],
    )
    async def test_a_wrong_endpoint_is_refused(
        self, webhooks: Webhooks, url: str, event_types: list[str]
    ) -> None:
        with pytest.raises(RpcError) as refusal:
            await webhooks.add(url, event_types)
        assert refusal.value.code == "invalid_input"
        assert await webhooks.list_endpoints() == []

    async def test_what_does_not_exist_is_not_found(self, webhooks: Webhooks) -> None:
        for call in (webhooks.remove, webhooks.rotate, webhooks.enable, webhooks.send_test):
            with pytest.raises(RpcError) as refusal:
                await call(uuid4())
            assert (refusal.value.code, refusal.value.status) == ("webhook_endpoint_not_found", 404)
        with pytest.raises(RpcError) as refusal:
            await webhooks.add("https://example.com/", tenant="nobody")
        assert (refusal.value.code, refusal.value.status) == ("tenant_not_found", 404)


class TestSecrecy:
    @pytest.mark.parametrize("role", ["anon", "authenticated", "service_role", "casebase_api"])
    @pytest.mark.parametrize("table", ["webhook_endpoints", "webhook_deliveries"])
    async def test_no_role_reads_the_tables(self, owner: asyncpg.Connection, role: str, table: str) -> None:
        async with owner.transaction():
            await owner.execute(f"set local role {role}")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with owner.transaction():
                    await owner.fetch(f"select * from casebase.{table}")

    @pytest.mark.parametrize("role", ["anon", "authenticated", "service_role"])
    async def test_only_the_worker_gets_secrets(self, owner: asyncpg.Connection, role: str) -> None:
        may = "select has_function_privilege($1, 'casebase.get_webhook_delivery(uuid, int)', 'execute')"
        assert await owner.fetchval(may, role) is False

    async def test_a_secret_is_in_no_log_and_no_job(
        self,
        webhooks: Webhooks,
        hook: Receiver,
        publish: Publish,
        drain: Drain,
        owner: asyncpg.Connection,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        _, secret = await webhooks.add(hook.url)
        hook.answer = lambda _: 500
        await publish()
        jobs = await owner.fetch("select q::text from pgmq.q_casebase_webhooks q")
        await drain()
        told = "".join(capfd.readouterr()) + repr(jobs) + repr(await webhooks.list_endpoints())
        assert secret.removeprefix("whsec_") not in told


class TestPurge:
    async def test_old_deliveries_go_and_young_ones_stay(
        self, webhooks: Webhooks, publish: Publish, owner: asyncpg.Connection, queues: Queues, drain: Drain
    ) -> None:
        await webhooks.add("https://example.com/hooks")
        for _ in range(3):
            await publish()
        [old, *young] = await webhooks.list_deliveries()
        await owner.execute(
            "update casebase.webhook_deliveries set created_at = casebase.now() - interval '31 days' where id = $1",
            old.delivery_id,
        )
        await queues.enqueue("casebase_maintenance", {"purge": "webhook_deliveries"})
        await drain("casebase_maintenance")
        assert await webhooks.list_deliveries() == young
