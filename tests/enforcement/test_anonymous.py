"""The three functions that may be called without a token refuse until a tenant allows it, and then only so much."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from casebase.kernel.db import ANON, Database, Session
from casebase.kernel.errors import RpcError
from casebase.kernel.http import create_app
from casebase.kernel.runtime import Runtime
from tests.enforcement.calls import messages, refused_call
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.enforcement.judgments import Judgment

Arguments = Callable[[str, str], dict[str, Any]]

CALLS: dict[str, Arguments] = {
    "queue_job": lambda case_id, _: {
        "payload": {"kind": "enforce", "idempotency_key": str(uuid4()), "payload": {"case_id": case_id}}
    },
    "request_case_copilot": lambda case_id, _: {"case_id": case_id},
    "log_call_outcome": lambda _, plaintiff_id: {"plaintiff_id": plaintiff_id, "outcome": "no_answer"},
}
every_function = pytest.mark.parametrize("function", CALLS)


@pytest.fixture
def anon(api: Database) -> Session:
    return api.session(ANON)


@pytest.fixture
async def judgment(people: People, make_judgment: MakeJudgment) -> Judgment:
    return await make_judgment()


@pytest.fixture
async def case_id(judgment: Judgment, open_case: OpenCase) -> str:
    return await open_case(judgment)


async def allow(service: Session, tenant_id: Any, **settings: Any) -> None:
    payload = {"tenant_id": str(tenant_id), "allow_anonymous_rpc": True, **settings}
    await service.call("set_enforcement_settings", {"payload": payload})


@every_function
async def test_is_refused_naming_the_setting(
    owner: asyncpg.Connection, anon: Session, judgment: Judgment, case_id: str, function: str
) -> None:
    arguments = CALLS[function](case_id, str(judgment.plaintiff_id))
    error = await refused_call(owner, anon, function, arguments)
    assert (error.status, error.code, error.detail) == (403, "anonymous_rpc_disabled", {})
    assert "allow_anonymous_rpc" in (error.hint or "")


@pytest.mark.parametrize("function", ["request_case_copilot", "log_call_outcome"])
async def test_about_something_unknown_is_refused_alike(
    owner: asyncpg.Connection,
    anon: Session,
    service: Session,
    judgment: Judgment,
    case_id: str,
    function: str,
) -> None:
    known = CALLS[function](case_id, str(judgment.plaintiff_id))
    refused = await refused_call(owner, anon, function, known)
    await allow(service, (await owner.fetchval("select id from tenants where slug = 'other'")))
    unknown = await refused_call(owner, anon, function, CALLS[function](str(uuid4()), str(uuid4())))
    assert (unknown.status, unknown.code, unknown.detail, unknown.hint) == (
        refused.status,
        refused.code,
        refused.detail,
        refused.hint,
    )


@every_function
async def test_is_done_where_the_tenant_allows_it(
    owner: asyncpg.Connection,
    anon: Session,
    service: Session,
    judgment: Judgment,
    case_id: str,
    function: str,
) -> None:
    await allow(service, judgment.tenant_id)
    await anon.call(function, CALLS[function](case_id, str(judgment.plaintiff_id)))
    assert await owner.fetchval("select call_count from enforcement.anonymous_calls") == 1


async def test_is_known_as_anonymous(
    owner: asyncpg.Connection, anon: Session, service: Session, judgment: Judgment, case_id: str
) -> None:
    await allow(service, judgment.tenant_id)
    await anon.call("request_case_copilot", {"case_id": case_id, "requested_by": "the president"})
    [job] = await messages(owner, "case_copilot")
    assert job["requested_by"] == "anonymous"
    await anon.call("log_call_outcome", {"plaintiff_id": str(judgment.plaintiff_id), "outcome": "busy"})
    assert await owner.fetchval("select called_by from plaintiff_call_attempts") == "anonymous"


async def test_reaches_no_other_tenants_case(
    owner: asyncpg.Connection, anon: Session, service: Session, people: People, case_id: str
) -> None:
    await allow(service, people.other_tenant)
    job = {"kind": "enforce", "idempotency_key": "k", "payload": {"case_id": case_id}}
    error = await refused_call(
        owner, anon, "queue_job", {"payload": {**job, "tenant_id": str(people.other_tenant)}}
    )
    assert (error.status, error.code) == (404, "case_not_found")


@pytest.mark.parametrize("payload", [None, [], "text", {"tenant_id": 7}, {"tenant_id": str(uuid4())}])
async def test_of_any_form_is_refused_before_it_is_read(
    owner: asyncpg.Connection, anon: Session, payload: Any
) -> None:
    error = await refused_call(owner, anon, "queue_job", {"payload": payload})
    assert (error.status, error.code) == (403, "anonymous_rpc_disabled")


@pytest.mark.parametrize("is_allowed", [True, False])
async def test_of_more_than_eight_kilobytes_is_refused(
    owner: asyncpg.Connection, anon: Session, service: Session, judgment: Judgment, is_allowed: bool
) -> None:
    if is_allowed:
        await allow(service, judgment.tenant_id)
    job = {"kind": "enforce", "idempotency_key": "k", "payload": {"text": "x" * 8200}}
    call = {"plaintiff_id": str(judgment.plaintiff_id), "outcome": "busy", "notes": "x" * 8200}
    for function, arguments in (("queue_job", {"payload": job}), ("log_call_outcome", call)):
        error = await refused_call(owner, anon, function, arguments)
        assert (error.status, error.code) == (413, "payload_too_large")


class TestTheRate:
    async def test_is_the_tenants(
        self, owner: asyncpg.Connection, anon: Session, service: Session, judgment: Judgment, case_id: str
    ) -> None:
        await allow(service, judgment.tenant_id, anonymous_calls_per_minute=3)
        # The clock stands within one minute: the counter's row is filled as if the calls had just been made.
        await owner.execute(
            "insert into enforcement.anonymous_calls select $1, date_trunc('minute', now()) + n * interval '1 minute', 3 "
            "from generate_series(0, 2) n",
            judgment.tenant_id,
        )
        for function, arguments in CALLS.items():
            error = await refused_call(owner, anon, function, arguments(case_id, str(judgment.plaintiff_id)))
            assert (error.status, error.code) == (429, "rate_limited")
            assert 1 <= error.detail["retry_after"] <= 60

    async def test_holds_for_fifty_at_once(
        self, owner: asyncpg.Connection, anon: Session, service: Session, judgment: Judgment, case_id: str
    ) -> None:
        await allow(service, judgment.tenant_id, anonymous_calls_per_minute=5)
        results = await asyncio.gather(
            *(anon.call("request_case_copilot", {"case_id": case_id}) for _ in range(50)),
            return_exceptions=True,
        )
        assert {error.code for error in results if isinstance(error, RpcError)} == {"rate_limited"}
        counts = [row[0] for row in await owner.fetch("select call_count from enforcement.anonymous_calls")]
        assert max(counts) == 5  # in each minute, if the fifty met the turn of one
        assert len([msg_id for msg_id in results if isinstance(msg_id, int)]) == sum(counts)
        assert len(await messages(owner, "case_copilot")) == 1

    async def test_is_forgotten_after_an_hour(
        self,
        owner: asyncpg.Connection,
        service: Session,
        anon: Session,
        judgment: Judgment,
        case_id: str,
    ) -> None:
        await allow(service, judgment.tenant_id)
        await owner.execute(
            "insert into enforcement.anonymous_calls values ($1, now() - interval '61 minutes', 30)",
            judgment.tenant_id,
        )
        await anon.call("request_case_copilot", {"case_id": case_id})
        assert await owner.fetchval("select count(*) from enforcement.anonymous_calls") == 1

    async def test_is_not_used_up_by_those_with_a_token(
        self, owner: asyncpg.Connection, service: Session, judgment: Judgment, case_id: str
    ) -> None:
        await allow(service, judgment.tenant_id, anonymous_calls_per_minute=1)
        for _ in range(3):
            await service.call("request_case_copilot", {"case_id": case_id})
        assert await owner.fetchval("select count(*) from enforcement.anonymous_calls") == 0


@every_function
async def test_is_over_when_the_tenant_says_so(
    owner: asyncpg.Connection,
    anon: Session,
    service: Session,
    judgment: Judgment,
    case_id: str,
    function: str,
) -> None:
    await allow(service, judgment.tenant_id)
    await allow(service, judgment.tenant_id, allow_anonymous_rpc=False)
    error = await refused_call(owner, anon, function, CALLS[function](case_id, str(judgment.plaintiff_id)))
    assert error.code == "anonymous_rpc_disabled"


async def test_over_http_is_told_the_way_and_when_to_come_back(
    runtime: Runtime, service: Session, judgment: Judgment, case_id: str
) -> None:
    transport = httpx.ASGITransport(create_app(runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://casebase/rest/v1/rpc/") as http:
        refused = await http.post("request_case_copilot", json={"case_id": case_id})
        assert (refused.status_code, refused.json()["message"]) == (403, "anonymous_rpc_disabled")
        assert "allow_anonymous_rpc" in refused.json()["hint"]

        await allow(service, judgment.tenant_id, anonymous_calls_per_minute=1)
        while (answer := await http.post("request_case_copilot", json={"case_id": case_id})).is_success:
            assert isinstance(answer.json(), int)
        assert (answer.status_code, answer.json()["message"]) == (429, "rate_limited")
        assert 1 <= int(answer.headers["retry-after"]) <= 60
