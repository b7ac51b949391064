"""What analysts and the dashboards may count: masked, of their tenant, by Singapore's days."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import asyncpg
import httpx
import pytest

from casebase.kernel.db import SERVICE, Database, Principal, Session
from casebase.kernel.errors import RpcError
from casebase.modules.mortgage.service import Client
from tests.mortgage.leads import BANK, CONTACT, RATE
from tests.mortgage.test_http import http
from tests.support.tokens import bearer

__all__ = ["http"]

ANALYST_VIEWS = (
    "scenario_cases_masked",
    "scenario_inputs_masked",
    "scenario_calculations_masked",
    "scenario_stats_daily",
    "scenario_recommendation_vs_outcome",
    "scenario_followup_effectiveness",
)
LISTS = (
    "list_scenario_stats_daily",
    "list_scenario_recommendation_vs_outcome",
    "list_scenario_followup_effectiveness",
)
MARCH = {"from_day": "2026-03-01", "to_day": "2026-03-31"}


async def story(
    owner: asyncpg.Connection,
    case_id: str,
    opened: str,
    *events: tuple[str, str],
    decision: str = "",
    ended: str = "",
) -> None:
    """Move a case into the past, and give it events and an outcome."""
    await owner.execute(
        "update scenario_cases set created_at = $2::text::timestamptz where id = $1", UUID(case_id), opened
    )
    for event_type, at in events:
        await owner.execute(
            "insert into scenario_events (tenant_id, case_id, event_type, occurred_at) "
            "select tenant_id, id, $2::text::scenario_event_type, $3::text::timestamptz from scenario_cases where id = $1",
            UUID(case_id),
            event_type,
            at,
        )
    if decision:
        await owner.execute(
            "insert into scenario_outcomes (tenant_id, case_id, decision, created_at) "
            "select tenant_id, id, $2::text::scenario_decision, $3::text::timestamptz from scenario_cases where id = $1",
            UUID(case_id),
            decision,
            ended,
        )
        await owner.execute(
            "update scenario_cases set status = 'closed', closed_at = $2::text::timestamptz where id = $1",
            UUID(case_id),
            ended,
        )


@pytest.fixture
async def march(owner: asyncpg.Connection, open_case: Any, people: Any) -> list[str]:
    """Three cases of the default tenant in March 2026, and one of another tenant."""
    ids = [(await open_case())["case_id"] for _ in range(3)]
    await owner.execute("update scenario_cases set recommendation = 'reprice', net_savings = 1000")
    # 17:00 UTC is the next day in Singapore.
    await story(
        owner,
        ids[0],
        "2026-03-01T17:00Z",
        ("reveal", "2026-03-03T01:00Z"),
        ("reveal", "2026-03-03T05:00Z"),
        ("follow_up", "2026-03-04T01:00Z"),
        decision="reprice",
        ended="2026-03-06T01:00Z",
    )
    await story(
        owner,
        ids[1],
        "2026-03-02T01:00Z",
        ("reveal", "2026-03-03T01:00Z"),
        decision="lost",
        ended="2026-03-05T01:00Z",
    )
    await story(owner, ids[2], "2026-03-09T01:00Z", ("follow_up", "2026-03-10T01:00Z"))
    other = (await open_case(changes={"tenant_id": str(people.other_tenant)}))["case_id"]
    await story(
        owner,
        other,
        "2026-03-02T01:00Z",
        ("reveal", "2026-03-03T01:00Z"),
        decision="refinance",
        ended="2026-03-05T01:00Z",
    )
    return ids


class TestThePeriod:
    async def test_days_count_what_happened_on_them(self, service: Session, march: list[str]) -> None:
        found = await service.call("list_scenario_stats_daily", MARCH)
        assert found["items"] == [
            {"day": "2026-03-02", "new_cases": 2, "reveals": 0, "conversions": 0},
            {"day": "2026-03-03", "new_cases": 0, "reveals": 2, "conversions": 0},
            {"day": "2026-03-06", "new_cases": 0, "reveals": 0, "conversions": 1},
            {"day": "2026-03-09", "new_cases": 1, "reveals": 0, "conversions": 0},
        ]

    async def test_advice_is_compared_with_outcomes(self, service: Session, march: list[str]) -> None:
        found = await service.call("list_scenario_recommendation_vs_outcome", MARCH)
        assert found["items"] == [
            {
                "recommendation": "reprice",
                "decision": "reprice",
                "is_followed": True,
                "cases": 1,
                "net_savings": 1000,
            },
            {
                "recommendation": "reprice",
                "decision": "lost",
                "is_followed": False,
                "cases": 1,
                "net_savings": 1000,
            },
        ]

    async def test_time_runs_from_the_first_event_to_the_outcome(
        self, service: Session, march: list[str]
    ) -> None:
        found = await service.call("list_scenario_followup_effectiveness", MARCH)
        assert found["items"] == [
            {"event_type": "reveal", "cases": 2, "concluded": 2, "converted": 1, "median_hours": 60.0},
            {"event_type": "follow_up", "cases": 2, "concluded": 1, "converted": 1, "median_hours": 48.0},
        ]

    @pytest.mark.parametrize("function", LISTS)
    async def test_ends_today_and_lasts_thirty_days_unless_told(
        self, service: Session, function: str
    ) -> None:
        found = await service.call(function, {})
        today = await service.call(function, {"from_day": found["from_day"], "to_day": found["to_day"]})
        assert today == found
        assert found["items"] == []

    @pytest.mark.parametrize("function", LISTS)
    @pytest.mark.parametrize(
        "period",
        [
            {"from_day": "2026-03-02", "to_day": "2026-03-01"},
            {"from_day": "2020-01-01", "to_day": "2026-01-01"},
            {"to_day": "infinity"},
            {"to_day": "9999-01-01"},
        ],
    )
    async def test_that_makes_no_sense_is_refused(
        self, service: Session, function: str, period: dict[str, str]
    ) -> None:
        with pytest.raises(RpcError) as refused:
            await service.call(function, period)
        assert refused.value.status in (400, 422)

    @pytest.mark.parametrize("function", LISTS)
    async def test_is_for_staff_of_the_tenant(
        self, api: Database, people: Any, march: list[str], function: str
    ) -> None:
        assert (await api.session(people.broker).call(function, MARCH))["items"]
        theirs = await api.session(people.other_admin).call(function, MARCH)
        assert theirs != await api.session(people.broker).call(function, MARCH)
        for principal, arguments in (
            (people.stranger, MARCH),
            (people.member, MARCH),
            (people.broker, {**MARCH, "tenant_id": people.other_tenant}),
            (Principal("casebase_analyst"), MARCH),
            (Principal("casebase_ai_broker"), MARCH),
        ):
            with pytest.raises(RpcError) as refused:
                await api.session(principal).call(function, arguments)
            assert refused.value.status == 403

    async def test_is_served_over_http_and_typed(
        self, http: httpx.AsyncClient, service: Session, march: list[str]
    ) -> None:
        for path, function in (
            ("daily", "list_scenario_stats_daily"),
            ("recommendation-vs-outcome", "list_scenario_recommendation_vs_outcome"),
            ("followup-effectiveness", "list_scenario_followup_effectiveness"),
        ):
            response = await http.get(f"/v1/mortgage/stats/{path}", params=MARCH, headers=bearer(SERVICE))
            assert response.json() == await service.call(function, MARCH)
        client = Client(service)
        assert (await client.list_daily_stats()).items == ()
        assert (await client.list_recommendation_outcomes()).items == ()
        assert (await client.list_follow_up_effectiveness()).items == ()


class TestTheListBehindABar:
    BARS: ClassVar[list[tuple[dict[str, str], list[int]]]] = [
        ({"happened": "opened", "from_day": "2026-03-02", "to_day": "2026-03-02"}, [0, 1]),
        ({"happened": "reveal", "from_day": "2026-03-03", "to_day": "2026-03-03"}, [0, 1]),
        ({"happened": "outcome", "decision": "converted", **MARCH}, [0]),
        ({"happened": "outcome", "decision": "lost", "recommendation": "reprice", **MARCH}, [1]),
        ({"happened": "follow_up", "status": "closed", **MARCH}, [0]),
        ({"happened": "follow_up", **MARCH}, [0, 2]),
        ({"happened": "bank_quote", **MARCH}, []),
        ({"happened": "reveal"}, []),
    ]

    @pytest.mark.parametrize(("filters", "expected"), BARS)
    @pytest.mark.parametrize("who", ["broker", "service"])
    async def test_holds_the_cases_it_counts(
        self,
        api: Database,
        people: Any,
        march: list[str],
        filters: dict[str, str],
        expected: list[int],
        who: str,
    ) -> None:
        session = api.session(SERVICE if who == "service" else people.broker)
        found = await session.call("list_scenario_cases", filters)
        assert {item["case_id"] for item in found["items"]} == {march[n] for n in expected}


class TestAnAnalyst:
    async def _as_reader(self, owner: asyncpg.Connection, role: str, claims: str = "{}") -> None:
        await owner.execute(
            "select set_config('request.jwt.claims', $1, false), set_config('role', $2, false)", claims, role
        )

    @pytest.mark.parametrize("view", ANALYST_VIEWS)
    async def test_reads_masked_views_of_its_tenant(
        self,
        owner: asyncpg.Connection,
        people: Any,
        march: list[str],
        advise_case: Any,
        open_case: Any,
        view: str,
    ) -> None:
        await advise_case(await open_case())
        await self._as_reader(owner, "casebase_analyst")
        mine = await owner.fetch(f"select * from {view}")
        assert {row["tenant_id"] for row in mine} == {people.default_tenant}
        claims = f'{{"app_metadata": {{"tenant_id": "{people.other_tenant}"}}}}'
        await self._as_reader(owner, "casebase_analyst", claims)
        theirs = await owner.fetch(f"select * from {view}")
        assert {row["tenant_id"] for row in theirs} <= {people.other_tenant}
        text = str(mine)
        for hidden in (*CONTACT.values(), BANK, str(RATE), "TWLR", "12000", "instalment"):
            assert hidden not in text

    async def test_has_nothing_else(self, owner: asyncpg.Connection) -> None:
        readable = await owner.fetch(
            """
            select n.nspname || '.' || c.relname as name
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname in ('public', 'mortgage', 'casebase', 'auth') and c.relkind in ('r', 'p', 'v', 'm')
              and has_any_column_privilege($1, c.oid, 'select, insert, update')
            """,
            "casebase_analyst",
        )
        assert {
            row["name"].removeprefix("public.") for row in readable if row["name"].startswith("public.")
        } == set(ANALYST_VIEWS)
        assert {row["name"] for row in readable if not row["name"].startswith("public.")} == {
            "mortgage.masked_cases",
            "mortgage.masked_inputs",
            "mortgage.masked_calculations",
            "mortgage.stats_daily",
            "mortgage.recommendation_vs_outcome",
            "mortgage.followup_effectiveness",
        }
        callable_ = await owner.fetch(
            "select proname from pg_proc where pronamespace = 'public'::regnamespace "
            "and has_function_privilege('casebase_analyst', oid, 'execute')"
        )
        assert callable_ == []

    @pytest.mark.parametrize("view", ANALYST_VIEWS)
    async def test_cannot_write_through_a_view(
        self, owner: asyncpg.Connection, march: list[str], view: str
    ) -> None:
        await self._as_reader(owner, "casebase_analyst")
        with pytest.raises(asyncpg.PostgresError):
            await owner.execute(f"delete from {view}")

    @pytest.mark.parametrize("view", ANALYST_VIEWS[3:])
    async def test_staff_read_the_dashboards_views_too(
        self, owner: asyncpg.Connection, people: Any, march: list[str], view: str
    ) -> None:
        await self._as_reader(owner, "authenticated", people.broker.claims_json)
        assert {row["tenant_id"] for row in await owner.fetch(f"select * from {view}")} == {
            people.default_tenant
        }
        await self._as_reader(owner, "authenticated", people.stranger.claims_json)
        assert await owner.fetch(f"select * from {view}") == []
        await self._as_reader(owner, "anon")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await owner.fetch(f"select * from {view}")


class TestSettings:
    DEFAULTS: ClassVar[dict[str, Any]] = {
        "is_reveal_enabled": False,
        "high_value_loan": 1000000,
        "retention_risk_savings": 5000,
    }

    async def test_are_the_defaults_until_decided(self, service: Session, people: Any) -> None:
        found = await service.call("get_mortgage_settings", {})
        assert found == {"tenant_id": str(people.default_tenant), **self.DEFAULTS}

    async def test_change_only_in_what_is_given(self, service: Session) -> None:
        await service.call("set_mortgage_settings", {"payload": {"high_value_loan": 2500000.5}})
        changed = await service.call("set_mortgage_settings", {"payload": {"is_reveal_enabled": True}})
        assert (changed["is_reveal_enabled"], changed["high_value_loan"]) == (True, 2500000.5)
        assert await service.call("get_mortgage_settings", {}) == changed

    @pytest.mark.parametrize("who", ["broker", "member", "stranger", "other_admin"])
    async def test_are_decided_by_owners_and_admins(self, api: Database, people: Any, who: str) -> None:
        tenant = {"tenant_id": str(people.default_tenant)}
        assert await api.session(people.admin).call("set_mortgage_settings", {"payload": tenant})
        for function, arguments in (
            ("get_mortgage_settings", tenant),
            ("set_mortgage_settings", {"payload": tenant}),
        ):
            with pytest.raises(RpcError) as refused:
                await api.session(getattr(people, who)).call(function, arguments)
            assert refused.value.status == 403

    @pytest.mark.parametrize(
        ("payload", "status"),
        [
            ({"high_value_loan": -1}, 422),
            ({"is_reveal_enabled": "yes"}, 422),
            ({"surprise": 1}, 422),
            ({"tenant_id": "00000000-0000-4000-8000-000000000000"}, 404),
        ],
    )
    async def test_that_make_no_sense_are_refused(
        self, service: Session, payload: dict[str, Any], status: int
    ) -> None:
        before = await service.call("get_mortgage_settings", {})
        with pytest.raises(RpcError) as refused:
            await service.call("set_mortgage_settings", {"payload": payload})
        assert refused.value.status == status
        assert await service.call("get_mortgage_settings", {}) == before

    async def test_are_served_over_http(self, http: httpx.AsyncClient, people: Any) -> None:
        changed = await http.patch(
            "/v1/mortgage/settings", json={"retention_risk_savings": 7500.25}, headers=bearer(people.admin)
        )
        assert changed.json()["retention_risk_savings"] == 7500.25
        assert (
            await http.get("/v1/mortgage/settings", headers=bearer(people.admin))
        ).json() == changed.json()
        refused = await http.patch(
            "/v1/mortgage/settings", json={"retention_risk_savings": "much"}, headers=bearer(people.admin)
        )
        assert refused.status_code == 422
