"""The typed client of the module's RPCs: ``cb.mortgage`` of a ``Casebase`` connection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ValidationError

from casebase.kernel.db import Session
from casebase.kernel.errors import InvalidInputError
from casebase.modules.mortgage.enums import CaseStatus, Recommendation
from casebase.modules.mortgage.models import (
    Case,
    CasePage,
    Consent,
    DailyStats,
    FollowUpEffectiveness,
    LeadForm,
    MortgageSettings,
    OpenedCase,
    RecommendationOutcomes,
    ScenarioContext,
    SettingsChange,
)

Sort = Literal["-created_at", "created_at", "-net_savings", "net_savings"]


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
        payload = jsonable(_lead_form(lead))
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
    ) -> CasePage:
        """Return a page of a tenant's cases; ``search`` is a reference, its beginning, or initials."""
        arguments = {
            "status": status,
            "recommendation": recommendation,
            "search": search,
            "sort": sort,
            "cursor": cursor,
            "page_size": page_size,
            "tenant_id": tenant_id,
        }
        return CasePage.model_validate(await self._session.call("list_scenario_cases", arguments))

    async def get_case(self, case_id: UUID | str) -> Case:
        """Return one case; raises ``RpcError`` (``case_not_found``) when the caller has none of that id."""
        return Case.model_validate(await self._session.call("get_scenario_case", {"case_id": case_id}))

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

    async def _analyse(
        self, function: str, from_day: date | None, to_day: date | None, tenant_id: UUID | None
    ) -> Any:
        arguments = {"from_day": from_day, "to_day": to_day, "tenant_id": tenant_id}
        return await self._session.call(function, arguments)


def jsonable(model: BaseModel) -> dict[str, Any]:
    """Return a model as JSON values for an RPC, decimals as numbers; what was not given is left out."""
    # A decimal of up to 15 digits, more than any money here has, is spelled alike as a float.
    document: dict[str, Any] = json.loads(
        json.dumps(model.model_dump(mode="python", exclude_none=True), default=_plain)
    )
    return document


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value)


def _lead_form(lead: LeadForm | Mapping[str, Any]) -> LeadForm:
    try:
        return lead if isinstance(lead, LeadForm) else LeadForm.model_validate(lead)
    except ValidationError as error:
        found = [
            {"field": ".".join(map(str, e["loc"])), "rule": e["type"], "message": e["msg"]}
            for e in error.errors(include_input=False, include_url=False)
        ]
        raise InvalidInputError(detail={"errors": found}) from None
