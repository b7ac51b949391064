"""The vocabularies are the same in Python and in SQL."""

from __future__ import annotations

import re
from enum import StrEnum

import asyncpg
import pytest

from casebase.modules.enforcement import enums

TYPES = {
    "enforcement_case_status": enums.CaseStatus,
    "enforcement_event_kind": enums.EventKind,
    "enforcement_actor_type": enums.ActorType,
    "judgment_priority_level": enums.PriorityLevel,
    "plaintiff_task_status": enums.TaskStatus,
}
CHECKS = {
    ("public.enforcement_actions", "action_type_is_known"): enums.ActionType,
    ("enforcement.playbook", "action_type_is_known"): enums.ActionType,
    ("public.plaintiff_call_attempts", "interest_is_known"): enums.Interest,
    ("enrichment.contacts", "kind_is_known"): enums.ContactKind,
    ("enrichment.assets", "kind_is_known"): enums.AssetKind,
}


@pytest.mark.parametrize(("sql_type", "vocabulary"), TYPES.items())
async def test_values_and_their_order_are_equal(
    owner: asyncpg.Connection, sql_type: str, vocabulary: type[StrEnum]
) -> None:
    values = await owner.fetchval(f"select enum_range(null::public.{sql_type})::text[]")
    assert values == [member.value for member in vocabulary]


@pytest.mark.parametrize(("constraint", "vocabulary"), CHECKS.items())
async def test_values_that_a_constraint_lists_are_equal(
    owner: asyncpg.Connection, constraint: tuple[str, str], vocabulary: type[StrEnum]
) -> None:
    definition = await owner.fetchval(
        "select pg_get_constraintdef(oid) from pg_constraint where conrelid = $1::text::regclass and conname = $2",
        *constraint,
    )
    assert re.findall(r"'(\w+)'::text", definition) == [member.value for member in vocabulary]


async def test_every_vocabulary_is_compared(owner: asyncpg.Connection) -> None:
    types = await owner.fetch(
        "select typname from pg_type where typtype = 'e' and typname ~ '^(enforcement|judgment|plaintiff)_'"
    )
    assert {row["typname"] for row in types} == set(TYPES)
    ours = {value for value in vars(enums).values() if getattr(value, "__module__", "") == enums.__name__}
    assert ours == {*TYPES.values(), *CHECKS.values()}
