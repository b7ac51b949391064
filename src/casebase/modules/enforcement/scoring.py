"""Score how likely a judgment can be collected, from what is known of its debtor.

Five parts, each 0 to 100 with two decimals; the first four are weighed, the last is taken off:

| part            | weight | what counts                                                                         |
|-----------------|-------:|-------------------------------------------------------------------------------------|
| identity        |   0.10 | a name 40; told apart from namesakes 20; an address 20; a fact two sources tell 20   |
| contactability  |   0.25 | the surest telephone 50, e-mail 25, address 25; none that asked not to be contacted   |
| asset           |   0.45 | the surest employer 40, bank 35, property 30, business 20, vehicle 10, other 5        |
| recency, amount |   0.20 | 60 % age, none left after 20 years (N.Y. CPLR 211(b)); 40 % balance, by its magnitude |
| adverse penalty |     −1 | bankruptcy 60, deceased 50, judgment proof 40, incarcerated 30, prior judgments 10    |

What a source is sure of counts in full, what it says without a confidence for 0.7. Equal facts have equal scores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from math import log10
from typing import Any, Final

WEIGHTS: Final = {
    "identity": Decimal("0.10"),
    "contactability": Decimal("0.25"),
    "asset": Decimal("0.45"),
    "recency_amount": Decimal("0.20"),
}
CONTACTS: Final = {"phone": 50, "email": 25, "address": 25}
ASSETS: Final = {
    "employer": 40,
    "bank": 35,
    "real_property": 30,
    "business": 20,
    "vehicle": 10,
    "other": 5,
}
PENALTIES: Final = {
    "bankruptcy": 60,
    "deceased": 50,
    "judgment_proof": 40,
    "incarcerated": 30,
    "prior_judgments": 10,
}
UNSTATED_CONFIDENCE: Final = Decimal("0.7")
ENFORCEABLE_YEARS: Final = 20
LEAST_BALANCE: Final = 500
FULL_BALANCE: Final = 50_000

_CENT: Final = Decimal("0.01")
_HUNDRED: Final = Decimal(100)
_DAYS_A_YEAR: Final = Decimal("365.25")
_ASSET_WORDS: Final = {
    "employer": "an employer",
    "bank": "a bank",
    "real_property": "property",
    "business": "a business",
    "vehicle": "a vehicle",
    "other": "another asset",
}


@dataclass(frozen=True, slots=True)
class Scores:
    """The parts and what they come to, as ``set_case_scores`` takes them."""

    identity: Decimal
    contactability: Decimal
    asset: Decimal
    recency_amount: Decimal
    adverse_penalty: Decimal
    collectability: Decimal
    tier: str

    def json(self) -> dict[str, float | str]:
        """Return the scores by the names of ``set_case_scores``'s parameters, without their ``p_``."""
        return {
            "identity_score": float(self.identity),
            "contactability_score": float(self.contactability),
            "asset_score": float(self.asset),
            "recency_amount_score": float(self.recency_amount),
            "adverse_penalty": float(self.adverse_penalty),
            "collectability_score": float(self.collectability),
            "collectability_tier": self.tier,
        }


def score(subject: Mapping[str, Any]) -> Scores:
    """Score a subject as ``get_enrichment_subject`` returns it."""
    parts = {
        "identity": _identity(subject),
        "contactability": _surest(
            [contact for contact in subject["contacts"] if not contact["is_do_not_contact"]], CONTACTS
        ),
        "asset": _surest(subject["assets"], ASSETS),
        "recency_amount": _recency_amount(subject),
    }
    penalty = _score(sum((Decimal(PENALTIES[signal]) for signal in subject["adverse_signals"]), Decimal()))
    weighed = sum((WEIGHTS[part] * value for part, value in parts.items()), Decimal())
    collectability = _score(weighed - penalty)
    return Scores(
        **parts,
        adverse_penalty=penalty,
        collectability=collectability,
        tier=tier_of(collectability, subject["tiers"]),
    )


def tier_of(collectability: Decimal, tiers: Sequence[Mapping[str, Any]]) -> str:
    """Return the highest tier that the score reaches, or the lowest if none; ``tiers`` are the lookup's rows."""
    reached = [tier for tier in tiers if _least(tier) <= collectability]
    best = max(reached, key=_least) if reached else min(tiers, key=_least)
    return str(best["tier"])


def _least(tier: Mapping[str, Any]) -> Decimal:
    return Decimal(str(tier["min_score"]))


def summarise(subject: Mapping[str, Any], scores: Scores) -> str:
    """Say in words what the score rests on; no name, number or address."""
    usable = [contact for contact in subject["contacts"] if not contact["is_do_not_contact"]]
    kinds = {asset["kind"] for asset in subject["assets"]}
    assets = [word for kind, word in _ASSET_WORDS.items() if kind in kinds]
    counts = [
        f"{count} {word if count == 1 else plural}"
        for kind, word, plural in (
            ("phone", "telephone", "telephones"),
            ("email", "e-mail address", "e-mail addresses"),
            ("address", "address", "addresses"),
        )
        if (count := sum(contact["kind"] == kind for contact in usable))
    ]
    adverse = [signal.replace("_", " ") for signal in subject["adverse_signals"]]
    return " ".join(
        (
            f"Score {scores.collectability}, {scores.tier}.",
            f"Known assets: {', '.join(assets)}." if assets else "No asset is known.",
            f"Reached by {', '.join(counts)}." if counts else "No way to reach the debtor is known.",
            f"Against it: {', '.join(adverse)}." if adverse else "Nothing adverse is known.",
        )
    )


def _identity(subject: Mapping[str, Any]) -> Decimal:
    debtor = subject["debtor"]
    if debtor is None:
        return Decimal("0.00")
    facts = (*subject["contacts"], *subject["assets"])
    return _score(
        Decimal(40)
        + 20 * bool(debtor["discriminator"] or debtor["kind"] == "company")
        + 20 * any(contact["kind"] == "address" for contact in subject["contacts"])
        + 20 * any(len(fact["sources"]) >= 2 for fact in facts)
    )


def _surest(facts: Sequence[Mapping[str, Any]], points: Mapping[str, int]) -> Decimal:
    """Add up each kind's points, by the surest fact of the kind: a second telephone adds nothing to the first."""
    best: dict[str, Decimal] = {}
    for fact in facts:
        stated = fact["confidence"]
        confidence = UNSTATED_CONFIDENCE if stated is None else Decimal(str(stated))
        best[fact["kind"]] = max(best.get(fact["kind"], Decimal()), confidence)
    return _score(sum((points[kind] * confidence for kind, confidence in best.items()), Decimal()))


def _recency_amount(subject: Mapping[str, Any]) -> Decimal:
    given = subject["judgment_date"]
    if given is None:
        recency = Decimal(50)
    else:
        days = (date.fromisoformat(subject["on"]) - date.fromisoformat(given)).days
        recency = _HUNDRED * (1 - max(days, 0) / (_DAYS_A_YEAR * ENFORCEABLE_YEARS))
    balance = float(subject["balance_due"])
    magnitude = log10(max(balance, LEAST_BALANCE) / LEAST_BALANCE) / log10(FULL_BALANCE / LEAST_BALANCE)
    # From floats only after rounding, so that no platform's last bit decides a tier.
    amount = _score(Decimal(str(round(magnitude * 100, 6))))
    return _score(Decimal("0.6") * max(recency, Decimal()) + Decimal("0.4") * amount)


def _score(value: Decimal) -> Decimal:
    return min(max(value, Decimal()), _HUNDRED).quantize(_CENT, ROUND_HALF_EVEN)
