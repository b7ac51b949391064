"""The vocabularies are the same in Python and in the tables' checks."""

from __future__ import annotations

import re
from enum import StrEnum

import asyncpg
import pytest

from casebase.modules.notifications import enums

CHECKS: dict[tuple[str, str], type[StrEnum]] = {
    ("public.scenario_notifications", "scenario_type_is_known"): enums.ScenarioType,
    ("public.scenario_evaluation_config", "configured_scenario_type_is_known"): enums.ScenarioType,
    ("public.scenario_evaluation_runs", "scenario_types_are_known"): enums.ScenarioType,
    ("public.notification_preferences", "preferred_scenario_type_is_known"): enums.ScenarioType,
    ("notifications.scenario_defaults", "default_scenario_type_is_known"): enums.ScenarioType,
    ("notifications.run_counts", "counted_scenario_type_is_known"): enums.ScenarioType,
    ("notifications.templates", "template_scenario_type_is_known"): enums.ScenarioType,
    ("public.scenario_notifications", "delivery_status_is_known"): enums.DeliveryStatus,
    ("public.scenario_notifications", "skip_reason_is_known"): enums.SkipReason,
    ("public.device_tokens", "platform_is_known"): enums.Platform,
    ("public.notification_preferences", "preferred_language_is_known"): enums.Language,
    ("notifications.settings", "language_is_known"): enums.Language,
    ("notifications.templates", "template_language_is_known"): enums.Language,
}


@pytest.mark.parametrize(("constraint", "vocabulary"), CHECKS.items())
async def test_values_that_a_constraint_lists_are_equal(
    owner: asyncpg.Connection, constraint: tuple[str, str], vocabulary: type[StrEnum]
) -> None:
    definition = await owner.fetchval(
        "select pg_get_constraintdef(oid) from pg_constraint where conrelid = $1::text::regclass and conname = $2",
        *constraint,
    )
    assert re.findall(r"'(\w+)'::text", definition) == [member.value for member in vocabulary]


def test_every_vocabulary_is_compared() -> None:
    ours = {value for value in vars(enums).values() if getattr(value, "__module__", "") == enums.__name__}
    assert ours == {*CHECKS.values()}
