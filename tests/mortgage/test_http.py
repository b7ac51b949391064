"""``/v1/mortgage``: leads from the public, cases for those with a token."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from casebase.kernel.config import load_settings
from casebase.kernel.db import SERVICE, Principal
from casebase.kernel.http import create_app
from casebase.kernel.runtime import Runtime
from casebase.modules.mortgage.models.case import reference_of
from casebase.modules.mortgage.service import Client
from tests.mortgage.leads import ABSENT, CONTACT, count_rows, lead
from tests.support.tokens import JWT_SECRET, bearer

NO_ID = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
async def http(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://casebase") as client:
        yield client


class TestPostingALead:
    async def test_opens_a_case_for_anyone(self, http: httpx.AsyncClient, owner: asyncpg.Connection) -> None:
        response = await http.post("/v1/mortgage/leads", json=lead())
        assert response.status_code == 201
        case_id = UUID(response.json()["case_id"])
        assert await owner.fetchval("select count(*) from scenario_cases where id = $1", case_id) == 1
        assert await owner.fetchval("select loan_amount from scenario_inputs") == pytest.approx(750000.5)

    async def test_fifty_with_one_key_open_one_case(
        self, http: httpx.AsyncClient, owner: asyncpg.Connection
    ) -> None:
        headers = {"Idempotency-Key": "form-7"}
        calls = [http.post("/v1/mortgage/leads", json=lead(), headers=headers) for _ in range(50)]
        responses = await asyncio.gather(*calls)
        assert {response.status_code for response in responses} == {201}
        assert len({response.json()["case_id"] for response in responses}) == 1
        assert await owner.fetchval("select count(*) from leads") == 1

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("contact.email", "rachel.tan@"),
            ("contact.phone", "12345"),
            ("contact.name", ABSENT),
            ("consent.purposes", []),
            ("inputs.loan_amount", -1),
            ("inputs.loan_amount", "a lot"),
            ("inputs.tenure_months", 0),
            ("inputs.tenure_months", 421),
            ("inputs.property_type", "castle"),
            ("inputs.surprise", 1),
            ("source", "Not A Word"),
            ("tenant_id", NO_ID),
        ],
    )
    async def test_names_the_wrong_field_and_writes_nothing(
        self, http: httpx.AsyncClient, owner: asyncpg.Connection, field: str, value: Any
    ) -> None:
        before = await count_rows(owner)
        response = await http.post("/v1/mortgage/leads", json=lead({field: value}))
        assert response.status_code == 422
        assert response.headers["content-type"] == "application/problem+json"
        problem = response.json()
        assert problem["code"] == "invalid_input"
        assert [(error["field"], bool(error["rule"])) for error in problem["errors"]] == [(field, True)]
        assert CONTACT["phone"] not in response.text
        assert await count_rows(owner) == before

    @pytest.mark.parametrize(
        "body",
        [
            "{",
            "[]",
            '{"inputs": {"loan_amount": NaN}}',
            '{"source": "a", "source": "b"}',
            '{"source": "\\u0000"}',
        ],
    )
    async def test_refuses_broken_json(
        self, http: httpx.AsyncClient, owner: asyncpg.Connection, body: str
    ) -> None:
        before = await count_rows(owner)
        headers = {"content-type": "application/json"}
        response = await http.post("/v1/mortgage/leads", content=body, headers=headers)
        assert response.status_code in (400, 422)
        assert await count_rows(owner) == before

    async def test_refuses_a_body_over_the_limit(self, http: httpx.AsyncClient) -> None:
        response = await http.post("/v1/mortgage/leads", json=lead({"contact.name": "x" * (1 << 20)}))
        assert response.status_code == 413

    async def test_is_rate_limited(self, api: Any, runtime: Runtime) -> None:
        slow = Runtime(
            settings=load_settings(public_rate_limit="2/minute"),
            modules=runtime.modules,
            database=api,
            direct_url=runtime.direct_url,
            jwt_secret=JWT_SECRET,
            session_secret="another secret of the tests",
        )
        transport = httpx.ASGITransport(create_app(slow))
        async with httpx.AsyncClient(transport=transport, base_url="http://casebase") as http:
            statuses = [(await http.post("/v1/mortgage/leads", json=lead())).status_code for _ in range(3)]
            refused = await http.post("/v1/mortgage/leads", json=lead())
        assert statuses == [201, 201, 429]
        assert int(refused.headers["retry-after"]) > 0


class TestReadingCases:
    async def test_lists_for_staff(self, http: httpx.AsyncClient, people: Any, open_case: Any) -> None:
        opened = await open_case()
        response = await http.get("/v1/mortgage/cases?status=draft", headers=bearer(people.broker))
        assert response.status_code == 200
        assert [item["case_id"] for item in response.json()["items"]] == [opened["case_id"]]

    async def test_filters_as_the_function_does(
        self, http: httpx.AsyncClient, people: Any, open_case: Any, service: Any
    ) -> None:
        opened = await open_case()
        edit = {
            "case_id": opened["case_id"],
            "edit": {"add_tags": ["#later"], "next_review_at": "2020-01-01T00:00:00Z"},
        }
        await service.call("edit_scenario_case", {"payload": edit})
        await open_case()
        for query in ("tag=%23later", "review=due", "tag=%23later&happened=opened"):
            found = await http.get(f"/v1/mortgage/cases?{query}", headers=bearer(people.broker))
            assert [item["case_id"] for item in found.json()["items"]] == [opened["case_id"]], query
        for query in ("consent=ended", "decision=converted", "opened_on=2020-01-01", "happened=reveal"):
            found = await http.get(f"/v1/mortgage/cases?{query}", headers=bearer(people.broker))
            assert found.json()["items"] == [], query
        refused = await http.get("/v1/mortgage/cases?consent=maybe", headers=bearer(people.broker))
        assert refused.status_code == 422
        listed = await Client(service).list_cases(tag="#later", review="due")
        assert [item.reference for item in listed.items] == [reference_of(opened["case_id"])]

    async def test_follows_the_cursor(self, http: httpx.AsyncClient, people: Any, open_case: Any) -> None:
        opened = [(await open_case())["case_id"] for _ in range(3)]
        first = (await http.get("/v1/mortgage/cases?page_size=2", headers=bearer(people.broker))).json()
        second = (
            await http.get(
                f"/v1/mortgage/cases?page_size=2&cursor={first['next_cursor']}", headers=bearer(people.broker)
            )
        ).json()
        assert [item["case_id"] for item in first["items"] + second["items"]] == opened[::-1]

    async def test_gets_one_case(self, http: httpx.AsyncClient, people: Any, open_case: Any) -> None:
        opened = await open_case()
        for principal in (people.broker, SERVICE):
            response = await http.get(f"/v1/mortgage/cases/{opened['case_id']}", headers=bearer(principal))
            assert response.status_code == 200
            assert response.json()["initials"] == "TWLR"

    @pytest.mark.parametrize("path", ["/v1/mortgage/cases", f"/v1/mortgage/cases/{NO_ID}"])
    async def test_wants_a_valid_token(self, http: httpx.AsyncClient, people: Any, path: str) -> None:
        expired = bearer(people.broker, expires_in=-3600)
        for headers in ({}, {"Authorization": "Bearer nonsense"}, expired):
            assert (await http.get(path, headers=headers)).status_code == 401

    async def test_refuses_the_wrong_role(self, http: httpx.AsyncClient, people: Any, open_case: Any) -> None:
        opened = await open_case()
        analyst = bearer(Principal("casebase_analyst", sub=uuid4()))
        assert (await http.get("/v1/mortgage/cases", headers=analyst)).status_code == 403
        assert (await http.get(f"/v1/mortgage/cases/{opened['case_id']}", headers=analyst)).status_code == 403
        assert (await http.get("/v1/mortgage/cases", headers=bearer(people.stranger))).status_code == 403

    async def test_hides_another_tenants_case(
        self, http: httpx.AsyncClient, people: Any, open_case: Any
    ) -> None:
        opened = await open_case()
        response = await http.get(
            f"/v1/mortgage/cases/{opened['case_id']}", headers=bearer(people.other_admin)
        )
        assert (response.status_code, response.json()["code"]) == (404, "case_not_found")

    async def test_describes_itself(self, http: httpx.AsyncClient) -> None:
        paths = (await http.get("/openapi.json")).json()["paths"]
        assert {"/v1/mortgage/leads", "/v1/mortgage/cases", "/v1/mortgage/cases/{case_id}"} <= paths.keys()
