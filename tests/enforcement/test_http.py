"""``/v1/enforcement``: typed routes over the RPCs, for whoever has a token of the tenant."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from casebase.kernel.db import SERVICE
from casebase.kernel.http import create_app
from casebase.kernel.runtime import Runtime
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.enforcement.judgments import Judgment
from tests.support.rows import all_rows
from tests.support.tokens import bearer

V1 = "/v1/enforcement"
PAGE = Path(__file__).parents[2] / "src/casebase/modules/enforcement/README.md"


@pytest.fixture
async def http(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(runtime))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://casebase{V1}") as client:
        yield client


@pytest.fixture
async def judgment(make_judgment: MakeJudgment) -> Judgment:
    return await make_judgment(amount="9000.00")


async def test_a_cases_whole_life(http: httpx.AsyncClient, people: People, judgment: Judgment) -> None:
    operator = bearer(people.operator)
    opened = await http.post("/cases", json={"judgment_id": str(judgment.id)}, headers=operator)
    assert opened.status_code == 201
    case = f"/cases/{opened.json()}"

    async def did(status: int, path: str, /, **body: Any) -> Any:
        response = await http.post(path, json=body, headers=operator)
        assert response.status_code == status, response.text
        return response.json()

    assert (await did(200, f"{case}/stage", stage="bank_levy"))["previous_stage"] == "pre_enforcement"
    await did(201, f"{case}/events", event_kind="note", payload={"text": "Bank answered"})
    await did(
        200, f"{case}/actions", action_type="bank_levy", status="filed", metadata={"bank": "First Bank"}
    )
    await did(201, f"{case}/subpoenas", document_path="court/subpoena-1.pdf")
    await did(200, f"{case}/subpoenas/response", outcome="complied")
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))
    await did(200, f"{case}/override", tier="tier3", expires_at=soon, note="Knows the bank")
    assert (await did(200, f"{case}/override/clear"))["is_changed"] is True
    assert (await did(201, f"{case}/payments", amount=1000.5, source="bank_levy"))["balance"] == 7999.5
    by_judgment = f"/judgments/{judgment.id}/payments"
    assert (await did(201, by_judgment, amount="500.25", source="check"))["balance"] == 7499.25
    assert isinstance(await did(202, f"{case}/copilot"), int)
    assert (await did(200, f"{case}/close", status="uncollectible"))["balance"] == 7499.25

    whole = (await http.get(case, headers=bearer(people.member))).json()
    assert (whole["may_act"], whole["case"]["status"], len(whole["payments"])) == (False, "uncollectible", 2)
    found = await http.get("/cases", params={"status": "closed"}, headers=bearer(people.member))
    assert [item["case_id"] for item in found.json()["items"]] == [opened.json()]
    assert (await http.get("/cases", params={"status": "lost"}, headers=operator)).status_code == 422
    entries = await http.get(
        f"{case}/timeline", params={"kinds": ["event"], "page_size": 2}, headers=operator
    )
    assert (len(entries.json()["items"]), entries.json()["next_cursor"] is None) == (2, False)


async def test_calls(http: httpx.AsyncClient, people: People, judgment: Judgment) -> None:
    operator = bearer(people.operator)
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 60))
    plaintiff = f"/plaintiffs/{judgment.plaintiff_id}"
    planned = await http.post(f"{plaintiff}/calls", json={"due_at": soon}, headers=operator)
    assert planned.status_code == 201
    task_id = planned.json()["task_id"]
    desk = (await http.get("/calls", headers=operator)).json()
    assert [task["task_id"] for task in desk["items"]] == [task_id]
    assert (await http.get(f"/calls/{task_id}", headers=operator)).json()["plaintiff"]["name"]
    logged = await http.post(
        f"{plaintiff}/call-outcomes",
        json={"task_id": task_id, "outcome": "reached", "interest": "warm", "notes": "Ring Mr Whitlock"},
        headers=operator,
    )
    assert (logged.status_code, logged.json()["outcome"]) == (201, "reached_warm")


async def test_a_judgment_comes_in_and_is_ranked(http: httpx.AsyncClient, people: People) -> None:
    operator, service = bearer(people.operator), bearer(SERVICE)
    created = await http.post(
        "/judgments",
        json={
            "plaintiff": {"name": "Harbor Supply LLC", "kind": "company"},
            "debtor": {"name": "Jordan Quillfeather"},
            "docket": {"case_number": "CV-2024-118", "county": "Kings", "state": "NY"},
            "judgment_amount": 9000,
            "judgment_date": "2024-03-05",
        },
        headers=operator,
    )
    assert created.status_code == 201, created.text
    docket = f"/dockets/{created.json()['case_id']}"
    score = {"collectability_score": 72.5, "collectability_tier": "tier2"}
    parts = dict.fromkeys(
        ("identity_score", "contactability_score", "asset_score", "recency_amount_score", "adverse_penalty"),
        40,
    )
    assert (await http.put(f"{docket}/scores", json=score | parts, headers=service)).status_code == 204
    enriched = await http.put(f"{docket}/enrichment", json=score | {"summary": "A bank"}, headers=service)
    assert enriched.status_code == 204
    merged = await http.post(
        f"{docket}/bundles",
        json={"source": "vendor", "assets": [{"kind": "bank", "description": "First Bank"}]},
        headers=service,
    )
    assert merged.json()["assets"]["inserted"] == 1
    known = await http.post(
        "/entities", json={"kind": "company", "name": "Harbor Supply LLC"}, headers=service
    )
    assert known.json()["is_new"] is False
    page = (await http.get("/pipeline", params={"tier": "tier2", "state": "NY"}, headers=operator)).json()
    assert [item["judgment_id"] for item in page["items"]] == [created.json()["judgment_id"]]
    counties = await http.get("/pipeline/counties", headers=operator)
    assert counties.json()["items"] == [{"state": "NY", "county": "Kings"}]


async def test_an_import(http: httpx.AsyncClient, people: People) -> None:
    service = bearer(SERVICE)
    file = {"file_name": "export.csv", "file_sha256": "ab" * 32}
    run = (await http.post("/imports", json=file, headers=service)).json()["import_run_id"]
    row = {
        "case_number": "CV-2024-119",
        "plaintiff_name": "Harbor Supply LLC",
        "defendant_name": "Casey Brandywine",
        "judgment_amount": "8000",
    }
    rows = {"rows": [{"row_number": 1, "raw": row}], "is_last": True}
    assert (await http.post(f"/imports/{run}/rows", json=rows, headers=service)).json()["row_count"] == 1
    assert (await http.post(f"/imports/{run}/process", headers=service)).json()["created"] == 1
    operator = bearer(people.operator)
    assert len((await http.get("/imports", headers=operator)).json()["items"]) == 1
    made = await http.get(f"/imports/{run}/rows", params={"status": "created"}, headers=operator)
    assert made.json()["items"][0]["judgment_id"]


async def test_what_a_tenant_decides_and_counts(
    http: httpx.AsyncClient, people: People, open_case: OpenCase
) -> None:
    await open_case()
    admin = bearer(people.admin)
    changed = await http.patch("/settings", json={"calls_per_window": 5}, headers=admin)
    assert changed.json()["calls_per_window"] == 5
    assert (await http.get("/settings", headers=admin)).json() == changed.json()
    assert (await http.get("/board", headers=admin)).json()["total"]["case_count"] == 1
    assert len((await http.get("/history", headers=admin)).json()["items"]) == 1
    assert (await http.get("/overrides", headers=admin)).json() == {"items": []}
    job = {"kind": "outreach", "idempotency_key": "k1"}
    first, second = [await http.post("/jobs", json=job, headers=admin) for _ in range(2)]
    assert (first.status_code, first.json()) == (202, second.json())


class TestRefusals:
    async def test_without_a_token(self, http: httpx.AsyncClient) -> None:
        assert (await http.get("/pipeline")).status_code == 401

    @pytest.mark.parametrize(
        ("path", "body", "field"),
        [
            ("stage", {"stage": "No Such"}, "stage"),
            ("stage", {}, "stage"),
            ("events", {"event_kind": "party"}, "event_kind"),
            ("events", {"event_kind": "note", "surprise": 1}, "surprise"),
            ("events", {"event_kind": "note", "payload": {"text": "x" * 20_000}}, "payload"),
            ("events", {"event_kind": "bank_levy_filed"}, "document_path"),
            ("events", {"event_kind": "payment_received"}, "event_kind"),
            ("payments", {"amount": 1.005, "source": "check"}, "amount"),
            ("payments", {"amount": 0, "source": "check"}, "amount"),
            ("payments", {"amount": "NaN", "source": "check"}, "amount"),
            ("close", {"status": "open"}, "status"),
            ("override", {"tier": "tier9", "expires_at": "2030-01-01T00:00:00Z", "note": "x"}, "tier"),
        ],
    )
    async def test_a_wrong_field_is_named_and_nothing_written(
        self,
        http: httpx.AsyncClient,
        people: People,
        owner: asyncpg.Connection,
        open_case: OpenCase,
        path: str,
        body: dict[str, Any],
        field: str,
    ) -> None:
        case_id = await open_case()
        before = await all_rows(owner)
        response = await http.post(f"/cases/{case_id}/{path}", json=body, headers=bearer(people.operator))
        assert (response.status_code, response.json()["code"]) == (422, "invalid_input")
        assert field in response.json()["errors"][0]["field"]
        assert await all_rows(owner) == before

    async def test_who_may_not(self, http: httpx.AsyncClient, people: People, open_case: OpenCase) -> None:
        path, body = f"/cases/{await open_case()}/stage", {"stage": "bank_levy"}
        for principal, status, code in (
            (people.member, 403, "operator_required"),
            (people.other_operator, 404, "case_not_found"),
            (people.stranger, 404, "case_not_found"),
        ):
            response = await http.post(path, json=body, headers=bearer(principal))
            assert (response.status_code, response.json()["code"]) == (status, code)

    async def test_an_unknown_case(self, http: httpx.AsyncClient, people: People) -> None:
        response = await http.get(f"/cases/{uuid4()}", headers=bearer(people.operator))
        assert (response.status_code, response.json()["code"]) == (404, "case_not_found")


async def test_a_repeated_key_has_one_effect(
    http: httpx.AsyncClient, people: People, open_case: OpenCase
) -> None:
    path = f"/cases/{await open_case()}/payments"
    headers = bearer(people.operator) | {"Idempotency-Key": "payment-7"}
    body = {"amount": 10, "source": "check"}
    first, second = [await http.post(path, json=body, headers=headers) for _ in range(2)]
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"


async def test_free_text_is_masked_on_its_way_in(
    http: httpx.AsyncClient, people: People, owner: asyncpg.Connection, open_case: OpenCase
) -> None:
    path = f"/cases/{await open_case()}/events"
    body = {"event_kind": "note", "payload": {"text": "Ask Dr Amanda Whitlock, a.whitlock@example.com"}}
    assert (await http.post(path, json=body, headers=bearer(people.operator))).status_code == 201
    payload = await owner.fetchval("select payload from enforcement_events")
    assert "Whitlock" not in payload
    assert "example.com" not in payload


async def test_every_route_is_on_the_modules_page(http: httpx.AsyncClient) -> None:
    described = (await http.get("http://casebase/openapi.json")).json()["paths"]
    page = PAGE.read_text("utf-8")
    missing = [
        f"{method.upper()} {path}"
        for path, operations in described.items()
        if path.startswith(V1)
        for method in operations
        if f"`{method.upper()} {path.removeprefix(V1)}`" not in page
    ]
    assert missing == []


async def test_every_rpc_of_people_has_a_route(owner: asyncpg.Connection) -> None:
    exposed = await owner.fetch(
        """
        select proname from pg_proc
        where pronamespace = 'public'::regnamespace and prosrc ~ '\\menforcement\\.'
          and has_function_privilege('authenticated', oid, 'execute')
        """
    )
    page = PAGE.read_text("utf-8")
    # What the console's pages alone are drawn with has none.
    assert {name for (name,) in exposed if f"`{name}`" not in page} == {"get_enforcement_desk"}
