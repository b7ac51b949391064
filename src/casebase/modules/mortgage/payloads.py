"""What the module's RPCs are sent: typed values as JSON, and free text masked before the database's own guard.

The detectors know forms the database does not (addresses, names, numbers as people write them); the database knows the
case's own subject and every bank. What is written passes both.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel

from casebase.kernel.payloads import jsonable, masked
from casebase.kernel.privacy.detectors import mask
from casebase.modules.mortgage.models import AiEntry, InputsCorrection, OutcomeForm, ScenarioEvent

# The directory makes masks of banks, and needs their names for it; ids are hashed or are ours.
_LEFT_TO_THE_DATABASE: Final = frozenset({"bank", "lender", "conversation_id", "document_id"})


def event_payload(event: ScenarioEvent, case_id: UUID | str | None = None) -> dict[str, Any]:
    """Return the payload of ``record_scenario_event``."""
    return _about(case_id, event) | {"payload": masked(event.payload, "payload", keep=_LEFT_TO_THE_DATABASE)}


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
    return _about(case_id, entry) | {"content": masked(entry.content, "content", keep=_LEFT_TO_THE_DATABASE)}


def _about(case_id: UUID | str | None, model: BaseModel) -> dict[str, Any]:
    return jsonable(model) | ({} if case_id is None else {"case_id": str(case_id)})
