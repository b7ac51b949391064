"""``revise_scenario_inputs``: corrections are merged into the next version; none is lost, and the rate stays private."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.mortgage.leads import BANK, RATE, count_rows


@pytest.fixture
async def case_id(open_case: Any) -> str:
    opened = await open_case()
    return str(opened["case_id"])


async def revise(session: Session, case_id: str, inputs: Any) -> Any:
    return await session.call("revise_scenario_inputs", {"payload": {"case_id": case_id, "inputs": inputs}})


async def latest(session: Session, case_id: str) -> dict[str, Any]:
    case = await session.call("get_scenario_case", {"case_id": case_id})
    assert isinstance(case, dict)
    return {"inputs": case["inputs"][0], "event": case["events"][0], "case": case}


class TestRevising:
    async def test_writes_the_next_version_and_queues_its_advice(
        self, owner: asyncpg.Connection, service: Session, case_id: str
    ) -> None:
        answer = await revise(service, case_id, {"loan_amount": 800000})
        assert (answer["case_id"], answer["input_version"]) == (case_id, 2)
        job = await owner.fetchval(
            "select message from pgmq.q_mortgage_calculation where msg_id = $1", answer["job_id"]
        )
        assert json.loads(job) == {"case_id": case_id, "input_version": 2}

    async def test_what_is_left_out_stays(
        self, owner: asyncpg.Connection, service: Session, case_id: str
    ) -> None:
        await revise(service, case_id, {"loan_amount": 800000, "income_profile": {"other_monthly_debt": 0}})
        inputs = (await latest(service, case_id))["inputs"]
        assert (inputs["loan_amount"], inputs["tenure_months"], inputs["current_bank_mask"]) == (
            800000,
            300,
            "Bank E",
        )
        assert inputs["income_profile_json"] == {"monthly_income_fixed": 12000, "other_monthly_debt": 0}
        private = await owner.fetchrow(
            "select bank_code, current_rate from mortgage.private_inputs where version = 2"
        )
        assert (private["bank_code"], float(private["current_rate"])) == ("scb", RATE)

    async def test_null_empties_what_is_optional(
        self, owner: asyncpg.Connection, service: Session, case_id: str
    ) -> None:
        await revise(
            service, case_id, {"current_rate": None, "income_profile": None, "lock_in_remaining": None}
        )
        inputs = (await latest(service, case_id))["inputs"]
        assert (inputs["income_profile_json"], inputs["lock_in_remaining"]) == (None, 0)
        assert (
            await owner.fetchval("select current_rate from mortgage.private_inputs where version = 2") is None
        )

    async def test_whole_inputs_do_too(self, service: Session, case_id: str) -> None:
        whole = {"loan_amount": 1, "tenure_months": 1, "property_type": "hdb", "current_bank": "UOB"}
        await revise(service, case_id, whole)
        inputs = (await latest(service, case_id))["inputs"]
        assert (inputs["property_type"], inputs["current_bank_mask"]) == ("hdb", "Bank G")

    async def test_leaves_an_event_with_what_changed_and_who_did_it(
        self, api: Database, service: Session, people: Any, case_id: str
    ) -> None:
        await revise(
            api.session(people.broker),
            case_id,
            {"tenure_months": 240, "current_bank": "DBS", "current_rate": 2.9},
        )
        found = await latest(service, case_id)
        assert found["event"]["event_type"] == "admin_edit"
        assert found["event"]["payload"] == {
            "actor": f"staff:{people.broker.sub}",
            "input_version": 2,
            "changes": {
                "tenure_months": [300, 240],
                "current_bank": ["Bank E", "Bank C"],
                "current_rate": ["[rate]", "[rate]"],
            },
        }
        assert found["inputs"]["created_by"] == f"staff:{people.broker.sub}"

    async def test_its_event_names_the_service(self, service: Session, case_id: str) -> None:
        await revise(service, case_id, {"income_profile": {"monthly_income_variable": 10}})
        payload = (await latest(service, case_id))["event"]["payload"]
        assert payload["actor"] == "service"
        assert payload["changes"] == {"income_profile.monthly_income_variable": [None, 10]}

    async def test_fifty_at_once_get_consecutive_versions_and_none_is_lost(
        self, owner: asyncpg.Connection, service: Session, case_id: str
    ) -> None:
        answers = await asyncio.gather(
            *(revise(service, case_id, {"loan_amount": 100000 + n}) for n in range(50))
        )
        assert sorted(answer["input_version"] for answer in answers) == list(range(2, 52))
        rows = await owner.fetch("select version, loan_amount::int from scenario_inputs where version > 1")
        assert sorted(row["loan_amount"] for row in rows) == [100000 + n for n in range(50)]
        assert len({answer["job_id"] for answer in answers}) == 50
        events = await owner.fetchval("select count(*) from scenario_events where event_type = 'admin_edit'")
        assert events == 50

    async def test_fields_that_different_people_correct_at_once_all_prevail(
        self, service: Session, case_id: str
    ) -> None:
        corrections: list[dict[str, Any]] = [
            {"loan_amount": 600000},
            {"tenure_months": 200},
            {"property_type": "landed"},
            {"income_profile": {"monthly_income_variable": 500}},
            {"income_profile": {"other_property_debt": 700}},
        ]
        await asyncio.gather(*(revise(service, case_id, correction) for correction in corrections))
        inputs = (await latest(service, case_id))["inputs"]
        assert (inputs["loan_amount"], inputs["tenure_months"], inputs["property_type"]) == (
            600000,
            200,
            "landed",
        )
        assert inputs["income_profile_json"]["monthly_income_variable"] == 500
        assert inputs["income_profile_json"]["other_property_debt"] == 700


class TestRefusing:
    @pytest.mark.parametrize(
        ("inputs", "field"),
        [
            ({"loan_amount": 0}, "inputs.loan_amount"),
            ({"loan_amount": None}, "inputs.loan_amount"),
            ({"tenure_months": 421}, "inputs.tenure_months"),
            ({"property_type": "castle"}, "inputs.property_type"),
            ({"current_rate": 26}, "inputs.current_rate"),
            ({"income_profile": {"salary": 1}}, "inputs.income_profile.salary"),
            ({"income_profile": 1}, "inputs.income_profile"),
            ({"name": "Rachel"}, "inputs.name"),
            ([], "inputs"),
        ],
    )
    async def test_inputs_that_break_a_rule_change_nothing(
        self, owner: asyncpg.Connection, service: Session, case_id: str, inputs: Any, field: str
    ) -> None:
        before = await count_rows(owner)
        with pytest.raises(RpcError) as refusal:
            await revise(service, case_id, inputs)
        assert (refusal.value.status, refusal.value.code) == (422, "invalid_input")
        assert [error["field"] for error in refusal.value.detail["errors"]] == [field]
        assert await count_rows(owner) == before

    async def test_a_closed_case(self, service: Session, case_id: str) -> None:
        await service.call("record_scenario_outcome", {"payload": {"case_id": case_id, "decision": "stay"}})
        with pytest.raises(RpcError) as refusal:
            await revise(service, case_id, {"loan_amount": 1})
        assert (refusal.value.status, refusal.value.code) == (409, "case_closed")

    async def test_another_tenants_case(self, api: Database, people: Any, case_id: str) -> None:
        with pytest.raises(RpcError) as refusal:
            await revise(api.session(people.other_admin), case_id, {"loan_amount": 1})
        assert (refusal.value.status, refusal.value.code) == (404, "case_not_found")


async def test_neither_the_rate_nor_the_bank_is_told(
    owner: asyncpg.Connection, service: Session, case_id: str
) -> None:
    await revise(service, case_id, {"current_rate": 4.4321, "current_bank": BANK})
    events = await owner.fetchval("select string_agg(e::text, ' ') from scenario_events e")
    assert "4.4321" not in events
    assert BANK not in events
