"""The copilot reads one case, and its latest note is found, among many."""

from __future__ import annotations

import asyncpg
import pytest

from tests.enforcement.reads import assert_few, rows_read
from tests.support.reads import counting

# One worker runs them all, so that the cases are made once.
pytestmark = pytest.mark.xdist_group("many_enforcement_cases")

_ANY = "select id::text from enforcement_cases where closed_at is null limit 1"


async def test_the_file_is_read_from_its_case(many: asyncpg.Connection) -> None:
    _, counted = await rows_read(many, "get_copilot_file", {"case_id": await many.fetchval(_ANY)})
    assert_few(counted, at_most=60)


async def test_the_latest_note_of_a_case_is_found_by_index(many: asyncpg.Connection) -> None:
    await many.execute(
        """
        insert into case_copilot_outputs (
            tenant_id, enforcement_case_id, job_id, model, is_extractive, summary, requested_by, requested_at)
        select tenant_id, id, row_number() over (), 'm', false, 'Noted.', 'x', now() from enforcement_cases;
        analyze case_copilot_outputs
        """
    )
    case_id = await many.fetchval(_ANY)
    async with counting(many, with_entries=False) as counted:
        latest = "select count(*) from v_case_copilot_latest where case_id = $1"
        assert await many.fetchval(latest, case_id) == 1
    assert counted["public.case_copilot_outputs"] <= (0, 2)
