"""What a vendor says is merged: the same again changes nothing but when it was last seen."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.enforcement.conftest import MakeJudgment, OpenCase
from tests.enforcement.enrichment_calls import bundle


async def upsert(service: Session, given: dict[str, Any]) -> Any:
    return await service.call("upsert_enrichment_bundle", {"bundle": given})


async def test_counts_tell_new_from_known(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    first = await upsert(service, bundle(judgment))
    assert first == {
        "case_id": str(judgment.docket_id),
        "contacts": {"inserted": 2, "updated": 0},
        "assets": {"inserted": 2, "updated": 0},
    }
    second = await upsert(service, bundle(judgment))
    assert second["contacts"] == second["assets"] == {"inserted": 0, "updated": 2}
    keys = await owner.fetch(
        "select value_key from enrichment.contacts where 'vendor' = any (sources) order by kind"
    )
    assert [row[0] for row in keys] == ["jq@quill.example", "6465550199"]


async def test_a_known_telephone_is_the_same_one(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    contact = {"kind": "phone", "value": "+1-646-555-0148", "label": "mobile", "confidence": 0.5}
    answer = await upsert(service, bundle(judgment, contacts=[contact], assets=[]))
    assert answer["contacts"] == {"inserted": 0, "updated": 1}
    row = await owner.fetchrow("select * from enrichment.contacts")
    assert row is not None
    assert (row["value"], row["label"], row["sources"]) == ("+1-646-555-0148", "mobile", ["test", "vendor"])
    # Not stated counts for 0.7.
    assert row["confidence"] is None


async def test_what_is_not_said_again_stays(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    refused = {
        "kind": "phone",
        "value": "6465550199",
        "is_do_not_contact": True,
        "confidence": 0.2,
        "metadata": {"line": "cell"},
    }
    await upsert(service, bundle(judgment, contacts=[refused]))
    await upsert(
        service,
        bundle(judgment, contacts=[{"kind": "phone", "value": "646-555-0199", "metadata": {"carrier": "A"}}]),
    )
    row = await owner.fetchrow("select * from enrichment.contacts where value_key = '6465550199'")
    assert row is not None
    assert (row["is_do_not_contact"], float(row["confidence"])) == (True, 0.2)
    assert json.loads(row["metadata"]) == {"line": "cell", "carrier": "A"}


async def test_of_what_is_named_twice_the_surer_counts(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    twice = [
        {"kind": "phone", "value": "646.555.0199", "confidence": 0.3, "is_do_not_contact": True},
        {"kind": "phone", "value": "(646) 555-0199", "confidence": 0.9},
    ]
    answer = await upsert(service, bundle(judgment, contacts=twice))
    assert answer["contacts"] == {"inserted": 1, "updated": 0}
    row = await owner.fetchrow("select * from enrichment.contacts where value_key = '6465550199'")
    assert row is not None
    assert (row["value"], row["is_do_not_contact"]) == ("(646) 555-0199", True)


async def test_the_open_case_knows_the_kinds_of_asset(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    await open_case(judgment, collectability_score=85)
    await upsert(service, bundle(judgment))
    case = await owner.fetchrow("select * from enforcement_cases")
    assert case is not None
    flags = json.loads(case["asset_flags"])
    assert (flags["bank"], flags["employer"], flags["vehicle"]) == (True, True, False)
    assert (case["tier"], float(case["collectability_score"])) == ("tier3", 85)
    changes = await owner.fetch("select change from enforcement_history order by position")
    assert [row[0] for row in changes] == ["opened", "assets_changed"]


async def test_a_source_takes_back_its_own_adverse_signals(
    service: Session, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()

    async def signals(**said: Any) -> Any:
        await upsert(service, {"case_id": str(judgment.docket_id), "source": "vendor", **said})
        subject = await service.call("get_enrichment_subject", {"payload": {"judgment_id": str(judgment.id)}})
        return subject["adverse_signals"]

    assert await signals(adverse_signals=["prior_judgments", "bankruptcy"]) == [
        "bankruptcy",
        "prior_judgments",
    ]
    both = ["bankruptcy", "deceased", "prior_judgments"]
    assert await signals(source="files", adverse_signals=["deceased", "bankruptcy"]) == both
    assert await signals() == both
    assert await signals(adverse_signals=["bankruptcy"]) == ["bankruptcy", "deceased"]
    assert await signals(adverse_signals=[]) == ["bankruptcy", "deceased"]
    assert await signals(source="files", adverse_signals=[]) == []


async def test_a_fact_keeps_all_who_said_it(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    for source in ("vendor", "files", "vendor"):
        await upsert(service, bundle(judgment, source=source))
    for table in ("contacts", "assets"):
        found = await owner.fetch(
            f"select sources from enrichment.{table} where sources <> array['test'] order by id"
        )
        assert [row[0] for row in found] == [["files", "vendor"]] * 2


@pytest.mark.parametrize(
    ("known", "said", "kept"),
    [(0.9, 0.2, 0.9), (0.2, 0.9, 0.9), (0.2, None, 0.2), (None, 0.2, None), (None, 0.9, 0.9)],
)
async def test_who_is_less_sure_makes_a_fact_no_less_sure(
    service: Session,
    make_judgment: MakeJudgment,
    known: float | None,
    said: float | None,
    kept: float | None,
) -> None:
    judgment = await make_judgment()
    for confidence in (known, said):
        assets = [{"kind": "bank", "description": "Checking", "confidence": confidence}]
        await upsert(service, bundle(judgment, contacts=[], assets=assets))
    subject = await service.call("get_enrichment_subject", {"payload": {"judgment_id": str(judgment.id)}})
    assert [asset["confidence"] for asset in subject["assets"]] == [kept]


async def test_fifty_at_once(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    answers = await asyncio.gather(*(upsert(service, bundle(judgment)) for _ in range(50)))
    assert sum(answer["contacts"]["inserted"] for answer in answers) == 2
    assert await owner.fetchval("select count(*) from enrichment.assets") == 2
