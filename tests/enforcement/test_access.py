"""Who may read and write each table and view, and call each function of the module.

A table, view or function that is new is missing here until its lines are added: the tests name it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Database, Session
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.enforcement.judgments import Judgment
from tests.support.access import (
    CALLERS,
    ROLES,
    assert_serves,
    functions_exposed_by,
    payload,
    privileges_of,
    relations_made_by,
    relations_shown_to,
    without_row_security,
)

RULES = ("public.enforcement_stage_lookup", "public.enforcement_tier_lookup")
"""Rules that are rows, which the service may change and whoever is signed in may read."""

WORK = (
    "public.plaintiffs",
    "public.judgments",
    "judgments.cases",
    "public.enforcement_cases",
    "public.plaintiff_tasks",
    "public.enforcement_events",
    "public.enforcement_history",
    "public.enforcement_actions",
    "public.enforcement_documents",
    "public.enforcement_payments",
    "public.plaintiff_status_history",
    "enforcement.case_counts",
)
"""What the members of a tenant read."""

PERSONAL = (
    "enrichment.entities",
    "enrichment.contacts",
    "enrichment.assets",
    "public.plaintiff_call_attempts",
    "public.case_copilot_outputs",
    "enforcement.contact_views",
)
"""What the service alone reads."""

HIDDEN = (
    "enforcement.settings",
    "enforcement.playbook",
    "enforcement.event_kinds",
    "enforcement.event_outbox",
    "enforcement.anonymous_calls",
    "enforcement.call_outcomes",
    "enforcement.call_outcome_aliases",
    "enforcement.outreach_rules",
    "enforcement.import_runs",
    "enforcement.import_rows",
)
"""What nobody reads but through functions."""

VIEWS = (
    "public.v_enforcement_overview",
    "public.v_enforcement_recent",
    "public.v_enforcement_timeline",
    "public.v_priority_pipeline",
    "public.v_collectability_snapshot",
    "enforcement.pipeline",
)
SERVICE_VIEWS = ("public.v_case_copilot_latest",)
RELATIONS = (*RULES, *WORK, *PERSONAL, *HIDDEN, *VIEWS, *SERVICE_VIEWS)


def expected_privileges(role: str, relation: str) -> set[str]:
    if role == "service_role" and relation in RULES:
        return {"SELECT", "INSERT", "UPDATE", "DELETE"}
    if role == "service_role" and relation not in HIDDEN:
        return {"SELECT"}
    return {"SELECT"} if role == "authenticated" and relation in (*RULES, *WORK, *VIEWS) else set()


class TestTables:
    def test_are_all_here(self) -> None:
        assert relations_made_by("enforcement") == set(RELATIONS)

    @pytest.mark.parametrize("role", ROLES)
    async def test_give_each_role_exactly_its_privileges(self, owner: asyncpg.Connection, role: str) -> None:
        granted = await privileges_of(owner, role, RELATIONS)
        assert granted == {relation: expected_privileges(role, relation) for relation in RELATIONS}

    async def test_have_row_level_security_wherever_clients_read(self, owner: asyncpg.Connection) -> None:
        tables = [table for table in (*RULES, *WORK, *PERSONAL) if not table.startswith("enrichment.")]
        assert await without_row_security(owner, tables) == []

    @pytest.mark.parametrize("who", ["admin", "operator", "member", "other_operator", "stranger"])
    async def test_show_their_rows_to_the_tenants_members(
        self, owner: asyncpg.Connection, people: People, world: World, who: str
    ) -> None:
        relations = (*WORK, *VIEWS)
        visible = set(relations) if who in ("admin", "operator", "member") else set()
        assert await relations_shown_to(owner, getattr(people, who), relations) == visible

    @pytest.mark.usefixtures("world")
    @pytest.mark.parametrize(
        "statement",
        [
            "update judgments set tenant_id = $1",
            "update judgments.cases set tenant_id = $1",
            "update enforcement_cases set tenant_id = $1",
            "update enforcement_actions set tenant_id = $1",
            "update enforcement_documents set tenant_id = $1",
            "update plaintiff_tasks set tenant_id = $1",
            "update enrichment.contacts set tenant_id = $1",
            "insert into enforcement_history (tenant_id, enforcement_case_id, change, actor, actor_type) "
            "select $1, id, 'opened', 'test', 'rpc' from enforcement_cases",
        ],
    )
    async def test_let_no_row_point_across_tenants(
        self, owner: asyncpg.Connection, people: People, statement: str
    ) -> None:
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await owner.execute(statement, people.other_tenant)

    @pytest.mark.usefixtures("world")
    @pytest.mark.parametrize(
        "table",
        [
            "enforcement_events",
            "enforcement_history",
            "enforcement_payments",
            "plaintiff_call_attempts",
            "plaintiff_status_history",
        ],
    )
    async def test_of_what_happened_are_append_only_even_for_the_owner(
        self, owner: asyncpg.Connection, table: str
    ) -> None:
        assert await owner.fetchval(f"select count(*) > 0 from {table}")
        for statement in (f"delete from {table}", f"update {table} set id = gen_random_uuid()"):
            with pytest.raises(asyncpg.PostgresError, match="append_only"):
                await owner.execute(statement)


@dataclass(frozen=True)
class World:
    """A tenant with a case at work, to name in calls."""

    judgment: Judgment
    unopened: Judgment
    case_id: str
    task_id: str
    document_id: str
    import_run_id: str

    @property
    def case(self) -> dict[str, Any]:
        return {"case_id": self.case_id}

    @property
    def tenant(self) -> dict[str, Any]:
        return {"tenant_id": str(self.judgment.tenant_id)}

    @property
    def docket(self) -> dict[str, Any]:
        return {"case_id": str(self.judgment.docket_id)}


@pytest.fixture
async def world(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> World:
    judgment = await make_judgment()
    case_id = await open_case(judgment)
    plaintiff_id = str(judgment.plaintiff_id)
    for function, fields in (
        ("set_enforcement_stage", {"stage": "asset_search"}),
        ("record_enforcement_payment", {"amount": 100, "source": "wire"}),
        ("issue_subpoena", {"document_path": "filings/subpoena.pdf"}),
        ("record_subpoena_response", {"outcome": "not_complied"}),
        ("queue_enforcement_action", {"action_type": "marshal", "status": "planned"}),
    ):
        await service.call(function, payload(fields, case_id=case_id))
    await service.call("log_call_outcome", {"plaintiff_id": plaintiff_id, "outcome": "no_answer"})
    call = {"plaintiff_id": plaintiff_id, "case_id": case_id, "due_at": later(days=3)}
    task = await service.call("schedule_call", {"payload": call})
    run = await service.call(
        "start_simplicity_import", {"payload": {"file_name": "export.csv", "file_sha256": "0f" * 32}}
    )
    return World(
        judgment=judgment,
        unopened=await make_judgment(),
        case_id=case_id,
        task_id=task["task_id"],
        document_id=str(await owner.fetchval("select id from enforcement_documents")),
        import_run_id=run["import_run_id"],
    )


def later(**offset: int) -> str:
    return (datetime.now(UTC) + timedelta(**offset)).isoformat()


PEOPLE = ("stranger", "other_operator", "member", "operator", "admin")
# The status for whoever is refused. Who is not named is served: answered, or told that the case's state forbids it.
_OUTSIDE = {"anon": 403, "casebase_analyst": 403, "casebase_ai_broker": 403}
READ_ONE = {**_OUTSIDE, "stranger": 404, "other_operator": 404}
WORK_ON_ONE = {**READ_ONE, "member": 403}
READ_A_TENANT = {**_OUTSIDE, "stranger": 403, "other_operator": 404}
WORK_FOR_A_TENANT = {**_OUTSIDE, "stranger": 403, "other_operator": 403, "member": 403}
DECIDE_FOR_A_TENANT = {**WORK_FOR_A_TENANT, "operator": 403}
SERVICE_ALONE = {**DECIDE_FOR_A_TENANT, "admin": 403}

Arguments = Callable[[World], dict[str, Any]]
DOORS: dict[str, tuple[Mapping[str, int], Arguments]] = {
    # Cases and stages
    "open_enforcement_case": (WORK_ON_ONE, lambda w: payload(judgment_id=str(w.unopened.id))),
    "set_enforcement_stage": (WORK_ON_ONE, lambda w: payload(w.case, stage="bank_levy")),
    "record_enforcement_payment": (WORK_ON_ONE, lambda w: payload(w.case, amount=10, source="wire")),
    "override_enforcement_tier": (
        WORK_ON_ONE,
        lambda w: payload(w.case, tier="tier3", expires_at=later(days=9), note="a house is for sale"),
    ),
    "clear_enforcement_override": (WORK_ON_ONE, lambda w: payload(w.case)),
    "close_enforcement_case": (WORK_ON_ONE, lambda w: payload(w.case, status="withdrawn")),
    # Workflows and documents
    "log_enforcement_event": (WORK_ON_ONE, lambda w: payload(w.case, event_kind="note")),
    "queue_enforcement_action": (
        WORK_ON_ONE,
        lambda w: payload(w.case, action_type="bank_levy", status="planned"),
    ),
    "issue_subpoena": (WORK_ON_ONE, lambda w: payload(w.case, document_path="filings/another.pdf")),
    "record_subpoena_response": (WORK_ON_ONE, lambda w: payload(w.case)),
    "plan_enforcement_document": (WORK_ON_ONE, lambda w: payload(w.case, doc_kind="order")),
    "add_enforcement_document": (
        SERVICE_ALONE,
        lambda w: payload(
            w.case,
            doc_kind="order",
            storage_path=f"enforcement/{w.judgment.tenant_id}/{w.case_id}/{uuid4()}",
            content_type="application/pdf",
            size_bytes=10,
            sha256="0f" * 32,
        ),
    ),
    "list_enforcement_documents": (READ_ONE, lambda w: w.case),
    "open_enforcement_document": (READ_ONE, lambda w: {"document_id": w.document_id}),
    "find_orphan_enforcement_documents": (SERVICE_ALONE, lambda _: {"paths": []}),
    "open_next_enforcement_action": (SERVICE_ALONE, lambda w: w.case),
    "open_due_enforcement_actions": (SERVICE_ALONE, lambda w: w.tenant),
    "fan_out_enforcement_events": (SERVICE_ALONE, lambda _: {"batch_limit": 1}),
    # Calls and jobs
    "log_call_outcome": (
        WORK_ON_ONE,
        lambda w: {"plaintiff_id": str(w.judgment.plaintiff_id), "outcome": "no_answer"},
    ),
    "schedule_call": (
        WORK_ON_ONE,
        lambda w: payload(plaintiff_id=str(w.judgment.plaintiff_id), due_at=later(days=20)),
    ),
    "open_call_task": (WORK_ON_ONE, lambda w: {"task_id": w.task_id}),
    "list_call_tasks": (WORK_FOR_A_TENANT, lambda w: w.tenant),
    "queue_job": (
        WORK_FOR_A_TENANT,
        lambda w: payload(w.tenant, kind="enforce", idempotency_key="one", payload=w.case),
    ),
    "request_case_copilot": (WORK_ON_ONE, lambda w: w.case),
    "plan_outreach": (SERVICE_ALONE, lambda w: payload(w.tenant)),
    "get_enforcement_settings": (DECIDE_FOR_A_TENANT, lambda w: w.tenant),
    "set_enforcement_settings": (DECIDE_FOR_A_TENANT, lambda w: payload(w.tenant, calls_per_window=6)),
    # Enrichment, with scores and imports
    "create_judgment": (
        WORK_FOR_A_TENANT,
        lambda w: payload(
            w.tenant,
            plaintiff={"name": "Canal Freight Inc"},
            debtor={"name": "Robin Marchbanks"},
            docket={"case_number": f"CV-{uuid4().int % 10**6}/2024", "county": "Kings", "state": "NY"},
            judgment_amount=500,
        ),
    ),
    "insert_or_get_entity": (
        SERVICE_ALONE,
        lambda w: payload(w.tenant, kind="company", name="Canal Freight"),
    ),
    "upsert_enrichment_bundle": (SERVICE_ALONE, lambda w: {"bundle": {**w.docket, "source": "test"}}),
    "set_case_enrichment": (
        SERVICE_ALONE,
        lambda w: {
            "p_case_id": w.docket["case_id"],
            "p_collectability_score": 10,
            "p_collectability_tier": "tier0",
        },
    ),
    "set_case_scores": (
        SERVICE_ALONE,
        lambda w: {
            "p_case_id": w.docket["case_id"],
            "p_identity_score": 10,
            "p_contactability_score": 10,
            "p_asset_score": 10,
            "p_recency_amount_score": 10,
            "p_adverse_penalty": 0,
            "p_collectability_score": 10,
            "p_collectability_tier": "tier0",
        },
    ),
    "get_enrichment_subject": (SERVICE_ALONE, lambda w: payload(w.case)),
    "queue_due_enrichment": (SERVICE_ALONE, lambda w: payload(w.tenant)),
    "start_simplicity_import": (
        SERVICE_ALONE,
        lambda w: payload(w.tenant, file_name="next.csv", file_sha256="1f" * 32),
    ),
    "add_simplicity_rows": (SERVICE_ALONE, lambda w: payload(import_run_id=w.import_run_id, rows=[])),
    "process_simplicity_imports": (SERVICE_ALONE, lambda w: {"import_run_id": w.import_run_id}),
    "list_import_runs": (WORK_FOR_A_TENANT, lambda w: w.tenant),
    "list_import_rows": (WORK_ON_ONE, lambda w: {"import_run_id": w.import_run_id}),
    "erase_import_rows": (SERVICE_ALONE, lambda _: {"batch_limit": 1}),
    "count_due_import_rows": (SERVICE_ALONE, lambda _: {}),
    # Reads and metrics
    "get_enforcement_case": (READ_ONE, lambda w: w.case),
    "list_enforcement_timeline": (READ_ONE, lambda w: w.case),
    "list_priority_pipeline": (READ_A_TENANT, lambda w: w.tenant),
    "list_enforcement_cases": (READ_A_TENANT, lambda w: w.tenant),
    "list_pipeline_counties": (READ_A_TENANT, lambda w: w.tenant),
    "list_enforcement_history": (READ_A_TENANT, lambda w: w.tenant),
    "list_tier_overrides": (READ_A_TENANT, lambda w: w.tenant),
    "get_enforcement_board": (READ_A_TENANT, lambda w: w.tenant),
    "get_enforcement_desk": (READ_A_TENANT, lambda w: w.tenant),
    "refresh_enforcement_metrics": (SERVICE_ALONE, lambda _: {}),
    "fold_enforcement_counts": (SERVICE_ALONE, lambda _: {}),
    # Copilot
    "get_copilot_file": (SERVICE_ALONE, lambda w: w.case),
}


class TestFunctions:
    def test_are_all_here(self) -> None:
        assert functions_exposed_by("enforcement") == set(DOORS)

    @pytest.mark.parametrize("function", list(DOORS))
    async def test_serve_whom_they_are_for(
        self, api: Database, people: People, world: World, function: str
    ) -> None:
        refused, arguments = DOORS[function]
        callers = {who: getattr(people, who) for who in PEOPLE} | CALLERS
        await assert_serves(api, callers, function, refused, lambda: arguments(world))

    @pytest.mark.usefixtures("world")
    async def test_of_the_implementation_are_not_reachable(self, api: Database) -> None:
        for function in ("add_event", "acting_case", "enforcement.add_event", "put_action", "scores"):
            with pytest.raises(RpcError) as refused:
                await api.session(SERVICE).call(function, {"payload": {}})
            assert refused.value.code == "function_not_found"
