"""``create_scenario_case``: what one call writes, and that a refused one writes nothing."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Principal, Session
from casebase.kernel.errors import RpcError
from casebase.modules.mortgage.models.case import reference_of
from tests.mortgage.leads import ABSENT, BANK, CONTACT, count_rows, lead

A_THOUSAND_CHARACTERS = "x" * 1000


class TestOneCall:
    async def test_answers_with_the_ids_of_what_it_wrote(self, open_case: Any) -> None:
        answer = await open_case()
        assert set(answer) == {"case_id", "lead_id", "consent_id", "input_version", "job_id"}
        assert answer["input_version"] == 1
        assert all(UUID(answer[name]) for name in ("case_id", "lead_id", "consent_id"))

    async def test_writes_one_row_of_each_and_a_job(self, owner: asyncpg.Connection, open_case: Any) -> None:
        before = await count_rows(owner)
        await open_case()
        after = await count_rows(owner)
        assert {table: after[table] - before[table] for table in after if after[table] != before[table]} == {
            "casebase.job_keys": 1,
            "mortgage.context_versions": 1,
            "mortgage.private_inputs": 1,
            "pgmq.q_mortgage_calculation": 1,
            "public.consents": 1,
            "public.leads": 1,
            "public.scenario_cases": 1,
            "public.scenario_events": 1,
            "public.scenario_inputs": 1,
            "public.scenario_tags": 1,
        }

    async def test_keeps_the_contact_in_leads(self, owner: asyncpg.Connection, open_case: Any) -> None:
        answer = await open_case()
        row = await owner.fetchrow("select * from leads where id = $1", UUID(answer["lead_id"]))
        assert {"name": row["name"], "email": row["email"], "phone": row["phone"]} == CONTACT

    async def test_opens_a_draft_with_initials(self, owner: asyncpg.Connection, open_case: Any) -> None:
        answer = await open_case()
        row = await owner.fetchrow("select * from scenario_cases where id = $1", UUID(answer["case_id"]))
        assert (row["status"], row["initials"], row["latest_input_version"]) == ("draft", "TWLR", 1)
        assert str(row["consent_id"]) == answer["consent_id"]
        assert row["reference"] == reference_of(answer["case_id"])

    @pytest.mark.parametrize(
        ("name", "initials"),
        [
            ("陈大文", "陈"),
            ("Muḥammad bin Yūsuf al-Ḥasan ibn Ali", "MBYA"),
            ("  éva o'neil", "ÉON"),
            ("X Æ A-12", "XÆA"),
        ],
    )
    async def test_takes_initials_of_any_script(
        self, owner: asyncpg.Connection, open_case: Any, name: str, initials: str
    ) -> None:
        await open_case(changes={"contact.name": name})
        assert await owner.fetchval("select initials from scenario_cases") == initials

    async def test_masks_the_bank_and_hides_the_rate(self, owner: asyncpg.Connection, open_case: Any) -> None:
        await open_case()
        inputs = await owner.fetchrow("select * from scenario_inputs")
        private = await owner.fetchrow("select * from mortgage.private_inputs")
        assert inputs["current_bank_mask"] == "Bank E"
        assert inputs["created_by"] == "lead_form"
        assert (private["bank_code"], str(private["current_rate"])) == ("scb", "3.6725")

    @pytest.mark.parametrize("spelling", ["scb", "SCB", " standard chartered ", "bank e", BANK])
    async def test_knows_a_bank_by_code_name_and_mask(
        self, owner: asyncpg.Connection, open_case: Any, spelling: str
    ) -> None:
        await open_case(changes={"inputs.current_bank": spelling})
        assert await owner.fetchval("select current_bank_mask from scenario_inputs") == "Bank E"

    async def test_gives_unknown_banks_one_mask(self, owner: asyncpg.Connection, open_case: Any) -> None:
        await open_case(changes={"inputs.current_bank": "Bank of Nowhere"})
        assert await owner.fetchval("select current_bank_mask from scenario_inputs") == "Other bank"

    async def test_consents_for_five_days_unless_told(
        self, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        await open_case(changes={"consent.days": ABSENT})
        await open_case(changes={"consent.days": 30})
        spans = await owner.fetch("select (until - granted_at)::text as span from consents order by until")
        assert [row["span"] for row in spans] == ["5 days", "30 days"]
        assert await owner.fetchval(
            "select bool_and(c.consent_until = k.until) from scenario_cases c join consents k on k.id = c.consent_id"
        )

    async def test_starts_the_timeline_with_the_lead_form(
        self, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        await open_case()
        event = await owner.fetchrow("select * from scenario_events")
        payload = json.loads(event["payload_json"])
        assert event["event_type"] == "lead_form"
        assert payload.pop("consent_until")
        assert payload == {"source": "website", "input_version": 1, "purposes": ["advice"]}

    async def test_queues_the_calculation_with_ids_only(
        self, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        answer = await open_case()
        job = await owner.fetchrow("select * from pgmq.q_mortgage_calculation")
        assert job["msg_id"] == answer["job_id"]
        assert json.loads(job["message"]) == {"case_id": answer["case_id"], "input_version": 1}

    async def test_fills_in_what_may_be_left_out(self, owner: asyncpg.Connection, open_case: Any) -> None:
        optional = ("current_rate", "lock_in_remaining", "owner_occupied", "income_profile")
        await open_case(changes={f"inputs.{name}": ABSENT for name in optional})
        row = await owner.fetchrow("select * from scenario_inputs")
        assert (row["lock_in_remaining"], row["owner_occupied"], row["income_profile_json"]) == (
            0,
            True,
            None,
        )
        assert await owner.fetchval("select current_rate from mortgage.private_inputs") is None

    async def test_writes_into_the_tenant_it_names(
        self, owner: asyncpg.Connection, open_case: Any, people: Any
    ) -> None:
        await open_case(changes={"tenant_id": str(people.other_tenant)})
        for table in ("leads", "consents", "scenario_cases", "scenario_inputs", "scenario_events"):
            assert await owner.fetchval(f"select tenant_id from {table}") == people.other_tenant


class TestIdempotency:
    async def test_fifty_calls_with_one_key_open_one_case(
        self, owner: asyncpg.Connection, service: Session
    ) -> None:
        calls = [
            service.call("create_scenario_case", {"payload": lead()}, idempotency_key="form-1")
            for _ in range(50)
        ]
        answers = await asyncio.gather(*calls)
        assert len({answer["case_id"] for answer in answers}) == 1
        assert await owner.fetchval("select count(*) from scenario_cases") == 1
        assert await owner.fetchval("select count(*) from pgmq.q_mortgage_calculation") == 1


# Field, value, the rule it breaks.
_BAD: list[tuple[str, Any, str]] = [
    ("contact", ABSENT, "required"),
    ("contact.name", ABSENT, "required"),
    ("contact.name", "", "minLength"),
    ("contact.name", "123", "pattern"),
    ("contact.name", "Tan\tWei", "pattern"),
    ("contact.name", A_THOUSAND_CHARACTERS, "maxLength"),
    ("contact.name", ["Tan"], "type"),
    ("contact.email", ABSENT, "required"),
    ("contact.email", "rachel", "format"),
    ("contact.email", "rachel@localhost", "format"),
    ("contact.email", "rachel@@example.com", "format"),
    ("contact.email", "a b@example.com", "format"),
    ("contact.phone", ABSENT, "required"),
    ("contact.phone", "12345", "pattern"),
    ("contact.phone", "not a number", "pattern"),
    ("contact.phone", "+65 9123 4567 ext 12", "pattern"),
    ("contact.phone", 6591234567, "type"),
    ("contact.nric", "S1234567D", "unknown"),
    ("consent", ABSENT, "required"),
    ("consent.purposes", ABSENT, "required"),
    ("consent.purposes", [], "minItems"),
    ("consent.purposes", "advice", "type"),
    ("consent.days", 0, "minimum"),
    ("consent.days", 366, "maximum"),
    ("consent.days", 1.5, "type"),
    ("inputs", ABSENT, "required"),
    ("inputs.loan_amount", ABSENT, "required"),
    ("inputs.loan_amount", 0, "exclusiveMinimum"),
    ("inputs.loan_amount", -1, "exclusiveMinimum"),
    ("inputs.loan_amount", 100000000.01, "maximum"),
    ("inputs.loan_amount", 1e300, "maximum"),
    ("inputs.loan_amount", 1000.001, "multipleOf"),
    ("inputs.loan_amount", "NaN", "type"),
    ("inputs.loan_amount", True, "type"),
    ("inputs.tenure_months", ABSENT, "required"),
    ("inputs.tenure_months", 0, "minimum"),
    ("inputs.tenure_months", 421, "maximum"),
    ("inputs.tenure_months", 12.5, "type"),
    ("inputs.property_type", ABSENT, "required"),
    ("inputs.property_type", "castle", "enum"),
    ("inputs.current_bank", ABSENT, "required"),
    ("inputs.current_bank", "", "minLength"),
    ("inputs.current_bank", A_THOUSAND_CHARACTERS, "maxLength"),
    ("inputs.current_rate", -0.1, "minimum"),
    ("inputs.current_rate", 25.1, "maximum"),
    ("inputs.current_rate", 3.14159, "multipleOf"),
    ("inputs.lock_in_remaining", -1, "minimum"),
    ("inputs.lock_in_remaining", 121, "maximum"),
    ("inputs.owner_occupied", "yes", "type"),
    ("inputs.horoscope", "leo", "unknown"),
    ("inputs.income_profile", 5000, "type"),
    ("inputs.income_profile.monthly_income_fixed", ABSENT, "required"),
    ("inputs.income_profile.monthly_income_fixed", -1, "minimum"),
    ("inputs.income_profile.monthly_income_fixed", 1e12, "maximum"),
    ("inputs.income_profile.bonus", 1, "unknown"),
    ("source", ABSENT, "required"),
    ("source", "Tan Wei Ling", "pattern"),
    ("source", "tan_wei_ling_rachel", "personal_data"),
    ("source", "form_of_s1234567d", "personal_data"),
    ("source", "call_91234567", "personal_data"),
    ("source", "mdm_farhana_zulkifli", "personal_data"),
    ("source", "oslo_47_22_12_34_56", "personal_data"),
    ("source", "standard_chartered_referral", "personal_data"),
    ("tenant_id", "default", "format"),
    ("discount", 5, "unknown"),
]


class TestBadInput:
    @pytest.mark.parametrize(("field", "value", "rule"), _BAD)
    async def test_names_field_and_rule_and_writes_nothing(
        self, owner: asyncpg.Connection, service: Session, field: str, value: Any, rule: str
    ) -> None:
        before = await count_rows(owner)
        with pytest.raises(RpcError) as refused:
            await service.call(
                "create_scenario_case", {"payload": lead({field: value})}, idempotency_key="refused"
            )
        assert (refused.value.status, refused.value.code) == (422, "invalid_input")
        assert [(e["field"], e["rule"]) for e in refused.value.detail["errors"]] == [(field, rule)]
        assert await count_rows(owner) == before

    async def test_names_every_wrong_field_at_once(self, service: Session) -> None:
        bad = lead({"contact.email": "?", "inputs.tenure_months": 0, "source": ABSENT})
        with pytest.raises(RpcError) as refused:
            await service.call("create_scenario_case", {"payload": bad})
        fields = {error["field"] for error in refused.value.detail["errors"]}
        assert fields == {"contact.email", "inputs.tenure_months", "source"}

    async def test_names_the_purpose_that_tells_who_asks(
        self, owner: asyncpg.Connection, service: Session
    ) -> None:
        before = await count_rows(owner)
        bad = lead({"consent.purposes": ["advice", "for_tan_wei_ling_rachel"]})
        with pytest.raises(RpcError) as refused:
            await service.call("create_scenario_case", {"payload": bad})
        errors = refused.value.detail["errors"]
        assert [(e["field"], e["rule"]) for e in errors] == [("consent.purposes[1]", "personal_data")]
        assert "wei" not in str(refused.value.detail)
        assert await count_rows(owner) == before

    async def test_never_echoes_a_value(self, service: Session) -> None:
        bad = lead({"contact.email": "rachel.tan@", "contact.phone": "9123-ring-me"})
        with pytest.raises(RpcError) as refused:
            await service.call("create_scenario_case", {"payload": bad})
        assert "rachel" not in str(refused.value.detail)
        assert "9123" not in str(refused.value.detail)

    async def test_refuses_an_unknown_tenant(self, owner: asyncpg.Connection, service: Session) -> None:
        before = await count_rows(owner)
        with pytest.raises(RpcError) as refused:
            await service.call("create_scenario_case", {"payload": lead({"tenant_id": str(uuid4())})})
        assert (refused.value.status, refused.value.code) == (404, "tenant_not_found")
        assert await count_rows(owner) == before

    @pytest.mark.parametrize("payload", [None, [], "lead", 1])
    async def test_refuses_what_is_no_object(self, service: Session, payload: Any) -> None:
        with pytest.raises(RpcError) as refused:
            await service.call("create_scenario_case", {"payload": payload})
        assert refused.value.status == 422


class TestWhoMayCall:
    @pytest.mark.parametrize("who", ["anon", "authenticated", "casebase_analyst", "casebase_ai_broker"])
    async def test_only_the_service(self, owner: asyncpg.Connection, api: Database, who: str) -> None:
        caller = ANON if who == "anon" else Principal(who, sub=uuid4())
        before = await count_rows(owner)
        with pytest.raises(RpcError) as refused:
            await api.session(caller).call("create_scenario_case", {"payload": lead()})
        assert (refused.value.status, refused.value.code) == (403, "forbidden")
        assert await count_rows(owner) == before
