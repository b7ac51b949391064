"""``record_scenario_event``: what happened goes onto the timeline, cleaned; a draft becomes active; a chat gets its case."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.mortgage.leads import CONTACT, count_rows

TYPES = ("chat", "reveal", "follow_up", "bank_quote", "doc_received", "signed")
REQUIRED: dict[str, dict[str, Any]] = {"bank_quote": {"bank": "DBS"}}


@pytest.fixture
async def case_id(open_case: Any) -> str:
    opened = await open_case()
    return str(opened["case_id"])


async def record(session: Session, case_id: str | None, event_type: str = "chat", **fields: Any) -> Any:
    payload = {"event_type": event_type, **fields}
    if case_id is not None:
        payload["case_id"] = case_id
    return await session.call("record_scenario_event", {"payload": payload})


async def timeline(session: Session, case_id: str) -> list[dict[str, Any]]:
    events = (await session.call("get_scenario_case", {"case_id": case_id}))["events"]
    assert isinstance(events, list)
    return events


async def refused(session: Session, case_id: str | None, event_type: str = "chat", **fields: Any) -> RpcError:
    with pytest.raises(RpcError) as refusal:
        await record(session, case_id, event_type, **fields)
    return refusal.value


class TestRecording:
    @pytest.mark.parametrize("event_type", TYPES)
    async def test_puts_each_type_on_the_timeline(
        self, service: Session, case_id: str, event_type: str
    ) -> None:
        payload = REQUIRED.get(event_type, {})
        answer = await record(service, case_id, event_type, payload=payload)
        latest = (await timeline(service, case_id))[0]
        assert latest["event_type"] == event_type
        assert (answer["case_id"], answer["status"]) == (case_id, "active")

    async def test_keeps_when_it_occurred(self, service: Session, case_id: str) -> None:
        occurred_at = datetime.now(UTC) - timedelta(days=3)
        await record(service, case_id, occurred_at=occurred_at.isoformat())
        events = await timeline(service, case_id)
        assert datetime.fromisoformat(events[-1]["occurred_at"]) == occurred_at

    async def test_the_first_moves_a_draft_and_says_so(self, service: Session, case_id: str) -> None:
        await record(service, case_id, payload={"message": "hello"})
        await record(service, case_id, "follow_up")
        later, first, form = await timeline(service, case_id)
        assert first["payload"] == {"message": "hello", "moved": {"from": "draft", "to": "active"}}
        assert "moved" not in later["payload"]
        assert "moved" not in form["payload"]

    async def test_a_sender_cannot_say_that_it_moved(self, service: Session, case_id: str) -> None:
        await record(service, case_id)
        await record(
            service, case_id, payload={"moved": {"from": "active", "to": "closed"}, "is_start": True}
        )
        assert (await timeline(service, case_id))[0]["payload"] == {}

    async def test_a_sender_cannot_say_that_a_colleague_did_it(
        self, api: Database, people: Any, service: Session, case_id: str
    ) -> None:
        await record(service, case_id)
        forged = {
            "actor": f"staff:{people.admin.sub}",
            "changes": {"notes": ["a", "b"]},
            "is_unmasked": True,
            "message": "agreed",
        }
        await record(api.session(people.broker), case_id, payload=forged)
        broker = f"staff:{people.broker.sub}"
        assert (await timeline(service, case_id))[0]["payload"] == {"message": "agreed", "actor": broker}
        await record(service, case_id, payload=forged)
        assert (await timeline(service, case_id))[0]["payload"] == {"message": "agreed"}

    async def test_of_fifty_at_once_one_moves_the_case(
        self, api: Database, service: Session, case_id: str
    ) -> None:
        await asyncio.gather(*(record(service, case_id, payload={"n": n}) for n in range(50)))
        payloads = [event["payload"] for event in await timeline(service, case_id)]
        assert sorted(payload["n"] for payload in payloads if "n" in payload) == list(range(50))
        assert sum("moved" in payload for payload in payloads) == 1

    async def test_a_banks_name_becomes_its_mask(self, service: Session, case_id: str) -> None:
        for bank, mask in (
            ("DBS", "Bank C"),
            ("dbs bank", "Bank C"),
            ("Bank C", "Bank C"),
            ("DBS Bank Ltd, Singapore", "Bank C"),
            ("Rachel's Savings Club", "Other bank"),
            ("DBS or UOB", "Other bank"),
        ):
            await record(service, case_id, "bank_quote", payload={"bank": bank, "monthly_instalment": 3120.5})
            assert (await timeline(service, case_id))[0]["payload"]["bank"] == mask

    async def test_banks_are_masked_at_any_depth(self, service: Session, case_id: str) -> None:
        packages = [{"lender": "Kim's Credit", "other_banks": ["UOB", "Nobody & Co"], "total_cost": 5}]
        await record(service, case_id, "reveal", payload={"packages": packages})
        assert (await timeline(service, case_id))[0]["payload"]["packages"] == [
            {"lender": "Other bank", "other_banks": ["Bank G", "Other bank"], "total_cost": 5}
        ]

    async def test_staff_record_too(self, api: Database, people: Any, case_id: str) -> None:
        for who in (people.admin, people.broker):
            assert (await record(api.session(who), case_id))["status"] == "active"


class TestRefusing:
    @pytest.mark.parametrize(
        "event_type", ["lead_form", "calculation", "outcome", "admin_edit", "consent_expired", "nothing"]
    )
    async def test_a_type_that_is_not_told_from_outside(
        self, service: Session, case_id: str, event_type: str
    ) -> None:
        error = await refused(service, case_id, event_type)
        assert (error.status, error.code, error.detail["errors"][0]["field"]) == (
            422,
            "invalid_input",
            "event_type",
        )

    @pytest.mark.parametrize(
        ("event_type", "payload", "field", "rule"),
        [
            ("bank_quote", {}, "payload.bank", "required"),
            (
                "bank_quote",
                {"bank": "DBS", "monthly_instalment": "3000"},
                "payload.monthly_instalment",
                "type",
            ),
            ("bank_quote", {"bank": "DBS", "loan_amount": 0}, "payload.loan_amount", "exclusiveMinimum"),
            ("bank_quote", {"bank": "DBS", "valid_until": "2026-02-30"}, "payload.valid_until", "format"),
            ("reveal", {"packages": ["a"]}, "payload.packages[0]", "type"),
            ("follow_up", {"channel": "Phone call"}, "payload.channel", "pattern"),
            ("doc_received", {"document_id": "7"}, "payload.document_id", "format"),
            ("chat", {"conversation_id": "a b"}, "payload.conversation_id", "pattern"),
            ("chat", {"message": "x" * 8001}, "payload.message", "maxLength"),
            ("chat", {"own": "x" * 16384}, "payload", "maxBytes"),
            ("chat", {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}, "payload", "maxDepth"),
        ],
    )
    async def test_a_payload_that_breaks_a_rule(
        self, service: Session, case_id: str, event_type: str, payload: Any, field: str, rule: str
    ) -> None:
        error = await refused(service, case_id, event_type, payload=payload)
        assert (error.status, error.code) == (422, "invalid_input")
        assert [(e["field"], e["rule"]) for e in error.detail["errors"]] == [(field, rule)]

    @pytest.mark.parametrize(
        "occurred_at",
        [
            "1999-12-31T23:59:59Z",
            "infinity",
            "-infinity",
            "10000-01-01T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "now",
        ],
    )
    async def test_a_time_out_of_bounds(self, service: Session, case_id: str, occurred_at: str) -> None:
        error = await refused(service, case_id, occurred_at=occurred_at)
        assert (error.status, error.detail["errors"][0]["field"]) == (422, "occurred_at")

    async def test_the_future_but_for_clocks_that_differ(self, service: Session, case_id: str) -> None:
        soon = datetime.now(UTC) + timedelta(minutes=4)
        await record(service, case_id, occurred_at=soon.isoformat())
        error = await refused(service, case_id, occurred_at=(soon + timedelta(minutes=2)).isoformat())
        assert error.detail["errors"][0]["rule"] == "maximum"

    @pytest.mark.parametrize(
        ("payload", "field"),
        [
            ({"rate": 2.35}, "payload.rate"),
            ({"rate": "2.35"}, "payload.rate"),
            ({"interestRate": 2.35}, "payload.interestRate"),
            ({"packages": [{"fixed_rate": 1.8}]}, "payload.packages[0].fixed_rate"),
            ({"rates": {"year_1": 1.8}}, "payload.rates.year_1"),
            ({"offer": {"spread": 0.4}}, "payload.offer.spread"),
            ({"interest": 2.1}, "payload.interest"),
            ({"rate_bps": 235}, "payload.rate_bps"),
            ({"message": "they pay 2.35% now"}, "payload.message"),
            ({"message": "2.35 % p.a."}, "payload.message"),
            ({"message": "1.8 percent"}, "payload.message"),
            ({"message": "1,85 per cent"}, "payload.message"),
            ({"message": "SORA + 0.6"}, "payload.message"),
            ({"message": "fixed at 1.8 for two years"}, "payload.message"),
            ({"message": "35 basis points off"}, "payload.message"),
            ({"message": "one point eight percent"}, "payload.message"),
            ({"message": "12 % p.a."}, "payload.message"),
            ({"message": "２．３５％"}, "payload.message"),
            ({"message": "2.\u200b35\u00a0%"}, "payload.message"),
            ({"2.35%": "offer"}, "payload"),
            ({"rate": "2,35"}, "payload.rate"),
            ({"rate": "２.３５"}, "payload.rate"),
            ({"rate": "about 2.35"}, "payload.rate"),
            ({"INTERESTRATE": 2.35}, "payload.INTERESTRATE"),
            ({"offer": {"value": 2.35, "unit": "%"}}, "payload.offer.value"),
            ({"offer": [{"value": 235, "unit": "bps"}]}, "payload.offer[0].value"),
            ({"message": "2,350 %"}, "payload.message"),
            ({"message": "٢٫٣٥٪"}, "payload.message"),
            ({"message": "235 b.p."}, "payload.message"),
            ({"message": "235 basispoints"}, "payload.message"),
            ({"message": "two point three five %"}, "payload.message"),
            ({"message": "two-point-three-five per cent"}, "payload.message"),
            ({"message": "2 point 35 percent"}, "payload.message"),
            ({"message": "they pay two point three five now"}, "payload.message"),
            ({"message": "two and a half percent"}, "payload.message"),
            ({"message": "half a percent less"}, "payload.message"),
        ],
    )
    async def test_an_actual_rate(self, service: Session, case_id: str, payload: Any, field: str) -> None:
        error = await refused(service, case_id, "chat", payload=payload)
        assert (error.status, error.code, error.detail) == (422, "rate_leak", {"field": field})

    @pytest.mark.parametrize(
        "message",
        [
            "LTV 75%, TDSR 55 %, MSR 30%",
            "20% down",
            "S$24,000 p.a.",
            "saves 5123.45 in interest over 3 years",
            "fixed for 2 years, floating for 1.5 years",
            "3M SORA package, rates locked in for 24 months",
            "on 2026-01-31 at 14:05",
            "one point five million over two point five years",
            "at this point 3 offers",
        ],
    )
    async def test_not_what_only_looks_like_one(self, service: Session, case_id: str, message: str) -> None:
        payload = {"message": message, "net_savings": 5.5, "interest_saved": 1250, "ltv_percent": 75}
        await record(service, case_id, payload=payload)
        stored = (await timeline(service, case_id))[0]["payload"]
        assert {key: stored[key] for key in payload} == payload

    async def test_the_field_it_names_tells_nobody(self, service: Session, case_id: str) -> None:
        error = await refused(service, case_id, payload={CONTACT["email"]: {"rate": 2.35}})
        assert CONTACT["email"] not in json.dumps(error.detail)

    async def test_a_closed_case(self, service: Session, case_id: str) -> None:
        await service.call("record_scenario_outcome", {"payload": {"case_id": case_id, "decision": "lost"}})
        error = await refused(service, case_id)
        assert (error.status, error.code) == (409, "case_closed")

    async def test_a_case_of_nobody_or_of_another_tenant(
        self, api: Database, service: Session, people: Any, case_id: str
    ) -> None:
        nobodys = await refused(service, "00000000-0000-4000-8000-000000000000")
        for who in (people.other_admin, people.stranger, people.member):
            others = await refused(api.session(who), case_id)
            assert (others.status, others.code, others.detail) == (
                nobodys.status,
                "case_not_found",
                nobodys.detail,
            )

    async def test_leaves_every_table_as_it_was(
        self, owner: asyncpg.Connection, service: Session, case_id: str
    ) -> None:
        before = await count_rows(owner)
        state = await owner.fetchval("select c::text from scenario_cases c")
        await refused(service, case_id, payload={"conversation_id": "c1", "rate": 2})
        await refused(service, case_id, "bank_quote", payload={"conversation_id": "c1"})
        assert await count_rows(owner) == before
        assert await owner.fetchval("select c::text from scenario_cases c") == state


class TestConversations:
    async def test_a_chats_start_ties_it_to_its_case(self, service: Session, case_id: str) -> None:
        await record(service, case_id, payload={"conversation_id": "chat:7"})
        answer = await record(service, None, "reveal", conversation_id="chat:7")
        assert answer["case_id"] == case_id
        again = await record(service, None, payload={"conversation_id": "chat:7", "message": "more"})
        assert again["case_id"] == case_id
        starts = [event["payload"].get("is_start", False) for event in await timeline(service, case_id)]
        assert starts == [False, False, True, False]

    async def test_one_case_may_have_several(self, service: Session, case_id: str) -> None:
        for conversation_id in ("first", "second", "first"):
            await record(service, case_id, conversation_id=conversation_id)
        for conversation_id in ("first", "second"):
            assert (await record(service, None, conversation_id=conversation_id))["case_id"] == case_id

    async def test_ids_are_kept_as_keyed_hashes(
        self, service: Session, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        case_id = (await open_case())["case_id"]
        await record(service, case_id, conversation_id="6591234567")
        kept, tenant = await owner.fetchrow("select conversation_id, tenant_id from mortgage.conversations")
        assert re.fullmatch("[0-9a-f]{64}", kept)
        assert kept != hashlib.sha256(f"{tenant}:6591234567".encode()).hexdigest()

    async def test_is_taken_for_another_case(self, service: Session, open_case: Any, case_id: str) -> None:
        other = (await open_case())["case_id"]
        await record(service, case_id, payload={"conversation_id": "chat-7"})
        error = await refused(service, other, payload={"conversation_id": "chat-7"})
        assert (error.status, error.code) == (409, "conversation_taken")
        assert [event["event_type"] for event in await timeline(service, other)] == ["lead_form"]

    async def test_of_fifty_cases_one_gets_it(self, service: Session, open_case: Any) -> None:
        cases = [(await open_case())["case_id"] for _ in range(50)]
        results = await asyncio.gather(
            *(record(service, case, conversation_id="wanted") for case in cases), return_exceptions=True
        )
        won = [result for result in results if not isinstance(result, BaseException)]
        assert len(won) == 1
        assert {error.code for error in results if isinstance(error, RpcError)} == {"conversation_taken"}

    async def test_unknown_or_absent(self, service: Session) -> None:
        assert (await refused(service, None, conversation_id="nowhere")).code == "conversation_not_found"
        error = await refused(service, None)
        assert (error.status, error.detail["errors"][0]["field"]) == (422, "case_id")

    async def test_belongs_to_a_tenant(
        self, api: Database, service: Session, people: Any, case_id: str
    ) -> None:
        await record(service, case_id, conversation_id="chat-7")
        assert (await record(api.session(people.broker), None, conversation_id="chat-7"))[
            "case_id"
        ] == case_id
        for session, tenant in (
            (api.session(people.other_admin), None),
            (api.session(people.other_admin), people.default_tenant),
            (service, people.other_tenant),
        ):
            fields = {} if tenant is None else {"tenant_id": str(tenant)}
            error = await refused(session, None, conversation_id="chat-7", **fields)
            assert (error.status, error.code) == (404, "conversation_not_found")

    async def test_its_id_is_kept_as_a_hash(
        self, owner: asyncpg.Connection, service: Session, case_id: str
    ) -> None:
        await record(service, case_id, payload={"conversation_id": "6591234567"})
        assert (await timeline(service, case_id))[0]["payload"].keys() == {"is_start", "moved"}
        assert len(await owner.fetchval("select conversation_id from mortgage.conversations")) == 64
