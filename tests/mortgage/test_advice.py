"""The advice: a worked example, the rules of each path, properties, what may be shown, and the replay."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal, getcontext, localcontext
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from casebase.modules.mortgage.advice import advise, replay
from casebase.modules.mortgage.enums import PropertyType, Recommendation
from casebase.modules.mortgage.facts import AdviceFacts, FactKey, MissingFactError, RateFact
from casebase.modules.mortgage.inputs import AdviceInputs
from casebase.modules.mortgage.results import Advice, Package, PathAdvice, Reason, Timing
from tests.mortgage.market import VALUES, loan, market, row

D = Decimal


def percentages(low: str, high: str) -> st.SearchStrategy[Decimal]:
    return st.decimals(min_value=D(low), max_value=D(high), places=2)


cases = st.builds(
    AdviceInputs,
    loan_amount=st.decimals(min_value=1000, max_value=5_000_000, places=2),
    tenure_months=st.integers(1, 420),
    property_type=st.sampled_from(PropertyType),
    current_rate=st.none() | percentages("0", "6"),
    lock_in_remaining=st.integers(0, 40),
    clawback_remaining=st.none() | st.integers(0, 40),
    owner_occupied=st.booleans(),
    horizon_months=st.integers(1, 60),
)
markets = st.fixed_dictionaries(
    {
        "sora_3m": percentages("0", "4"),
        "refinance_fixed_rate": percentages("0", "5"),
        "reprice_fixed_rate": percentages("0", "5"),
        "hassle_worth": st.integers(0, 1000),
        "lock_in_penalty_rate": percentages("0", "3"),
        "subsidy_cap": st.integers(0, 4000),
    }
)


class TestWorkedExample:
    """500,000 over 25 years at 3.5 %, free to leave; floating packages at 1.15 + 0.60 and 1.15 + 0.40 %.

    stay       36 instalments of 2,503.12 hold 50,515.19 of interest.
    reprice    one month of notice costs 1,458.33 and leaves 498,955.22; 35 months at 1.75 % cost 24,292.54,
               together 25,750.87; with the fee of 800 it is 26,550.87.
    refinance  three months cost 4,365.85 and leave 496,856.50; 33 months at 1.55 % cost 20,229.11, together
               24,594.96; fees of 2,700 less the subsidy of 0.4 % (1,987.43) are 712.57: 25,307.53.
    """

    @pytest.fixture
    def advice(self) -> Advice:
        return advise(loan(), market())

    def test_stay(self, advice):
        assert advice.stay.instalment_before == advice.stay.instalment_after == D("2503.12")
        assert advice.stay.interest == advice.stay.total == D("50515.19")

    def test_reprice(self, advice):
        path = advice.reprice
        assert (path.package, path.timing, path.switch_month) == (Package.FLOATING, Timing.NOW, 1)
        assert path.instalment_after == D("2060.12")
        assert (path.interest, path.one_off_total) == (D("25750.87"), D("800.00"))
        assert (path.total, path.net_savings) == (D("26550.87"), D("23964.32"))

    def test_refinance(self, advice):
        path = advice.refinance
        assert (path.package, path.timing, path.switch_month) == (Package.FLOATING, Timing.NOW, 3)
        assert path.instalment_after == D("2015.34")
        assert path.one_off_costs.model_dump() == {
            "reprice_fee": D("0.00"),
            "legal": D("2200.00"),
            "valuation": D("500.00"),
            "subsidy": D("-1987.43"),
            "clawback": D("0.00"),
            "lock_in_penalty": D("0.00"),
        }
        assert (path.interest, path.one_off_total) == (D("24594.96"), D("712.57"))
        assert (path.total, path.net_savings) == (D("25307.53"), D("25207.66"))

    def test_break_even(self, advice):
        # A month at 1.55 % saves 807, more than the costs; one at 1.75 % saves 728, less than the 800.
        assert advice.refinance.break_even_month == 4
        assert advice.reprice.break_even_month == 3

    def test_recommendation(self, advice):
        # 25,207.66 less 7 points of 100 beats 23,964.32 less 2 points.
        assert (advice.reprice.hassle_score, advice.refinance.hassle_score) == (2, 7)
        assert advice.recommendation is Recommendation.REFINANCE
        assert (advice.net_savings, advice.hassle_score) == (D("25207.66"), 7)
        assert advice.reason_codes == (Reason.SAVINGS_EXCEED_HASSLE, Reason.AFFORDABILITY_UNKNOWN)


class TestCurrentRate:
    def test_the_housing_boards_rate_is_assumed_for_a_flat(self):
        assumed = advise(loan(property_type="hdb", current_rate=None), market())
        told = advise(loan(property_type="hdb", current_rate="2.6"), market())
        assert assumed.stay == told.stay
        assert Reason.CURRENT_RATE_ASSUMED in assumed.reason_codes
        assert Reason.CURRENT_RATE_ASSUMED not in told.reason_codes

    def test_the_index_and_a_spread_are_assumed_for_a_private_home(self):
        assert (
            advise(loan(current_rate=None), market()).stay == advise(loan(current_rate="2.15"), market()).stay
        )


class TestPackages:
    def test_the_cheaper_package_is_taken(self):
        assert advise(loan(), market(reprice_fixed_rate="1.7")).reprice.package is Package.FIXED
        assert advise(loan(), market(reprice_fixed_rate="1.8")).reprice.package is Package.FLOATING

    def test_fixed_wins_a_tie(self):
        assert advise(loan(), market(reprice_fixed_rate="1.75")).reprice.package is Package.FIXED


class TestLockIn:
    def test_repricing_waits_for_its_end(self):
        path = advise(loan(lock_in_remaining=9), market()).reprice
        assert (path.timing, path.switch_month) == (Timing.AFTER_LOCK_IN, 9)

    def test_a_low_penalty_is_worth_paying(self):
        advice = advise(loan(lock_in_remaining=30, clawback_remaining=0), market(lock_in_penalty_rate="0.5"))
        assert advice.refinance.timing is Timing.NOW
        assert advice.refinance.one_off_costs.lock_in_penalty == D("2484.28")  # 0.5 % of 496,856.50
        assert Reason.PENALTY_WORTH_PAYING in advice.reason_codes

    def test_a_high_penalty_is_waited_out(self):
        advice = advise(loan(lock_in_remaining=6), market())
        assert (advice.refinance.timing, advice.refinance.switch_month) == (Timing.AFTER_LOCK_IN, 6)
        assert advice.refinance.one_off_costs.lock_in_penalty == 0
        assert Reason.WAIT_FOR_LOCK_IN in advice.reason_codes

    def test_a_lock_in_that_ends_within_the_notice_costs_nothing(self):
        path = advise(loan(lock_in_remaining=3, clawback_remaining=0), market()).refinance
        assert path.timing is Timing.NOW
        assert path.one_off_costs.lock_in_penalty == 0

    def test_repricing_is_closed_when_the_lock_in_outlasts_the_horizon(self):
        advice = advise(loan(lock_in_remaining=36), market())
        assert advice.reprice.blockers == (Reason.SWITCH_AFTER_HORIZON,)
        assert advice.reprice.total == advice.stay.total


class TestOneOffCosts:
    def test_the_subsidy_never_exceeds_the_fees(self):
        costs = advise(loan(), market(subsidy_rate="5", subsidy_cap="9000")).refinance.one_off_costs
        assert costs.subsidy == D("-2700.00")

    def test_a_small_loan_has_no_subsidy(self):
        assert advise(loan(loan_amount="250000"), market()).refinance.one_off_costs.subsidy == 0

    def test_fees_follow_the_kind_of_home(self):
        costs = advise(loan(property_type="hdb"), market()).refinance.one_off_costs
        assert (costs.legal, costs.valuation) == (D("1800.00"), D("250.00"))

    def test_the_clawback_outlives_the_lock_in(self):
        assert advise(loan(lock_in_remaining=6), market()).refinance.one_off_costs.clawback > 0
        assert advise(loan(lock_in_remaining=0), market()).refinance.one_off_costs.clawback == 0

    def test_a_stated_clawback_is_believed(self):
        told = advise(loan(clawback_remaining=4), market()).refinance
        over = advise(loan(clawback_remaining=3), market()).refinance
        assert told.one_off_costs.clawback == D("1987.43")
        assert over.one_off_costs.clawback == 0


class TestRecommendation:
    def test_stay_when_nothing_is_cheaper(self):
        advice = advise(loan(current_rate="1.0"), market())
        assert advice.recommendation is Recommendation.STAY
        assert Reason.NO_CHEAPER_PACKAGE in advice.reason_codes
        assert (advice.net_savings, advice.hassle_score) == (D("0.00"), 0)

    def test_stay_when_the_savings_are_not_worth_the_hassle(self):
        advice = advise(loan(), market(hassle_worth="20000"))
        assert advice.recommendation is Recommendation.STAY
        assert Reason.SAVINGS_BELOW_HASSLE in advice.reason_codes

    def test_reprice_when_refinancing_saves_little_more(self):
        advice = advise(loan(), market(hassle_worth="500"))
        assert advice.recommendation is Recommendation.REPRICE
        assert Reason.LESS_HASSLE_THAN_REFINANCING in advice.reason_codes

    def test_a_subsidy_that_pays_everything_is_a_reason(self):
        advice = advise(loan(), market(subsidy_rate="5", subsidy_cap="9000"))
        assert Reason.SUBSIDY_COVERS_FEES in advice.reason_codes

    def test_refinancing_is_closed_to_who_cannot_afford_it(self):
        advice = advise(loan(income_profile={"monthly_income_fixed": "4000"}), market())
        assert advice.recommendation is Recommendation.REPRICE
        assert advice.refinance.blockers == (Reason.TDSR_EXCEEDED,)
        assert {Reason.TDSR_EXCEEDED, Reason.EXEMPTION_POSSIBLE} <= set(advice.reason_codes)

    def test_a_flat_is_also_held_to_the_msr(self):
        profile = {"monthly_income_fixed": "8000"}
        advice = advise(loan(property_type="hdb", income_profile=profile), market())
        assert advice.refinance.blockers == (Reason.MSR_EXCEEDED,)

    def test_refinancing_is_closed_to_a_small_loan(self):
        assert advise(loan(loan_amount="99999.99"), market()).refinance.blockers == (
            Reason.LOAN_BELOW_MINIMUM,
        )


class TestHorizon:
    def test_never_reaches_beyond_the_tenure(self):
        advice = advise(loan(tenure_months=24), market())
        assert advice.horizon_months == 24
        assert len(advice.stay.cumulative_costs) == 24

    def test_a_loan_of_one_month_stays(self):
        advice = advise(loan(tenure_months=1), market())
        assert advice.recommendation is Recommendation.STAY
        assert advice.stay.total == D("1458.33")

    def test_the_longest_loan_over_its_whole_tenure(self):
        advice = advise(loan(tenure_months=420, horizon_months=420), market())
        assert len(advice.refinance.cumulative_costs) == 420
        assert advice.recommendation is Recommendation.REFINANCE

    def test_a_loan_without_interest_stays(self):
        advice = advise(loan(current_rate="0"), market())
        assert advice.stay.total == 0
        assert advice.recommendation is Recommendation.STAY


class TestProperties:
    @given(cases, markets, percentages("0", "5"))
    def test_more_penalty_never_makes_refinancing_better(self, case, values, more):
        dearer = {**values, "lock_in_penalty_rate": values["lock_in_penalty_rate"] + more}
        before, after = advise(case, market(**values)), advise(case, market(**dearer))
        assert after.refinance.total >= before.refinance.total
        if after.recommendation is Recommendation.REFINANCE:
            assert before.recommendation is Recommendation.REFINANCE

    @given(cases, markets, st.integers(0, 5000))
    def test_more_subsidy_never_makes_refinancing_worse(self, case, values, more):
        richer = {**values, "subsidy_cap": values["subsidy_cap"] + more}
        before, after = advise(case, market(**values)), advise(case, market(**richer))
        assert after.refinance.total <= before.refinance.total
        if before.recommendation is Recommendation.REFINANCE:
            assert after.recommendation is Recommendation.REFINANCE

    @given(cases, markets, percentages("0", "3"))
    def test_a_higher_board_rate_never_makes_repricing_better(self, case, values, more):
        dearer = {
            **values,
            "reprice_fixed_rate": values["reprice_fixed_rate"] + more,
            "reprice_floating_spread": D(VALUES["reprice_floating_spread"]) + more,
        }
        assert advise(case, market(**dearer)).reprice.total >= advise(case, market(**values)).reprice.total

    @given(cases, markets)
    def test_totals_add_up(self, case, values):
        advice = advise(case, market(**values))
        for path in (advice.stay, advice.reprice, advice.refinance):
            assert path.interest + path.one_off_total == path.total == path.cumulative_costs[-1]
            assert path.one_off_total == sum(path.one_off_costs.model_dump().values())
            assert path.net_savings == advice.stay.total - path.total
            assert path.hassle_score == sum(path.hassle_parts.model_dump().values()) <= 10

    @given(cases, markets)
    def test_break_even_is_the_month_from_which_the_path_stays_ahead(self, case, values):
        advice = advise(case, market(**values))
        for path in (advice.reprice, advice.refinance):
            if path.switch_month is None:
                assert path.break_even_month is None
                continue
            lead = [
                stay - cost
                for stay, cost in zip(advice.stay.cumulative_costs, path.cumulative_costs, strict=True)
            ]
            month = path.break_even_month
            assert (month is not None) == (path.net_savings >= 0)
            if month is not None:
                assert month > path.switch_month
                assert min(lead[month - 1 :]) >= 0
                assert month == path.switch_month + 1 or lead[month - 2] < 0

    @given(cases, markets)
    def test_interest_only_grows_with_the_horizon(self, case, values):
        advice = advise(case, market(**values))
        for path in (advice.stay, advice.reprice, advice.refinance):
            interest = [
                cost
                - (path.one_off_total if path.switch_month is not None and month > path.switch_month else 0)
                for month, cost in enumerate(path.cumulative_costs, start=1)
            ]
            assert interest == sorted(interest)

    @given(cases, markets)
    def test_a_longer_horizon_never_costs_less(self, case, values):
        longer = case.model_copy(update={"horizon_months": case.horizon_months + 12})
        assert advise(longer, market(**values)).stay.total >= advise(case, market(**values)).stay.total

    @given(cases, markets)
    def test_the_recommendation_is_open_and_beats_staying(self, case, values):
        advice = advise(case, market(**values))
        chosen: PathAdvice = getattr(advice, advice.recommendation.value)
        assert not chosen.blockers
        assert chosen.net_savings >= chosen.hassle_score * values["hassle_worth"]
        assert (advice.net_savings, advice.hassle_score) == (chosen.net_savings, chosen.hassle_score)

    @given(cases, markets)
    def test_every_advice_replays_to_its_hash(self, case, values):
        advice = advise(case, market(**values))
        assert replay(json.loads(json.dumps(advice.private_json()))).result_hash == advice.result_hash


class TestReplay:
    def test_gives_the_same_advice(self):
        advice = advise(loan(income_profile={"monthly_income_fixed": "9000"}), market())
        again = replay(json.loads(json.dumps(advice.private_json())))
        assert again == advice
        assert again.public_json() == advice.public_json()

    def test_does_not_depend_on_how_numbers_are_spelled(self):
        spelled = loan(current_rate="3.500", loan_amount=500_000)
        assert advise(spelled, market(sora_3m="1.1500")).result_hash == advise(loan(), market()).result_hash

    def test_does_not_depend_on_the_callers_decimal_context(self):
        expected = advise(loan(), market()).result_hash
        with localcontext() as context:
            context.prec = 6
            assert advise(loan(), market()).result_hash == expected
            assert getcontext().prec == 6

    def test_a_changed_fact_changes_both_hashes(self):
        one, other = advise(loan(), market()), advise(loan(), market(tdsr_limit="60", reprice_fee="801"))
        assert one.facts_hash != other.facts_hash
        assert one.result_hash != other.result_hash

    def test_a_fact_that_was_not_read_changes_nothing(self):
        one, other = advise(loan(), market()), advise(loan(), market(legal_fee_hdb="1"))
        assert one.result_hash == other.result_hash
        assert "legal_fee_hdb" not in one.public_json()["rate_facts"]

    def test_changed_inputs_change_the_result_hash_alone(self):
        one, other = advise(loan(), market()), advise(loan(loan_amount="500000.01"), market())
        assert one.facts_hash == other.facts_hash
        assert one.result_hash != other.result_hash

    def test_a_tampered_record_does_not_replay(self):
        record = advise(loan(), market()).private_json()
        record["inputs"] = {**record["inputs"], "current_rate": "3.6"}
        assert replay(record).result_hash != record["result_hash"]


def leaves(value: object) -> Iterator[object]:
    match value:
        case BaseModel():
            for name in type(value).model_fields:
                yield from leaves(getattr(value, name))
        case dict():
            for item in value.values():
                yield from leaves(item)
        case list() | tuple():
            for item in value:
                yield from leaves(item)
        case _:
            yield value


class TestFaces:
    @pytest.fixture
    def advice(self) -> Advice:
        case = loan(
            current_rate="3.4567", lock_in_remaining=7, income_profile={"monthly_income_fixed": "9876.54"}
        )
        return advise(case, market(sora_3m="1.1234", refinance_fixed_rate="1.2345"))

    def test_no_float_anywhere(self, advice):
        faces = (advice, advice.public_json(), advice.private_json())
        assert not [leaf for face in faces for leaf in leaves(face) if isinstance(leaf, float)]

    def test_the_public_face_has_the_columns_of_the_specification(self, advice):
        assert {
            "stay_json",
            "reprice_json",
            "refi_json",
            "recommendation",
            "net_savings",
            "hassle_score",
            "reason_codes",
            "affordability",
            "rule_version",
            "facts_hash",
            "result_hash",
        } <= advice.public_json().keys()

    def test_the_public_face_holds_no_rate_and_no_input(self, advice):
        text = json.dumps(advice.public_json())
        for confidential in ("3.4567", "1.1234", "1.2345", "1.5234", "9876.54", "500000"):
            assert confidential not in text

    def test_the_private_face_holds_the_rates_with_their_source(self, advice):
        record = advice.private_json()
        assert record["inputs"]["current_rate"] == "3.4567"
        facts = {fact["fact_key"]: fact for fact in record["facts_used"]}
        assert (facts["sora_3m"]["value"], facts["sora_3m"]["source"]) == ("1.1234", "test market")

    def test_money_is_text_with_cents(self, advice):
        path = advice.public_json()["refi_json"]
        for name in ("instalment_before", "instalment_after", "interest", "one_off_total", "total"):
            assert re.fullmatch(r"-?\d+\.\d\d", path[name])


class TestFacts:
    def test_the_newest_in_force_is_picked(self):
        rows = [
            row("tdsr_limit", "60", on="2013-06-29"),
            row("tdsr_limit", "55", on="2021-12-16"),
            row("tdsr_limit", "50", on="2030-01-01"),
        ]
        day = row("sora_3m", "1", on="2026-06-01")["effective_from"]
        assert AdviceFacts.from_rows(reversed(rows), day).by_key[FactKey.TDSR_LIMIT].value == 55
        assert AdviceFacts.from_rows(rows, rows[0]["effective_from"]).by_key[FactKey.TDSR_LIMIT].value == 60

    def test_other_keys_and_columns_are_passed_over(self):
        rows = [{**row("sora_3m", "1"), "created_at": "now"}, {**row("sora_3m", "1"), "fact_key": "cpi"}]
        assert set(AdviceFacts.from_rows(rows, rows[0]["effective_from"]).by_key) == {FactKey.SORA_3M}

    def test_a_missing_fact_is_named(self):
        facts = AdviceFacts.of(
            fact for key, fact in market().by_key.items() if key is not FactKey.REPRICE_FEE
        )
        with pytest.raises(MissingFactError) as refused:
            advise(loan(), facts)
        assert refused.value.detail == {"fact_key": "reprice_fee"}

    @pytest.mark.parametrize(
        "wrong",
        [{"unit": "months"}, {"value": "NaN"}, {"value": "-1"}, {"source": ""}, {"value": True}],
        ids=lambda wrong: next(iter(wrong)),
    )
    def test_a_wrong_fact_is_refused(self, wrong):
        with pytest.raises(ValidationError):
            RateFact.model_validate({**row("sora_3m", "1"), **wrong})

    def test_months_are_whole(self):
        with pytest.raises(ValidationError):
            RateFact.model_validate(row("reprice_notice", "1.5"))

    def test_the_rule_version_is_the_newest_facts_and_the_engines(self):
        rows = [row(key, value, on="2026-01-05", version="sg-2026.1") for key, value in VALUES.items()]
        rows.append(row("sora_3m", "1.05", on="2026-03-01", version="sg-2026.2"))
        facts = AdviceFacts.from_rows(rows, rows[-1]["effective_from"])
        assert advise(loan(), facts).rule_version == "sg-2026.2+engine.1"


class TestSeed:
    """The shipped seed is read as text here; that PostgreSQL accepts it is the migrations' test."""

    @pytest.fixture
    def rows(self) -> list[dict[str, Any]]:
        text = files("casebase.modules.mortgage").joinpath("sql/seed.sql").read_text()
        found = re.findall(r"\('(\w+)', ([\d.]+), '(\w+)', '([\d-]+)',\s+'([^']+)', '([^']+)'\)", text)
        return [dict(zip(AdviceFacts.COLUMNS, fact, strict=True)) for fact in found]

    def test_holds_every_fact_the_engine_reads(self, rows):
        day = row("sora_3m", "1", on="2026-11-21")["effective_from"]
        assert set(AdviceFacts.from_rows(rows, day).by_key) == set(FactKey)

    def test_names_each_fact_and_day_once(self, rows):
        keys = [(found["fact_key"], found["effective_from"]) for found in rows]
        assert len(keys) == len(set(keys))


