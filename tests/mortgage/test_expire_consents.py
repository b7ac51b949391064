"""``expire_consents``: what is personal goes, once, whoever runs when; what is masked stays."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from casebase.kernel.jobs import Job, JobContext
from casebase.kernel.runtime import Runtime
from casebase.modules.mortgage.jobs import calculate
from tests.mortgage.leads import CONTACT

DUE = "update public.consents set granted_at = now() - interval '6 days', until = now() - interval '1 second'"


async def expire(service: Session, batch_limit: int = 50) -> int:
    """Run batches until nothing is left; return how many subjects were erased."""
    erased, is_more = 0, True
    while is_more:
        answer = await service.call("expire_consents", {"batch_limit": batch_limit})
        erased, is_more = erased + answer["subjects"], answer["is_more"]
    return erased


@pytest.fixture
async def full_case(service: Session, open_case: Any, advise_case: Any, owner: asyncpg.Connection) -> Any:
    """An advised case with something personal in every place that can hold it, past the guards in front of them."""
    opened = await open_case(
        changes={"consent.purposes": ["advice", "publishing"], "source": "friend_of_rachel"}
    )
    await advise_case(opened)
    case_id = opened["case_id"]
    told = json.dumps(
        {
            "message": f"{CONTACT['name']} called from {CONTACT['phone']}",
            "author": "borrower",
            "channel": "rachel",
            "moved": {"to": "wa_7123456789"},
            "is_start": True,
            "monthly_income": 12000,
        }
    )
    await owner.execute("update scenario_cases set notes = $1", f"Wrote to {CONTACT['email']}")
    await owner.execute(
        "insert into scenario_events (tenant_id, case_id, event_type, payload_json) "
        "select tenant_id, id, 'chat', $1::jsonb from scenario_cases",
        told,
    )
    await owner.execute(
        "insert into scenario_ai_ledger (tenant_id, case_id, entry_type, model, prompt_hash, content_json) "
        "select tenant_id, id, 'said', 'm', repeat('a', 64), $1::jsonb from scenario_cases",
        told,
    )
    await owner.execute(
        "insert into scenario_outcomes (tenant_id, case_id, decision, loan_quantum, notes) "
        "select tenant_id, id, 'reprice', 750000, $1 from scenario_cases",
        f"{CONTACT['name']} is content",
    )
    await owner.execute(
        "insert into scenario_tags (tenant_id, case_id, tag, source) "
        "select tenant_id, id, t, 'manual' from scenario_cases, unnest('{#rachel_tan,#counter_offer}'::text[]) t"
    )
    await owner.execute(
        "insert into mortgage.conversations (tenant_id, conversation_id, case_id) "
        "select tenant_id, 'rachel-tan-1', id from scenario_cases"
    )
    await owner.execute(
        "insert into scenario_documents (tenant_id, case_id, doc_type, storage_path, expires_at, content_type, size_bytes, "
        "sha256, page_count, uploaded_by) select tenant_id, id, 'identity', "
        "format('mortgage/%s/%s/%s', tenant_id, id, gen_random_uuid()), consent_until, 'image/png', 10, "
        "repeat('b', 64), 1, 'service' from scenario_cases"
    )
    await owner.execute(DUE)
    return case_id


class TestWhatGoes:
    async def test_is_all_that_the_borrower_told(
        self, service: Session, owner: asyncpg.Connection, full_case: str
    ) -> None:
        assert await expire(service) == 1
        contact = await owner.fetchrow(
            "select name, email, phone, erased_at is not null as erased from leads"
        )
        assert tuple(contact) == (None, None, None, True)
        assert await owner.fetchval("select income_profile_json from scenario_inputs") is None
        assert await owner.fetchval("select current_rate from mortgage.private_inputs") is None
        assert await owner.fetchval("select affordability_json from scenario_calculations") is None
        assert await owner.fetchval("select notes from scenario_cases") is None
        assert await owner.fetchval("select notes from scenario_outcomes") is None
        assert await owner.fetchval("select content_json from scenario_ai_ledger") == "{}"
        for table in ("mortgage.conversations", "scenario_documents"):
            assert await owner.fetchval(f"select count(*) from {table}") == 0
        assert await owner.fetchval("select array_agg(tag) from scenario_tags where source = 'manual'") == [
            "#counter_offer"
        ]
        assert await owner.fetchval("select source from leads") == "removed"
        assert await owner.fetchval("select source from scenario_cases") == "removed"

    async def test_is_what_incomes_could_be_computed_from(
        self, service: Session, owner: asyncpg.Connection, full_case: str
    ) -> None:
        before = await owner.fetchval("select result_hash from scenario_calculations")
        await expire(service)
        record = json.loads(await owner.fetchval("select record_json from mortgage.calculation_facts"))
        assert record.keys() == {"facts_used", "rule_version", "facts_hash"}
        assert await owner.fetchval("select result_hash from scenario_calculations") != before

    async def test_are_the_documents_files_by_a_job(
        self, service: Session, owner: asyncpg.Connection, full_case: str
    ) -> None:
        path = await owner.fetchval("select storage_path from scenario_documents")
        await expire(service)
        jobs = await owner.fetch("select message from pgmq.q_mortgage_file_removal")
        assert [json.loads(row[0]) for row in jobs] == [{"path": path}]

    async def test_is_free_text_of_events_while_their_structure_stays(
        self, service: Session, owner: asyncpg.Connection, full_case: str
    ) -> None:
        await expire(service)
        events = await owner.fetch("select event_type, payload_json from scenario_events order by position")
        payloads = {row["event_type"]: json.loads(row["payload_json"]) for row in events}
        assert payloads["chat"] == {"author": "borrower", "is_start": True, "moved": {"to": ""}}
        assert payloads["lead_form"]["purposes"] == ["advice", "publishing"]
        assert payloads["lead_form"]["source"] == ""
        assert payloads["calculation"].keys() == {
            "calc_version", "input_version", "recommendation", "net_savings", "hassle_score",
        }  # fmt: skip
        assert payloads["consent_expired"]["reason"] == "lapsed"


class TestWhatStays:
    async def test_is_masked(self, service: Session, owner: asyncpg.Connection, full_case: str) -> None:
        before = await service.call("get_scenario_case", {"case_id": full_case})
        await expire(service)
        after = await service.call("get_scenario_case", {"case_id": full_case})
        for field in ("initials", "status", "recommendation", "net_savings", "reference"):
            assert after[field] == before[field]
        kept = {"loan_amount", "tenure_months", "property_type", "current_bank_mask", "lock_in_remaining"}
        assert {k: after["inputs"][0][k] for k in kept} == {k: before["inputs"][0][k] for k in kept}
        assert after["calculations"][0]["stay_json"] == before["calculations"][0]["stay_json"]
        assert await owner.fetchval("select loan_quantum from scenario_outcomes") == 750000
        assert await owner.fetchval("select purposes from consents") == ["advice", "publishing"]

    async def test_is_a_case_whose_consent_holds(
        self, service: Session, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        await open_case()
        assert await expire(service) == 0
        assert await owner.fetchval("select name from leads") == CONTACT["name"]

    async def test_is_a_contact_that_another_consent_allows(
        self, service: Session, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        await open_case()
        await owner.execute(DUE)
        await owner.execute(
            "insert into consents (tenant_id, lead_id, purposes) select tenant_id, id, '{newsletter}' from leads"
        )
        assert await expire(service) == 1
        assert await owner.fetchval("select name from leads") == CONTACT["name"]
        assert await owner.fetchval("select income_profile_json from scenario_inputs") is None


class TestAReceipt:
    async def test_counts_by_table_and_column(
        self, service: Session, owner: asyncpg.Connection, full_case: str
    ) -> None:
        await expire(service)
        receipt = await owner.fetchrow("select * from casebase.erasure_receipts")
        assert (receipt["module"], receipt["rule"]) == ("mortgage", "consents")
        assert receipt["subject_hash"] == await owner.fetchval(
            "select encode(sha256(convert_to(id::text, 'UTF8')), 'hex') from consents"
        )
        assert json.loads(receipt["counts"]) == {
            "public.leads.name": 1,
            "public.leads.email": 1,
            "public.leads.phone": 1,
            "public.scenario_cases.notes": 1,
            "public.scenario_inputs.income_profile_json": 1,
            "mortgage.private_inputs.current_rate": 1,
            "public.scenario_calculations.affordability_json": 1,
            "public.scenario_calculations.result_hash": 1,
            "mortgage.calculation_facts.record_json": 1,
            "public.scenario_outcomes.notes": 1,
            "mortgage.conversations.*": 1,
            "public.scenario_tags.*": 1,
            "public.scenario_documents.*": 1,
            "public.scenario_ai_ledger.content_json": 1,
            "public.scenario_events.payload_json": 2,
        }

    async def test_is_finished_once_all_else_has_forgotten_too(
        self, service: Session, owner: asyncpg.Connection, api: Database, full_case: str
    ) -> None:
        await expire(service)
        assert await owner.fetchval(
            "select finished_at is null and erased_at is not null from casebase.erasure_receipts"
        )
        assert await api.pool.fetchval("select casebase.finish_erasures()") == 1
        assert await owner.fetchval(
            "select finished_at is not null and unsettled_ids is null from casebase.erasure_receipts"
        )
        assert await api.pool.fetchval("select casebase.finish_erasures()") == 0


class TestRunning:
    async def test_again_changes_nothing(
        self, service: Session, owner: asyncpg.Connection, full_case: str
    ) -> None:
        await expire(service)
        before = await owner.fetch("select * from scenario_events")
        receipt = await owner.fetchrow("select * from casebase.erasure_receipts")
        assert await expire(service) == 0
        assert await owner.fetch("select * from scenario_events") == before
        assert await owner.fetchrow("select * from casebase.erasure_receipts") == receipt

    async def test_by_fifty_at_once_expires_each_consent_once(
        self, service: Session, owner: asyncpg.Connection, api: Database, open_case: Any
    ) -> None:
        count = 120
        for _ in range(count):
            await open_case()
        await owner.execute(DUE)
        erased = await asyncio.gather(*(expire(service, batch_limit=3) for _ in range(50)))
        # A batch passes over what others hold: whoever comes last finds what was left.
        assert sum(erased) + await expire(service) == count
        for query in (
            "select count(*) from scenario_events where event_type = 'consent_expired'",
            "select count(distinct case_id) from scenario_events where event_type = 'consent_expired'",
            "select count(*) from casebase.erasure_receipts where erased_at is not null",
            "select count(*) from consents where expired_at is not null",
            "select count(*) from leads where name is null",
        ):
            assert await owner.fetchval(query) == count, query

    async def test_passes_over_a_case_that_somebody_works_on(
        self, service: Session, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        await open_case()
        await owner.execute(DUE)
        async with owner.transaction():
            await owner.execute("select from scenario_cases for no key update")
            assert await expire(service) == 0
        assert await expire(service) == 1

    async def test_ends_a_long_timeline_in_several_batches(
        self, service: Session, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        await open_case()
        await owner.execute(
            "insert into scenario_events (tenant_id, case_id, event_type, payload_json) "
            """select tenant_id, id, 'chat', '{"message": "hello"}' from scenario_cases, generate_series(1, 1200)"""
        )
        await owner.execute(DUE)
        first = await service.call("expire_consents", {"batch_limit": 10})
        assert first == {"subjects": 0, "is_more": True}
        assert await owner.fetchval("select expired_at is null and erased_through > 0 from consents")
        assert await owner.fetchval("select name from leads") == CONTACT["name"]
        await expire(service)
        assert await owner.fetchval("select expired_at is not null from consents")
        counts = json.loads(await owner.fetchval("select counts from casebase.erasure_receipts"))
        assert counts["public.scenario_events.payload_json"] == 1200
        assert (
            await owner.fetchval("select count(*) from scenario_events where payload_json ? 'message'") == 0
        )

    async def test_ends_the_long_timelines_of_several_cases_of_a_consent(
        self, service: Session, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        await open_case()
        await owner.execute(
            "insert into scenario_cases (tenant_id, lead_id, consent_id, initials, source, consent_until) "
            "select tenant_id, lead_id, consent_id, initials, source, consent_until from scenario_cases"
        )
        await owner.execute(
            "insert into scenario_events (tenant_id, case_id, event_type, payload_json) "
            """select tenant_id, id, 'chat', '{"message": "hello"}' from scenario_cases c, generate_series(1, 1200) order by c.id"""
        )
        await owner.execute(DUE)
        await expire(service)
        assert await owner.fetchval("select expired_at is not null from consents")
        assert (
            await owner.fetchval("select count(*) from scenario_events where payload_json ? 'message'") == 0
        )

    @pytest.mark.parametrize("batch_limit", [0, 1001, None])
    async def test_wants_a_sensible_batch(self, service: Session, batch_limit: int | None) -> None:
        with pytest.raises(RpcError) as refused:
            await service.call("expire_consents", {"batch_limit": batch_limit})
        assert refused.value.code == "invalid_input"


class TestAfterwards:
    """An erased case takes nothing personal any more, through whichever door."""

    @pytest.mark.parametrize(
        "statement",
        [
            "insert into scenario_inputs (tenant_id, case_id, version, loan_amount, tenure_months, property_type, "
            "current_bank_mask, created_by) select tenant_id, id, 9, 1, 1, 'hdb', 'Bank A', 'x' from scenario_cases",
            "insert into scenario_ai_ledger (tenant_id, case_id, entry_type, model, prompt_hash, content_json) "
            "select tenant_id, id, 'said', 'm', repeat('a', 64), '{}' from scenario_cases",
            "insert into mortgage.conversations (tenant_id, conversation_id, case_id) "
            "select tenant_id, 'c', id from scenario_cases",
            "insert into scenario_outcomes (tenant_id, case_id, decision, notes) "
            "select tenant_id, id, 'stay', 'x' from scenario_cases",
            "update scenario_cases set notes = 'x'",
        ],
    )
    async def test_what_may_be_personal_is_refused(
        self, service: Session, owner: asyncpg.Connection, open_case: Any, statement: str
    ) -> None:
        await open_case()
        await owner.execute(DUE)
        await expire(service)
        with pytest.raises(asyncpg.PostgresError, match="consent_ended"):
            await owner.execute(statement)

    async def test_the_timeline_goes_on_without_words(
        self, service: Session, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        opened = await open_case()
        await owner.execute(DUE)
        await expire(service)
        await service.call(
            "record_scenario_event",
            {
                "payload": {
                    "case_id": opened["case_id"],
                    "event_type": "follow_up",
                    "payload": {"note": "Left a message with Rachel's sister", "channel": "phone"},
                }
            },
        )
        payload = await owner.fetchval(
            "select payload_json from scenario_events where event_type = 'follow_up'"
        )
        assert json.loads(payload) == {"channel": "phone", "moved": {"from": "draft", "to": "active"}}

    async def test_the_outcome_can_still_be_recorded(
        self, service: Session, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        opened = await open_case()
        await owner.execute(DUE)
        await expire(service)
        outcome = {
            "case_id": opened["case_id"],
            "decision": "refinance",
            "decision_reason": "lower_total_cost",
        }
        await service.call("record_scenario_outcome", {"payload": outcome})
        assert await owner.fetchval("select status from scenario_cases") == "closed"

    async def test_a_calculation_under_way_is_dropped(
        self, service: Session, owner: asyncpg.Connection, runtime: Runtime, open_case: Any
    ) -> None:
        opened = await open_case()
        payload = {"case_id": opened["case_id"], "input_version": 1}
        job = Job("mortgage_calculation", opened["job_id"], 1, payload, runtime.clock.now())
        completion = await calculate(job, JobContext(runtime, service))
        assert completion is not None
        await owner.execute(DUE)
        await expire(service)
        async with owner.transaction():
            await owner.execute("set local role service_role")
            await owner.execute(
                "select mortgage.save_calculation($1::jsonb)", json.dumps(completion.arguments)
            )
        assert await owner.fetchval("select count(*) from scenario_calculations") == 0
        assert await calculate(job, JobContext(runtime, service)) is None
