"""The typed models take as much as the RPCs behind them: of each text and list the longest passes both, one more neither."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import pytest
from pydantic import BaseModel

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from casebase.modules.enforcement import models
from tests.enforcement.conftest import OpenCase

NOBODY: Final = str(UUID(int=0))
PAYLOADS: Final[dict[str, type[BaseModel]]] = {
    "open_enforcement_case": models.NewCase,
    "close_enforcement_case": models.Closure,
    "set_enforcement_stage": models.StageChange,
    "log_enforcement_event": models.NewEvent,
    "queue_enforcement_action": models.ActionChange,
    "record_enforcement_payment": models.Payment,
    "override_enforcement_tier": models.TierOverride,
    "clear_enforcement_override": models.OverrideEnd,
    "issue_subpoena": models.Subpoena,
    "record_subpoena_response": models.SubpoenaResponse,
    "request_case_copilot": models.CopilotRequest,
    "schedule_call": models.CallPlan,
    "log_call_outcome": models.CallOutcome,
    "queue_job": models.JobRequest,
    "set_enforcement_settings": models.SettingsChange,
    "create_judgment": models.NewJudgment,
    "insert_or_get_entity": models.Entity,
    "set_case_enrichment": models.Enrichment,
    "upsert_enrichment_bundle": models.Bundle,
    "start_simplicity_import": models.ImportFile,
}
Path = tuple[str, ...]


def limits(
    schema: dict[str, Any], root: dict[str, Any] | None = None, path: Path = ()
) -> Iterator[tuple[Path, str, int]]:
    """Yield each text's and list's place, its rule and the most it takes; ``[]`` is a list's entry."""
    root = root or schema
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    choices = schema.get("anyOf", [])
    if any(choice.get("type") == "number" for choice in choices):
        return  # a decimal, that may be spelled as a text
    for choice in choices:
        yield from limits(choice, root, path)
    for name, inner in schema.get("properties", {}).items():
        yield from limits(inner, root, (*path, name))
    if schema.get("type") == "array":
        yield path, "maxItems", schema["maxItems"]
        yield from limits(schema["items"], root, (*path, "[]"))
    # A form says how long a text may be, and the database knows an e-mail by its form.
    if (
        schema.get("type") == "string"
        and not schema.keys() & {"enum", "const", "format", "pattern"}
        and path[-1] != "email"
    ):
        yield path, "maxLength", schema["maxLength"]


LIMITS: Final = [
    pytest.param(function, *limit, id=f"{function}-{'.'.join(limit[0])}")
    for function, model in PAYLOADS.items()
    for limit in limits(model.model_json_schema())
]


def arguments(function: str, case_id: str, path: Path, value: Any) -> dict[str, Any]:
    """The call of a function with one value of its payload."""
    for name in reversed(path):
        value = [value] if name == "[]" else {name: value}
    match function:
        case "upsert_enrichment_bundle":
            return {"bundle": value}
        case "log_call_outcome":
            return {"plaintiff_id": NOBODY, "outcome": "no_answer", **value}
        case "request_case_copilot":
            return {"case_id": case_id, **value}
        case "set_case_enrichment":
            scored = {"p_collectability_score": 10, "p_collectability_tier": "tier0"}
            return {"p_case_id": NOBODY, **scored, **{f"p_{name}": given for name, given in value.items()}}
        case _:
            return {"payload": value}


@pytest.mark.parametrize(("function", "path", "rule", "most"), LIMITS)
async def test_model_and_rpc_agree(
    service: Session, open_case: OpenCase, function: str, path: Path, rule: str, most: int
) -> None:
    # The one whose case is looked up before anything else.
    case_id = await open_case() if function == "request_case_copilot" else NOBODY

    async def is_too_much(count: int) -> bool:
        value = [{}] * count if rule == "maxItems" else "1" * count
        try:
            await service.call(function, arguments(function, case_id, path, value))
        except RpcError as error:
            refused = (error.detail or {}).get("errors", ())
        else:
            return False
        field = ".".join(path).replace(".[]", "[0]")
        named = {field, f"p_{field}"}
        return any(error["field"] in named and error["rule"] == rule for error in refused)

    assert (await is_too_much(most), await is_too_much(most + 1)) == (False, True)
