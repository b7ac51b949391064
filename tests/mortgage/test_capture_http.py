"""Capture over HTTP and from Python: events, corrections, outcomes, AI entries, and the chat system's signed webhooks."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook

from casebase.kernel.config import load_settings
from casebase.kernel.db import SERVICE, Session
from casebase.kernel.errors import ConfigurationError, InvalidInputError, RpcError
from casebase.kernel.http import create_app
from casebase.kernel.runtime import Runtime
from casebase.modules.mortgage.service import Client
from tests.mortgage.leads import count_rows
from tests.support.rows import all_rows
from tests.support.tokens import bearer

SECRETS = tuple("whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))
CHAT = "/v1/mortgage/chat-events"
ENTRY = {
    "entry_type": "said",
    "model": "m",
    "prompt_hash": "0f" * 32,
    "content": {"text": "ask Mr Lim Ah Seng"},
}


@pytest.fixture
def settings_change() -> dict[str, Any]:
    return {"chat_webhook_secret": SecretStr(f"{SECRETS[0]}, {SECRETS[1]}")}


@pytest.fixture
async def http(runtime: Runtime, settings_change: dict[str, Any]) -> AsyncIterator[httpx.AsyncClient]:
    changed = replace(runtime, settings=runtime.settings.model_copy(update=settings_change))
    transport = httpx.ASGITransport(create_app(changed))
    async with httpx.AsyncClient(transport=transport, base_url="http://casebase") as client:
        yield client


@pytest.fixture
async def case_id(open_case: Any) -> str:
    return str((await open_case())["case_id"])


def signed(
    body: bytes, *, message_id: str = "msg_1", secret: str = SECRETS[0], age: timedelta = timedelta()
) -> dict[str, str]:
    """The headers a sender adds, made by the standard's own library."""
    at = datetime.now(UTC) - age
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, body.decode()),
    }


def message(case_id: str, **fields: Any) -> bytes:
    return json.dumps({"case_id": case_id, "event_type": "chat", **fields}).encode()


async def events(service: Session, case_id: str) -> list[dict[str, Any]]:
    return list((await service.call("get_scenario_case", {"case_id": case_id}))["events"])


