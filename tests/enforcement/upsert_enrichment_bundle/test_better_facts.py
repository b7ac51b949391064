"""Better facts never lower a score: what a source adds, or says with more confidence, counts or changes nothing."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from casebase.kernel.db import Session
from casebase.modules.enforcement.scoring import ASSETS, CONTACTS, score
from tests.enforcement.conftest import MakeJudgment

VALUES = {
    "phone": ("6465550199", "+1 (646) 555-0199", "212-555-0170"),
    "email": ("jq@quill.example", "JQ@Quill.example"),
    "address": ("12 Quince Alley, Brooklyn", "12 Quince Alley Brooklyn"),
}


def said(random: Random) -> dict[str, Any]:
    """Some facts as one source may say them; of few, so that sources often say the same."""

    def confidence() -> float | None:
        return random.choice((None, 0, 0.2, 0.69, 0.7, 0.71, 1))

    kinds = [random.choice(sorted(CONTACTS)) for _ in range(random.randrange(4))]
    return {
        "source": random.choice(("vendor", "files", "registry")),
        "contacts": [
            {"kind": kind, "value": random.choice(VALUES[kind]), "confidence": confidence()} for kind in kinds
        ],
        "assets": [
            {"kind": random.choice(sorted(ASSETS)), "description": "One", "confidence": confidence()}
            for _ in range(random.randrange(4))
        ],
    }


@pytest.mark.parametrize("seed", range(8))
async def test_no_bundle_of_facts_lowers_a_score(
    service: Session, make_judgment: MakeJudgment, seed: int
) -> None:
    random = Random(seed)
    judgment = await make_judgment()
    subject = {"payload": {"judgment_id": str(judgment.id)}}
    before = score(await service.call("get_enrichment_subject", subject))
    for _ in range(12):
        bundle = {"case_id": str(judgment.docket_id), **said(random)}
        await service.call("upsert_enrichment_bundle", {"bundle": bundle})
        after = score(await service.call("get_enrichment_subject", subject))
        for part in ("identity", "contactability", "asset", "collectability"):
            assert getattr(after, part) >= getattr(before, part), (part, bundle)
        before = after
