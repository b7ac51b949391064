"""What may be published of cases that ended: bands and closed words, of at least five alike.

Pure functions: rows of ``list_publishable_cases`` in, files out. A published case tells five things: the property,
the band of its loan, why it was decided so, the band of its savings, what stood in the way. All five together are
its quasi-identifier: a case is published only when ``K`` or more are alike in each of them (k-anonymity, Sweeney
2002), so none of them, in whatever combination, singles anyone out. A group is published in whole multiples of K, so
that comparing two exports shows K newcomers alike or none. Dates, ids, names, banks and rates never get here.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from casebase.kernel.privacy import detectors
from casebase.modules.mortgage.enums import DecisionReason, Hurdle, PropertyType

K: Final = 5
"""How many cases must be alike before any of them is published."""

_PROPERTIES: Final[Mapping[PropertyType, str]] = {
    PropertyType.HDB: "HDB flat",
    PropertyType.PRIVATE_CONDO: "private condo",
    PropertyType.LANDED: "landed house",
    PropertyType.EXECUTIVE_CONDO: "executive condo",
}
_LOANS: Final = (250, 500, 750, 1000, 1500, 2000)
_SAVINGS: Final = (0, 2, 5, 10, 20, 40)


class PublishedCase(BaseModel):
    """A case as it is published; equal ones cannot be told apart."""

    model_config = ConfigDict(frozen=True)

    property_type: PropertyType
    loan_amount_band: str
    decision_reason: DecisionReason
    net_savings_band: str
    hurdles: tuple[Hurdle, ...]


def publish(rows: Iterable[Mapping[str, Any]], *, k: int = K) -> list[PublishedCase]:
    """Return the rows as published cases, whole multiples of ``k`` of each kind, in an order that tells nothing."""
    groups = Counter(_anonymous(row) for row in rows)
    return sorted(
        (case for case, count in groups.items() for _ in range(count // k * k)),
        key=lambda case: case.model_dump_json(),
    )


def json_lines(cases: Sequence[PublishedCase]) -> str:
    """Return one JSON document a line."""
    return "".join(case.model_dump_json() + "\n" for case in cases)


def pages(cases: Sequence[PublishedCase]) -> dict[str, str]:
    """Return a Markdown summary of each group of equal cases, by file name."""
    return {f"{_slug(case)}.md": _page(case, count) for case, count in Counter(cases).items()}


def personal(texts: Iterable[str]) -> set[str]:
    """Return the kinds of personal data that the detectors find in any of the texts."""
    return {finding.kind for text in texts for finding in detectors.find(text)}


def _anonymous(row: Mapping[str, Any]) -> PublishedCase:
    return PublishedCase(
        property_type=row["property_type"],
        loan_amount_band=_loan_band(Decimal(str(row["loan_amount"]))),
        decision_reason=row["decision_reason"] or DecisionReason.OTHER,
        net_savings_band=_savings_band(Decimal(str(row["net_savings"]))),
        hurdles=tuple(sorted(row["hurdles"])),
    )


def _loan_band(amount: Decimal) -> str:
    return _band(amount, _LOANS, below=f"under {_thousands(_LOANS[0])}")


def _savings_band(amount: Decimal) -> str:
    return "none" if amount <= 0 else _band(amount, _SAVINGS, below="none")


def _band(amount: Decimal, limits: Sequence[int], *, below: str) -> str:
    if amount < limits[0] * 1000:
        return below
    for low, high in pairwise(limits):
        if amount < high * 1000:
            return f"under {_thousands(high)}" if low == 0 else f"{_thousands(low)} to {_thousands(high)}"
    return f"{_thousands(limits[-1])} or more"


def _thousands(limit: int) -> str:
    return f"S${limit / 1000:g}m" if limit >= 1000 else f"S${limit}k"


def _slug(case: PublishedCase) -> str:
    parts = (
        case.property_type,
        "loan",
        case.loan_amount_band,
        case.decision_reason,
        "saves",
        case.net_savings_band,
        *case.hurdles,
    )
    return "-".join(parts).lower().replace("s$", "").replace("_", "-").replace(" ", "-").replace(".", "-")


def _page(case: PublishedCase, count: int) -> str:
    reason = case.decision_reason.replace("_", " ")
    hurdles = ", ".join(hurdle.replace("_", " ") for hurdle in case.hurdles) or "none"
    fields = {**case.model_dump(mode="json"), "cases": count}
    matter = "".join(f"{name}: {json.dumps(value)}\n" for name, value in fields.items())
    title = f"{_PROPERTIES[case.property_type]}, loan {case.loan_amount_band}: {reason}"
    return (
        f"---\n{matter}---\n\n# {title[0].upper()}{title[1:]}\n\n"
        f"- Property: {_PROPERTIES[case.property_type]}\n"
        f"- Loan: {case.loan_amount_band}\n"
        f"- Why they decided so: {reason}\n"
        f"- Net savings of the advice: {case.net_savings_band}\n"
        f"- What stood in the way: {hurdles}\n\n"
        f"At least {count} cases are like this one.\n"
    )


def _own_words() -> frozenset[str]:
    every = [
        PublishedCase(
            property_type=property_type,
            loan_amount_band=f"{_loan_band(Decimal(0))} {_loan_band(Decimal(10**9))}",
            decision_reason=reason,
            net_savings_band=f"{_savings_band(Decimal(0))} {_savings_band(Decimal(10**4))}",
            hurdles=tuple(Hurdle),
        )
        for property_type in PropertyType
        for reason in DecisionReason
    ]
    text = json_lines(every) + "".join(pages(every).values())
    return frozenset(re.findall(r"[a-z]+", text.lower()))


OWN_WORDS: Final = _own_words()
"""The words that exports are made of: a borrower called by nothing else cannot be told from them."""
