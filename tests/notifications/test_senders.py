"""Each sender speaks its protocol to whom the settings name, under the notification's key, and tells no secret."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import default
from urllib.parse import unquote
from uuid import UUID

import apprise
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from apprise.plugins.fcm import NotifyFCM
from standardwebhooks.webhooks import Webhook

from casebase.kernel.config import load_settings
from casebase.kernel.errors import ConfigurationError
from casebase.modules.notifications.senders import (
    AppriseSender,
    Device,
    LogSender,
    PushMessage,
    SenderRefusedError,
    SenderUnavailableError,
    WebhookSender,
    sender_of,
)
from casebase.modules.notifications.senders.apprise import urls_of
from tests.notifications.dispatching import SECRET, to_webhook
from tests.support.receiver import Receiver

KEY = UUID("5f0b1c52-6a1c-4f0c-9a52-1f6f4c6f7a10")
FCM_TOKEN = "dGhpcw:APA91bH_x-y.z0"
MOMENT = datetime(2026, 6, 15, 10, tzinfo=UTC)


def message(*tokens: str, email: str | None = None) -> PushMessage:
    return PushMessage(
        key=KEY,
        organization_id=UUID(int=1),
        user_id=UUID(int=2),
        scenario_type="inactivity",
        milestone_value=None,
        triggered_at=MOMENT,
        opened_at=MOMENT,
        language="nb",
        title="Vi savner deg",
        body="Det er 40 dager siden sist – på tide?",
        email=email,
        devices=tuple(Device(token=token, platform="android") for token in tokens),
    )


class TestWebhook:
    @pytest.fixture
    def sender(self, hook: Receiver) -> WebhookSender:
        found = sender_of(load_settings(**to_webhook(hook)))
        assert isinstance(found, WebhookSender)
        return found

    async def test_posts_words_and_devices_signed_under_the_key(
        self, sender: WebhookSender, hook: Receiver
    ) -> None:
        receipt = await sender.send(message("token-of-a-phone"))
        assert (receipt.taken, list(receipt.revoked_tokens)) == (1, [])
        [request] = hook.received
        assert request.headers["webhook-id"] == request.headers["idempotency-key"] == str(KEY)
        Webhook(SECRET).verify(request.body, request.headers)
        assert request.json == {
            "type": "scenario_notification",
            "timestamp": "2026-06-15T10:00:00+00:00",
            "data": {
                "notification_id": str(KEY),
                "organization_id": str(UUID(int=1)),
                "user_id": str(UUID(int=2)),
                "scenario_type": "inactivity",
                "milestone_value": None,
                "language": "nb",
                "title": "Vi savner deg",
                "body": "Det er 40 dager siden sist – på tide?",
                "devices": [{"token": "token-of-a-phone", "platform": "android"}],
            },
        }

    async def test_signs_with_every_secret_while_it_changes(self, hook: Receiver) -> None:
        other = "whsec_" + "YW5vdGhlciBzZWNyZXQgb2YgdGhlIHRlc3RzIQ=="
        sender = sender_of(load_settings(push_webhook_url=hook.url, push_webhook_secret=f"{SECRET}, {other}"))
        await sender.send(message())
        [request] = hook.received
        for secret in (SECRET, other):
            Webhook(secret).verify(request.body, request.headers)

    @pytest.mark.parametrize("status", [301, 401, 403, 404, 408, 409, 429, 500, 503])
    async def test_what_may_be_mended_is_unavailable(
        self, sender: WebhookSender, hook: Receiver, status: int
    ) -> None:
        hook.answer = lambda _: status
        hook.headers["location"] = hook.url
        with pytest.raises(SenderUnavailableError):
            await sender.send(message())
        assert len(hook.received) == 1

    @pytest.mark.parametrize("status", [400, 413, 422])
    async def test_what_is_wrong_with_the_message_is_refused(
        self, sender: WebhookSender, hook: Receiver, status: int
    ) -> None:
        hook.answer = lambda _: status
        with pytest.raises(SenderRefusedError):
            await sender.send(message())

    @pytest.mark.parametrize(
        ("said", "understood"),
        [("120", 120), ("0", 0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None), ("9" * 400, None)],
    )
    async def test_how_long_to_wait_is_read(
        self, sender: WebhookSender, hook: Receiver, said: str, understood: int | None
    ) -> None:
        hook.answer = lambda _: 503
        hook.headers["retry-after"] = said
        with pytest.raises(SenderUnavailableError) as refused:
            await sender.send(message())
        assert refused.value.retry_after_s == understood

    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"OK",
            b"[]",
            b'"x"',
            b'{"revoked_tokens": 7}',
            b'{"revoked_tokens": [7, null, "b"]}',
            b"[" * 60_000,
        ],
    )
    async def test_whatever_it_answers_it_has_taken_the_message(
        self, sender: WebhookSender, hook: Receiver, answer: bytes
    ) -> None:
        hook.answer = lambda _: 200
        hook.body = lambda _: answer
        receipt = await sender.send(message("token-of-a-phone"))
        assert (receipt.taken, list(receipt.revoked_tokens)) == (1, [])

    async def test_revoked_tokens_are_those_that_it_was_sent(
        self, sender: WebhookSender, hook: Receiver
    ) -> None:
        hook.answer = lambda _: 200
        hook.body = lambda _: b'{"revoked_tokens": ["token-1", "token-3"]}'
        receipt = await sender.send(message("token-1", "token-2"))
        assert (receipt.taken, list(receipt.revoked_tokens)) == (1, ["token-1"])

    async def test_no_answer_is_unavailable(self, hook: Receiver) -> None:
        hook.answer = lambda _: None
        with pytest.raises(SenderUnavailableError):
            await WebhookSender(hook.url, (SECRET,), timeout_s=0.1).send(message())

    async def test_nobody_there_is_unavailable(self) -> None:
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))  # and does not listen
            url = f"http://127.0.0.1:{held.getsockname()[1]}/"
            with pytest.raises(SenderUnavailableError):
                await WebhookSender(url, (SECRET,)).send(message())


@dataclass
class Mailbox:
    port: int = 0
    messages: list[Message] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.messages.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


class TestApprise:
    def sender(self, *urls: str) -> AppriseSender:
        found = sender_of(load_settings(push_urls=", ".join(urls)))
        assert isinstance(found, AppriseSender)
        return found

    async def test_notifies_every_device_under_the_key(self, hook: Receiver) -> None:
        template = f"json://127.0.0.1:{hook.port}/push/{{token}}?+Idempotency-Key={{key}}"
        receipt = await self.sender(template).send(message("token-1", FCM_TOKEN))
        assert receipt.taken == 2
        assert {unquote(unquote(request.target)) for request in hook.received} == {
            "/push/token-1",
            f"/push/{FCM_TOKEN}",
        }
        for request in hook.received:
            assert request.headers["idempotency-key"] == str(KEY)
            assert (request.json["title"], request.json["message"]) == (
                "Vi savner deg",
                "Det er 40 dager siden sist – på tide?",
            )

    @pytest.mark.parametrize(
        "token", ["#all-users", "token-1,token-2", "token-1/token-2", "@all", "-", "tok en", "é"]
    )
    async def test_what_a_service_could_take_for_others_is_not_sent_to(
        self, hook: Receiver, token: str
    ) -> None:
        """Apprise unquotes what is filled in and reads it: FCM's topic of all users, two devices in the place of one."""
        sender = self.sender(f"json://127.0.0.1:{hook.port}/push/{{token}}")
        assert (await sender.send(message(token))).taken == 0
        assert hook.received == []
        assert (await sender.send(message(token, "token-3"))).taken == 1
        assert [request.target for request in hook.received] == ["/push/token-3"]

    @pytest.mark.parametrize(
        "email",
        [
            "o'brien@example.com",
            "a,b@example.com",
            "a@example.com,b@example.com",
            "a b@example.com",
            "#a@example.com",
            "+a@example.com",
            "a@b@example.com",
            "a?to=b@example.com",
            '"a"@example.com',
            "kåre@example.com",
            "kari@example.com\n",
        ],
    )
    async def test_an_email_that_reads_as_others_is_not_sent_to(self, hook: Receiver, email: str) -> None:
        sender = self.sender(f"json://127.0.0.1:{hook.port}/{{email}}")
        assert (await sender.send(message(email=email))).taken == 0
        assert hook.received == []

    async def test_a_token_is_one_device_in_an_fcm_address(self) -> None:
        [url] = urls_of(
            "fcm://project/{token}/?keyfile=/nowhere.json&+notification_id={key}", message(FCM_TOKEN)
        )
        target = apprise.Apprise.instantiate(url)
        assert isinstance(target, NotifyFCM)
        assert target.targets == [FCM_TOKEN]
        assert target.data_kwargs == {"notification_id": str(KEY)}

    async def test_an_address_that_apprise_refuses_is_not_taken_and_the_others_are(
        self, hook: Receiver, capsys: pytest.CaptureFixture[str]
    ) -> None:
        sender = self.sender("nosuchservice://secret/{token}", f"json://127.0.0.1:{hook.port}/{{token}}")
        assert (await sender.send(message("token-of-a-phone"))).taken == 1
        assert len(hook.received) == 1
        with pytest.raises(SenderUnavailableError):
            await self.sender("nosuchservice://secret/{token}").send(message("token-of-a-phone"))
        said = "".join(capsys.readouterr())
        assert "push_address_refused" in said
        assert "token-of-a-phone" not in said

    async def test_mails_the_person(self) -> None:
        box = Mailbox()
        server = await asyncio.get_running_loop().create_server(lambda: SMTP(box), "127.0.0.1", 0)
        box.port = server.sockets[0].getsockname()[1]
        sender = self.sender(f"mailto://127.0.0.1:{box.port}?from=casebase@example.com&to={{email}}")
        assert sender.wants_email
        async with server:
            receipt = await sender.send(message(email="kari+post@example.com"))
        assert receipt.taken == 1
        [mail] = box.messages
        assert mail["to"] == "kari+post@example.com"
        assert mail["subject"] == "Vi savner deg"

    async def test_is_taken_once_one_target_took_it(self, hook: Receiver) -> None:
        hook.answer = lambda request: 500 if "bad" in request.target else 200
        template = f"json://127.0.0.1:{hook.port}/{{token}}"
        assert (await self.sender(template).send(message("good-token", "bad-token"))).taken == 1

    async def test_is_unavailable_where_no_target_took_it(
        self, hook: Receiver, caplog: pytest.LogCaptureFixture
    ) -> None:
        hook.answer = lambda _: 500
        template = f"json://user:password@127.0.0.1:{hook.port}/{{token}}"
        with pytest.raises(SenderUnavailableError) as refused:
            await self.sender(template).send(message("token-of-a-phone"))
        for said in (caplog.text, str(refused.value)):
            assert "token-of-a-phone" not in said
            assert "password" not in said

    async def test_without_device_or_email_nobody_took_it(self, hook: Receiver) -> None:
        urls = [f"json://127.0.0.1:{hook.port}/{place}" for place in ("{token}", "{email}")]
        assert (await self.sender(*urls).send(message())).taken == 0
        assert hook.received == []

    async def test_a_person_may_be_named_by_their_id(self, hook: Receiver) -> None:
        sender = self.sender(f"json://127.0.0.1:{hook.port}/{{user_id}}")
        assert not sender.wants_email
        assert (await sender.send(message())).taken == 1
        [request] = hook.received
        assert request.target == f"/{UUID(int=2)}"


class TestSettings:
    def test_none_means_the_log(self) -> None:
        assert isinstance(sender_of(load_settings()), LogSender)

    def test_a_short_secret_is_refused_and_not_shown(self) -> None:
        with pytest.raises(ConfigurationError) as refused:
            load_settings(push_webhook_secret="whsec_c2hvcnQ=")
        assert "CASEBASE_PUSH_WEBHOOK_SECRET" in str(refused.value)
        assert "c2hvcnQ" not in str(refused.value)

    def test_a_sender_does_not_show_its_secrets(self, hook: Receiver) -> None:
        sender = sender_of(load_settings(**to_webhook(hook)))
        assert SECRET not in repr(sender)
        said = repr(sender_of(load_settings(push_urls="json://user:password@example.com/{token}")))
        assert "password" not in said

    def test_a_message_does_not_show_whom_it_goes_to(self) -> None:
        said = repr(message("token-of-a-phone", email="kari@example.com"))
        assert "token-of-a-phone" not in said
        assert "kari" not in said
