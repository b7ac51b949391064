"""What the module's RPCs are sent: typed values as JSON, and free text masked before the database's own guard.

The detectors know forms the database does not (addresses, names, numbers as people write them); the database knows the
case's own subject and every bank. What is written passes both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from casebase.kernel.errors import InvalidInputError
from casebase.kernel.privacy.detectors import mask, mask_json
from casebase.modules.mortgage.models import AiEntry, InputsCorrection, OutcomeForm, ScenarioEvent

M = TypeVar("M", bound=BaseModel)

# The directory makes masks of banks, and needs their names for it; ids are hashed or are ours.
_LEFT_TO_THE_DATABASE: Final = frozenset({"bank", "lender", "conversation_id", "document_id"})
_MAX_BYTES: Final = 16_384  # as mortgage.clean_payload has it


def event_payload(event: ScenarioEvent, case_id: UUID | str | None = None) -> dict[str, Any]:
    """Return the payload of ``record_scenario_event``."""
    return _about(case_id, event) | {"payload": _masked(event.payload, "payload")}


def correction_payload(inputs: InputsCorrection, case_id: UUID | str) -> dict[str, Any]:
    """Return the payload of ``revise_scenario_inputs``; what was given as null is null."""
    return {"case_id": str(case_id), "inputs": jsonable(inputs, only_given=True)}


def outcome_payload(outcome: OutcomeForm, case_id: UUID | str) -> dict[str, Any]:
    """Return the payload of ``record_scenario_outcome``."""
    payload = _about(case_id, outcome)
    if outcome.notes is not None:
        payload["notes"] = mask(outcome.notes)
    return payload


def ai_entry_payload(entry: AiEntry, case_id: UUID | str) -> dict[str, Any]:
    """Return the payload of ``record_ai_entry``."""
    return _about(case_id, entry) | {"content": _masked(entry.content, "content")}


def jsonable(model: BaseModel, *, only_given: bool = False) -> dict[str, Any]:
    """Return a model as JSON values for an RPC, decimals as numbers; without what is null, or ``only_given`` fields."""
    fields = model.model_dump(mode="python", exclude_none=not only_given, exclude_unset=only_given)
    # A decimal of up to 15 digits, more than any money here has, is spelled alike as a float.
    document: dict[str, Any] = json.loads(json.dumps(fields, default=_plain))
    return document


def validated(kind: type[M], given: M | Mapping[str, Any]) -> M:
    """Return what was given as a model; raise ``InvalidInputError`` naming each field and rule, never a value."""
    try:
        return given if isinstance(given, kind) else kind.model_validate(given)
    except ValidationError as error:
        found = [
            {"field": ".".join(map(str, e["loc"])), "rule": e["type"], "message": e["msg"]}
            for e in error.errors(include_input=False, include_url=False)
        ]
        raise InvalidInputError(detail={"errors": found}) from None


def _masked(document: Mapping[str, Any], field: str) -> Any:
    # The bound comes first: searching a text takes time, and whoever sent it has not been asked who they are.
    if len(json.dumps(document, ensure_ascii=False).encode()) > _MAX_BYTES:
        error = {"field": field, "rule": "maxBytes", "message": f"must not exceed {_MAX_BYTES} bytes"}
        raise InvalidInputError(detail={"errors": [error]})
    return mask_json(document, keep=_LEFT_TO_THE_DATABASE)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value)


def _about(case_id: UUID | str | None, model: BaseModel) -> dict[str, Any]:
    return jsonable(model) | ({} if case_id is None else {"case_id": str(case_id)})