class TestRoutes:
    async def test_refuse_what_is_too_large_before_it_is_searched(
        self, http: httpx.AsyncClient, people: Any, case_id: str
    ) -> None:
        large = {"own": "kim@example.com " * 2000}  # masked, it would be small enough
        for path, body in (
            ("events", {"event_type": "chat", "payload": large}),
            ("ai-entries", {**ENTRY, "content": large}),
        ):
            response = await http.post(
                f"/v1/mortgage/cases/{case_id}/{path}", json=body, headers=bearer(people.stranger)
            )
            assert (response.status_code, response.json()["errors"][0]["rule"]) == (422, "maxBytes")

    ROUTES = (
        ("events", {"event_type": "reveal", "payload": {"packages": [{"bank": "DBS"}]}}),
        ("inputs", {"loan_amount": 640000.5}),
        ("outcome", {"decision": "stay", "notes": "12 Orchard Road"}),
    )

    @pytest.mark.parametrize(("path", "body"), ROUTES)
    async def test_serve_staff_and_services(
        self, http: httpx.AsyncClient, people: Any, open_case: Any, path: str, body: Any
    ) -> None:
        for principal in (people.broker, SERVICE):
            case_id = (await open_case())["case_id"]
            response = await http.post(
                f"/v1/mortgage/cases/{case_id}/{path}", json=body, headers=bearer(principal)
            )
            assert response.status_code == 201, response.text
            assert response.json()["case_id"] == case_id

    @pytest.mark.parametrize(("path", "body"), [*ROUTES, ("ai-entries", ENTRY)])
    async def test_refuse_everybody_else(
        self,
        http: httpx.AsyncClient,
        owner: asyncpg.Connection,
        people: Any,
        case_id: str,
        path: str,
        body: Any,
    ) -> None:
        address = f"/v1/mortgage/cases/{case_id}/{path}"
        before = await count_rows(owner)
        assert (await http.post(address, json=body)).status_code == 401
        for principal in (people.other_admin, people.stranger):
            response = await http.post(address, json=body, headers=bearer(principal))
            assert response.status_code == (403 if path == "ai-entries" else 404)
        assert await count_rows(owner) == before

    async def test_ai_entries_are_the_services(
        self, http: httpx.AsyncClient, owner: asyncpg.Connection, people: Any, case_id: str
    ) -> None:
        address = f"/v1/mortgage/cases/{case_id}/ai-entries"
        assert (await http.post(address, json=ENTRY, headers=bearer(SERVICE))).status_code == 201
        assert (await http.post(address, json=ENTRY, headers=bearer(people.admin))).status_code == 403
        assert json.loads(await owner.fetchval("select content_json from scenario_ai_ledger")) == {
            "text": "ask Mr [name]"
        }

    async def test_null_empties_an_input(
        self, http: httpx.AsyncClient, owner: asyncpg.Connection, case_id: str
    ) -> None:
        address = f"/v1/mortgage/cases/{case_id}/inputs"
        response = await http.post(address, json={"current_rate": None}, headers=bearer(SERVICE))
        assert response.json()["input_version"] == 2
        rates = await owner.fetch("select current_rate from mortgage.private_inputs order by version")
        assert [rate is None for (rate,) in rates] == [False, True]

    async def test_name_the_field_that_tells_a_rate(self, http: httpx.AsyncClient, case_id: str) -> None:
        response = await http.post(
            f"/v1/mortgage/cases/{case_id}/events",
            json={"event_type": "bank_quote", "payload": {"bank": "UOB", "offer": {"rate": 1.5}}},
            headers=bearer(SERVICE),
        )
        assert (response.status_code, response.json()["code"]) == (422, "rate_leak")
        assert response.json()["field"] == "payload.offer.rate"

    async def test_repeating_a_key_records_once(
        self, http: httpx.AsyncClient, service: Session, case_id: str
    ) -> None:
        headers = bearer(SERVICE) | {"Idempotency-Key": "k1"}
        address = f"/v1/mortgage/cases/{case_id}/events"
        replies = [await http.post(address, json={"event_type": "chat"}, headers=headers) for _ in range(2)]
        assert replies[0].json() == replies[1].json()
        assert len(await events(service, case_id)) == 2


