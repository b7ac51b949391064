"""Notes are kept without the debtor's details."""

from __future__ import annotations

import asyncpg

from tests.enforcement.conftest import OpenCase
from tests.enforcement.judgments import DEBTOR, DEBTOR_PHONE


async def test_the_debtor_is_masked(owner: asyncpg.Connection, open_case: OpenCase) -> None:
    notes = f"{DEBTOR} ({DEBTOR_PHONE}) works nights; Mr. Quillfeather banks at First Harbor"
    case_id = await open_case(notes=notes)
    masked = "[subject] ([subject]) works nights; Mr. [subject] banks at First Harbor"
    assert await owner.fetchval("select notes from enforcement_cases where id = $1", case_id) == masked
    assert await owner.fetchval("select note from enforcement_history") == masked


async def test_masks_that_are_longer_than_what_they_hide_fit(
    owner: asyncpg.Connection, open_case: OpenCase
) -> None:
    case_id = await open_case(notes="a@b.co " * 571)
    kept = await owner.fetchrow(
        "select length(c.notes), length(h.note) from enforcement_cases c "
        "join enforcement_history h on h.enforcement_case_id = c.id where c.id = $1",
        case_id,
    )
    assert kept is not None
    assert tuple(kept) == (571 * len("[email] ") - 1, 4000)


async def test_blank_notes_are_none(owner: asyncpg.Connection, open_case: OpenCase) -> None:
    case_id = await open_case(notes="  ")
    assert await owner.fetchval("select notes from enforcement_cases where id = $1", case_id) is None
