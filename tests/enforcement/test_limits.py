"""The typed models take as much as the RPCs behind them: of each text and list the longest passes both, one more neither."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import pytest
from pydantic import BaseModel

from casebase.kernel.db import Session
from casebase.modules.enforcement import models
from tests.enforcement.conftest import OpenCase
from tests.support.limits import Path, at, is_refused, limits, sized

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


def rules(schema: dict[str, Any], path: Path) -> Iterator[str]:
    # A form says how long a text may be, and the database knows an e-mail by its form.
    if (
        schema.get("type") == "string"
        and not schema.keys() & {"enum", "const", "format", "pattern"}
        and path[-1] != "email"
    ):
        yield "maxLength"


LIMITS: Final = limits(PAYLOADS, rules)


def arguments(function: str, case_id: str, path: Path, value: Any) -> dict[str, Any]:
    """The call of a function with one value of its payload."""
    value = at(path, value)
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
        call = service.call(function, arguments(function, case_id, path, sized(rule, count)))
        return await is_refused(call, path, rule)

    assert (await is_too_much(most), await is_too_much(most + 1)) == (False, True)
