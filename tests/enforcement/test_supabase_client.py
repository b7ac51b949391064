"""supabase-py drives every RPC of the module over a running server, from a judgment to its closed case."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from postgrest.exceptions import APIError

from casebase.kernel.db import SERVICE
from tests.enforcement.conftest import People
from tests.support.supabase_client import Supabase, only_its_own_warnings, supabase

__all__ = ["supabase"]

pytestmark = only_its_own_warnings

DEBTOR = {"name": "Jordan Quillfeather", "kind": "person", "phone": "(646) 555-0148"}


def instant(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat()


async def test_every_rpc_is_driven(supabase: Supabase, owner: asyncpg.Connection, people: People) -> None:
    rpc, operator, admin = supabase, people.operator, people.admin

    judgment = await rpc(
        operator,
        "create_judgment",
        payload={
            "plaintiff": {"name": "Harbor Supply LLC", "kind": "company", "phone": "(212) 555-0134"},
            "debtor": DEBTOR,
            "docket": {"case_number": "CV-2024-118", "county": "Kings", "state": "NY"},
            "judgment_amount": 12500,
        },
    )
    docket_id, plaintiff_id = judgment["case_id"], judgment["plaintiff_id"]
    entity = await rpc(
        SERVICE, "insert_or_get_entity", payload={"name": "Harbor Supply LLC", "kind": "company"}
    )
    assert entity["is_new"] is False

    # What is learned of the debtor, and the tier that comes of it.
    subject = await rpc(SERVICE, "get_enrichment_subject", payload={"judgment_id": judgment["judgment_id"]})
    assert subject["case_id"] == docket_id
    merged = await rpc(
        SERVICE,
        "upsert_enrichment_bundle",
        bundle={
            "case_id": docket_id,
            "source": "vendor",
            "assets": [{"kind": "bank", "description": "First Bank"}],
        },
    )
    assert merged["assets"] == {"inserted": 1, "updated": 0}
    scores = {f"p_{part}": 50 for part in ("identity_score", "contactability_score", "asset_score")}
    await rpc(
        SERVICE,
        "set_case_scores",
        p_case_id=docket_id,
        **scores,
        p_recency_amount_score=50,
        p_adverse_penalty=0,
        p_collectability_score=60,
        p_collectability_tier="tier2",
    )
    await rpc(
        SERVICE,
        "set_case_enrichment",
        p_case_id=docket_id,
        p_collectability_score=72.5,
        p_collectability_tier="tier2",
    )

    # The case, moved on by people and by the playbook.
    case_id = await rpc(operator, "open_enforcement_case", payload={"judgment_id": judgment["judgment_id"]})
    assert UUID(case_id)
    assert (await rpc(people.member, "get_enforcement_case", case_id=case_id))["case"]["tier"] == "tier2"
    moved = await rpc(
        operator, "set_enforcement_stage", payload={"case_id": case_id, "stage": "asset_search"}
    )
    assert moved["is_changed"] is True
    await rpc(
        admin,
        "override_enforcement_tier",
        payload={"case_id": case_id, "tier": "tier3", "expires_at": instant(days=5), "note": "Owns a yard"},
    )
    assert len((await rpc(people.member, "list_tier_overrides"))["items"]) == 1
    await rpc(admin, "clear_enforcement_override", payload={"case_id": case_id})
    assert await rpc(SERVICE, "open_next_enforcement_action", case_id=case_id)
    await rpc(SERVICE, "open_due_enforcement_actions")

    # Documents, and what they prove.
    content = b"%PDF-1.4 a writ"
    plan = await rpc(operator, "plan_enforcement_document", payload={"case_id": case_id, "doc_kind": "writ"})
    document = await rpc(
        SERVICE,
        "add_enforcement_document",
        payload={
            "person_id": str(operator.sub),
            "case_id": case_id,
            "doc_kind": "writ",
            "storage_path": plan["storage_path"],
            "content_type": "application/pdf",
            "size_bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        },
    )
    path = document["storage_path"]
    assert len((await rpc(people.member, "list_enforcement_documents", case_id=case_id))["items"]) == 1
    await rpc(people.member, "open_enforcement_document", document_id=document["document_id"])
    assert await rpc(SERVICE, "find_orphan_enforcement_documents", paths=[path]) == []
    await rpc(
        operator,
        "log_enforcement_event",
        payload={"case_id": case_id, "event_kind": "bank_levy_filed", "document_path": path},
    )
    await rpc(
        operator,
        "queue_enforcement_action",
        payload={"case_id": case_id, "action_type": "bank_levy", "status": "filed"},
    )
    await rpc(operator, "issue_subpoena", payload={"case_id": case_id, "document_path": path})
    await rpc(operator, "record_subpoena_response", payload={"case_id": case_id, "note": "Two accounts"})

    # Calls to the plaintiff.
    call = await rpc(
        operator, "schedule_call", payload={"plaintiff_id": plaintiff_id, "due_at": instant(minutes=1)}
    )
    assert len((await rpc(operator, "list_call_tasks"))["items"]) == 1
    opened = await rpc(operator, "open_call_task", task_id=call["task_id"])
    assert [number["value"] for number in opened["numbers"]] == ["(212) 555-0134"]
    logged = await rpc(
        operator, "log_call_outcome", plaintiff_id=plaintiff_id, task_id=call["task_id"], outcome="voicemail"
    )
    assert logged["outcome"] == "left_voicemail"
    await rpc(SERVICE, "plan_outreach", payload={})

    # Jobs, the copilot, nightly work.
    job = {"kind": "enrich", "idempotency_key": "k1", "payload": {"judgment_id": judgment["judgment_id"]}}
    assert await rpc(operator, "queue_job", payload=job) == await rpc(operator, "queue_job", payload=job)
    assert isinstance(await rpc(operator, "request_case_copilot", case_id=case_id), int)
    assert (await rpc(SERVICE, "get_copilot_file", case_id=case_id))["case"]["debtor"] == "JQ"
    await rpc(SERVICE, "queue_due_enrichment", payload={})
    await rpc(SERVICE, "fan_out_enforcement_events")
    await rpc(SERVICE, "refresh_enforcement_metrics")
    await rpc(SERVICE, "fold_enforcement_counts")

    # An import.
    run = await rpc(
        SERVICE, "start_simplicity_import", payload={"file_name": "export.csv", "file_sha256": "ab" * 32}
    )
    row = {
        "case_number": "CV-2024-119",
        "plaintiff_name": "Harbor Supply LLC",
        "defendant_name": "Casey Brandywine",
        "judgment_amount": "8000",
    }
    await rpc(
        SERVICE,
        "add_simplicity_rows",
        payload={
            "import_run_id": run["import_run_id"],
            "rows": [
                {"row_number": 1, "raw": row},
                {"row_number": 2, "raw": {}, "reasons": ["case_number: required"]},
            ],
            "is_last": True,
        },
    )
    done = await rpc(SERVICE, "process_simplicity_imports", import_run_id=run["import_run_id"])
    assert (done["created"], done["rejected"], done["is_more"]) == (1, 1, False)
    assert len((await rpc(operator, "list_import_runs"))["items"]) == 1
    rows = await rpc(operator, "list_import_rows", import_run_id=run["import_run_id"], status="rejected")
    assert rows["items"][0]["reasons"] == ["case_number: required"]
    assert await rpc(SERVICE, "count_due_import_rows") == 0
    await rpc(SERVICE, "erase_import_rows", batch_limit=10)

    # What a tenant decides, and what its people read.
    settings = await rpc(admin, "set_enforcement_settings", payload={"calls_per_window": 5})
    assert settings == await rpc(admin, "get_enforcement_settings")
    assert len((await rpc(people.member, "list_priority_pipeline"))["items"]) == 2
    assert (await rpc(people.member, "get_enforcement_board"))["total"]["case_count"] == 1
    for read in ("list_enforcement_history", "list_pipeline_counties", "get_enforcement_desk"):
        assert await rpc(people.member, read)

    # The end.
    paid = await rpc(
        operator,
        "record_enforcement_payment",
        payload={"case_id": case_id, "amount": 12500, "source": "bank_levy", "reference": "W-1"},
    )
    assert paid["balance"] == 0
    closed = await rpc(
        operator, "close_enforcement_case", payload={"case_id": case_id, "status": "satisfied"}
    )
    assert closed["balance"] == 0
    [ended] = (await rpc(people.member, "list_enforcement_cases", status="closed"))["items"]
    assert (ended["case_id"], ended["status"]) == (case_id, "satisfied")
    timeline = await rpc(people.member, "list_enforcement_timeline", case_id=case_id, kinds=["event"])
    assert {entry["kind"] for entry in timeline["items"]} >= {"bank_levy_filed", "payment_received"}

    exposed = await owner.fetch(
        """select proname from pg_proc where pronamespace = 'public'::regnamespace and prosrc ~ '\\menforcement\\.'"""
    )
    assert supabase.called == {name for (name,) in exposed}


class TestRefusals:
    async def test_a_code_comes_as_the_message(self, supabase: Supabase, people: People) -> None:
        for principal, status, code in (
            (people.operator, "PT404", "case_not_found"),
            (people.stranger, "PT404", "case_not_found"),
        ):
            with pytest.raises(APIError) as refused:
                await supabase(principal, "get_enforcement_case", case_id=str(uuid4()))
            assert (refused.value.code, refused.value.message) == (status, code)

    async def test_without_a_token_the_tenant_must_have_allowed_it(
        self, supabase: Supabase, people: People
    ) -> None:
        job = {"kind": "enrich", "idempotency_key": "k1"}
        with pytest.raises(APIError) as refused:
            await supabase(None, "queue_job", payload=job)
        assert (refused.value.code, refused.value.message) == ("PT403", "anonymous_rpc_disabled")
        await supabase(people.admin, "set_enforcement_settings", payload={"allow_anonymous_rpc": True})
        assert isinstance(await supabase(None, "queue_job", payload=job), int)