class TestInputs:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("loan_amount", "0"),
            ("loan_amount", "-1"),
            ("loan_amount", "NaN"),
            ("loan_amount", "Infinity"),
            ("loan_amount", "1e12"),
            ("loan_amount", "1.001"),
            ("loan_amount", True),
            ("tenure_months", 0),
            ("tenure_months", 421),
            ("tenure_months", "36"),
            ("tenure_months", True),
            ("property_type", "castle"),
            ("current_rate", "26"),
            ("current_rate", "-0.1"),
            ("lock_in_remaining", -1),
            ("owner_occupied", "yes"),
            ("income_profile", {"monthly_income_fixed": "-1"}),
            ("income_profile", {"monthly_income_fixed": "1", "salary": "1"}),
            ("horizon_months", 0),
            ("surprise", 1),
        ],
    )
    def test_a_wrong_value_is_refused_and_named(self, field, value):
        with pytest.raises(ValidationError) as refused:
            loan(**{field: value})
        assert {error["loc"][0] for error in refused.value.errors()} == {field}

    def test_json_numbers_are_exact(self):
        text = '{"loan_amount": 500000.10, "tenure_months": 300, "property_type": "hdb", "current_rate": 2.6}'
        assert AdviceInputs.model_validate_json(text).loan_amount == D("500000.10")
        assert AdviceInputs.model_validate(json.loads(text)).current_rate == D("2.6")