class TestChatWebhooks:
    async def test_a_signed_message_is_recorded(
        self, http: httpx.AsyncClient, service: Session, case_id: str
    ) -> None:
        start = message(
            case_id, payload={"conversation_id": "c-1", "message": "Mdm Goh here, 12 Orchard Road"}
        )
        response = await http.post(CHAT, content=start, headers=signed(start))
        assert (response.status_code, response.json()["status"]) == (200, "active")
        reveal = json.dumps({"conversation_id": "c-1", "event_type": "reveal"}).encode()
        assert (
            await http.post(CHAT, content=reveal, headers=signed(reveal, message_id="msg_2"))
        ).status_code == 200
        latest, first, _ = await events(service, case_id)
        assert (latest["event_type"], first["payload"]["message"]) == ("reveal", "Mdm [name] here, [address]")

    async def test_replays_without_a_second_effect(
        self, http: httpx.AsyncClient, owner: asyncpg.Connection, case_id: str
    ) -> None:
        body = message(case_id, payload={"message": "hello"})
        headers = signed(body)
        first = await http.post(CHAT, content=body, headers=headers)
        before = await all_rows(owner)
        again = await http.post(CHAT, content=body, headers=headers)
        # A sender that tries again signs again, with the time of the attempt.
        later = await http.post(CHAT, content=body, headers=signed(body, age=timedelta(seconds=-2)))
        assert [reply.status_code for reply in (first, again, later)] == [200, 200, 200]
        assert first.json() == again.json() == later.json()
        assert again.headers["idempotency-replayed"] == "true"
        assert await all_rows(owner) == before

    async def test_fifty_at_once_are_one(
        self, http: httpx.AsyncClient, service: Session, case_id: str
    ) -> None:
        body = message(case_id)
        headers = signed(body)
        replies = await asyncio.gather(*(http.post(CHAT, content=body, headers=headers) for _ in range(50)))
        assert {reply.status_code for reply in replies} == {200}
        assert len({reply.json()["event_id"] for reply in replies}) == 1
        assert len(await events(service, case_id)) == 2

    async def test_an_id_with_another_body_is_refused(
        self, http: httpx.AsyncClient, service: Session, case_id: str
    ) -> None:
        for body, status in ((message(case_id), 200), (message(case_id, payload={"n": 1}), 422)):
            response = await http.post(CHAT, content=body, headers=signed(body))
            assert response.status_code == status
        assert response.json()["code"] == "idempotency_key_reused"
        assert len(await events(service, case_id)) == 2

    async def test_a_refused_message_may_come_again(
        self, http: httpx.AsyncClient, service: Session, case_id: str
    ) -> None:
        body = json.dumps({"conversation_id": "c-9", "event_type": "chat"}).encode()
        assert (await http.post(CHAT, content=body, headers=signed(body))).status_code == 404
        tie = {"case_id": case_id, "event_type": "chat", "conversation_id": "c-9"}
        await service.call("record_scenario_event", {"payload": tie})
        assert (await http.post(CHAT, content=body, headers=signed(body))).status_code == 200

    async def test_either_secret_is_good_while_it_changes(
        self, http: httpx.AsyncClient, case_id: str
    ) -> None:
        statuses = []
        for number, secret in enumerate(SECRETS):
            body = message(case_id)
            headers = signed(body, message_id=f"m{number}", secret=secret)
            statuses.append((await http.post(CHAT, content=body, headers=headers)).status_code)
        assert statuses == [200, 200, 401]

    @pytest.mark.parametrize(
        "damage",
        [
            pytest.param(lambda b, h: (b, signed(b, age=timedelta(minutes=6))), id="stale"),
            pytest.param(lambda b, h: (b, signed(b, age=-timedelta(minutes=6))), id="from the future"),
            pytest.param(lambda b, h: (b.replace(b"chat", b"reveal"), h), id="altered"),
            pytest.param(lambda b, h: (b + b" ", h), id="longer"),
            pytest.param(lambda b, h: (b[:-1], h), id="no JSON any more"),
            pytest.param(lambda b, h: (b"\xff\xfe", h), id="no text any more"),
            pytest.param(lambda b, h: (b, h | {"webhook-id": "msg_2"}), id="another id"),
            pytest.param(lambda b, h: (b, h | {"webhook-id": "x" * 201}), id="a long id"),
            pytest.param(lambda b, h: (b, h | {"webhook-timestamp": "soon"}), id="no time"),
            pytest.param(lambda b, h: (b, h | {"webhook-timestamp": "inf"}), id="endless time"),
            pytest.param(lambda b, h: (b, h | {"webhook-signature": "v1"}), id="half a signature"),
            pytest.param(lambda b, h: (b, h | {"webhook-signature": "v1,%%%"}), id="no base64"),
            pytest.param(
                lambda b, h: (b, h | {"webhook-signature": "v2," + h["webhook-signature"][3:]}), id="v2"
            ),
            pytest.param(lambda b, h: (b, {"content-type": "application/json"}), id="unsigned"),
        ],
    )
    async def test_stale_or_altered_is_401_and_changes_nothing(
        self, http: httpx.AsyncClient, owner: asyncpg.Connection, case_id: str, damage: Any
    ) -> None:
        body = message(case_id)
        before = await all_rows(owner)
        content, headers = damage(body, signed(body))
        response = await http.post(CHAT, content=content, headers=headers)
        assert (response.status_code, response.json()["code"]) == (401, "webhook_signature_invalid")
        assert await all_rows(owner) == before

    @pytest.mark.parametrize(
        ("content", "status", "code"),
        [
            (b'{"event_type": "chat"', 400, "malformed_json"),
            (b'{"event_type": "chat", "event_type": "reveal"}', 400, "malformed_json"),
            (b"[]", 422, "invalid_input"),
            (b'{"event_type": "outcome"}', 422, "invalid_input"),
            (b'{"event_type": "chat"}', 422, "invalid_input"),
            (b'{"event_type": "chat", "name": "Rachel"}', 422, "invalid_input"),
            (b" " * (64 * 1024 + 1), 413, "body_too_large"),
        ],
    )
    async def test_a_right_signature_does_not_make_a_right_message(
        self, http: httpx.AsyncClient, content: bytes, status: int, code: str
    ) -> None:
        response = await http.post(CHAT, content=content, headers=signed(content))
        assert (response.status_code, response.json()["code"]) == (status, code)

    async def test_a_token_does_not_stand_for_a_signature(
        self, http: httpx.AsyncClient, case_id: str
    ) -> None:
        response = await http.post(CHAT, json=json.loads(message(case_id)), headers=bearer(SERVICE))
        assert response.status_code == 401

    @pytest.mark.parametrize("settings_change", [{}])
    async def test_is_503_until_a_secret_is_set(self, http: httpx.AsyncClient, case_id: str) -> None:
        body = message(case_id)
        response = await http.post(CHAT, content=body, headers=signed(body))
        assert (response.status_code, response.json()["code"]) == (503, "webhook_not_configured")

    @pytest.mark.parametrize("secret", ["whsec_c2hvcnQ=", "whsec_x", f"{SECRETS[0]},whsec_c2hvcnQ="])
    def test_a_weak_secret_is_refused_at_the_start(self, secret: str) -> None:
        with pytest.raises(ConfigurationError) as refusal:
            load_settings(chat_webhook_secret=secret)
        assert "CASEBASE_CHAT_WEBHOOK_SECRET" in str(refusal.value)
        assert secret not in str(refusal.value)


