"""The typed client of the module's RPCs: ``cb.mortgage`` of a ``Casebase`` connection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from casebase.kernel.db import Session
from casebase.kernel.payloads import jsonable, validated
from casebase.modules.mortgage.enums import CaseStatus, OutcomeDecision, Recommendation
from casebase.modules.mortgage.models import (
    AiEntry,
    Case,
    CasePage,
    Consent,
    DailyStats,
    FollowUpEffectiveness,
    InputsCorrection,
    LeadForm,
    MortgageSettings,
    OpenedCase,
    OutcomeForm,
    RecommendationOutcomes,
    RecordedAiEntry,
    RecordedEvent,
    RecordedOutcome,
    RevisedInputs,
    ScenarioContext,
    ScenarioEvent,
    SettingsChange,
)
from casebase.modules.mortgage.payloads import (
    ai_entry_payload,
    correction_payload,
    event_payload,
    outcome_payload,
)

Sort = Literal["-created_at", "created_at", "-net_savings", "net_savings"]
ConsentState = Literal["expiring", "ended"]
"""Expiring within 24 hours, or over."""

Happening = Literal["opened", "chat", "reveal", "follow_up", "bank_quote", "outcome"]


class Client:
    """Open and read mortgage cases as the principal of a session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def create_case(
        self,
        lead: LeadForm | Mapping[str, Any],
        *,
        tenant_id: UUID | None = None,
        idempotency_key: str | None = None,
    ) -> OpenedCase:
        """Write lead, consent, case and inputs in one transaction and queue the advice; service role only.

        With an ``idempotency_key``, repeating the call within 24 hours returns the first one's case. Raises
        ``InvalidInputError`` naming each field and rule, and ``RpcError`` (``forbidden``) for other roles.
        """
        payload = jsonable(validated(LeadForm, lead))
        if tenant_id is not None:
            payload["tenant_id"] = str(tenant_id)
        answer = await self._session.call(
            "create_scenario_case", {"payload": payload}, idempotency_key=idempotency_key
        )
        return OpenedCase.model_validate(answer)

    async def list_cases(
        self,
        *,
        status: CaseStatus | str | None = None,
        recommendation: Recommendation | str | None = None,
        search: str | None = None,
        sort: Sort = "-created_at",
        cursor: str | None = None,
        page_size: int = 50,
        tenant_id: UUID | None = None,
        tag: str | None = None,
        review: Literal["due"] | None = None,
        consent: ConsentState | None = None,
        decision: OutcomeDecision | str | None = None,
        opened_on: date | None = None,
        happened: Happening | None = None,
        from_day: date | None = None,
        to_day: date | None = None,
    ) -> CasePage:
        """Return a page of a tenant's cases; ``search`` is a reference, its beginning, or initials.

        ``happened`` is within ``from_day`` to ``to_day``, the last thirty days unless told. ``recommendation`` may be
        ``none``, ``decision`` ``converted``: either switch.
        """
        arguments = {
            "status": status,
            "recommendation": recommendation,
            "search": search,
            "sort": sort,
            "cursor": cursor,
            "page_size": page_size,
            "tenant_id": tenant_id,
            "tag": tag,
            "review": review,
            "consent": consent,
            "decision": decision,
            "opened_on": opened_on,
            "happened": happened,
            "from_day": from_day,
            "to_day": to_day,
        }
        return CasePage.model_validate(await self._session.call("list_scenario_cases", arguments))

    async def get_case(self, case_id: UUID | str) -> Case:
        """Return one case; raises ``RpcError`` (``case_not_found``) when the caller has none of that id."""
        return Case.model_validate(await self._session.call("get_scenario_case", {"case_id": case_id}))

    async def record_event(
        self,
        case_id: UUID | str,
        event: ScenarioEvent | Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
    ) -> RecordedEvent:
        """Put a chat, reveal, follow-up, bank quote, document or signature on a case's timeline, masked.

        The first one makes a draft active. Raises ``RpcError``: ``case_closed``, ``conversation_taken``,
        ``rate_leak`` naming the field that tells a rate, ``case_not_found``.
        """
        payload = event_payload(validated(ScenarioEvent, event), case_id)
        return RecordedEvent.model_validate(
            await self._write("record_scenario_event", payload, idempotency_key)
        )

    async def revise_inputs(
        self,
        case_id: UUID | str,
        inputs: InputsCorrection | Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
    ) -> RevisedInputs:
        """Write the next version of a case's inputs, corrected where given, and queue its advice.

        Raises ``RpcError``: ``case_closed``, ``case_not_found``, ``invalid_input``.
        """
        payload = correction_payload(validated(InputsCorrection, inputs), case_id)
        return RevisedInputs.model_validate(
            await self._write("revise_scenario_inputs", payload, idempotency_key)
        )

    async def record_outcome(
        self,
        case_id: UUID | str,
        outcome: OutcomeForm | Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
    ) -> RecordedOutcome:
        """Close a case with how it ended, once; raises ``RpcError`` (``case_closed``) when it has its outcome."""
        payload = outcome_payload(validated(OutcomeForm, outcome), case_id)
        return RecordedOutcome.model_validate(
            await self._write("record_scenario_outcome", payload, idempotency_key)
        )

    async def record_ai_entry(
        self,
        case_id: UUID | str,
        entry: AiEntry | Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
    ) -> RecordedAiEntry:
        """Add what the AI was shown, said or decided to the ledger, masked; service role only."""
        payload = ai_entry_payload(validated(AiEntry, entry), case_id)
        return RecordedAiEntry.model_validate(await self._write("record_ai_entry", payload, idempotency_key))

    async def get_context(self, case_id: UUID | str) -> ScenarioContext:
        """Return what an AI broker may know of a case: no name, no bank's name, no rate.

        For the roles ``casebase_ai_broker`` (cases of its token's tenant) and ``service_role``.
        """
        answer = await self._session.call("get_scenario_context", {"case_id": case_id})
        return ScenarioContext.model_validate(answer)

    async def get_settings(self, tenant_id: UUID | None = None) -> MortgageSettings:
        """Return what a tenant decided for itself; for its owners and admins, and the service."""
        answer = await self._session.call("get_mortgage_settings", {"tenant_id": tenant_id})
        return MortgageSettings.model_validate(answer)

    async def set_settings(self, change: SettingsChange) -> MortgageSettings:
        """Decide for a tenant and return all its settings; for its owners and admins, and the service."""
        answer = await self._session.call("set_mortgage_settings", {"payload": jsonable(change)})
        return MortgageSettings.model_validate(answer)

    async def list_daily_stats(
        self, from_day: date | None = None, to_day: date | None = None, *, tenant_id: UUID | None = None
    ) -> DailyStats:
        """Return the days of a period (the last thirty unless told) on which something happened."""
        return DailyStats.model_validate(
            await self._analyse("list_scenario_stats_daily", from_day, to_day, tenant_id)
        )

    async def list_recommendation_outcomes(
        self, from_day: date | None = None, to_day: date | None = None, *, tenant_id: UUID | None = None
    ) -> RecommendationOutcomes:
        """Return how the cases that ended in a period did, by what was recommended."""
        return RecommendationOutcomes.model_validate(
            await self._analyse("list_scenario_recommendation_vs_outcome", from_day, to_day, tenant_id)
        )

    async def list_follow_up_effectiveness(
        self, from_day: date | None = None, to_day: date | None = None, *, tenant_id: UUID | None = None
    ) -> FollowUpEffectiveness:
        """Return how long cases took from the events of a period to their outcome."""
        return FollowUpEffectiveness.model_validate(
            await self._analyse("list_scenario_followup_effectiveness", from_day, to_day, tenant_id)
        )

    async def extend_consent(self, consent_id: UUID | str, until: datetime) -> Consent:
        """Move the end of a consent that still holds; ``until`` is later than now, by 365 days at most.

        Raises ``RpcError``: ``consent_ended`` after its end, ``consent_not_found``, ``invalid_input``.
        """
        arguments = {"consent_id": consent_id, "until": until.isoformat()}
        return Consent.model_validate(await self._session.call("extend_consent", arguments))

    async def withdraw_consent(self, consent_id: UUID | str) -> Consent:
        """End a consent now and queue the erasure of all that is personal; again, it changes nothing."""
        answer = await self._session.call("withdraw_consent", {"consent_id": consent_id})
        return Consent.model_validate(answer)

    async def _write(self, function: str, payload: dict[str, Any], idempotency_key: str | None) -> Any:
        return await self._session.call(function, {"payload": payload}, idempotency_key=idempotency_key)

    async def _analyse(
        self, function: str, from_day: date | None, to_day: date | None, tenant_id: UUID | None
    ) -> Any:
        arguments = {"from_day": from_day, "to_day": to_day, "tenant_id": tenant_id}
        return await self._session.call(function, arguments)
