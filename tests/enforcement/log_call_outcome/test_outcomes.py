"""However an outcome is written, it falls into its bucket."""

from __future__ import annotations

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.enforcement.conftest import MakeJudgment

OUTCOMES = {
    "no_answer",
    "left_voicemail",
    "busy",
    "callback",
    "reached_hot",
    "reached_warm",
    "reached_cold",
    "bad_number",
    "do_not_call",
}


@pytest.mark.parametrize(
    ("stated", "interest", "bucket"),
    [
        *((outcome, None, outcome) for outcome in sorted(OUTCOMES)),
        ("No Answer", None, "no_answer"),
        ("  DO-NOT-CALL! ", None, "do_not_call"),
        ("DNC", None, "do_not_call"),
        ("Left VM", None, "left_voicemail"),
        ("wrong number", None, "bad_number"),
        ("Call back", None, "callback"),
        ("Reached", "hot", "reached_hot"),
        ("reached", " WARM ", "reached_warm"),
        ("reached", "cold", "reached_cold"),
        ("no_answer", "", "no_answer"),
    ],
)
async def test_falls_into_a_bucket(
    owner: asyncpg.Connection,
    service: Session,
    make_judgment: MakeJudgment,
    stated: str,
    interest: str | None,
    bucket: str,
) -> None:
    call = {
        "plaintiff_id": str((await make_judgment()).plaintiff_id),
        "outcome": stated,
        "interest": interest,
    }
    assert (await service.call("log_call_outcome", call))["outcome"] == bucket
    assert await owner.fetchval("select outcome from plaintiff_call_attempts") == bucket


async def test_are_rows_that_a_house_may_add_to(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    await owner.execute(
        "insert into enforcement.call_outcomes values ('gatekeeper', 'Spoke to the office', false, false, false, 20);"
        "insert into enforcement.call_outcome_aliases values ('reception', 'gatekeeper')"
    )
    call = {"plaintiff_id": str((await make_judgment()).plaintiff_id), "outcome": "Reception"}
    assert (await service.call("log_call_outcome", call))["plaintiff_status"] == "gatekeeper"
