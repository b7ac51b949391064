"""``casebase webhook``, as an operator uses it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from standardwebhooks.webhooks import Webhook
from typer.testing import CliRunner, Result

from casebase.cli import webhook
from casebase.cli.webhook import DeliveryNotFoundError, WebhookNotDeliveredError
from casebase.kernel.errors import CasebaseError, InvalidInputError, RpcError
from tests.support.receiver import Receiver

Command = Callable[..., Awaitable[Result]]


@pytest.fixture
def casebase(kernel_database: str, tmp_path_factory: pytest.TempPathFactory) -> Command:
    environment = {
        "CASEBASE_DATABASE_URL": kernel_database,
        "CASEBASE_HOME": str(tmp_path_factory.mktemp("home")),
        "CASEBASE_MODULES": "",
        "CASEBASE_WEBHOOK_ALLOW_PRIVATE": "true",
    }

    async def run(*arguments: str, answer: str | None = None, allow_private: bool = True) -> Result:
        env = environment | ({} if allow_private else {"CASEBASE_WEBHOOK_ALLOW_PRIVATE": "false"})
        result = await asyncio.to_thread(CliRunner().invoke, webhook.app, arguments, env=env, input=answer)
        if isinstance(result.exception, CasebaseError):
            raise result.exception
        return result

    return run


async def added(casebase: Command, url: str) -> tuple[str, str]:
    made = json.loads((await casebase("add", url, "--event", "toy.*", "--json")).output)
    return made["endpoint_id"], made["secret"]


async def test_the_secret_is_shown_once(casebase: Command) -> None:
    result = await casebase("add", "https://crm.example.com/hooks")
    [secret] = [word for word in result.output.split() if word.startswith("whsec_")]
    listing = await casebase("list")
    assert "https://crm.example.com/hooks" in listing.output
    assert secret not in listing.output + (await casebase("list", "--json")).output


async def test_plain_http_is_refused_unless_allowed(casebase: Command) -> None:
    with pytest.raises(InvalidInputError):
        await casebase("add", "http://crm.example.com/hooks", allow_private=False)
    assert json.loads((await casebase("list", "--json")).output) == []


async def test_a_test_event_is_sent_and_its_answer_told(casebase: Command, hook: Receiver) -> None:
    endpoint_id, secret = await added(casebase, hook.url)
    result = await casebase("test", endpoint_id)
    assert "204" in result.output
    assert Webhook(secret).verify(hook.received[0].body, hook.received[0].headers)["type"] == "casebase.test"


async def test_a_test_event_that_is_refused_says_so(casebase: Command, hook: Receiver) -> None:
    endpoint_id, _ = await added(casebase, hook.url)
    hook.answer = lambda _: 418
    with pytest.raises(WebhookNotDeliveredError, match="418"):
        await casebase("test", endpoint_id)


async def test_what_was_refused_is_listed_and_redelivered(casebase: Command, hook: Receiver) -> None:
    endpoint_id, _ = await added(casebase, hook.url)
    hook.answer = lambda _: 410
    with pytest.raises(WebhookNotDeliveredError):
        await casebase("test", endpoint_id)
    [failed] = json.loads((await casebase("deliveries", "--status", "failed", "--json")).output)
    assert (failed["last_status_code"], failed["last_error"]) == (410, "endpoint_gone")
    with pytest.raises(DeliveryNotFoundError):
        await casebase("redeliver", failed["delivery_id"])  # 410 switched the endpoint off

    hook.answer = lambda _: 204
    await casebase("enable", endpoint_id)
    assert "Queued 1" in (await casebase("redeliver", "--failed-of", endpoint_id)).output
    await casebase("test", endpoint_id)  # sends what else is due
    delivered = json.loads((await casebase("deliveries", endpoint_id, "--json")).output)
    assert [d["status"] for d in delivered] == ["delivered", "delivered"]


async def test_rotating_prints_another_secret(casebase: Command) -> None:
    endpoint_id, secret = await added(casebase, "https://crm.example.com/hooks")
    rotated = json.loads((await casebase("rotate", endpoint_id, "--json")).output)["secret"]
    assert rotated.startswith("whsec_")
    assert rotated != secret


async def test_removing_asks_first(casebase: Command) -> None:
    endpoint_id, _ = await added(casebase, "https://crm.example.com/hooks")
    assert (await casebase("remove", endpoint_id, answer="n\n")).exit_code == 1
    assert len(json.loads((await casebase("list", "--json")).output)) == 1
    assert (await casebase("remove", endpoint_id, answer="y\n")).exit_code == 0
    assert json.loads((await casebase("list", "--json")).output) == []


async def test_an_unknown_endpoint_is_refused(casebase: Command) -> None:
    for command in (["test"], ["rotate"], ["enable"], ["disable"], ["remove", "--yes"]):
        with pytest.raises(RpcError) as refusal:
            await casebase(*command, str(uuid4()))
        assert refusal.value.code == "webhook_endpoint_not_found"


async def test_redelivering_needs_to_know_what(casebase: Command) -> None:
    assert (await casebase("redeliver")).exit_code == 2
    assert (await casebase("redeliver", str(uuid4()), "--failed-of", str(uuid4()))).exit_code == 2
