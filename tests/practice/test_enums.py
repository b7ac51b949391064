"""The vocabularies are the same in Python and in the tables' checks."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any, get_args

import asyncpg
import pytest

from casebase.modules.practice import enums

CHECKS: dict[tuple[str, str], Any] = {
    ("public.messages", "role_is_known"): enums.Role,
    ("public.messages", "chat_type_is_known"): enums.ChatType,
    ("practice.answers", "answer_chat_type_is_known"): enums.ChatType,
    ("practice.answers", "answer_status_is_known"): enums.AnswerStatus,
    ("practice.answers", "answer_source_is_known"): enums.AnswerSource,
    ("public.logs", "level_is_known"): enums.Level,
    ("public.logs", "event_type_is_known"): enums.EventType,
}


def values(vocabulary: Any) -> list[str]:
    return (
        [member.value for member in vocabulary] if isinstance(vocabulary, type) else [*get_args(vocabulary)]
    )


@pytest.mark.parametrize(("constraint", "vocabulary"), CHECKS.items())
async def test_values_that_a_constraint_lists_are_equal(
    owner: asyncpg.Connection, constraint: tuple[str, str], vocabulary: Any
) -> None:
    definition = await owner.fetchval(
        "select pg_get_constraintdef(oid) from pg_constraint where conrelid = $1::text::regclass and conname = $2",
        *constraint,
    )
    assert re.findall(r"'(\w+)'::text", definition) == values(vocabulary)


def test_every_vocabulary_is_compared() -> None:
    classes = {
        value
        for value in vars(enums).values()
        if isinstance(value, type) and issubclass(value, StrEnum) and value is not StrEnum
    }
    assert {*classes, enums.Level, enums.EventType} == {*CHECKS.values()}
