"""How a case reads to a person: its advice in words, charts, and what changed in its inputs and advice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from casebase.console.kit import Change, Chart, charts, diff
from casebase.console.kit.format import ABSENT, day, money, months, percent, plain, words
from casebase.modules.mortgage.affordability import Affordability, ServicingCheck
from casebase.modules.mortgage.enums import PropertyType, Recommendation
from casebase.modules.mortgage.models import Calculation, Case, InputsVersion
from casebase.modules.mortgage.results import OneOffCosts, PathAdvice, Reason, Timing

TONES: Final[Mapping[str, str]] = {
    "stay": "neutral",
    "reprice": "accent",
    "refinance": "good",
    "draft": "neutral",
    "active": "accent",
    "closed": "good",
}
PROPERTIES: Final[Mapping[str, str]] = {
    PropertyType.HDB: "HDB flat",
    PropertyType.PRIVATE_CONDO: "Private condo",
    PropertyType.LANDED: "Landed house",
    PropertyType.EXECUTIVE_CONDO: "Executive condo",
}
_REASONS: Final[Mapping[str, str]] = {
    Reason.SWITCH_AFTER_HORIZON: "A switch could only start after the period compared.",
    Reason.LOAN_BELOW_MINIMUM: "The loan is smaller than lenders take over.",
    Reason.TDSR_EXCEEDED: "All debt takes more of the income than the TDSR allows.",
    Reason.MSR_EXCEEDED: "The instalment takes more of the income than the MSR allows.",
    Reason.NO_CHEAPER_PACKAGE: "No package on offer is cheaper than the present one.",
    Reason.SAVINGS_BELOW_HASSLE: "What a switch saves is not worth its effort.",
    Reason.SAVINGS_EXCEED_HASSLE: "The savings are well worth the effort.",
    Reason.LESS_HASSLE_THAN_REFINANCING: "Refinancing saves more, but not enough for its effort.",
    Reason.PENALTY_WORTH_PAYING: "Even with the lock-in penalty, leaving now costs less.",
    Reason.WAIT_FOR_LOCK_IN: "Waiting for the end of the lock-in costs less than its penalty.",
    Reason.SUBSIDY_COVERS_FEES: "The new lender's subsidy covers legal and valuation fees.",
    Reason.CURRENT_RATE_ASSUMED: "The present rate was not given; a usual one is assumed.",
    Reason.AFFORDABILITY_UNKNOWN: "No income was given, so the servicing ratios are not checked.",
    Reason.EXEMPTION_POSSIBLE: "A lender may exempt an owner-occupier from the TDSR.",
}
_COSTS: Final[Mapping[str, str]] = {
    "reprice_fee": "Conversion fee",
    "legal": "Legal fee",
    "valuation": "Valuation",
    "subsidy": "Subsidy",
    "clawback": "Clawback",
    "lock_in_penalty": "Lock-in penalty",
}
_INPUT_LABELS: Final[Mapping[str, str]] = {
    "loan_amount": "Outstanding loan",
    "tenure_months": "Remaining tenure",
    "property_type": "Property",
    "current_bank_mask": "Present bank",
    "lock_in_remaining": "Lock-in left",
    "owner_occupied": "Owner-occupied",
    "income.monthly_income_fixed": "Fixed income a month",
    "income.monthly_income_variable": "Variable income a month",
    "income.other_property_debt": "Other property debt a month",
    "income.other_monthly_debt": "Other debt a month",
}


def sgd(value: Any, places: int = 0) -> str:
    """Return an amount as ``S$12,345``."""
    return money(value, places, symbol="S$")


@dataclass(frozen=True, slots=True)
class PathCard:
    """One path of the advice, as a card beside the others."""

    name: str
    how: str
    is_recommended: bool
    comparison: str
    tone: str
    figures: Sequence[tuple[str, str]]
    costs: Sequence[tuple[str, str]]
    blockers: Sequence[str]


@dataclass(frozen=True, slots=True)
class AdviceView:
    """The newest calculation."""

    headline: str
    reasons: Sequence[str]
    cards: Sequence[PathCard]
    instalments: str
    savings: str
    savings_tone: str
    horizon: str
    hassle: str
    chart: Chart
    affordability: Sequence[tuple[str, str, str]]
    """Name, what it reads, and the tone of its badge, if it is one."""
    rules: str
    is_current: bool
    """Whether it rests on the newest inputs."""


@dataclass(frozen=True, slots=True)
class VersionChange:
    """What one version of the inputs, or one calculation, changed, and when."""

    title: str
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class CaseView:
    """A whole case."""

    property: str
    consent: str
    consent_tone: str
    advice: AdviceView | None
    inputs: Sequence[tuple[str, str]]
    inputs_history: Sequence[VersionChange]
    advice_history: Sequence[VersionChange]


def view(case: Case, now: datetime) -> CaseView:
    """Turn a case into what its page shows."""
    newest = case.inputs[0]
    left = case.consent_until - now
    return CaseView(
        property=PROPERTIES[newest.property_type],
        consent=_time_left(left),
        consent_tone="bad" if left <= timedelta() else "warning" if left < timedelta(days=1) else "",
        advice=_advice(case.calculations[0], newest) if case.calculations else None,
        inputs=[(label, value) for label, value in _inputs_read(newest) if value],
        inputs_history=list(_inputs_history(case.inputs)),
        advice_history=list(_advice_history(case.calculations)),
    )


def _time_left(left: timedelta) -> str:
    if left <= timedelta():
        return "Ended"
    hours = round(left.total_seconds() / 3600)
    return f"{hours} hours" if hours < 48 else f"{round(hours / 24)} days"


# Advice


def _advice(calculation: Calculation, newest: InputsVersion) -> AdviceView:
    documents = (calculation.stay_json, calculation.reprice_json, calculation.refi_json)
    paths = [PathAdvice.model_validate(document) for document in documents]
    chosen = next(path for path in paths if path.path is calculation.recommendation)
    horizon = months(calculation.horizon_months)
    return AdviceView(
        headline=_headline(chosen, horizon),
        reasons=[_REASONS[code] for code in calculation.reason_codes if code in _REASONS],
        cards=[_card(path, calculation) for path in paths],
        instalments=sgd(chosen.instalment_after),
        savings=sgd(calculation.net_savings),
        savings_tone="good" if calculation.net_savings > 0 else "",
        horizon=horizon,
        hassle=f"{calculation.hassle_score} of 10",
        chart=charts.lines(
            f"Interest and one-off costs so far, over {horizon}",
            [str(month) for month in range(1, calculation.horizon_months + 1)],
            {words(path.path): [float(cost) for cost in path.cumulative_costs] for path in paths},
            show=sgd,
        ),
        affordability=list(_ratios(calculation.affordability_json)),
        rules=calculation.rule_version,
        is_current=calculation.input_version == newest.version,
    )


def _headline(chosen: PathAdvice, horizon: str) -> str:
    match chosen.path:
        case Recommendation.STAY:
            return "Stay with the present package"
        case Recommendation.REPRICE:
            verb = "Reprice with the present bank"
        case Recommendation.REFINANCE:
            verb = "Refinance with another bank"
    return f"{verb}: {sgd(chosen.net_savings)} saved in {horizon}"


def _card(path: PathAdvice, calculation: Calculation) -> PathCard:
    is_stay = path.path is Recommendation.STAY
    break_even = f"Month {path.break_even_month}" if path.break_even_month else "Never"
    figures = [
        ("Instalment", sgd(path.instalment_after, 2)),
        ("Interest", sgd(path.interest)),
        ("One-off costs", sgd(path.one_off_total)),
        ("Total cost", sgd(path.total)),
        ("Break-even", ABSENT if is_stay else break_even),
        ("Hassle", f"{path.hassle_score} of 10"),
    ]
    return PathCard(
        name=words(path.path),
        how=_how(path),
        is_recommended=path.path is calculation.recommendation,
        comparison="The measure of the others" if is_stay else _comparison(path.net_savings),
        tone="good" if path.net_savings > 0 else "warning" if path.net_savings < 0 else "neutral",
        figures=figures,
        costs=list(_itemised(path.one_off_costs)),
        blockers=[_REASONS[reason] for reason in path.blockers],
    )


def _comparison(net_savings: Decimal) -> str:
    if net_savings == 0:
        return "Costs the same"
    return f"Saves {sgd(net_savings)}" if net_savings > 0 else f"Costs {sgd(-net_savings)} more"


def _how(path: PathAdvice) -> str:
    if path.package is None:
        return "The present package goes on" if path.path is Recommendation.STAY else "Not within the period"
    wait = "after the lock-in, in" if path.timing is Timing.AFTER_LOCK_IN else "package in"
    return f"{words(path.package)} {wait} {months(path.switch_month)}"


def _itemised(costs: OneOffCosts) -> Iterator[tuple[str, str]]:
    for name, label in _COSTS.items():
        amount: Decimal = getattr(costs, name)
        if amount:
            yield label, sgd(amount)


def _ratios(document: Mapping[str, Any] | None) -> Iterator[tuple[str, str, str]]:
    if document is None:
        return
    affordability = Affordability.model_validate(document)
    checks: dict[str, ServicingCheck | None] = {
        "TDSR, all debt": affordability.tdsr,
        "MSR, this loan": affordability.msr,
    }
    for name, check in checks.items():
        if check is not None:
            ratio = "no income" if check.ratio is None else percent(check.ratio, 1)
            yield name, f"{ratio} of {percent(check.limit, 0)}", "good" if check.passes else "bad"
    yield "Instalment", sgd(affordability.stressed_instalment), ""


# Inputs


def _inputs_record(inputs: InputsVersion) -> dict[str, Any]:
    record = inputs.model_dump(exclude={"version", "created_by", "created_at", "income_profile_json"})
    return record | {"income": inputs.income_profile_json or {}}


_SHOW: Final = {
    "loan_amount": sgd,
    "tenure_months": months,
    "property_type": lambda value: PROPERTIES[value],
    "lock_in_remaining": months,
    **{path: sgd for path in _INPUT_LABELS if path.startswith("income.")},
}


def _inputs_read(inputs: InputsVersion) -> Iterator[tuple[str, str]]:
    record = _inputs_record(inputs)
    for path, label in _INPUT_LABELS.items():
        value = record["income"].get(path.removeprefix("income.")) if "." in path else record[path]
        if value is not None:
            yield label, _SHOW.get(path, plain)(value)


def _inputs_history(versions: Sequence[InputsVersion]) -> Iterator[VersionChange]:
    for newer, older in pairwise(versions):
        changes = diff(_inputs_record(older), _inputs_record(newer), labels=_INPUT_LABELS, show=_SHOW)
        yield VersionChange(f"Version {newer.version}, {day(newer.created_at)}", changes)


# Advice over time


_ADVICE_LABELS: Final[Mapping[str, str]] = {
    "recommendation": "Advice",
    "net_savings": "Savings",
    "hassle_score": "Hassle",
    **{
        f"{path}.{field}": f"{path.capitalize()}, {label}"
        for path in Recommendation
        for field, label in (
            ("instalment_after", "instalment"),
            ("interest", "interest"),
            ("one_off_total", "one-off costs"),
            ("total", "total cost"),
        )
    },
    "rule_version": "Rules",
}
_ADVICE_SHOW: Final = {
    "recommendation": words,
    "net_savings": sgd,
    "hassle_score": lambda value: f"{value} of 10",
    **{path: sgd for path in _ADVICE_LABELS if "." in path},
}


def _advice_record(calculation: Calculation) -> dict[str, Any]:
    record: dict[str, Any] = {
        "recommendation": calculation.recommendation,
        "net_savings": calculation.net_savings,
        "hassle_score": calculation.hassle_score,
        "rule_version": calculation.rule_version,
    }
    for document in (calculation.stay_json, calculation.reprice_json, calculation.refi_json):
        path = PathAdvice.model_validate(document)
        record[path.path] = {
            field: getattr(path, field)
            for field in ("instalment_after", "interest", "one_off_total", "total")
            if getattr(path, field) is not None
        }
    return record


def _advice_history(calculations: Sequence[Calculation]) -> Iterator[VersionChange]:
    for newer, older in pairwise(calculations):
        changes = diff(_advice_record(older), _advice_record(newer), labels=_ADVICE_LABELS, show=_ADVICE_SHOW)
        title = f"Calculation {newer.calc_version}, {day(newer.created_at)}"
        yield VersionChange(title, changes)
