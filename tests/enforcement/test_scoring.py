"""Scores follow from what is known alone, and no better fact makes one worse."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebase.modules.enforcement.scoring import (
    ASSETS,
    CONTACTS,
    PENALTIES,
    WEIGHTS,
    score,
    summarise,
    tier_of,
)

TIERS = [
    {"tier": "tier0", "min_score": 0},
    {"tier": "tier1", "min_score": 30},
    {"tier": "tier2", "min_score": 55},
    {"tier": "tier3", "min_score": 80.01},
]


def contact(kind: str, **changes: Any) -> dict[str, Any]:
    return {"kind": kind, "sources": ["vendor"], "confidence": None, "is_do_not_contact": False, **changes}


def asset(kind: str, **changes: Any) -> dict[str, Any]:
    return {"kind": kind, "sources": ["vendor"], "confidence": None, **changes}


def subject(**changes: Any) -> dict[str, Any]:
    return {
        "debtor": {"kind": "person", "name": "Jordan Quillfeather", "discriminator": "11201"},
        "contacts": [],
        "assets": [],
        "adverse_signals": [],
        "balance_due": 5000,
        "judgment_date": "2016-11-21",
        "on": "2026-11-21",
        "tiers": TIERS,
        **changes,
    }


def test_the_parts_and_what_they_come_to() -> None:
    found = score(
        subject(
            contacts=[
                contact("phone", confidence=0.9),
                contact("phone", confidence=0.2),
                contact("address", sources=["files", "vendor"]),
            ],
            assets=[asset("employer", confidence=1), asset("bank", confidence=0.8)],
            adverse_signals=["prior_judgments"],
        )
    )
    assert found.identity == 100  # named, told apart, with an address that two sources tell
    assert found.contactability == Decimal("62.50")  # 50 × 0.9 + 25 × 0.7
    assert found.asset == Decimal("68.00")  # 40 + 35 × 0.8
    assert found.recency_amount == Decimal("50.00")  # half of 20 years, half of the magnitudes
    assert found.adverse_penalty == 10
    assert found.collectability == Decimal("56.22")  # 10 + 15.625 + 30.6 + 10.0 − 10, half to even
    assert found.tier == "tier2"


def test_nothing_known_is_the_lowest_tier() -> None:
    found = score(subject(debtor=None, balance_due=0, judgment_date="1990-01-01"))
    assert (found.collectability, found.tier) == (0, "tier0")


def test_without_a_date_recency_is_the_middle() -> None:
    assert score(subject(judgment_date=None)).recency_amount == score(subject()).recency_amount


def test_whoever_asked_not_to_be_contacted_does_not_count() -> None:
    refused = subject(contacts=[contact("phone", is_do_not_contact=True)])
    assert score(refused).contactability == 0
    assert "No way to reach" in summarise(refused, score(refused))


@pytest.mark.parametrize(
    ("value", "tier"),
    [("0", "tier0"), ("29.99", "tier0"), ("30", "tier1"), ("80", "tier2"), ("80.01", "tier3")],
)
def test_the_tier_is_the_highest_that_is_reached(value: str, tier: str) -> None:
    assert tier_of(Decimal(value), TIERS[::-1]) == tier


@pytest.mark.parametrize(("value", "tier"), [("2", "tier0"), ("5", "tier0"), ("30", "tier1")])
def test_a_score_below_all_tiers_is_in_the_lowest(value: str, tier: str) -> None:
    tiers = [{"tier": "tier0", "min_score": 5}, *TIERS[1:]]
    assert tier_of(Decimal(value), tiers[::-1]) == tier


def test_two_sources_count_only_when_they_tell_the_same() -> None:
    apart = subject(contacts=[contact("phone"), contact("email", sources=["files"])])
    agreed = subject(contacts=[contact("phone", sources=["files", "vendor"]), contact("email")])
    assert (score(apart).identity, score(agreed).identity) == (60, 80)


def test_the_weights_add_up() -> None:
    assert sum(WEIGHTS.values()) == 1


def test_the_summary_names_nobody() -> None:
    known = subject(
        contacts=[contact("phone", value="(646) 555-0148"), contact("email", value="jq@quill.example")],
        assets=[asset("bank", description="Account 12345678")],
        adverse_signals=["judgment_proof"],
    )
    text = summarise(known, score(known))
    assert "Known assets: a bank." in text
    assert "Reached by 1 telephone, 1 e-mail address." in text
    assert "Against it: judgment proof." in text
    assert not any(word in text for word in ("Quillfeather", "555", "quill", "1234"))


confidences = st.none() | st.decimals(0, 1, places=3).map(float)
contacts = st.lists(
    st.builds(
        contact, st.sampled_from(sorted(CONTACTS)), confidence=confidences, is_do_not_contact=st.booleans()
    ),
    max_size=6,
)
assets = st.lists(st.builds(asset, st.sampled_from(sorted(ASSETS)), confidence=confidences), max_size=8)
subjects = st.builds(
    subject,
    contacts=contacts,
    assets=assets,
    adverse_signals=st.lists(st.sampled_from(sorted(PENALTIES)), unique=True),
    balance_due=st.decimals(0, 1_000_000_000, places=2),
    judgment_date=st.none() | st.dates().map(str),
)


@given(subjects)
def test_scores_are_what_the_database_takes(known: dict[str, Any]) -> None:
    found = score(known)
    parts = found.json()
    tier = parts.pop("collectability_tier")
    assert all(
        0 <= float(value) <= 100 and Decimal(str(value)) % Decimal("0.01") == 0 for value in parts.values()
    )
    assert tier == tier_of(found.collectability, TIERS)
    assert score(deepcopy(known)) == found


@given(subjects, assets, contacts)
def test_knowing_more_never_costs(
    known: dict[str, Any], more_assets: list[Any], more_contacts: list[Any]
) -> None:
    better = {
        **known,
        "assets": known["assets"] + more_assets,
        "contacts": known["contacts"] + more_contacts,
    }
    assert score(better).collectability >= score(known).collectability
    assert (
        score({**known, "adverse_signals": sorted(PENALTIES)}).collectability <= score(known).collectability
    )
