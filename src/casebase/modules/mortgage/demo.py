"""What ``casebase demo`` tells of mortgages: borrowers post their loans, and each is advised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from casebase.kernel.db import Session
from casebase.kernel.module import Proof
from casebase.modules.mortgage.enums import EventType
from casebase.modules.mortgage.models import Case
from casebase.modules.mortgage.models.case import reference_of
from casebase.modules.mortgage.service import Client


def _lead(name: str, number: int, *, days: int = 5, source: str = "website", **inputs: Any) -> dict[str, Any]:
    return {
        "contact": {
            "name": name,
            "email": f"{name.split()[0].lower()}.{number}@example.com",
            "phone": f"+65 9000 {number:04d}",
        },
        "consent": {"purposes": ["advice", "follow_up"], "days": days},
        "inputs": inputs,
        "source": source,
    }


# Invented people with loans as they are common in Singapore; together they reach each recommendation.
LEADS: Final[Sequence[Mapping[str, Any]]] = (
    _lead(
        "Tan Wei Ling",
        1042,
        loan_amount=820_000,
        tenure_months=312,
        property_type="private_condo",
        current_bank="dbs",
        current_rate=3.65,
        lock_in_remaining=0,
        owner_occupied=True,
        income_profile={
            "monthly_income_fixed": 12_500,
            "monthly_income_variable": 1_800,
            "other_monthly_debt": 650,
        },
    ),
    _lead(
        "Muhammad Faizal Rahman",
        2177,
        loan_amount=385_000,
        tenure_months=264,
        property_type="hdb",
        current_bank="ocbc",
        current_rate=2.6,
        lock_in_remaining=5,
        owner_occupied=True,
        income_profile={"monthly_income_fixed": 7_200, "other_monthly_debt": 420},
    ),
    _lead(
        "Priya Nair",
        3358,
        days=30,
        source="webinar",
        loan_amount=1_450_000,
        tenure_months=336,
        property_type="landed",
        current_bank="Standard Chartered",
        current_rate=3.1,
        lock_in_remaining=14,
        owner_occupied=True,
        income_profile={
            "monthly_income_fixed": 21_000,
            "monthly_income_variable": 6_500,
            "other_property_debt": 2_900,
            "other_monthly_debt": 1_100,
        },
    ),
    _lead(
        "Lim Boon Kiat",
        4481,
        loan_amount=148_000,
        tenure_months=96,
        property_type="hdb",
        current_bank="uob",
        current_rate=1.75,
        lock_in_remaining=0,
        owner_occupied=True,
    ),
    _lead(
        "Sarah Chen",
        5526,
        source="partner",
        loan_amount=690_000,
        tenure_months=300,
        property_type="executive_condo",
        current_bank="HSBC",
        current_rate=2.95,
        lock_in_remaining=3,
        owner_occupied=True,
        income_profile={"monthly_income_fixed": 9_800, "monthly_income_variable": 900},
    ),
    _lead(
        "Arjun Pillai",
        6613,
        loan_amount=560_000,
        tenure_months=240,
        property_type="private_condo",
        current_bank="A small credit co-operative",
        lock_in_remaining=0,
        owner_occupied=False,
        income_profile={
            "monthly_income_fixed": 4_600,
            "other_property_debt": 2_100,
            "other_monthly_debt": 380,
        },
    ),
)


class _Story:
    endpoint: str = "/v1/mortgage/leads"
    requests: Sequence[Mapping[str, Any]] = LEADS

    async def is_told(self, session: Session, replies: Sequence[Mapping[str, Any]]) -> bool:
        return all(case.calculations for case in await _cases(session, replies))

    async def prove(self, session: Session, replies: Sequence[Mapping[str, Any]]) -> Sequence[Proof]:
        cases = await _cases(session, replies)
        timelines = [[event.event_type for event in reversed(case.events)] for case in cases]
        return (
            Proof(
                f"{len(LEADS)} leads became {len(LEADS)} cases",
                len({case.case_id for case in cases}) == len(LEADS),
            ),
            Proof("Each case has one version of its inputs", all(len(case.inputs) == 1 for case in cases)),
            Proof(
                "Each case is advised exactly once, on those inputs",
                all(
                    [(c.calc_version, c.input_version) for c in case.calculations] == [(1, 1)]
                    and case.recommendation == case.calculations[0].recommendation
                    for case in cases
                ),
            ),
            Proof(
                "Each timeline reads: lead form, calculation",
                all(timeline == [EventType.LEAD_FORM, EventType.CALCULATION] for timeline in timelines),
            ),
            Proof(
                "No case holds a name, an e-mail address or a telephone number",
                not any(
                    value in case.model_dump_json()
                    for lead in LEADS
                    for value in lead["contact"].values()
                    for case in cases
                ),
            ),
        )

    def page(self, reply: Mapping[str, Any]) -> tuple[str, str]:
        return f"/console/mortgage/cases/{reply['case_id']}", reference_of(reply["case_id"])


async def _cases(session: Session, replies: Sequence[Mapping[str, Any]]) -> list[Case]:
    client = Client(session)
    return [await client.get_case(reply["case_id"]) for reply in replies]


story = _Story()
