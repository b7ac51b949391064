"""``record_scenario_outcome``: a case ends once, with its event; whoever comes second is told so."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.mortgage.leads import CONTACT
from tests.support.rows import all_rows

WHOLE = {
    "decision": "refinance",
    "decision_reason": "lower_instalment",
    "hurdles": ["valuation", "timing", "valuation"],
    "bank": "DBS Bank",
    "loan_quantum": 740000.25,
    "commission_estimate": 5200,
    "signed_at": "2026-03-02T10:00:00+08:00",
    "notes": f"{CONTACT['name']} signed, call {CONTACT['phone']}; LTV 75%",
}


@pytest.fixture
async def case_id(open_case: Any) -> str:
    opened = await open_case()
    return str(opened["case_id"])


async def close(session: Session, case_id: str, **outcome: Any) -> Any:
    return await session.call("record_scenario_outcome", {"payload": {"case_id": case_id, **outcome}})


class TestClosing:
    async def test_keeps_how_it_ended_masked(self, service: Session, case_id: str) -> None:
        answer = await close(service, case_id, **WHOLE)
        case = await service.call("get_scenario_case", {"case_id": case_id})
        assert (answer["status"], case["status"]) == ("closed", "closed")
        assert case["closed_at"] is not None
        outcome = case["outcome"]
        assert {
            key: outcome[key] for key in ("decision", "decision_reason", "bank_mask", "loan_quantum")
        } == {
            "decision": "refinance",
            "decision_reason": "lower_instalment",
            "bank_mask": "Bank C",
            "loan_quantum": 740000.25,
        }
        assert sorted(outcome["hurdles"]) == ["timing", "valuation"]
        assert outcome["notes"] == "[subject] signed, call [subject]; LTV 75%"

    async def test_is_an_event_without_notes_or_commission(
        self, api: Database, service: Session, people: Any, case_id: str
    ) -> None:
        await service.call(
            "record_scenario_event", {"payload": {"case_id": case_id, "event_type": "chat", "payload": {}}}
        )
        await close(api.session(people.admin), case_id, **WHOLE)
        event = (await service.call("get_scenario_case", {"case_id": case_id}))["events"][0]
        assert event["event_type"] == "outcome"
        assert event["payload"] == {
            "actor": f"staff:{people.admin.sub}",
            "decision": "refinance",
            "decision_reason": "lower_instalment",
            "hurdles": ["valuation", "timing"],
            "bank": "Bank C",
            "loan_quantum": 740000.25,
            "signed_at": "2026-03-02T02:00:00+00:00",
            "moved": {"from": "active", "to": "closed"},
        }

    @pytest.mark.parametrize("decision", ["stay", "reprice", "refinance", "lost", "dormant"])
    async def test_a_case_may_end_as_a_draft(self, service: Session, case_id: str, decision: str) -> None:
        await close(service, case_id, decision=decision)
        event = (await service.call("get_scenario_case", {"case_id": case_id}))["events"][0]
        assert event["payload"]["moved"] == {"from": "draft", "to": "closed"}

    async def test_of_fifty_at_once_one_wins(
        self, owner: asyncpg.Connection, service: Session, case_id: str
    ) -> None:
        results = await asyncio.gather(
            *(close(service, case_id, decision="lost", loan_quantum=n) for n in range(50)),
            return_exceptions=True,
        )
        errors = [result for result in results if isinstance(result, RpcError)]
        assert len(errors) == 49
        assert {(error.status, error.code) for error in errors} == {(409, "case_closed")}
        won = next(n for n, result in enumerate(results) if isinstance(result, dict))
        assert await owner.fetchval("select array_agg(loan_quantum::int) from scenario_outcomes") == [won]
        assert await owner.fetchval("select count(*) from scenario_events where event_type = 'outcome'") == 1


class TestRefusing:
    @pytest.mark.parametrize(
        ("changes", "code", "field"),
        [
            ({"decision": "maybe"}, "invalid_input", "decision"),
            ({"decision": None}, "invalid_input", "decision"),
            ({"decision_reason": "because"}, "invalid_input", "decision_reason"),
            ({"hurdles": ["moat"]}, "invalid_input", "hurdles[0]"),
            ({"loan_quantum": -1}, "invalid_input", "loan_quantum"),
            ({"commission_estimate": 0.001}, "invalid_input", "commission_estimate"),
            ({"signed_at": "infinity"}, "invalid_input", "signed_at"),
            ({"signed_at": "2199-01-01T00:00:00Z"}, "invalid_input", "signed_at"),
            ({"notes": "x" * 8001}, "invalid_input", "notes"),
            ({"name": "Rachel"}, "invalid_input", "name"),
            ({"notes": "they gave 1.55%"}, "rate_leak", "notes"),
        ],
    )
    async def test_changes_nothing(
        self, owner: asyncpg.Connection, service: Session, case_id: str, changes: Any, code: str, field: str
    ) -> None:
        before = await all_rows(owner)
        with pytest.raises(RpcError) as refusal:
            await close(service, case_id, **{**WHOLE, **changes})
        error = refusal.value
        fields = (
            [e["field"] for e in error.detail["errors"]]
            if code == "invalid_input"
            else [error.detail["field"]]
        )
        assert (error.status, error.code, fields) == (422, code, [field])
        assert await all_rows(owner) == before

    async def test_a_second_outcome_changes_nothing(
        self, owner: asyncpg.Connection, service: Session, case_id: str
    ) -> None:
        await close(service, case_id, decision="stay")
        before = await all_rows(owner)
        with pytest.raises(RpcError) as refusal:
            await close(service, case_id, decision="lost")
        assert (refusal.value.status, refusal.value.code) == (409, "case_closed")
        assert await all_rows(owner) == before

    async def test_another_tenants_case(self, api: Database, people: Any, case_id: str) -> None:
        for who in (people.other_admin, people.member, people.stranger):
            with pytest.raises(RpcError) as refusal:
                await close(api.session(who), case_id, decision="lost")
            assert (refusal.value.status, refusal.value.code) == (404, "case_not_found")