class TestTheClient:
    async def test_writes_and_answers_typed(self, service: Session, case_id: str) -> None:
        client = Client(service)
        recorded = await client.record_event(
            case_id, {"event_type": "bank_quote", "payload": {"bank": "DBS"}}
        )
        revised = await client.revise_inputs(case_id, {"tenure_months": 200})
        entry = await client.record_ai_entry(case_id, ENTRY)
        closed = await client.record_outcome(case_id, {"decision": "reprice", "hurdles": ["timing"]})
        assert (recorded.status, revised.input_version, closed.status) == ("active", 2, "closed")
        assert str(entry.case_id) == case_id
        case = await client.get_case(case_id)
        assert case.outcome is not None
        assert case.outcome.hurdles == ("timing",)

    async def test_masks_what_the_database_does_not_know(self, service: Session, case_id: str) -> None:
        told = "write to Siti binte Rahman (siti at home), passport K1234567Z, born on 3 Feb 1980"
        await Client(service).record_event(case_id, {"event_type": "follow_up", "payload": {"note": told}})
        note = (await events(service, case_id))[0]["payload"]["note"]
        assert note == "write to [name] (siti at home), passport [passport], born on [birth-date]"

    async def test_refuses_before_and_in_the_database(self, service: Session, case_id: str) -> None:
        client = Client(service)
        with pytest.raises(InvalidInputError):
            await client.record_event(case_id, {"event_type": "outcome"})
        with pytest.raises(RpcError) as refusal:
            await client.record_outcome(case_id, {"decision": "stay", "notes": "2.2%"})
        assert refusal.value.code == "rate_leak"
