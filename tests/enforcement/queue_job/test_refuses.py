"""A job that may not be is not queued."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.support.refusals import refusal, wrong_fields

JOB: dict[str, Any] = {"kind": "enforce", "idempotency_key": "k-1"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": None}, "kind"),
        ({"kind": ""}, "kind"),
        ({"kind": "casebase_alerts"}, "kind"),
        ({"idempotency_key": None}, "idempotency_key"),
        ({"idempotency_key": ""}, "idempotency_key"),
        ({"idempotency_key": " \t"}, "idempotency_key"),
        ({"idempotency_key": "x" * 121}, "idempotency_key"),
        ({"payload": []}, "payload"),
        ({"payload": {"case_id": "7"}}, "payload.case_id"),
        ({"payload": {"judgment_id": 7}}, "payload.judgment_id"),
        ({"payload": {"tenant_id": str(uuid4())}}, "payload.tenant_id"),
        ({"payload": {"text": "x"}}, "payload.text"),
        ({"payload": {"requested_by": "user:somebody"}}, "payload.requested_by"),
        ({"delay_s": -1}, "delay_s"),
        ({"delay_s": 0.5}, "delay_s"),
        ({"queue": "enforce"}, "queue"),
    ],
)
async def test_whose_payload_breaks_a_rule(
    owner: asyncpg.Connection, service: Session, changes: dict[str, Any], field: str
) -> None:
    error = await refusal(owner, service, "queue_job", {**JOB, **changes})
    assert field in wrong_fields(error)


@pytest.mark.parametrize("payload", [{}, {"payload": None}, {"payload": {}}, {"payload": {"case_id": None}}])
async def test_whose_worker_would_not_know_the_case(
    owner: asyncpg.Connection, service: Session, payload: dict[str, Any]
) -> None:
    job = {"kind": "case_copilot", "idempotency_key": "k-1", **payload}
    assert wrong_fields(await refusal(owner, service, "queue_job", job)) == ["payload.case_id"]


@pytest.mark.parametrize("field", ["case_id", "judgment_id", "plaintiff_id"])
@pytest.mark.parametrize("is_known", [True, False])
async def test_on_what_is_not_the_tenants(
    owner: asyncpg.Connection,
    api: Database,
    people: People,
    make_judgment: MakeJudgment,
    open_case: OpenCase,
    field: str,
    is_known: bool,
) -> None:
    judgment = await make_judgment()
    known = {
        "case_id": await open_case(judgment),
        "judgment_id": str(judgment.id),
        "plaintiff_id": str(judgment.plaintiff_id),
    }
    payload = {**JOB, "payload": {field: known[field] if is_known else str(uuid4())}}
    error = await refusal(owner, api.session(people.other_operator), "queue_job", payload)
    assert (error.status, error.code) == (404, field.replace("_id", "_not_found"))
    assert error.detail == {"field": f"payload.{field}"}


async def test_on_another_tenants_docket(
    owner: asyncpg.Connection, api: Database, people: People, make_judgment: MakeJudgment
) -> None:
    docket_id = str((await make_judgment()).docket_id)
    payload = {"kind": "enrich", "idempotency_key": "k-1", "payload": {"case_id": docket_id}}
    error = await refusal(owner, api.session(people.other_operator), "queue_job", payload)
    assert (error.status, error.code) == (404, "case_not_found")


@pytest.mark.parametrize("who", ["member", "stranger"])
async def test_by_whoever_may_not(owner: asyncpg.Connection, api: Database, people: People, who: str) -> None:
    error = await refusal(owner, api.session(getattr(people, who)), "queue_job", JOB)
    assert (error.status, error.code) == (403, "operator_required")


async def test_of_another_tenant(owner: asyncpg.Connection, api: Database, people: People) -> None:
    payload = {**JOB, "tenant_id": str(people.other_tenant)}
    error = await refusal(owner, api.session(people.operator), "queue_job", payload)
    assert (error.status, error.code) == (403, "operator_required")


async def test_of_a_tenant_that_is_unknown(owner: asyncpg.Connection, service: Session) -> None:
    error = await refusal(owner, service, "queue_job", {**JOB, "tenant_id": str(uuid4())})
    assert (error.status, error.code) == (404, "tenant_not_found")
