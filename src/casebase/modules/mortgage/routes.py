"""``/v1/mortgage``: the public intake of leads, and cases for staff and services."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from casebase.kernel.http import PublicCaller, VerifiedCaller
from casebase.kernel.payloads import jsonable
from casebase.modules.mortgage import capture_routes, document_routes
from casebase.modules.mortgage.enums import CaseStatus, OutcomeDecision, Recommendation
from casebase.modules.mortgage.models import (
    Case,
    CasePage,
    Consent,
    ConsentExtension,
    DailyStats,
    FollowUpEffectiveness,
    LeadForm,
    MortgageSettings,
    OpenedCase,
    RecommendationOutcomes,
    ScenarioContext,
    SettingsChange,
)
from casebase.modules.mortgage.service import ConsentState, Happening, Sort

router = APIRouter()
router.include_router(capture_routes.router)
router.include_router(document_routes.router)


@router.post("/leads", status_code=201, response_model=OpenedCase, summary="Open a case from a lead form")
async def create_lead(lead: LeadForm, caller: PublicCaller) -> Response:
    """Write lead, consent, case and inputs in one transaction; queue the advice. Anonymous, rate limited."""
    return await caller.rpc("create_scenario_case", {"payload": jsonable(lead)}, status_code=201)


@router.get("/cases", response_model=CasePage, summary="List cases")
async def list_cases(
    caller: VerifiedCaller,
    status: CaseStatus | None = None,
    recommendation: Annotated[
        Recommendation | Literal["none"] | None, Query(description="None: not advised.")
    ] = None,
    search: Annotated[
        str | None, Query(max_length=80, description="A reference, its beginning, or initials.")
    ] = None,
    sort: Sort = "-created_at",
    cursor: Annotated[str | None, Query(max_length=200, description="The last page's next_cursor.")] = None,
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
    tenant_id: UUID | None = None,
    tag: Annotated[str | None, Query(max_length=41, examples=["#preemptive"])] = None,
    review: Literal["due"] | None = None,
    consent: Annotated[ConsentState | None, Query(description="Expiring: within 24 hours.")] = None,
    decision: Annotated[
        OutcomeDecision | Literal["converted"] | None, Query(description="Converted: either switch.")
    ] = None,
    opened_on: Annotated[date | None, Query(description="A day in Singapore.")] = None,
    happened: Annotated[
        Happening | None, Query(description="From from_day to to_day, the last thirty days unless told.")
    ] = None,
    from_day: date | None = None,
    to_day: date | None = None,
) -> Response:
    """Return a page of the tenant's cases, masked, for its staff and for services."""
    return await caller.rpc(
        "list_scenario_cases",
        {
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
        },
    )


@router.get("/cases/{case_id}", response_model=Case, summary="Get one case")
async def get_case(case_id: UUID, caller: VerifiedCaller) -> Response:
    """Return one case, masked, with its inputs, calculations and timeline, newest first."""
    return await caller.rpc("get_scenario_case", {"case_id": case_id})


@router.get("/cases/{case_id}/context", response_model=ScenarioContext, summary="Get a case's AI context")
async def get_context(case_id: UUID, caller: VerifiedCaller) -> Response:
    """Return what an AI broker may know of a case, masked; for AI brokers of the case's tenant and for services.

    Cached until something is written to the case.
    """
    return await caller.rpc_cached(
        "get_scenario_context", {"case_id": case_id}, version="get_scenario_context_version"
    )


@router.post("/consents/{consent_id}/extend", response_model=Consent, summary="Extend a consent")
async def extend_consent(consent_id: UUID, extension: ConsentExtension, caller: VerifiedCaller) -> Response:
    """Move the end of a consent that still holds, for the tenant's staff and for services."""
    arguments = {"consent_id": consent_id, "until": extension.until.isoformat()}
    return await caller.rpc("extend_consent", arguments)


@router.post("/consents/{consent_id}/withdraw", response_model=Consent, summary="Withdraw a consent")
async def withdraw_consent(consent_id: UUID, caller: VerifiedCaller) -> Response:
    """End a consent now and queue the erasure of all that is personal, for the tenant's staff and for services."""
    return await caller.rpc("withdraw_consent", {"consent_id": consent_id})


@router.get("/settings", response_model=MortgageSettings, summary="Get a tenant's settings")
async def get_settings(caller: VerifiedCaller, tenant_id: UUID | None = None) -> Response:
    """Return what a tenant decided for itself; for its owners and admins, and for services."""
    return await caller.rpc("get_mortgage_settings", {"tenant_id": tenant_id})


@router.patch("/settings", response_model=MortgageSettings, summary="Change a tenant's settings")
async def set_settings(change: SettingsChange, caller: VerifiedCaller) -> Response:
    """Change what is given; for the tenant's owners and admins, and for services."""
    return await caller.rpc("set_mortgage_settings", {"payload": jsonable(change)})


_FromDay = Annotated[
    date | None, Query(description="Singapore's day; the period's first, 29 days back unless told.")
]
_ToDay = Annotated[date | None, Query(description="The period's last day; today unless told.")]


@router.get("/stats/daily", response_model=DailyStats, summary="Count what happened each day")
async def list_daily_stats(
    caller: VerifiedCaller, from_day: _FromDay = None, to_day: _ToDay = None, tenant_id: UUID | None = None
) -> Response:
    """Return new cases, reveals and conversions by day, for the tenant's staff and for services."""
    return await caller.rpc("list_scenario_stats_daily", _period(from_day, to_day, tenant_id))


@router.get(
    "/stats/recommendation-vs-outcome",
    response_model=RecommendationOutcomes,
    summary="Compare advice and outcome",
)
async def list_recommendation_outcomes(
    caller: VerifiedCaller, from_day: _FromDay = None, to_day: _ToDay = None, tenant_id: UUID | None = None
) -> Response:
    """Return how the cases that ended in the period did, by what was recommended."""
    return await caller.rpc("list_scenario_recommendation_vs_outcome", _period(from_day, to_day, tenant_id))


@router.get(
    "/stats/followup-effectiveness",
    response_model=FollowUpEffectiveness,
    summary="Measure the time from event to outcome",
)
async def list_follow_up_effectiveness(
    caller: VerifiedCaller, from_day: _FromDay = None, to_day: _ToDay = None, tenant_id: UUID | None = None
) -> Response:
    """Return how long cases took from the events of the period to their outcome."""
    return await caller.rpc("list_scenario_followup_effectiveness", _period(from_day, to_day, tenant_id))


def _period(from_day: date | None, to_day: date | None, tenant_id: UUID | None) -> dict[str, Any]:
    return {"from_day": from_day, "to_day": to_day, "tenant_id": tenant_id}
