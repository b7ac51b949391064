"""The typed models take as much as the RPCs behind them: of each text and list the longest passes both, one more neither."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from pydantic import BaseModel

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from casebase.modules.notifications import models
from tests.notifications.conftest import People

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
Path = tuple[str, ...]


def limits(
    schema: dict[str, Any], root: dict[str, Any] | None = None, path: Path = ()
) -> Iterator[tuple[Path, str, int]]:
    """Yield each text's, list's and number's place, its rule and the most it takes; ``[]`` is a list's entry."""
    root = root or schema
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    for choice in schema.get("anyOf", []):
        yield from limits(choice, root, path)
    for name, inner in schema.get("properties", {}).items():
        yield from limits(inner, root, (*path, name))
    if schema.get("type") == "array":
        yield path, "maxItems", schema["maxItems"]
        yield from limits(schema["items"], root, (*path, "[]"))
    if "maximum" in schema:
        yield path, "maximum", schema["maximum"]
    # A text of a form is as long as its form says, but for those whose form says nothing of it.
    if schema.get("type") == "string" and "maxLength" in schema:
        yield path, "maxLength", schema["maxLength"]


LIMITS: Final = [
    pytest.param(function, *limit, id=f"{function}-{'.'.join(limit[0])}")
    for function, model in PAYLOADS.items()
    for limit in limits(model.model_json_schema())
]


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
        value: Any = {"maxItems": [{}] * count, "maxLength": "1" * count, "maximum": count}[rule]
        for name in reversed(path):
            value = [value] if name == "[]" else {name: value}
        arguments = (
            {"platform": "ios", **value} if function == "register_device_token" else {"payload": value}
        )
        try:
            await session.call(function, arguments)
        except RpcError as error:
            refused = (error.detail or {}).get("errors", ())
        else:
            return False
        field = ".".join(path).replace(".[]", "[0]")
        return any(error["field"] == field and error["rule"] == rule for error in refused)

    assert (await is_too_much(most), await is_too_much(most + 1)) == (False, True)
