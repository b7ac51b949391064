"""Every read of the slice finds its rows through an index, in the order asked for, among many.

The server itself counts, within a transaction, how a table was read: no plan that reads a table from end to end,
or sorts a tenant's cases to show a page of them, passes unnoticed.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from typing import Any, ClassVar

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Principal
from tests.mortgage.many_cases import make_many_cases
from tests.support import postgres, reads

# One worker runs them all, so that the cases are made once.
pytestmark = pytest.mark.xdist_group("many_cases")

COUNT = 20_000
PAGE = 20
_LARGE = re.compile(r".*\.(scenario.*|leads|consents|private_inputs)")
# However long ago they were made.
LATEST = "created_at > (select max(created_at) from scenario_cases) - interval '5 minutes'"


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
    """The service, or a broker of the default tenant."""
    if role == "service":
        return SERVICE
    user = await owner.fetchval(
        "insert into auth.users (email) values (gen_random_uuid() || '@staff.example') returning id"
    )
    await owner.execute(
        "insert into public.tenant_users (tenant_id, user_id, role) values (casebase.default_tenant(), $1, 'broker')",
        user,
    )
    return Principal("authenticated", sub=user)


async def rows_read(
    owner: asyncpg.Connection, principal: Principal, function: str, arguments: Mapping[str, Any]
) -> tuple[Any, dict[str, tuple[int, int]]]:
    """Call a function; return its answer and how many rows of each table it read: by whole scans, by index."""
    async with reads.rows_read(owner, with_entries=False) as counted:
        answer = await reads.call(owner, principal, function, arguments)
    return answer, {table: read for table, read in counted.items() if _LARGE.fullmatch(table)}


def assert_read_by_index(counted: Mapping[str, tuple[int, int]], at_most: int) -> None:
    assert {table: read for table, read in counted.items() if read[0] > 0 or read[1] > at_most} == {}


LISTS: list[dict[str, Any]] = [
    {},
    {"sort": "created_at"},
    {"sort": "-net_savings"},
    {"sort": "net_savings"},
    {"status": "closed"},
    {"recommendation": "refinance"},
    {"recommendation": "refinance", "sort": "created_at"},
    {"search": "bc"},
    {"search": "M-GG"},
]


@pytest.mark.parametrize("role", ["service", "staff"])
async def test_lists_read_little_more_than_the_page(many: asyncpg.Connection, role: str) -> None:
    principal = await caller(many, role)
    for arguments in LISTS:
        first, counted = await rows_read(
            many, principal, "list_scenario_cases", {**arguments, "page_size": PAGE}
        )
        assert first["items"]
        assert_read_by_index(counted, at_most=6 * PAGE)
        if first["next_cursor"] is None:
            continue
        second, counted = await rows_read(
            many,
            principal,
            "list_scenario_cases",
            {**arguments, "page_size": PAGE, "cursor": first["next_cursor"]},
        )
        assert second["items"]
        assert_read_by_index(counted, at_most=6 * PAGE)


@pytest.mark.parametrize("role", ["service", "staff"])
async def test_a_case_is_read_by_its_id(many: asyncpg.Connection, role: str) -> None:
    case_id = await many.fetchval(
        "select c.id from scenario_cases c join tenants t on t.id = c.tenant_id where t.slug = 'default' limit 1"
    )
    principal = await caller(many, role)
    case, counted = await rows_read(many, principal, "get_scenario_case", {"case_id": case_id})
    assert len(case["events"]) == 2
    assert_read_by_index(counted, at_most=4)


async def test_a_calculation_reads_its_inputs_by_key(many: asyncpg.Connection) -> None:
    case_id = await many.fetchval("select id from scenario_cases limit 1")
    _, counted = await rows_read(
        many, SERVICE, "get_calculation_inputs", {"case_id": case_id, "input_version": 1}
    )
    assert_read_by_index(counted, at_most=2)


class TestCapture:
    """What is written to one case reads that case alone."""

    @pytest.mark.parametrize(
        ("function", "payload"),
        [
            ("record_scenario_event", {"event_type": "bank_quote", "payload": {"bank": "DBS"}}),
            ("record_scenario_event", {"event_type": "chat", "conversation_id": "c-1"}),
            ("revise_scenario_inputs", {"inputs": {"loan_amount": 5}}),
            ("record_scenario_outcome", {"decision": "stay"}),
            (
                "record_ai_entry",
                {"entry_type": "said", "model": "m", "prompt_hash": "0f" * 32, "content": {}, "tags": ["#x"]},
            ),
        ],
    )
    async def test_a_write_reads_its_case(
        self, many: asyncpg.Connection, function: str, payload: dict[str, Any]
    ) -> None:
        case_id = await many.fetchval("select id from scenario_cases where status = 'draft' limit 1")
        _, counted = await rows_read(
            many, SERVICE, function, {"payload": {"case_id": str(case_id), **payload}}
        )
        assert_read_by_index(counted, at_most=30)

    async def test_tags_are_refreshed_where_a_term_has_ended(self, many: asyncpg.Connection) -> None:
        transaction = many.transaction()
        await transaction.start()
        try:
            await many.execute(
                f"update scenario_cases set tags_due_at = now() - interval '1 hour' where status <> 'closed' and {LATEST}"
            )
            count, counted = await rows_read(many, SERVICE, "refresh_scenario_tags", {"batch_limit": 100})
        finally:
            await transaction.rollback()
        assert 0 < count < 6
        assert_read_by_index(counted, at_most=60)


class TestRetention:
    """In a transaction that is rolled back: many consents have lapsed, few cases are due for anything else."""

    async def test_expiry_finds_its_batch_by_index(self, many: asyncpg.Connection) -> None:
        _, counted = await rows_read(many, SERVICE, "expire_consents", {"batch_limit": 1})
        # A subject has a row or two in each table; updating one reads it again.
        assert_read_by_index(counted, at_most=20)

    async def test_reminders_read_what_is_due(self, many: asyncpg.Connection) -> None:
        transaction = many.transaction()
        await transaction.start()
        try:
            await many.execute(f"update scenario_cases set next_review_at = now() where {LATEST}")
            answer, counted = await rows_read(many, SERVICE, "send_case_reminders", {"batch_limit": 100})
        finally:
            await transaction.rollback()
        assert 0 < answer["reminders"] < 5
        # Those whose consent ends within a day are looked at one by one: how much is each about?
        ending = COUNT // 5 // 2
        assert_read_by_index(counted, at_most=ending)

    async def test_a_consent_is_found_by_its_id(self, many: asyncpg.Connection) -> None:
        consent_id = await many.fetchval(
            "select k.id from consents k where k.until > now() + interval '1 day' limit 1"
        )
        until = await many.fetchval("select now() + interval '9 days'")
        for function, arguments in (("extend_consent", {"until": until}), ("withdraw_consent", {})):
            _, counted = await rows_read(many, SERVICE, function, {"consent_id": consent_id, **arguments})
            assert_read_by_index(counted, at_most=12)


class TestReadingMasked:
    """In a transaction that is rolled back: some cases were revealed to and ended, most were not."""

    SOME = (
        "insert into scenario_events (tenant_id, case_id, event_type, occurred_at) "
        "select tenant_id, id, 'reveal', created_at + interval '1 hour' from scenario_cases where get_byte(uuid_send(id), 5) < 25",
        "insert into scenario_outcomes (tenant_id, case_id, decision, created_at) select tenant_id, id, "
        "(array['reprice', 'lost'])[1 + get_byte(uuid_send(id), 4) % 2]::scenario_decision, created_at + interval '1 day' "
        "from scenario_cases where get_byte(uuid_send(id), 5) < 10",
        "analyze scenario_events",
        "analyze scenario_outcomes",
    )

    @pytest.fixture
    async def some(self, many: asyncpg.Connection) -> AsyncIterator[dict[str, str]]:
        """Two days of it."""
        transaction = many.transaction()
        await transaction.start()
        for statement in self.SOME:
            await many.execute(statement)
        day = await many.fetchval("select ((now() - interval '3 days') at time zone 'Asia/Singapore')::date")
        yield {"from_day": str(day), "to_day": str(day + timedelta(days=1))}
        await transaction.rollback()

    @pytest.mark.parametrize("function", ["get_scenario_context", "get_scenario_context_version"])
    @pytest.mark.parametrize("role", ["service_role", "casebase_ai_broker"])
    async def test_a_context_is_read_by_keys(
        self, many: asyncpg.Connection, function: str, role: str
    ) -> None:
        case_id = await many.fetchval(
            "select c.id from scenario_cases c where c.tenant_id = casebase.default_tenant() limit 1"
        )
        _, counted = await rows_read(many, Principal(role), function, {"case_id": case_id})
        assert_read_by_index(counted, at_most=4)

    # In two days at a case a minute, nine in ten the tenant's: how many rows each figure counts.
    COUNTED: ClassVar[dict[str, float]] = {
        "list_scenario_stats_daily": 2 * 1440 * 0.9,
        "list_scenario_recommendation_vs_outcome": 2 * 1440 * 0.9 * 10 / 256,
        "list_scenario_followup_effectiveness": 2 * 1440 * 0.9 * 25 / 256,
    }

    @pytest.mark.parametrize("function", list(COUNTED))
    @pytest.mark.parametrize("role", ["service", "staff"])
    async def test_figures_read_what_they_count(
        self, many: asyncpg.Connection, some: dict[str, str], function: str, role: str
    ) -> None:
        found, counted = await rows_read(many, await caller(many, role), function, some)
        assert found["items"]
        assert_read_by_index(counted, at_most=int(self.COUNTED[function] * 1.5) + 50)

    @pytest.mark.parametrize("role", ["service", "staff"])
    async def test_the_list_behind_a_bar_reads_its_cases(
        self, many: asyncpg.Connection, some: dict[str, str], role: str
    ) -> None:
        principal = await caller(many, role)
        for filters in (
            {"happened": "reveal"},
            {"happened": "outcome", "decision": "converted"},
            {"happened": "opened", "status": "closed"},
        ):
            found, counted = await rows_read(
                many, principal, "list_scenario_cases", {**some, **filters, "page_size": PAGE}
            )
            assert found["items"], filters
            assert_read_by_index(counted, at_most=700)


@pytest.mark.parametrize("role", ["service", "staff"])
async def test_documents_are_read_by_index(many: asyncpg.Connection, role: str) -> None:
    principal = await caller(many, role)
    async with many.transaction():
        await many.execute(
            """
            insert into scenario_documents (tenant_id, case_id, doc_type, storage_path, expires_at, content_type,
                size_bytes, sha256, page_count, uploaded_by)
            select tenant_id, id, 'other', format('mortgage/%s/%s/%s', tenant_id, id, gen_random_uuid()),
                now() + interval '1 day', 'image/png', 1, encode(sha256(id::text::bytea), 'hex'), 1, 'service'
            from scenario_cases
            """
        )
        await many.execute("analyze scenario_documents")
        row = await many.fetchrow(
            "select * from scenario_documents where tenant_id = casebase.default_tenant() limit 1"
        )
        calls: dict[str, dict[str, Any]] = {
            "list_scenario_documents": {"case_id": row["case_id"]},
            "open_scenario_document": {"document_id": row["id"]},
            "remove_scenario_document": {"document_id": row["id"]},
        }
        if role == "service":
            calls["find_orphan_documents"] = {"paths": [row["storage_path"]]}
        for function, arguments in calls.items():
            _, counted = await rows_read(many, principal, function, arguments)
            assert_read_by_index(counted, 5)
        await many.execute("delete from scenario_documents")
