"""The pipeline ranks as v_priority_pipeline does: by tier, then priority, then amount, page by page."""

from __future__ import annotations

from typing import Any

import asyncpg

from casebase.kernel.db import Session
from tests.enforcement.conftest import MakeJudgment, OpenCase

# Score, priority and amount, in the order they rank.
RANKED = (
    (95, "on_hold", "100.00"),
    (60, "urgent", "500.00"),
    (60, "urgent", "400.00"),
    (60, "high", "9000.00"),
    (60, "normal", "9000.00"),
    (60, "low", "9000.00"),
    (10, "urgent", "99000.00"),
)


async def make_ranked(service: Session, make_judgment: MakeJudgment, open_case: OpenCase) -> list[str]:
    """Write judgments from the last rank to the first, half with a case and half without; return ids by rank."""
    judgments = []
    for number, (score, priority, amount) in enumerate(reversed(RANKED)):
        judgment = await make_judgment(priority=priority, amount=amount)
        await service.call(
            "set_case_enrichment",
            {
                "p_case_id": judgment.docket_id,
                "p_collectability_score": score,
                "p_collectability_tier": "tier3" if score > 80 else "tier2" if score > 50 else "tier0",
            },
        )
        if number % 2:
            await open_case(judgment)
        judgments.append(str(judgment.id))
    return judgments[::-1]


async def pages(service: Session, **arguments: Any) -> list[dict[str, Any]]:
    """Read a list to its end."""
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = await service.call("list_priority_pipeline", {**arguments, "cursor": cursor})
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


async def test_judgments_come_as_the_view_ranks_them(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    ranked = await make_ranked(service, make_judgment, open_case)
    items = (await service.call("list_priority_pipeline"))["items"]
    assert [item["judgment_id"] for item in items] == ranked
    assert [item["rank"] for item in items] == list(range(1, 8))
    view = await owner.fetch(
        "select judgment_id::text, tier_rank from v_priority_pipeline order by collectability_tier desc, tier_rank"
    )
    assert [row["judgment_id"] for row in view] == ranked
    assert [row["tier_rank"] for row in view] == [1, 1, 2, 3, 4, 5, 1]


async def test_pages_follow_each_other_over_tiers(
    service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    ranked = await make_ranked(service, make_judgment, open_case)
    for page_size in range(1, 5):
        items = await pages(service, page_size=page_size)
        assert [item["judgment_id"] for item in items] == ranked
        assert [item["rank"] for item in items] == list(range(1, 8))


async def test_equal_ranks_are_paged_too(service: Session, open_case: OpenCase) -> None:
    cases = {await open_case() for _ in range(5)}
    items = await pages(service, page_size=2)
    assert len(items) == 5
    assert {item["case_id"] for item in items} == cases


async def test_a_row_tells_what_a_console_shows(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment(amount="700.00", county="Queens", priority="high")
    case_id = await open_case(judgment)
    [item] = (await service.call("list_priority_pipeline"))["items"]
    case = await owner.fetchrow("select reference from enforcement_cases")
    assert case is not None
    assert item.pop("case_number").endswith("/2024")
    assert item.pop("next_action_at") is not None
    assert item == {
        "rank": 1,
        "judgment_id": str(judgment.id),
        "case_id": case_id,
        "reference": case["reference"],
        "plaintiff_id": str(judgment.plaintiff_id),
        "plaintiff_name": "Harbor Supply LLC",
        "plaintiff_status": "new",
        "collectability_tier": "tier0",
        "tier": "tier0",
        "priority_level": "high",
        "judgment_amount": 700.0,
        "current_balance": 700.0,
        "county": "Queens",
        "state": "NY",
        "stage": "pre_enforcement",
        "is_breached": False,
    }


async def test_a_judgment_without_a_case_waits_to_be_opened(
    service: Session, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment(amount="700.00")
    [item] = (await service.call("list_priority_pipeline"))["items"]
    assert item["judgment_id"] == str(judgment.id)
    assert (item["case_id"], item["stage"], item["current_balance"]) == (None, None, 700.0)


async def test_a_judgment_whose_case_was_closed_is_no_work(service: Session, open_case: OpenCase) -> None:
    case_id = await open_case()
    await service.call(
        "close_enforcement_case",
        {"payload": {"case_id": case_id, "status": "uncollectible", "note": "No assets."}},
    )
    assert (await service.call("list_priority_pipeline"))["items"] == []


async def test_a_new_score_moves_the_open_case(
    service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    await open_case(judgment)
    await service.call(
        "set_case_enrichment",
        {"p_case_id": judgment.docket_id, "p_collectability_score": 90, "p_collectability_tier": "tier3"},
    )
    [item] = (await service.call("list_priority_pipeline", {"tier": "tier3"}))["items"]
    assert (item["collectability_tier"], item["tier"]) == ("tier3", "tier3")


async def test_the_dockets_place_and_priority_reach_the_case(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    await open_case(judgment)
    await owner.execute(
        "update judgments set priority_level = 'urgent', judgment_amount = 800000 where id = $1", judgment.id
    )
    await owner.execute(
        "update judgments.cases set county = 'Erie', state = 'PA' where id = $1", judgment.docket_id
    )
    [item] = (await service.call("list_priority_pipeline", {"county": "Erie", "state": "PA"}))["items"]
    assert (item["priority_level"], item["judgment_amount"]) == ("urgent", 800000.0)
