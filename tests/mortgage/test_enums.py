"""The vocabularies are the same in Python and in SQL."""

from __future__ import annotations

from enum import StrEnum

import asyncpg
import pytest

from casebase.modules.mortgage import enums


@pytest.mark.parametrize(
    ("sql_type", "vocabulary"),
    [
        ("scenario_case_status", enums.CaseStatus),
        ("scenario_property_type", enums.PropertyType),
        ("scenario_recommendation", enums.Recommendation),
        ("scenario_decision", enums.OutcomeDecision),
        ("scenario_event_type", enums.EventType),
        ("scenario_tag_source", enums.TagSource),
        ("scenario_decision_reason", enums.DecisionReason),
        ("scenario_hurdle", enums.Hurdle),
        ("scenario_ai_entry_type", enums.AiEntryType),
    ],
)
async def test_values_and_their_order_are_equal(
    owner: asyncpg.Connection, sql_type: str, vocabulary: type[StrEnum]
) -> None:
    values = await owner.fetchval(f"select enum_range(null::public.{sql_type})::text[]")
    assert values == [member.value for member in vocabulary]


async def test_every_vocabulary_is_compared(owner: asyncpg.Connection) -> None:
    found = await owner.fetchval(
        "select count(*) from pg_type where typtype = 'e' and typname like 'scenario_%'"
    )
    assert found == sum(
        1 for value in vars(enums).values() if isinstance(value, type) and value.__module__ == enums.__name__
    )
