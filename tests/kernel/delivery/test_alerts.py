"""An alert reaches whom CASEBASE_ALERT_URLS names, once per key, over the real protocols."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr

from casebase.kernel.config import load_settings
from casebase.kernel.delivery import alerts
from casebase.kernel.delivery.alerts import alert_targets
from casebase.kernel.jobs import Queues
from tests.support.receiver import Receiver, receiver

Drain = Callable[..., Awaitable[None]]
QUEUE = "casebase_alerts"


@pytest.fixture
def raise_alert(owner: asyncpg.Connection, tenant: UUID) -> Callable[..., Awaitable[int]]:
    async def one(key: str = "case 1", **changes: str) -> int:
        told = {"kind": "consent_ending", "title": "Consent ends soon", "body": "Case 17", **changes}
        msg_id: int = await owner.fetchval(
            "select casebase.raise_alert($1, $2, $3, $4, $5)",
            *(tenant, told["kind"], told["title"], told["body"], key),
        )
        return msg_id

    return one


def to(*urls: str) -> SecretStr:
    return SecretStr(", ".join(urls))


def json_url(hook: Receiver) -> str:
    return f"json://127.0.0.1:{hook.port}/alerts"


@dataclass
class Mailbox:
    port: int = 0
    messages: list[Message] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.messages.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    box = Mailbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    async with server:
        yield box


async def test_an_alert_is_posted(raise_alert: Any, drain: Drain, hook: Receiver) -> None:
    await raise_alert()
    await drain(QUEUE, alert_urls=to(json_url(hook)))
    [request] = hook.received
    assert (request.json["title"], request.json["message"]) == ("Consent ends soon", "Case 17")
    assert request.json["type"] == "warning"


async def test_an_alert_is_mailed(raise_alert: Any, drain: Drain, mailbox: Mailbox) -> None:
    await raise_alert()
    url = f"mailto://127.0.0.1:{mailbox.port}?from=casebase@example.com&to=ops@example.com,boss@example.com"
    await drain(QUEUE, alert_urls=to(url))
    assert {message["to"] for message in mailbox.messages} == {"ops@example.com", "boss@example.com"}
    for message in mailbox.messages:
        assert message["subject"] == "Consent ends soon"


async def test_an_alert_is_raised_once_per_key(raise_alert: Any, drain: Drain, hook: Receiver) -> None:
    assert await raise_alert("a") == await raise_alert("a")
    await raise_alert("b")
    await drain(QUEUE, alert_urls=to(json_url(hook)))
    assert await raise_alert("a")
    await drain(QUEUE, alert_urls=to(json_url(hook)))
    assert len(hook.received) == 2


async def test_a_target_that_is_down_is_tried_again_and_no_other_hears_it_twice(
    raise_alert: Any, drain: Drain, hook: Receiver, queues: Queues
) -> None:
    async with receiver() as broken:
        broken.answer = lambda _: 500 if len(broken.received) < 3 else 200
        await raise_alert()
        await drain(QUEUE, alert_urls=to(json_url(hook), json_url(broken)))
        assert (len(hook.received), len(broken.received)) == (1, 3)
    assert await queues.list_jobs(QUEUE) == []


async def test_an_alert_that_nobody_takes_is_kept_as_dead(
    raise_alert: Any, drain: Drain, hook: Receiver, queues: Queues
) -> None:
    hook.answer = lambda _: 500
    await raise_alert()
    await drain(QUEUE, alert_urls=to(json_url(hook)))
    [job] = await queues.list_jobs(QUEUE)
    assert (job.job_state, job.attempts, job.error_code) == ("dead", 8, "alert_not_sent")


async def test_without_a_target_alerts_end_and_one_warning_says_so(
    raise_alert: Any, drain: Drain, queues: Queues, capsys: pytest.CaptureFixture[str]
) -> None:
    alerts._warn_once.cache_clear()
    await raise_alert("a")
    await raise_alert("b")
    await drain(QUEUE)
    assert await queues.list_jobs(QUEUE) == []
    assert capsys.readouterr().out.count("CASEBASE_ALERT_URLS") == 1


async def test_an_address_that_apprise_does_not_know_says_so(
    raise_alert: Any, drain: Drain, queues: Queues
) -> None:
    await raise_alert()
    await drain(QUEUE, alert_urls=to("nothing://secret-token@example.com"))
    [job] = await queues.list_jobs(QUEUE)
    assert (job.job_state, job.error_code) == ("dead", "alert_url_invalid")
    assert "secret-token" not in repr(job)


async def test_personal_data_is_masked(raise_alert: Any, drain: Drain, hook: Receiver) -> None:
    await raise_alert(title="Call jane.tan@example.com", body="+65 9123 4567, S1234567D")
    await drain(QUEUE, alert_urls=to(json_url(hook)))
    sent = hook.received[0].body.decode()
    assert not any(value in sent for value in ("jane.tan", "9123", "S1234567D"))


async def test_an_addresss_secret_is_in_no_log_and_no_job(
    raise_alert: Any,
    drain: Drain,
    hook: Receiver,
    queues: Queues,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    hook.answer = lambda _: 500
    urls = to(f"json://me:hunter2@127.0.0.1:{hook.port}/a", f"json://me:hunter2@127.0.0.1:{hook.port}/b")
    await raise_alert()
    with caplog.at_level(logging.INFO):
        await drain(QUEUE, alert_urls=urls)
    jobs = await queues.list_jobs(QUEUE)
    assert [job.job_state for job in jobs] == ["dead", "dead"]
    assert "hunter2" not in repr(jobs) + capsys.readouterr().out + caplog.text


@pytest.mark.parametrize(
    "changes",
    [{"kind": "Not snake"}, {"title": ""}, {"title": "x" * 201}, {"body": "x" * 4001}, {"key": "x" * 151}],
)
async def test_a_wrong_alert_is_refused(raise_alert: Any, queues: Queues, changes: dict[str, str]) -> None:
    with pytest.raises(asyncpg.PostgresError) as refusal:
        await raise_alert(**changes)
    assert refusal.value.sqlstate == "PT422"
    assert await queues.list_jobs(QUEUE) == []


def test_a_comma_inside_an_address_belongs_to_it() -> None:
    urls = ["mailto://h?to=a@example.com,b@example.com", "json://one.example", "slack://a/b/c"]
    settings = load_settings(alert_urls=f" {urls[0]},{urls[1]} , {urls[2]}\n")
    assert list(alert_targets(settings).values()) == urls
