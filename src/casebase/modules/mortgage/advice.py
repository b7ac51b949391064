"""Compare staying, repricing and refinancing a home loan over a horizon, and recommend one.

Pure: the inputs and the dated facts go in, an ``Advice`` comes out; equal ones give an equal hash, for ever.

The model. A switch costs its one-off items and the old rate until it happens; then the loan goes on over
what is left of its tenure at the new rate. Repricing waits for the notice and for the lock-in, as lenders
don't reprice inside it. Refinancing happens at the end of its notice, with the penalty, or after the
lock-in; into the fixed or the floating package: whichever costs least over the horizon. Costs are
interest and one-off items, since principal repaid is not lost. Floating rates are held at today's index,
since forecasting it is not advice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

from casebase.modules.mortgage.affordability import Affordability, ServicingRules, assess_affordability
from casebase.modules.mortgage.amortisation import ARITHMETIC, Schedule, cents, percent_of, schedule
from casebase.modules.mortgage.enums import PropertyType, Recommendation
from casebase.modules.mortgage.facts import AdviceFacts, FactKey, FactReader, RateFact
from casebase.modules.mortgage.inputs import AdviceInputs
from casebase.modules.mortgage.results import (
    Advice,
    HassleParts,
    OneOffCosts,
    Package,
    PathAdvice,
    Reason,
    Timing,
)

# Part of every rule version: raise it when the same inputs and facts come to mean another advice.
ENGINE_VERSION = 1

_ZERO = Decimal("0.00")


def advise(inputs: AdviceInputs, facts: AdviceFacts) -> Advice:
    """Compare the three paths and recommend one.

    Raises ``MissingFactError`` when a fact that this case needs is not in force.
    """
    with localcontext(ARITHMETIC):
        return _Comparison(inputs, FactReader(facts)).advice()


def replay(record: Mapping[str, Any]) -> Advice:
    """Compute the advice of a ``private_json`` record again: its ``result_hash`` must come out equal."""
    facts = AdviceFacts.of(RateFact.model_validate(fact) for fact in record["facts_used"])
    return advise(AdviceInputs.model_validate(record["inputs"]), facts)


@dataclass(frozen=True, slots=True)
class _Switch:
    """A way to leave the current package: when, into what, at which one-off costs."""

    path: Recommendation
    package: Package
    rate: Decimal
    timing: Timing
    month: int
    costs: OneOffCosts
    hassle: HassleParts


class _Comparison:
    """One case being compared; lives for one call of ``advise``."""

    def __init__(self, inputs: AdviceInputs, facts: FactReader) -> None:
        self._inputs = inputs
        self._facts = facts
        self._horizon = min(inputs.horizon_months, inputs.tenure_months)
        self._staying = schedule(
            inputs.loan_amount, self._current_rate(), inputs.tenure_months, self._horizon
        )
        self._stay = self._stay_path()

    def advice(self) -> Advice:
        affordability = self._affordability()
        reprice = self._best(Recommendation.REPRICE, self._reprice_switches(), ())
        refinance = self._best(
            Recommendation.REFINANCE,
            self._refinance_switches(),
            tuple(self._refinance_blockers(affordability)),
        )
        chosen = self._recommend(self._stay, reprice, refinance)
        reasons = self._reasons(chosen, reprice, refinance, affordability)
        used = self._facts.used
        newest = max(used, key=lambda fact: (fact.effective_from, fact.rule_version))
        return Advice(
            inputs=self._inputs,
            facts_used=used,
            rule_version=f"{newest.rule_version}+engine.{ENGINE_VERSION}",
            horizon_months=self._horizon,
            stay=self._stay,
            reprice=reprice,
            refinance=refinance,
            affordability=affordability,
            recommendation=chosen.path,
            reason_codes=tuple(dict.fromkeys(reasons)),
            net_savings=chosen.net_savings,
            hassle_score=chosen.hassle_score,
        )

    # Rates

    def _current_rate(self) -> Decimal:
        if self._inputs.current_rate is not None:
            return self._inputs.current_rate
        if self._inputs.property_type is PropertyType.HDB:
            return self._facts[FactKey.HDB_CONCESSIONARY_RATE]
        return self._facts[FactKey.SORA_3M] + self._facts[FactKey.BASELINE_SPREAD]

    def _packages(self, fixed: FactKey, floating_spread: FactKey) -> dict[Package, Decimal]:
        """Return the rate of each package; fixed comes first, so that it wins a tie."""
        return {
            Package.FIXED: self._facts[fixed],
            Package.FLOATING: self._facts[FactKey.SORA_3M] + self._facts[floating_spread],
        }

    # Switches

    def _reprice_switches(self) -> Iterator[_Switch]:
        notice, lock_in = self._facts.months(FactKey.REPRICE_NOTICE), self._inputs.lock_in_remaining
        month = max(notice, lock_in)
        timing = Timing.AFTER_LOCK_IN if lock_in > notice else Timing.NOW
        packages = self._packages(FactKey.REPRICE_FIXED_RATE, FactKey.REPRICE_FLOATING_SPREAD)
        if month >= self._horizon:
            return
        costs = OneOffCosts(reprice_fee=cents(self._facts[FactKey.REPRICE_FEE]))
        hassle = HassleParts(paperwork=1, waiting=_waiting(month), commitment=1)
        for package, rate in packages.items():
            yield _Switch(Recommendation.REPRICE, package, rate, timing, month, costs, hassle)

    def _refinance_switches(self) -> Iterator[_Switch]:
        notice = self._facts.months(FactKey.REFINANCE_NOTICE)
        timings = {Timing.NOW: notice}
        if self._inputs.lock_in_remaining > notice:
            timings[Timing.AFTER_LOCK_IN] = self._inputs.lock_in_remaining
        packages = self._packages(FactKey.REFINANCE_FIXED_RATE, FactKey.REFINANCE_FLOATING_SPREAD)
        for timing, month in timings.items():
            if month >= self._horizon:
                continue
            costs = self._refinance_costs(month)
            # A penalty is money, not hassle: a higher one must not change the score by way of the timing.
            hassle = HassleParts(
                paperwork=3, third_parties=2, waiting=_waiting(month), commitment=1, requalification=1
            )
            for package, rate in packages.items():
                yield _Switch(Recommendation.REFINANCE, package, rate, timing, month, costs, hassle)

    def _refinance_costs(self, month: int) -> OneOffCosts:
        facts, balance = self._facts, self._staying.balances[month]
        is_hdb = self._inputs.property_type is PropertyType.HDB
        legal = cents(facts[FactKey.LEGAL_FEE_HDB if is_hdb else FactKey.LEGAL_FEE_PRIVATE])
        valuation = cents(facts[FactKey.VALUATION_FEE_HDB if is_hdb else FactKey.VALUATION_FEE_PRIVATE])
        subsidy = clawback = penalty = _ZERO
        if balance >= facts[FactKey.SUBSIDY_MINIMUM_LOAN]:
            offered = percent_of(balance, facts[FactKey.SUBSIDY_RATE])
            # A subsidy pays fees; it is never cash in hand.
            subsidy = min(cents(min(offered, facts[FactKey.SUBSIDY_CAP])), legal + valuation)
        if month < self._clawback_remaining():
            given = percent_of(balance, facts[FactKey.CLAWBACK_RATE])
            clawback = cents(min(given, facts[FactKey.CLAWBACK_CAP]))
        if month < self._inputs.lock_in_remaining:
            penalty = cents(percent_of(balance, facts[FactKey.LOCK_IN_PENALTY_RATE]))
        return OneOffCosts(
            legal=legal, valuation=valuation, subsidy=-subsidy, clawback=clawback, lock_in_penalty=penalty
        )

    def _clawback_remaining(self) -> int:
        """Return the months left in which the current lender takes its subsidy back.

        Unless told, a locked-in loan is taken to stay exposed some months past its lock-in, any other not.
        """
        if self._inputs.clawback_remaining is not None:
            return self._inputs.clawback_remaining
        if self._inputs.lock_in_remaining == 0:
            return 0
        return self._inputs.lock_in_remaining + self._facts.months(FactKey.CLAWBACK_PAST_LOCK_IN)

    # Paths

    def _stay_path(self) -> PathAdvice:
        costs = tuple(cents(interest) for interest in self._staying.interest[1:])
        payment = cents(self._staying.instalment)
        return PathAdvice(
            path=Recommendation.STAY,
            instalment_before=payment,
            instalment_after=payment,
            interest=costs[-1],
            total=costs[-1],
            cumulative_costs=costs,
        )

    def _best(
        self, path: Recommendation, switches: Iterator[_Switch], blockers: tuple[Reason, ...]
    ) -> PathAdvice:
        paths = [self._switch_path(switch, blockers) for switch in switches]
        if not paths:
            return self._stay.model_copy(
                update={"path": path, "blockers": (*blockers, Reason.SWITCH_AFTER_HORIZON)}
            )
        return min(paths, key=lambda candidate: candidate.total)

    def _switch_path(self, switch: _Switch, blockers: tuple[Reason, ...]) -> PathAdvice:
        month, one_off = switch.month, switch.costs.total
        after = self._after(switch)
        so_far = self._staying.interest[month]
        stay_costs = self._stay.cumulative_costs
        costs = stay_costs[:month] + tuple(cents(so_far + more) + one_off for more in after.interest[1:])
        return PathAdvice(
            path=switch.path,
            package=switch.package,
            timing=switch.timing,
            switch_month=month,
            instalment_before=self._stay.instalment_before,
            instalment_after=cents(after.instalment),
            interest=costs[-1] - one_off,
            one_off_costs=switch.costs,
            one_off_total=one_off,
            total=costs[-1],
            net_savings=stay_costs[-1] - costs[-1],
            break_even_month=_break_even(stay_costs, costs, month),
            hassle_score=switch.hassle.score,
            hassle_parts=switch.hassle,
            blockers=blockers,
            cumulative_costs=costs,
        )

    def _after(self, switch: _Switch) -> Schedule:
        return schedule(
            self._staying.balances[switch.month],
            switch.rate,
            self._inputs.tenure_months - switch.month,
            self._horizon - switch.month,
        )

    # Judgement

    def _affordability(self) -> Affordability | None:
        """Check what a new lender would: today's loan at the dearer package, so that either is open."""
        profile, facts = self._inputs.income_profile, self._facts
        if profile is None:
            return None
        rules = ServicingRules(
            tdsr_limit=facts[FactKey.TDSR_LIMIT],
            msr_limit=facts[FactKey.MSR_LIMIT],
            stress_rate_floor=facts[FactKey.STRESS_RATE_FLOOR],
            variable_income_haircut=facts[FactKey.VARIABLE_INCOME_HAIRCUT],
        )
        packages = self._packages(FactKey.REFINANCE_FIXED_RATE, FactKey.REFINANCE_FLOATING_SPREAD)
        return assess_affordability(
            profile,
            rules,
            loan_amount=self._inputs.loan_amount,
            tenure_months=self._inputs.tenure_months,
            annual_rate=max(packages.values()),
            property_type=self._inputs.property_type,
            owner_occupied=self._inputs.owner_occupied,
        )

    def _refinance_blockers(self, affordability: Affordability | None) -> Iterator[Reason]:
        if self._inputs.loan_amount < self._facts[FactKey.REFINANCE_MINIMUM_LOAN]:
            yield Reason.LOAN_BELOW_MINIMUM
        if affordability is not None:
            if not affordability.tdsr.passes:
                yield Reason.TDSR_EXCEEDED
            if affordability.msr is not None and not affordability.msr.passes:
                yield Reason.MSR_EXCEEDED

    def _recommend(self, *paths: PathAdvice) -> PathAdvice:
        """Choose the open path with the highest savings net of its hassle; a tie goes to the earlier one."""
        return max((path for path in paths if not path.blockers), key=self._merit)

    def _merit(self, path: PathAdvice) -> Decimal:
        return path.net_savings - path.hassle_score * self._facts[FactKey.HASSLE_WORTH]

    def _reasons(
        self,
        chosen: PathAdvice,
        reprice: PathAdvice,
        refinance: PathAdvice,
        affordability: Affordability | None,
    ) -> Iterator[Reason]:
        open_switches = [path for path in (reprice, refinance) if not path.blockers]
        if chosen.path is not Recommendation.STAY:
            yield Reason.SAVINGS_EXCEED_HASSLE
        elif any(path.net_savings > 0 for path in open_switches):
            yield Reason.SAVINGS_BELOW_HASSLE
        elif open_switches:
            yield Reason.NO_CHEAPER_PACKAGE
        if chosen is reprice and refinance in open_switches and refinance.net_savings > reprice.net_savings:
            yield Reason.LESS_HASSLE_THAN_REFINANCING
        if chosen.one_off_costs.lock_in_penalty > 0:
            yield Reason.PENALTY_WORTH_PAYING
        if chosen.timing is Timing.AFTER_LOCK_IN:
            yield Reason.WAIT_FOR_LOCK_IN
        fees = chosen.one_off_costs.legal + chosen.one_off_costs.valuation
        if fees and fees + chosen.one_off_costs.subsidy == 0:
            yield Reason.SUBSIDY_COVERS_FEES
        yield from reprice.blockers
        yield from refinance.blockers
        if self._inputs.current_rate is None:
            yield Reason.CURRENT_RATE_ASSUMED
        if affordability is None:
            yield Reason.AFFORDABILITY_UNKNOWN
        elif affordability.exemption_possible:
            yield Reason.EXEMPTION_POSSIBLE


def _waiting(months: int) -> int:
    """Return a point of hassle for each half year of waiting, three at most."""
    return min(3, months // 6)


def _break_even(stay: tuple[Decimal, ...], costs: tuple[Decimal, ...], switch_month: int) -> int | None:
    """Return the first month after the switch from which staying is never cheaper again, if any."""
    found = None
    for month in range(len(costs), switch_month, -1):
        if costs[month - 1] > stay[month - 1]:
            break
        found = month
    return found
