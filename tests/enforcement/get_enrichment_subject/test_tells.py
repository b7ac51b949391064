"""The one door to a debtor's data tells the service what it needs to ask and to score."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.enforcement.enrichment_calls import bundle
from tests.enforcement.judgments import DEBTOR


async def test_all_that_is_known(service: Session, make_judgment: MakeJudgment, open_case: OpenCase) -> None:
    judgment = await make_judgment(amount="9000.00")
    case_id = await open_case(judgment)
    given = bundle(judgment, adverse_signals=["bankruptcy"])
    await service.call("upsert_enrichment_bundle", {"bundle": given})
    subject = await service.call("get_enrichment_subject", {"payload": {"judgment_id": str(judgment.id)}})
    assert subject["case_id"] == str(judgment.docket_id)
    assert (subject["debtor"]["name"], subject["debtor"]["kind"]) == (DEBTOR, "person")
    assert (subject["balance_due"], subject["judgment_date"], subject["county"]) == (
        9000,
        "2024-03-05",
        "Kings",
    )
    assert [contact["kind"] for contact in subject["contacts"]] == ["email", "phone", "phone"]
    assert [asset["kind"] for asset in subject["assets"]] == ["bank", "employer"]
    assert subject["adverse_signals"] == ["bankruptcy"]
    assert [tier["tier"] for tier in subject["tiers"]] == ["tier0", "tier1", "tier2", "tier3"]
    for named in (case_id, str(judgment.docket_id)):
        assert await service.call("get_enrichment_subject", {"payload": {"case_id": named}}) == subject


async def test_only_of_the_tenant_that_is_named(
    service: Session, people: People, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    payload = {"judgment_id": str(judgment.id), "tenant_id": str(people.other_tenant)}
    with pytest.raises(RpcError, match="judgment_not_found"):
        await service.call("get_enrichment_subject", {"payload": payload})
    with pytest.raises(RpcError, match="case_not_found"):
        await service.call("get_enrichment_subject", {"payload": {"case_id": str(uuid4())}})


async def test_only_to_the_service(api: Database, people: People, make_judgment: MakeJudgment) -> None:
    judgment = await make_judgment()
    for who in (people.admin, people.operator, people.stranger, ANON):
        with pytest.raises(RpcError) as refused:
            await api.session(who).call(
                "get_enrichment_subject", {"payload": {"judgment_id": str(judgment.id)}}
            )
        assert refused.value.status == 403


async def test_no_reply_is_kept(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    await service.call(
        "get_enrichment_subject", {"payload": {"judgment_id": str(judgment.id)}}, idempotency_key="again"
    )
    assert await owner.fetchval("select count(*) from casebase.idempotency_keys") == 0
