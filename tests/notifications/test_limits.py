"""The typed models take as much as the RPCs behind them: of each text and list the longest passes both, one more neither."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from pydantic import BaseModel

from casebase.kernel.db import Database, Session
from casebase.modules.notifications import models
from tests.notifications.conftest import People
from tests.support.limits import Path, at, is_refused, limits, sized

PAYLOADS: Final[dict[str, type[BaseModel]]] = {
    "insert_scenario_notification": models.NewScenarioNotification,
    "evaluate_scenarios": models.EvaluationRequest,
    "resend_failed_notifications": models.ResendRequest,
    "record_activities": models.NewActivities,
    "set_certifications": models.NewCertifications,
    "set_scenario_config": models.ScenarioConfigChange,
    "set_notification_settings": models.NotificationSettingsChange,
    "set_notification_preferences": models.PreferencesChange,
    "register_device_token": models.DeviceToken,
}
OF_PEOPLE: Final = {"set_notification_preferences", "register_device_token"}


def rules(schema: dict[str, Any], path: Path) -> Iterator[str]:
    if "maximum" in schema:
        yield "maximum"
    # A text of a form is as long as its form says, but for those whose form says nothing of it.
    if schema.get("type") == "string" and "maxLength" in schema:
        yield "maxLength"


LIMITS: Final = limits(PAYLOADS, rules)


def test_there_are_limits_to_compare() -> None:
    assert {function for function, *_ in (parameters.values for parameters in LIMITS)} == set(PAYLOADS)


@pytest.mark.parametrize(("function", "path", "rule", "most"), LIMITS)
async def test_model_and_rpc_agree(
    api: Database,
    service: Session,
    people: People,
    function: str,
    path: Path,
    rule: str,
    most: int,
) -> None:
    session = api.session(people.member) if function in OF_PEOPLE else service

    async def is_too_much(count: int) -> bool:
        value = at(path, sized(rule, count))
        arguments = (
            {"platform": "ios", **value} if function == "register_device_token" else {"payload": value}
        )
        return await is_refused(session.call(function, arguments), path, rule)

    assert (await is_too_much(most), await is_too_much(most + 1)) == (False, True)
