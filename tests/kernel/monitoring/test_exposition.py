"""What Prometheus reads: valid, complete, bounded, and there while the database is not."""

from __future__ import annotations

import asyncio
import re
import subprocess
from pathlib import Path
from time import monotonic

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Database
from casebase.kernel.errors import CasebaseError
from casebase.kernel.migrate import migrate_up
from casebase.kernel.monitoring import exposition
from casebase.kernel.monitoring.exposition import Exposition
from casebase.kernel.platform.embedded import EmbeddedServer
from tests.support.requires import ROOT, program

RULES = ROOT / "deploy" / "prometheus"


async def text_of(shown: Exposition) -> str:
    content, media_type = await shown.render()
    assert media_type.startswith("text/plain")
    return content.decode()


def samples(text: str) -> dict[str, float]:
    """Return the values by ``name{label="value",…}``, labels in the order of their names."""
    found = re.findall(r"^(\w+)(?:\{(.*)\})? (\S+)$", text, re.MULTILINE)
    return {f"{name}{{{','.join(sorted(labels.split(',')))}}}": float(value) for name, labels, value in found}


async def test_promtool_finds_nothing_to_say(db: Database) -> None:
    for number in range(3):
        await db.rpc(SERVICE, "write_note", f'{{"id": {number}}}')
    await db.pool.fetchval("select casebase.sample_tables()")
    text = await text_of(Exposition(db))
    checked = subprocess.run(
        [program("promtool"), "check", "metrics"], input=text, capture_output=True, text=True
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


async def test_calls_tables_and_pool_are_there(db: Database) -> None:
    for number in range(4):
        await db.rpc(SERVICE, "write_note", f'{{"id": {number}}}')
    await db.pool.fetchval("select casebase.sample_tables()")
    async with db.pool.acquire():
        found = samples(await text_of(Exposition(db)))
    expected = {
        'casebase_rpc_calls_total{function="write_note",outcome="ok"}': 4,
        'casebase_rpc_calls_total{function="write_note",outcome="failed"}': 0,
        'casebase_rpc_seconds_count{function="write_note"}': 4,
        'casebase_rpc_seconds_bucket{function="write_note",le="+Inf"}': 4,
        'casebase_table_calls_total{outcome="ok",table="public.notes"}': 4,
        'casebase_table_call_seconds_count{table="public.notes"}': 4,
        "casebase_pool_size{}": 10,
        "casebase_pool_in_use{}": 1,
        "casebase_pool_idle{}": 1,
        "casebase_pool_waiting{}": 0,
        "casebase_pool_exhausted_total{}": 0,
        'casebase_table_row_growth{table="public.notes"}': 0,
    }
    assert {name: found[name] for name in expected} == expected
    assert found['casebase_table_bytes{table="public.notes"}'] > 0
    assert found['casebase_table_index_bytes{table="public.notes"}'] > 0
    assert found['casebase_rpc_seconds_sum{function="write_note"}'] > 0
    assert 'casebase_table_rows{table="public.readings"}' in found
    assert not any("readings_2026_11" in name for name in found)
    assert 'casebase_table_scans_total{by="index",table="public.notes"}' in found


async def test_a_histograms_buckets_never_fall(db: Database) -> None:
    for number in range(20):
        db.calls.note("f", 0.0005 * 2**number, "ok")
    found = samples(await text_of(Exposition(db)))
    counts = [
        value for name, value in found.items() if name.startswith('casebase_rpc_seconds_bucket{function="f"')
    ]
    assert len(counts) == 14
    assert counts == sorted(counts)
    assert counts[-1] == 20


async def test_names_that_people_make_up_are_no_labels(db: Database) -> None:
    for number in range(20):
        with pytest.raises(CasebaseError):
            await db.rpc(SERVICE, f"jane_tan_{number}")
    assert "jane" not in await text_of(Exposition(db))


async def test_tables_are_asked_for_at_most_once_in_half_a_minute(
    db: Database, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Exposition(db)
    assert 'table="public.notes"' in await text_of(shown)
    await owner.execute("alter table public.notes rename to notes_by_another_name")
    assert 'table="public.notes"' in await text_of(shown)
    later = monotonic() + 31
    monkeypatch.setattr(exposition, "monotonic", lambda: later)
    text = await text_of(shown)
    assert 'table="public.notes"' not in text
    assert 'table="public.notes_by_another_name"' in text


async def test_a_table_under_a_lock_leaves_the_tables_out(db: Database, owner: asyncpg.Connection) -> None:
    async with owner.transaction():
        await owner.execute("lock table public.notes in access exclusive mode")
        text = await text_of(Exposition(db))
    assert "casebase_table_bytes" not in text
    assert "casebase_pool_size" in text


async def test_without_the_database_the_rest_is_there(casebase_home: Path) -> None:
    server = EmbeddedServer(casebase_home)
    await migrate_up(await asyncio.to_thread(server.ensure), ())
    async with await Database.connect(await server.set_login_password()) as db:
        assert "casebase_table_bytes" in await text_of(Exposition(db))
        await asyncio.to_thread(server.stop)
        text = await text_of(Exposition(db))
        assert "casebase_table_bytes" not in text
        assert "casebase_pool_in_use 0.0" in text


async def test_an_empty_database_fails_no_scrape(empty_database: str) -> None:
    async with await Database.connect(empty_database) as db:
        assert "casebase_pool_size" in await text_of(Exposition(db))


@pytest.mark.any_server
@pytest.mark.parametrize(
    "command", [["check", "rules", "casebase.rules.yml"], ["test", "rules", "casebase.rules.test.yml"]]
)
def test_the_shipped_rules_hold(command: list[str]) -> None:
    done = subprocess.run([program("promtool"), *command], cwd=RULES, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.any_server
def test_the_shipped_rules_ask_for_metrics_that_exist(db: Database) -> None:
    known = {family.name for family in Exposition(db).collect()} | {"casebase_table_bytes"}
    asked = re.findall(r"\bcasebase_\w+", (RULES / "casebase.rules.yml").read_text("utf-8"))
    assert asked
    assert {re.sub(r"_(bucket|count|total)$", "", name) for name in asked} <= known
