"""The nightly run: tiers by scores, overrides that end, next actions that are missing, alerts of late cases."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.support.refusals import refusal_of, wrong_fields
from tests.support.rows import all_rows

NOTHING = {
    "cases": 0,
    "tiers_changed": 0,
    "overrides_ended": 0,
    "next_actions_set": 0,
    "breaches": 0,
    "is_more": False,
}


async def refresh(service: Session, **arguments: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await service.call("refresh_enforcement_metrics", arguments)
    return answer


async def case_of(owner: asyncpg.Connection, case_id: str) -> asyncpg.Record:
    row = await owner.fetchrow("select * from enforcement_cases where id = $1", case_id)
    assert row is not None
    return row


async def latest_history(owner: asyncpg.Connection, case_id: str) -> tuple[str, dict[str, Any], str]:
    row = await owner.fetchrow(
        "select change, delta::text, actor_type::text from enforcement_history where enforcement_case_id = $1 "
        "order by position desc limit 1",
        case_id,
    )
    assert row is not None
    return row["change"], json.loads(row["delta"]), row["actor_type"]


class TestTiers:
    async def test_a_tier_follows_its_score(
        self, owner: asyncpg.Connection, service: Session, open_case: OpenCase
    ) -> None:
        case_id = await open_case(collectability_score=20, tier="tier2")
        assert await refresh(service) == {**NOTHING, "cases": 1, "tiers_changed": 1}
        case = await case_of(owner, case_id)
        assert (case["tier"], case["tier_reason"]) == ("tier0", "score")
        assert await latest_history(owner, case_id) == (
            "tier_changed",
            {"tier": {"from": "tier2", "to": "tier0"}},
            "automation",
        )

    async def test_a_moved_bound_moves_cases_and_dockets(
        self, owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
    ) -> None:
        judgment = await make_judgment()
        case_id = await open_case(judgment)
        await service.call(
            "set_case_enrichment",
            {"p_case_id": judgment.docket_id, "p_collectability_score": 60, "p_collectability_tier": "tier2"},
        )
        await owner.execute("update enforcement_tier_lookup set max_score = 59.99 where tier = 'tier2'")
        await owner.execute("update enforcement_tier_lookup set min_score = 60 where tier = 'tier3'")
        assert await refresh(service) == {**NOTHING, "cases": 1, "tiers_changed": 1}
        assert (await case_of(owner, case_id))["tier"] == "tier3"
        assert (await case_of(owner, case_id))["collectability_tier"] == "tier3"
        assert await owner.fetchval("select collectability_tier from judgments.cases") == "tier3"

    async def test_without_a_score_the_tier_stays(
        self, owner: asyncpg.Connection, service: Session, open_case: OpenCase
    ) -> None:
        case_id = await open_case(tier="tier2")
        assert await refresh(service) == NOTHING
        assert (await case_of(owner, case_id))["tier"] == "tier2"

    async def test_a_closed_case_stays_as_it_was(
        self, owner: asyncpg.Connection, service: Session, open_case: OpenCase
    ) -> None:
        case_id = await open_case(collectability_score=20, tier="tier2")
        await service.call(
            "close_enforcement_case",
            {"payload": {"case_id": case_id, "status": "withdrawn", "note": "Asked to."}},
        )
        assert await refresh(service) == NOTHING


class TestOverrides:
    async def override(self, service: Session, case_id: str, tier: str, hours: float) -> None:
        await service.call(
            "override_enforcement_tier",
            {
                "payload": {
                    "case_id": case_id,
                    "tier": tier,
                    "note": "The debtor sold a house.",
                    "expires_at": (datetime.now(UTC) + timedelta(hours=hours)).isoformat(),
                }
            },
        )

    async def test_a_lasting_one_holds_against_the_score(
        self, owner: asyncpg.Connection, service: Session, open_case: OpenCase
    ) -> None:
        case_id = await open_case(collectability_score=20)
        await self.override(service, case_id, "tier3", hours=1)
        assert await refresh(service) == NOTHING
        assert (await case_of(owner, case_id))["tier"] == "tier3"

    @pytest.mark.parametrize("score", [20, None])
    async def test_one_whose_time_is_over_ends(
        self, owner: asyncpg.Connection, service: Session, open_case: OpenCase, score: int | None
    ) -> None:
        case_id = await open_case(**({} if score is None else {"collectability_score": score}))
        await self.override(service, case_id, "tier3", hours=1)
        await owner.execute("update enforcement_cases set override_expires_at = now()")
        assert await refresh(service) == {**NOTHING, "cases": 1, "tiers_changed": 1, "overrides_ended": 1}
        case = await case_of(owner, case_id)
        assert (case["tier"], case["tier_override"], case["override_expires_at"], case["override_note"]) == (
            "tier0", None, None, None,
        )  # fmt: skip
        change, delta, _ = await latest_history(owner, case_id)
        assert change == "override_expired"
        assert delta["tier"] == {"from": "tier3", "to": "tier0"}
        assert delta["tier_override"] == {"from": "tier3", "to": None}

    async def test_one_that_agreed_with_the_score_ends_too(
        self, owner: asyncpg.Connection, service: Session, open_case: OpenCase
    ) -> None:
        case_id = await open_case(collectability_score=90)
        await self.override(service, case_id, "tier3", hours=1)
        await owner.execute("update enforcement_cases set override_expires_at = now()")
        assert await refresh(service) == {**NOTHING, "cases": 1, "overrides_ended": 1}
        case = await case_of(owner, case_id)
        assert (case["tier"], case["tier_override"], case["tier_reason"]) == ("tier3", None, "score")


class TestNextActions:
    async def test_a_missing_one_is_set_by_the_stage(
        self, owner: asyncpg.Connection, service: Session, open_case: OpenCase
    ) -> None:
        case_id = await open_case()
        await owner.execute("update enforcement_cases set next_action_at = null")
        assert await refresh(service) == {**NOTHING, "cases": 1, "next_actions_set": 1}
        case = await case_of(owner, case_id)
        assert case["next_action_at"] == case["stage_entered_at"] + timedelta(days=3)
        assert (await latest_history(owner, case_id))[0] == "next_action_set"

    async def test_a_stage_without_a_term_asks_for_none(
        self, owner: asyncpg.Connection, service: Session, open_case: OpenCase
    ) -> None:
        await open_case()
        await owner.execute("update enforcement_cases set next_action_at = null")
        await owner.execute(
            "update enforcement_stage_lookup set sla_days = null where stage = 'pre_enforcement'"
        )
        assert await refresh(service) == NOTHING


class TestBreaches:
    async def alerts(self, owner: asyncpg.Connection) -> list[tuple[str, str, str]]:
        rows = await owner.fetch(
            "select message ->> 'tenant_id' as tenant_id, message ->> 'title' as title, message ->> 'body' as body "
            "from pgmq.q_casebase_alerts order by msg_id"
        )
        return [(row["tenant_id"], row["title"], row["body"]) for row in rows]

    async def test_a_tenants_late_cases_are_one_alert_once(
        self,
        owner: asyncpg.Connection,
        service: Session,
        people: People,
        make_judgment: MakeJudgment,
        open_case: OpenCase,
    ) -> None:
        await open_case()
        await service.call(
            "set_enforcement_stage", {"payload": {"case_id": await open_case(), "stage": "marshal"}}
        )
        await open_case(await make_judgment(tenant_id=people.other_tenant))
        await owner.execute("update enforcement_cases set next_action_at = now() - interval '1 hour'")
        await open_case()

        assert (await refresh(service))["breaches"] == 3
        assert (await refresh(service))["breaches"] == 0
        assert sorted(await self.alerts(owner)) == sorted(
            [
                (
                    str(people.default_tenant),
                    "Cases past their SLA since the last run: 2",
                    "By stage: pre_enforcement 1, marshal 1.",
                ),
                (
                    str(people.other_tenant),
                    "Cases past their SLA since the last run: 1",
                    "By stage: pre_enforcement 1.",
                ),
            ]
        )

    async def test_a_case_that_is_late_again_is_alerted_of_again(
        self, owner: asyncpg.Connection, service: Session, open_case: OpenCase
    ) -> None:
        await open_case()
        for hours in (2, 1):
            await owner.execute(
                "update enforcement_cases set next_action_at = now() - $1 * interval '1 hour'", hours
            )
            assert (await refresh(service))["breaches"] == 1
        assert len(await self.alerts(owner)) == 2

    async def test_a_next_action_that_was_missing_may_be_late_already(
        self, owner: asyncpg.Connection, service: Session, open_case: OpenCase
    ) -> None:
        await open_case()
        await owner.execute(
            "update enforcement_cases set next_action_at = null, stage_entered_at = now() - interval '4 days'"
        )
        answer = await refresh(service)
        assert (answer["next_actions_set"], answer["breaches"]) == (1, 1)
        assert await refresh(service) == NOTHING


class TestRuns:
    async def test_a_night_without_news_writes_nothing(
        self, owner: asyncpg.Connection, service: Session, open_case: OpenCase
    ) -> None:
        await open_case(collectability_score=70)
        await service.call("fold_enforcement_counts")
        before = await all_rows(owner)
        assert await refresh(service) == NOTHING
        assert await all_rows(owner) == before

    async def test_batches_leave_nothing_out(
        self, owner: asyncpg.Connection, service: Session, open_case: OpenCase
    ) -> None:
        for _ in range(5):
            await open_case(collectability_score=20, tier="tier2")
        await owner.execute("update enforcement_cases set next_action_at = now() - interval '1 hour'")
        changed = []
        while True:
            answer = await refresh(service, batch_limit=2)
            changed.append((answer["cases"], answer["breaches"]))
            if not answer["is_more"]:
                break
        # All that are late are alerted of at once.
        assert changed == [(2, 5), (2, 0), (1, 0)]

    async def test_a_batch_has_at_least_one(self, owner: asyncpg.Connection, service: Session) -> None:
        refused = await refusal_of(owner, service, "refresh_enforcement_metrics", batch_limit=0)
        assert wrong_fields(refused) == ["batch_limit"]

    async def test_people_may_not_run_it(self, api: Database, people: People) -> None:
        for person in (people.admin, people.operator, people.member, people.stranger):
            for function in ("refresh_enforcement_metrics", "fold_enforcement_counts"):
                with pytest.raises(RpcError) as refused:
                    await api.session(person).call(function)
                assert refused.value.status == 403
