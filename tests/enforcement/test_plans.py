"""Every read of the console finds its rows through an index, in the order asked for, among many.

The server itself counts, within a transaction, how a table was read: no plan that reads a table from end to end,
or sorts a tenant's cases to show a page of them, passes unnoticed.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Principal
from tests.enforcement.many_cases import make_many_cases
from tests.support import postgres, reads

# One worker runs them all, so that the cases are made once.
pytestmark = pytest.mark.xdist_group("many_enforcement_cases")

COUNT = 10_000
PAGE = 20
# An open case of the default tenant in the lowest tier; most filters walk there longest.
FEW = 40 * PAGE
_LARGE = re.compile(r"(public|judgments|enrichment)\.(?!.*lookup$).*")


@pytest.fixture(scope="module")
def many_cases(pg_server: postgres.Server) -> Iterator[str]:
    """The owner's URL of a database with many cases, for tests that only read."""
    url = pg_server.create_database(postgres.our_modules())

    async def fill() -> None:
        owner = await asyncpg.connect(url)
        await make_many_cases(owner, COUNT)
        await owner.close()

    postgres.run_sync(fill)
    yield url
    pg_server.drop_database(url)


@pytest.fixture
async def many(many_cases: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(many_cases)
    yield connection
    await connection.close()


async def caller(owner: asyncpg.Connection, role: str) -> Principal:
    """The service, or somebody of the default tenant."""
    if role == "service":
        return SERVICE
    user = await owner.fetchval(
        "insert into auth.users (email) values (gen_random_uuid() || '@staff.example') returning id"
    )
    await owner.execute(
        "insert into public.tenant_users (tenant_id, user_id, role) values (casebase.default_tenant(), $1, $2)",
        user,
        role,
    )
    return Principal("authenticated", sub=user)


async def rows_read(
    owner: asyncpg.Connection, principal: Principal, function: str, arguments: Mapping[str, Any]
) -> tuple[Any, dict[str, tuple[int, int]]]:
    """Call a function; return its answer and how many rows of each table it read: by whole scans, by index."""
    async with reads.rows_read(owner) as counted:
        answer = await reads.call(owner, principal, function, arguments)
    return answer, _large(counted)


def _large(counted: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    return {table: read for table, read in counted.items() if _LARGE.fullmatch(table)}


def assert_read_by_index(
    counted: Mapping[str, tuple[int, int]], at_most: int, scanned: tuple[str, ...] = ()
) -> None:
    """``scanned``: small tables that are read whole."""
    assert {
        table: read
        for table, read in counted.items()
        if (read[0] > 0 and table not in scanned) or read[1] > at_most
    } == {}


PIPELINE_VIEW = """
    select * from v_priority_pipeline where tenant_id = $1 and collectability_tier = $2
    order by priority_level, judgment_amount desc limit 50
"""
MEMBERSHIP = ("public.tenants", "public.tenant_users")


class TestPipeline:
    LISTS: tuple[Mapping[str, Any], ...] = (
        {},
        {"tier": "tier0"},
        {"tier": "tier0", "stage": "pre_enforcement"},
        {"stage": "bank_levy"},
        {"county": "Kings"},
        {"state": "CA"},
        {"sla": "breached"},
        {"sla": "met"},
        {"sla": "breached", "tier": "tier0"},
    )

    @pytest.mark.parametrize("role", ["service", "enforcement_operator", "member"])
    async def test_pages_read_little_more_than_they_show(self, many: asyncpg.Connection, role: str) -> None:
        principal = await caller(many, role)
        for arguments in self.LISTS:
            answer: dict[str, Any] = {"next_cursor": None}
            for _ in range(3):
                answer, counted = await rows_read(
                    many,
                    principal,
                    "list_priority_pipeline",
                    {**arguments, "page_size": PAGE, "cursor": answer["next_cursor"]},
                )
                assert len(answer["items"]) == PAGE
                assert_read_by_index(counted, at_most=FEW, scanned=MEMBERSHIP)

    async def test_deep_pages_begin_where_the_last_ended(self, many: asyncpg.Connection) -> None:
        last = await many.fetchrow(
            "select * from v_priority_pipeline where tenant_id = casebase.default_tenant() "
            "and collectability_tier = 'tier0' and tier_rank = 3000"
        )
        assert last is not None
        cursor = "|".join(
            str(part)
            for part in (3000, "tier0", last["priority_level"], last["judgment_amount"], last["judgment_id"])
        )
        answer, counted = await rows_read(
            many,
            await caller(many, "member"),
            "list_priority_pipeline",
            {"tier": "tier0", "page_size": PAGE, "cursor": cursor.encode().hex()},
        )
        assert answer["items"][0]["rank"] == 3001
        # What has the last one's priority comes before it in the index.
        assert_read_by_index(counted, at_most=COUNT // 3, scanned=MEMBERSHIP)

    @pytest.mark.parametrize("search", ["E-ABC", "0a1"])
    async def test_a_search_reads_what_fits(self, many: asyncpg.Connection, search: str) -> None:
        _, counted = await rows_read(
            many, SERVICE, "list_priority_pipeline", {"search": search, "page_size": PAGE}
        )
        assert_read_by_index(counted, at_most=FEW, scanned=(*MEMBERSHIP, "public.plaintiffs"))

    async def test_a_name_that_a_hundred_have_reads_few_rows(self, many: asyncpg.Connection) -> None:
        """Which of them rank first an older server tells from the entries of a tier, a newer one looks them up."""
        asked = {"search": "Plaintiff 17 ", "page_size": PAGE}
        async with reads.rows_read(many) as entries, reads.counting(many, with_entries=False) as counted:
            answer = await reads.call(many, SERVICE, "list_priority_pipeline", asked)
        assert len(answer["items"]) == PAGE
        assert_read_by_index(_large(counted), at_most=FEW // 2, scanned=(*MEMBERSHIP, "public.plaintiffs"))
        assert entries["public.enforcement_cases"][1] < COUNT // 5


class TestCases:
    @pytest.mark.parametrize("role", ["service", "enforcement_operator", "member"])
    @pytest.mark.parametrize("status", [None, "open", "closed", "uncollectible", "withdrawn"])
    async def test_pages_read_little_more_than_they_show(
        self, many: asyncpg.Connection, role: str, status: str | None
    ) -> None:
        principal = await caller(many, role)
        answer: dict[str, Any] = {"next_cursor": None}
        for _ in range(3):
            asked = {"status": status, "page_size": PAGE, "cursor": answer["next_cursor"]}
            answer, counted = await rows_read(many, principal, "list_enforcement_cases", asked)
            assert len(answer["items"]) == (0 if status == "withdrawn" else PAGE)
            assert_read_by_index(counted, at_most=10 * PAGE, scanned=MEMBERSHIP)

    @pytest.mark.parametrize("status", [None, "closed"])
    async def test_deep_pages_begin_where_the_last_ended(
        self, many: asyncpg.Connection, status: str | None
    ) -> None:
        last = await many.fetchrow(
            "select opened_at, id from enforcement_cases where tenant_id = casebase.default_tenant() "
            "and closed_at is not null order by opened_at desc, id offset 700 limit 1"
        )
        assert last is not None
        cursor = f"{last['opened_at'].isoformat()}|{last['id']}".encode().hex()
        answer, counted = await rows_read(
            many, SERVICE, "list_enforcement_cases", {"status": status, "page_size": PAGE, "cursor": cursor}
        )
        assert len(answer["items"]) == PAGE
        assert_read_by_index(counted, at_most=10 * PAGE, scanned=MEMBERSHIP)

    @pytest.mark.parametrize("search", ["E-ABC", "0a1", "Plaintiff 17 "])
    async def test_a_search_reads_what_fits(self, many: asyncpg.Connection, search: str) -> None:
        _, counted = await rows_read(
            many, SERVICE, "list_enforcement_cases", {"search": search, "page_size": PAGE}
        )
        assert_read_by_index(counted, at_most=FEW, scanned=(*MEMBERSHIP, "public.plaintiffs"))


class TestCase:
    @pytest.mark.parametrize("role", ["service", "enforcement_operator", "member"])
    @pytest.mark.parametrize("function", ["get_enforcement_case", "list_enforcement_timeline"])
    async def test_a_case_is_read_by_its_id(self, many: asyncpg.Connection, role: str, function: str) -> None:
        case_id = await many.fetchval(
            "select id from enforcement_cases where tenant_id = casebase.default_tenant() limit 1"
        )
        _, counted = await rows_read(many, await caller(many, role), function, {"case_id": case_id})
        assert_read_by_index(counted, at_most=30, scanned=MEMBERSHIP)


class TestTenant:
    @pytest.mark.parametrize("role", ["service", "member"])
    async def test_the_board_counts_what_is_late_only(self, many: asyncpg.Connection, role: str) -> None:
        board, counted = await rows_read(many, await caller(many, role), "get_enforcement_board", {})
        late = board["total"]["breach_count"]
        assert 0 < late < COUNT // 5
        assert_read_by_index(counted, at_most=2 * late, scanned=MEMBERSHIP)

    @pytest.mark.parametrize("role", ["service", "member"])
    async def test_the_audit_reads_its_page(self, many: asyncpg.Connection, role: str) -> None:
        principal = await caller(many, role)
        first, _ = await rows_read(many, principal, "list_enforcement_history", {"page_size": PAGE})
        second, counted = await rows_read(
            many, principal, "list_enforcement_history", {"page_size": PAGE, "cursor": first["next_cursor"]}
        )
        assert len(second["items"]) == PAGE
        assert_read_by_index(counted, at_most=6 * PAGE, scanned=MEMBERSHIP)

    @pytest.mark.parametrize("role", ["service", "member"])
    async def test_overrides_read_no_other_case(self, many: asyncpg.Connection, role: str) -> None:
        _, counted = await rows_read(many, await caller(many, role), "list_tier_overrides", {})
        assert_read_by_index(counted, at_most=PAGE, scanned=(*MEMBERSHIP, "public.plaintiffs"))

    @pytest.mark.parametrize("role", ["service", "member"])
    async def test_counties_are_stepped_over(self, many: asyncpg.Connection, role: str) -> None:
        answer, counted = await rows_read(many, await caller(many, role), "list_pipeline_counties", {})
        assert_read_by_index(counted, at_most=4 * len(answer["items"]) + 10, scanned=MEMBERSHIP)


class TestViews:
    """What a dashboard asks of the views themselves, as somebody of the tenant: each form that the docs call quick."""

    async def read(
        self, owner: asyncpg.Connection, query: str, *arguments: Any
    ) -> tuple[list[asyncpg.Record], dict[str, tuple[int, int]]]:
        """Query as a member; return the rows and how many of each table were read: by whole scans, by index."""
        member = await caller(owner, "member")
        async with reads.rows_read(owner) as counted:
            await owner.execute("select set_config('request.jwt.claims', $1, true)", member.claims_json)
            await owner.execute("set local role authenticated")
            rows = await owner.fetch(query, *arguments)
            await owner.execute("set local role none")
        return rows, _large(counted)

    @pytest.mark.parametrize("tier", ["tier0", "tier3"])
    async def test_a_tiers_beginning_in_its_order(self, many: asyncpg.Connection, tier: str) -> None:
        tenant = await many.fetchval("select casebase.default_tenant()")
        rows, counted = await self.read(many, PIPELINE_VIEW, tenant, tier)
        assert [row["tier_rank"] for row in rows] == list(range(1, 51))
        assert_read_by_index(counted, at_most=400, scanned=(*MEMBERSHIP, "public.plaintiffs"))

    async def test_a_tenants_overview(self, many: asyncpg.Connection) -> None:
        tenant = await many.fetchval("select casebase.default_tenant()")
        rows, counted = await self.read(
            many, "select * from v_enforcement_overview where tenant_id = $1", tenant
        )
        late = sum(row["sla_breach_count"] for row in rows)
        assert 0 < late < COUNT // 5
        assert_read_by_index(counted, at_most=2 * late, scanned=MEMBERSHIP)

    async def test_a_tenants_recent_cases(self, many: asyncpg.Connection) -> None:
        tenant = await many.fetchval("select casebase.default_tenant()")
        rows, counted = await self.read(
            many,
            "select * from v_enforcement_recent where tenant_id = $1 order by opened_at desc limit 50",
            tenant,
        )
        assert len(rows) == 50
        assert_read_by_index(counted, at_most=300, scanned=(*MEMBERSHIP, "public.plaintiffs"))

    async def test_a_cases_timeline(self, many: asyncpg.Connection) -> None:
        case_id = await many.fetchval(
            "select id from enforcement_cases where tenant_id = casebase.default_tenant() limit 1"
        )
        rows, counted = await self.read(
            many, "select * from v_enforcement_timeline where case_id = $1 order by occurred_at desc", case_id
        )
        assert len(rows) >= 5
        assert_read_by_index(counted, at_most=30, scanned=MEMBERSHIP)

    async def test_a_judgments_snapshot(self, many: asyncpg.Connection) -> None:
        judgment = await many.fetchval(
            "select id from judgments where tenant_id = casebase.default_tenant() limit 1"
        )
        rows, counted = await self.read(
            many, "select * from v_collectability_snapshot where judgment_id = $1", judgment
        )
        assert len(rows) == 1
        assert_read_by_index(counted, at_most=10, scanned=MEMBERSHIP)
