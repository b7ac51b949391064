"""Who may read and write each table and call each function of the module."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Database
from casebase.kernel.errors import RpcError
from tests.mortgage.leads import lead
from tests.support.access import (
    CALLERS,
    ROLES,
    functions_exposed_by,
    privileges_of,
    relations_shown_to,
    statuses,
    without_row_security,
)

SCENARIO_TABLES = (
    "scenario_cases",
    "scenario_inputs",
    "scenario_calculations",
    "scenario_outcomes",
    "scenario_events",
    "scenario_documents",
    "scenario_tags",
    "scenario_ai_ledger",
)
CONTACT_TABLES = ("leads", "consents")
PRIVATE_TABLES = (
    "mortgage.banks",
    "mortgage.rate_facts",
    "mortgage.private_inputs",
    "mortgage.calculation_facts",
    "mortgage.conversations",
    "mortgage.hash_keys",
    "mortgage.settings",
    "mortgage.saved_filters",
    "mortgage.context_versions",
)

# What the service may do with rows; nobody else may do anything but, as staff, read the scenario tables.
_SERVICE = {
    table: privileges
    for tables, privileges in (
        (("leads", "consents", "scenario_cases", "scenario_outcomes"), {"SELECT", "INSERT", "UPDATE"}),
        (
            ("scenario_inputs", "scenario_calculations", "scenario_events", "scenario_ai_ledger"),
            {"SELECT", "INSERT"},
        ),
        (("scenario_documents", "scenario_tags"), {"SELECT", "INSERT", "UPDATE", "DELETE"}),
    )
    for table in tables
}


def expected_privileges(role: str, table: str) -> set[str]:
    if role == "service_role":
        return _SERVICE.get(table, set())
    return {"SELECT"} if role == "authenticated" and table in SCENARIO_TABLES else set()


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_has_exactly_its_privileges(owner: asyncpg.Connection, role: str) -> None:
    tables = (*SCENARIO_TABLES, *CONTACT_TABLES, *PRIVATE_TABLES)
    granted = await privileges_of(owner, role, tables)
    assert granted == {table: expected_privileges(role, table) for table in tables}


async def test_row_level_security_is_on(owner: asyncpg.Connection) -> None:
    assert await without_row_security(owner, (*SCENARIO_TABLES, *CONTACT_TABLES)) == []


@pytest.mark.parametrize("who", ["admin", "broker", "member", "other_admin", "stranger"])
async def test_rows_are_seen_by_staff_of_their_tenant(
    owner: asyncpg.Connection, people: Any, open_case: Any, advise_case: Any, who: str
) -> None:
    opened = await open_case()
    await advise_case(opened)
    await owner.execute(
        "insert into scenario_tags (tenant_id, case_id, tag, source) "
        "select tenant_id, id, '#x', 'manual' from scenario_cases;"
        "insert into scenario_outcomes (tenant_id, case_id, decision) select tenant_id, id, 'lost' from scenario_cases;"
        "insert into scenario_ai_ledger (tenant_id, case_id, entry_type, model, prompt_hash, content_json) "
        "select tenant_id, id, 'said', 'm', repeat('a', 64), '{}' from scenario_cases;"
        "insert into scenario_documents (tenant_id, case_id, doc_type, storage_path, expires_at, content_type, size_bytes, "
        "sha256, page_count, uploaded_by, is_masked) select tenant_id, id, 'other', "
        "format('mortgage/%s/%s/%s', tenant_id, id, gen_random_uuid()), consent_until, 'image/png', 10, "
        "repeat('d', 64), 1, 'service', false from scenario_cases"
    )
    visible = set(SCENARIO_TABLES) if who in ("admin", "broker") else set()
    assert await relations_shown_to(owner, getattr(people, who), SCENARIO_TABLES) == visible


async def test_no_row_can_point_across_tenants(
    owner: asyncpg.Connection, people: Any, open_case: Any
) -> None:
    await open_case()
    for statement in (
        "insert into scenario_tags (tenant_id, case_id, tag, source) select $1, id, '#x', 'ai' from scenario_cases",
        "insert into scenario_events (tenant_id, case_id, event_type) select $1, id, 'chat' from scenario_cases",
        "insert into consents (tenant_id, lead_id, purposes) select $1, id, '{advice}' from leads",
        "update scenario_cases set tenant_id = $1",
        "update scenario_inputs set tenant_id = $1",
    ):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await owner.execute(statement, people.other_tenant)


_DOCUMENT = {
    "case_id": str(uuid4()),
    "doc_type": "other",
    "storage_path": f"mortgage/{uuid4()}/{uuid4()}/{uuid4()}",
    "content_type": "image/png",
    "size_bytes": 10,
    "sha256": "a" * 64,
    "page_count": 1,
    "is_masked": False,
}
_ANYBODY_SIGNED_IN = {"admin", "stranger", "other_admin"}


class TestFunctions:
    ARGUMENTS: ClassVar[dict[str, dict[str, Any]]] = {
        "create_scenario_case": {"payload": lead()},
        "get_calculation_inputs": {"case_id": uuid4(), "input_version": 1},
        "get_scenario_case": {"case_id": uuid4()},
        "list_scenario_cases": {},
        "get_scenario_context": {"case_id": uuid4()},
        "get_scenario_context_version": {"case_id": uuid4()},
        "get_mortgage_settings": {},
        "set_mortgage_settings": {"payload": {}},
        "list_scenario_stats_daily": {},
        "list_scenario_recommendation_vs_outcome": {},
        "list_scenario_followup_effectiveness": {},
        "list_publishable_cases": {},
        "list_publishing_tenants": {},
        "find_publishing_leaks": {"texts": []},
        "extend_consent": {"consent_id": uuid4(), "until": "2027-01-01T00:00:00Z"},
        "withdraw_consent": {"consent_id": uuid4()},
        "expire_consents": {"batch_limit": 1},
        "count_due_consents": {},
        "send_case_reminders": {"batch_limit": 1},
        "record_scenario_event": {"payload": {"case_id": str(uuid4()), "event_type": "chat"}},
        "revise_scenario_inputs": {"payload": {"case_id": str(uuid4()), "inputs": {}}},
        "record_scenario_outcome": {"payload": {"case_id": str(uuid4()), "decision": "stay"}},
        "record_ai_entry": {
            "payload": {
                "case_id": str(uuid4()),
                "entry_type": "said",
                "model": "m",
                "prompt_hash": "0f" * 32,
                "content": {},
            }
        },
        "refresh_scenario_tags": {},
        "view_scenario_case": {"case_id": uuid4()},
        "edit_scenario_case": {"payload": {"case_id": str(uuid4()), "edit": {}}},
        "bulk_edit_scenario_cases": {"payload": {"case_ids": [str(uuid4())], "edit": {}}},
        "unmask_scenario_case": {"case_id": uuid4(), "reason": "a good enough reason"},
        "list_case_staff": {"case_id": uuid4()},
        "list_scenario_events": {"case_id": uuid4()},
        "save_case_filter": {"payload": {"tenant_id": str(uuid4()), "name": "Mine", "query": {}}},
        "list_case_filters": {"tenant_id": uuid4()},
        "delete_case_filter": {"filter_id": uuid4()},
        "plan_scenario_document": {"payload": {"case_id": str(uuid4()), "doc_type": "other"}},
        "add_scenario_document": {"payload": _DOCUMENT},
        "list_scenario_documents": {"case_id": uuid4()},
        "open_scenario_document": {"document_id": uuid4()},
        "remove_scenario_document": {"document_id": uuid4()},
        "get_document_masking": {"case_id": uuid4()},
        "find_orphan_documents": {"paths": []},
    }
    # A caller who is let in gets an answer, or learns that there is no such thing.
    LET_IN: ClassVar = {
        "create_scenario_case": {"service"},
        "get_calculation_inputs": {"service"},
        "get_scenario_case": {"service", "admin", "stranger", "other_admin"},
        "list_scenario_cases": {"service", "admin", "other_admin"},
        "get_scenario_context": {"service", "casebase_ai_broker"},
        "get_scenario_context_version": {"service", "casebase_ai_broker"},
        "get_mortgage_settings": {"service", "admin", "other_admin"},
        "set_mortgage_settings": {"service", "admin", "other_admin"},
        "list_scenario_stats_daily": {"service", "admin", "other_admin"},
        "list_scenario_recommendation_vs_outcome": {"service", "admin", "other_admin"},
        "list_scenario_followup_effectiveness": {"service", "admin", "other_admin"},
        "list_publishable_cases": {"service"},
        "list_publishing_tenants": {"service"},
        "find_publishing_leaks": {"service"},
        "extend_consent": {"service", "admin", "stranger", "other_admin"},
        "withdraw_consent": {"service", "admin", "stranger", "other_admin"},
        "expire_consents": {"service"},
        "count_due_consents": {"service"},
        "send_case_reminders": {"service"},
        "record_scenario_event": {"service", "admin", "stranger", "other_admin"},
        "revise_scenario_inputs": {"service", "admin", "stranger", "other_admin"},
        "record_scenario_outcome": {"service", "admin", "stranger", "other_admin"},
        "record_ai_entry": {"service"},
        "refresh_scenario_tags": {"service"},
        "view_scenario_case": {"service", *_ANYBODY_SIGNED_IN},
        "edit_scenario_case": {"service", *_ANYBODY_SIGNED_IN},
        "bulk_edit_scenario_cases": {"service", *_ANYBODY_SIGNED_IN},
        "unmask_scenario_case": {"service", *_ANYBODY_SIGNED_IN},
        "list_case_staff": {"service", *_ANYBODY_SIGNED_IN},
        "list_scenario_events": {"service", *_ANYBODY_SIGNED_IN},
        # Filters are a person's own, in a tenant of theirs.
        "save_case_filter": set(),
        "list_case_filters": _ANYBODY_SIGNED_IN,
        "delete_case_filter": _ANYBODY_SIGNED_IN,
        "plan_scenario_document": {"service", *_ANYBODY_SIGNED_IN},
        "add_scenario_document": {"service", *_ANYBODY_SIGNED_IN},
        "list_scenario_documents": {"service", *_ANYBODY_SIGNED_IN},
        "open_scenario_document": {"service", *_ANYBODY_SIGNED_IN},
        "remove_scenario_document": {"service", *_ANYBODY_SIGNED_IN},
        "get_document_masking": {"service"},
        "find_orphan_documents": {"service"},
    }

    def test_are_all_here(self) -> None:
        assert set(self.ARGUMENTS) == functions_exposed_by("mortgage") == set(self.LET_IN)

    @pytest.mark.parametrize("function", list(ARGUMENTS))
    async def test_serve_whom_they_are_for(self, api: Database, people: Any, function: str) -> None:
        callers = CALLERS | {who: getattr(people, who) for who in ("stranger", "admin", "other_admin")}
        found = await statuses(api, callers, function, lambda: self.ARGUMENTS[function])
        let_in = {who for who, status in found.items() if status in (200, 404)}
        assert let_in == set(self.LET_IN[function]), found
        assert {found[who] for who in callers.keys() - let_in} <= {403}

    async def test_of_the_implementation_are_not_reachable(self, api: Database) -> None:
        for function in ("save_calculation", "add_inputs", "mortgage.save_calculation", "staff_tenants"):
            with pytest.raises(RpcError) as refused:
                await api.session(SERVICE).call(function, {"payload": {}})
            assert refused.value.code == "function_not_found"


class TestTheTimeline:
    @pytest.mark.parametrize(
        "statement",
        [
            "delete from scenario_events",
            "update scenario_events set event_type = 'chat'",
            "update scenario_events set occurred_at = now()",
        ],
    )
    async def test_is_append_only_even_for_the_owner(
        self, owner: asyncpg.Connection, open_case: Any, statement: str
    ) -> None:
        await open_case()
        with pytest.raises(asyncpg.PostgresError, match="timeline_is_append_only"):
            await owner.execute(statement)

    async def test_can_be_sanitised(self, owner: asyncpg.Connection, open_case: Any) -> None:
        await open_case()
        await owner.execute("update scenario_events set payload_json = '{}'")
        assert await owner.fetchval("select payload_json from scenario_events") == "{}"


class TestAChangedConsent:
    async def test_moves_its_cases(self, owner: asyncpg.Connection, open_case: Any) -> None:
        await open_case()
        await owner.execute("update consents set until = until + interval '10 days'")
        assert await owner.fetchval("select c.consent_until = k.until from scenario_cases c, consents k")
        await owner.execute("update consents set withdrawn_at = granted_at + interval '1 hour'")
        assert await owner.fetchval(
            "select c.consent_until = k.withdrawn_at from scenario_cases c, consents k"
        )
