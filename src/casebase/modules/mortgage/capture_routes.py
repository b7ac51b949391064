"""``/v1/mortgage``: what happens on a case after its form, told by staff, services and the chat system."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response

from casebase.kernel.db import Principal
from casebase.kernel.delivery import inbound
from casebase.kernel.http import Caller, VerifiedCaller
from casebase.kernel.payloads import validated
from casebase.kernel.runtime import Runtime
from casebase.modules.mortgage.models import (
    AiEntry,
    ChatEvent,
    InputsCorrection,
    OutcomeForm,
    RecordedAiEntry,
    RecordedEvent,
    RecordedOutcome,
    RevisedInputs,
    ScenarioEvent,
)
from casebase.modules.mortgage.payloads import (
    ai_entry_payload,
    correction_payload,
    event_payload,
    outcome_payload,
)

router = APIRouter()

# The service acts for it, but its idempotency keys never meet the service's own.
_CHAT_SYSTEM: Final = Principal("service_role", claims={"client": "mortgage.chat"})
_SIGNED: Final[dict[str, Any]] = {
    "security": [],
    "parameters": [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}, "description": meaning}
        for name, meaning in (
            ("webhook-id", "The message's own id: repeating one has no second effect."),
            ("webhook-timestamp", "Seconds since 1970, at most five minutes from now."),
            ("webhook-signature", "Standard Webhooks, `v1,` and base64."),
        )
    ],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": ChatEvent.model_json_schema()}},
    },
}


@router.post(
    "/cases/{case_id}/events", status_code=201, response_model=RecordedEvent, summary="Record an event"
)
async def record_event(case_id: UUID, event: ScenarioEvent, caller: VerifiedCaller) -> Response:
    """Put what happened on a case's timeline, masked, for the tenant's staff and for services."""
    payload = event_payload(event, case_id)
    return await caller.rpc("record_scenario_event", {"payload": payload}, status_code=201)


@router.post(
    "/cases/{case_id}/inputs",
    status_code=201,
    response_model=RevisedInputs,
    summary="Correct a case's inputs",
)
async def revise_inputs(case_id: UUID, inputs: InputsCorrection, caller: VerifiedCaller) -> Response:
    """Write the next version, corrected where given, and queue its advice; for the tenant's staff and for services."""
    payload = correction_payload(inputs, case_id)
    return await caller.rpc("revise_scenario_inputs", {"payload": payload}, status_code=201)


@router.post(
    "/cases/{case_id}/outcome", status_code=201, response_model=RecordedOutcome, summary="Close a case"
)
async def record_outcome(case_id: UUID, outcome: OutcomeForm, caller: VerifiedCaller) -> Response:
    """Close a case with how it ended, once; for the tenant's staff and for services."""
    payload = outcome_payload(outcome, case_id)
    return await caller.rpc("record_scenario_outcome", {"payload": payload}, status_code=201)


@router.post(
    "/cases/{case_id}/ai-entries",
    status_code=201,
    response_model=RecordedAiEntry,
    summary="Add to the AI ledger",
)
async def record_ai_entry(case_id: UUID, entry: AiEntry, caller: VerifiedCaller) -> Response:
    """Keep what the AI was shown, said or decided on a case, masked; for services."""
    payload = ai_entry_payload(entry, case_id)
    return await caller.rpc("record_ai_entry", {"payload": payload}, status_code=201)


@router.post(
    "/chat-events",
    response_model=RecordedEvent,
    openapi_extra=_SIGNED,
    summary="Take in an event of the chat system",
)
async def receive_chat_event(request: Request) -> Response:
    """Record an event of a case or of a conversation tied to one, once for each webhook-id; signed, without a token."""
    runtime: Runtime = request.app.state.runtime
    message = await inbound.receive(request, runtime.settings.chat_webhook_secrets)
    payload = event_payload(validated(ChatEvent, message.content))
    caller = Caller(request, _CHAT_SYSTEM)
    return await caller.rpc("record_scenario_event", {"payload": payload}, key=message.idempotency_key)
