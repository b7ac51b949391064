"""Afterwards nothing of the borrower is found: not in a column, not in statistics, not in a dump, not in a file."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.files import FileStore
from casebase.kernel.guard import Leak, scan
from casebase.kernel.jobs import Worker
from casebase.kernel.privacy.retention import Retention
from casebase.kernel.runtime import Runtime
from casebase.modules.mortgage import MODULE
from tests.mortgage.leads import CONTACT, RATE, lead
from tests.mortgage.test_expire_consents import DUE
from tests.support import postgres
from tests.support.dumps import dump
from tests.support.waiting import eventually

TERMS = (
    CONTACT["name"],
    CONTACT["name"].split()[-1],
    CONTACT["email"],
    CONTACT["phone"],
    "91234567",
    "S1234567D",
    "13579.46",  # the income
    str(RATE),
)
FORM = {
    "inputs.income_profile": {"monthly_income_fixed": 13579.46},
    "consent.purposes": ["advice", "publishing"],
}


@pytest.fixture
def filed(runtime: Runtime, tmp_path: Path) -> Runtime:
    """The runtime with a file store of its own."""
    return replace(runtime, settings=runtime.settings.model_copy(update={"files_url": tmp_path.as_uri()}))


async def found(url: str) -> list[Leak]:
    return [leak async for scanned in scan(url, TERMS) for leak in scanned.leaks]


async def places(url: str) -> set[str]:
    return {leak.place for leak in await found(url)}


async def tell_all(owner: asyncpg.Connection, service: Session, filed: Runtime, advise_case: Any) -> None:
    """Leave traces of a borrower wherever there is room, as if every guard in front had failed."""
    opened = await service.call(
        "create_scenario_case", {"payload": lead(FORM)}, idempotency_key=f"form of {CONTACT['email']}"
    )
    await advise_case(opened)
    told = json.dumps(
        {"message": f"{CONTACT['name']} (S1234567D) of {CONTACT['phone']}", "note": CONTACT["email"]}
    )
    case_id = opened["case_id"]
    for statement in (
        "update scenario_cases set notes = $2 where id = $1",
        "insert into scenario_events (tenant_id, case_id, event_type, payload_json) "
        "select tenant_id, id, t, $2::jsonb from scenario_cases, "
        "unnest('{chat,reveal,follow_up,bank_quote,doc_received,signed,admin_edit,admin_view,outcome}'"
        "::scenario_event_type[]) t where id = $1",
        "insert into scenario_ai_ledger (tenant_id, case_id, entry_type, model, prompt_hash, content_json) "
        "select tenant_id, id, 'shown', 'm', repeat('c', 64), $2::jsonb from scenario_cases where id = $1",
        "insert into scenario_outcomes (tenant_id, case_id, decision, notes) "
        "select tenant_id, id, 'stay', $2 from scenario_cases where id = $1",
        "update scenario_calculations set ai_notes_json = $2::jsonb where case_id = $1",
        "insert into mortgage.conversations (tenant_id, conversation_id, case_id) "
        "select tenant_id, 'Rachel-91234567', id from scenario_cases where id = $1 and $2 <> ''",
        "insert into casebase.dead_jobs (queue, msg_id, payload, attempts, error_code, error, enqueued_at) "
        "values ('mortgage_calculation', 900, jsonb_build_object('case_id', $1::text), 5, 'job_failed', $2, now())",
        "insert into casebase.job_failures (queue, msg_id, read_ct, error_code, error) "
        "select 'mortgage_calculation', m.msg_id, 1, 'job_failed', $2 from pgmq.q_mortgage_calculation m "
        "where m.message ->> 'case_id' = $1::text",
        "with e as (insert into casebase.webhook_endpoints (tenant_id, url, secret) "
        "select tenant_id, 'https://hooks.example/x', 's' from scenario_cases where id = $1 returning *) "
        "insert into casebase.webhook_deliveries (tenant_id, endpoint_id, event_id, event_type, subject_id, payload) "
        "select tenant_id, id, gen_random_uuid(), 'mortgage.chat', $1, $2::jsonb from e",
    ):
        statement = statement.replace("$1", f"'{case_id}'::uuid")
        await owner.execute(statement.replace("$2", "$1"), told)
    path = await owner.fetchval(
        "select format('mortgage/%s/%s/%s', tenant_id, id, gen_random_uuid()) from scenario_cases"
    )
    await FileStore(filed.settings).put(path, CONTACT["name"].encode(), "image/png")
    await owner.execute(
        "insert into scenario_documents (tenant_id, case_id, doc_type, storage_path, expires_at, content_type, size_bytes, "
        "sha256, page_count, uploaded_by) select tenant_id, id, 'identity', $1, consent_until, 'image/png', 10, "
        "repeat('d', 64), 1, 'service' from scenario_cases",
        path,
    )
    # What the planner remembers, autovacuum would have gathered by now.
    await owner.execute("analyze")


async def test_of_an_erased_borrower_nothing_is_found_anywhere(
    pg_server: postgres.Server,
    database: str,
    owner: asyncpg.Connection,
    service: Session,
    filed: Runtime,
    advise_case: Any,
    tmp_path: Path,
) -> None:
    await tell_all(owner, service, filed, advise_case)
    assert {place.split(".")[1] for place in await places(database)} >= {
        "leads", "scenario_cases", "scenario_inputs", "scenario_calculations", "scenario_events", "scenario_outcomes",
        "scenario_ai_ledger", "conversations", "private_inputs", "calculation_facts",
        "idempotency_keys", "dead_jobs", "job_failures", "webhook_deliveries",
    }  # fmt: skip
    assert any(leak.is_statistics for leak in await found(database))
    assert CONTACT["email"] in dump(pg_server, database)

    await owner.execute(DUE)
    await owner.execute("""select casebase.enqueue('casebase_retention', '{"rule": "mortgage.consents"}')""")
    await Worker(filed, ["casebase_retention"]).drain()
    await Worker(filed, ["mortgage_file_removal"]).drain()

    assert await found(database) == []
    dumped = dump(pg_server, database).lower()
    assert [term for term in TERMS if term.lower() in dumped] == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert (
        await owner.fetchval("select count(*) from casebase.erasure_receipts where finished_at is null") == 0
    )


async def test_another_borrowers_details_are_left_alone(
    database: str,
    owner: asyncpg.Connection,
    service: Session,
    filed: Runtime,
    advise_case: Any,
    open_case: Any,
) -> None:
    await tell_all(owner, service, filed, advise_case)
    other = {"name": "Muthu Krishnan", "email": "muthu@example.org", "phone": "+65 8765 4321"}
    await open_case(changes={"contact": other})
    await owner.execute(f"{DUE} where lead_id = (select id from leads where name = $1)", CONTACT["name"])
    retention = Retention(filed.database, [MODULE])
    async for _ in retention.erase(MODULE.retention[0]):
        pass
    await retention.finish()
    assert await owner.fetchval("select email from leads where name = $1", other["name"]) == other["email"]


class TestARunThatIsKilled:
    async def test_leaves_nothing_half_done_and_the_next_goes_on(
        self, database: str, api: Database, owner: asyncpg.Connection, runtime: Runtime, open_case: Any
    ) -> None:
        count, stop_at = 120, 60
        for _ in range(count):
            await open_case()
        await owner.execute(
            "update consents k set granted_at = now() - interval '6 days', until = now() - (1000 - i) * interval '1 second' "
            "from (select id, row_number() over (order by id) as i from consents) n where n.id = k.id"
        )
        victim_of = await owner.fetchval("select id from consents order by until offset $1 limit 1", stop_at)
        await owner.execute(
            """select casebase.enqueue('casebase_retention', '{"rule": "mortgage.consents"}')"""
        )

        # Somebody's uncommitted receipt of the same subject stops the worker in the middle of a batch.
        blocker = await asyncpg.connect(database)
        block = blocker.transaction()
        await block.start()
        await blocker.execute(
            "insert into casebase.erasure_receipts (module, rule, subject_hash, unsettled_ids) values "
            "('mortgage', 'consents', encode(sha256(convert_to($1::uuid::text, 'UTF8')), 'hex'), '{}')",
            victim_of,
        )
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from casebase.cli import main; main()",
            "worker", "--queue", "casebase_retention", "--no-scheduler",
            env={**os.environ, "CASEBASE_DATABASE_URL": database},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

        async def waiting() -> int | None:
            pid: int | None = await owner.fetchval(
                "select a.pid from pg_stat_activity a where $1 = any (pg_blocking_pids(a.pid))",
                blocker.get_server_pid(),
            )
            return pid

        try:
            backend = await eventually(waiting)
        finally:
            with contextlib.suppress(ProcessLookupError):
                worker.send_signal(signal.SIGKILL)
            await worker.wait()
        await owner.execute("select pg_terminate_backend($1)", backend)
        await block.rollback()
        await blocker.close()

        async def state() -> tuple[int, ...]:
            row = await owner.fetchrow(
                "select (select count(*) from consents where expired_at is not null), "
                "(select count(*) from leads where name is null), "
                "(select count(*) from scenario_events where event_type = 'consent_expired'), "
                "(select count(*) from casebase.erasure_receipts)"
            )
            return tuple(row)

        # The killed backend may still be rolling back.
        await eventually(
            lambda: owner.fetchval("select not exists (select from pg_stat_activity where pid = $1)", backend)
        )
        expired, *others = await state()
        assert 0 < expired < count
        assert others == [expired] * 3

        retention = Retention(api, [MODULE])
        erased = [each async for each in retention.erase(MODULE.retention[0])]
        assert sum(erased) == count - expired
        assert await state() == (count,) * 4
        assert await retention.finish() == count
