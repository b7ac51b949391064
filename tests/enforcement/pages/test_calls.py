"""The call desk: whom to call, on which number, how it went, and what the rule says of the next call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from casebase.kernel.db import Session
from tests.enforcement.calls import PLAINTIFF_PHONE, add_attempts, add_call, in_days
from tests.enforcement.judgments import Judgment
from tests.enforcement.pages.reading import ROOT, read, submit, text_of
from tests.support.rows import all_rows

NEXT_MONTH = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%dT10:00")
SOON = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT10:00")


@pytest.fixture
async def judgment(make_judgment: Any) -> Judgment:
    made: Judgment = await make_judgment(plaintiff="Harbor Supply LLC")
    return made


@pytest.fixture
async def task_id(service: Session, owner: asyncpg.Connection, open_case: Any, judgment: Judgment) -> str:
    """A call that is planned for tomorrow; the plaintiff's number is known."""
    await owner.execute(
        "insert into enrichment.contacts (tenant_id, plaintiff_id, kind, value, value_key, sources) "
        "values ($1, $2, 'phone', $3, '2125550123', array['test'])",
        judgment.tenant_id, judgment.plaintiff_id, PLAINTIFF_PHONE,
    )  # fmt: skip
    planned = {
        "plaintiff_id": str(judgment.plaintiff_id),
        "case_id": await open_case(judgment),
        "due_at": in_days(1.5),
    }
    answer = await service.call("schedule_call", {"payload": planned})
    return str(answer["task_id"])


async def test_lists_whom_to_call(operator: httpx.AsyncClient, task_id: str) -> None:
    text = await read(operator, "/calls")
    for shown in ("Harbor Supply LLC", "In 1 day", "Now", "None yet"):
        assert shown in text
    assert PLAINTIFF_PHONE not in text


async def test_says_when_nobody_is_to_be_called(operator: httpx.AsyncClient) -> None:
    text = await read(operator, "/calls")
    assert "Nobody is to be called" in text
    assert "Next page" not in text


async def test_shows_the_number_and_notes_who_looked(operator: httpx.AsyncClient, task_id: str) -> None:
    page = await operator.get(f"{ROOT}/calls/{task_id}")
    assert PLAINTIFF_PHONE in page.text
    assert page.headers["cache-control"] == "no-store"
    text = text_of(page.text)
    assert "0 of at most 7 calls in 7 days" in text
    assert "that you looked is kept, and told in the case's history" in text
    assert "Telephone number looked at" in await read(operator, "/audit")


async def test_a_look_without_a_case_is_said_to_be_kept_alone(
    operator: httpx.AsyncClient, owner: asyncpg.Connection, judgment: Judgment
) -> None:
    task_id = await add_call(owner, judgment.plaintiff_id)
    text = await read(operator, f"/calls/{task_id}")
    assert "that you looked is kept" in text
    assert "history" not in text.split("that you looked is kept")[1][:40]
    assert await owner.fetchval("select task_id::text from enforcement.contact_views") == task_id


async def test_records_how_it_went_and_the_next_call(
    operator: httpx.AsyncClient, owner: asyncpg.Connection, task_id: str
) -> None:
    told = {"outcome": "no_answer", "notes": "Rang twice. Ask for Mrs. Jane Doe.", "follow_up_at": SOON}
    recorded = await submit(operator, f"/calls/{task_id}", **told)
    assert recorded.status_code == 303, text_of(recorded.text)
    text = await read(operator, recorded.headers["location"].removeprefix(ROOT))
    assert "Recorded: no answer. The next call is on" in text
    assert (
        await owner.fetchval("select notes from plaintiff_call_attempts")
        == "Rang twice. Ask for Mrs. [name]."
    )
    follow_up = await owner.fetchval("select due_at from plaintiff_tasks where status = 'open'")
    assert follow_up.isoformat()[:10] == SOON[:10]


async def test_a_follow_up_against_the_rule_says_from_when(
    operator: httpx.AsyncClient, owner: asyncpg.Connection, task_id: str
) -> None:
    before = await all_rows(owner)
    refused = await submit(operator, f"/calls/{task_id}", outcome="reached_warm", follow_up_at=SOON)
    assert refused.status_code == 409
    error = refused.text.split('id="error-follow_up_at">')[1].split("<")[0]
    assert error.startswith("A conversation was held lately: not before ")
    assert SOON in refused.text
    after = await all_rows(owner)
    for looks in ("public.enforcement_history", "enforcement.contact_views"):  # who looked at the number
        del after[looks], before[looks]
    assert after == before
    assert (
        await submit(operator, f"/calls/{task_id}", outcome="reached_warm", follow_up_at=NEXT_MONTH)
    ).status_code == 303


async def test_warns_of_calling_too_often(
    operator: httpx.AsyncClient, owner: asyncpg.Connection, judgment: Judgment, task_id: str
) -> None:
    await add_attempts(owner, judgment.plaintiff_id, [0, 0, 1, 1, 2, 2, 3])
    text = text_of((await operator.get(f"{ROOT}/calls/{task_id}")).text)
    assert "Do not call now: as often as the rule allows" in text
    assert "7 of at most 7 calls in 7 days" in text
    assert "From " in await read(operator, "/calls")


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"outcome": "sang"}, "outcome", "Must be one of"),
        ({"outcome": "no_answer", "follow_up_at": "soon"}, "follow_up_at", "Must be a day and an hour"),
        ({"outcome": "do_not_call", "follow_up_at": NEXT_MONTH}, "follow_up_at", "Must be empty"),
        ({"outcome": "no_answer", "interest": "burning"}, "interest", "Must be one of"),
    ],
)
async def test_says_what_is_wrong_at_its_field(
    operator: httpx.AsyncClient, task_id: str, fields: dict[str, str], field: str, said: str
) -> None:
    refused = await submit(operator, f"/calls/{task_id}", **fields)
    assert refused.status_code == 422
    assert said in refused.text.split(f'id="error-{field}">')[1].split("<")[0]


async def test_a_call_that_was_made_is_not_made_again(operator: httpx.AsyncClient, task_id: str) -> None:
    assert (await submit(operator, f"/calls/{task_id}", outcome="busy")).status_code == 303
    again = await operator.get(f"{ROOT}/calls/{task_id}")
    assert again.status_code == 409
    assert "Someone was faster" in text_of(again.text)


async def test_is_not_for_members(member: httpx.AsyncClient, task_id: str) -> None:
    assert "Call desk" not in (await member.get(f"{ROOT}/pipeline")).text
    for path in ("/calls", f"/calls/{task_id}"):
        response = await member.get(f"{ROOT}{path}")
        assert response.status_code == 403
        assert PLAINTIFF_PHONE not in response.text
