import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from casebase.console import accounts
from casebase.console.kit import Event, Field, Form, charts, diff, timeline, typed_number
from casebase.console.kit.format import (
    day,
    duration,
    moment,
    money,
    months,
    number,
    percent,
    plain,
    size,
    words,
)
from casebase.kernel.errors import ConfigurationError, InvalidInputError


class TestFormat:
    @pytest.mark.parametrize(
        ("shown", "expected"),
        [
            (money(1234567), "$1,234,567"),
            (money("-1234.5", 2), "−$1,234.50"),
            (money(-0.2), "$0"),
            (money(None), "–"),
            (money("x"), "–"),
            (money("NaN"), "–"),
            (number(Decimal("0.10"), 2), "0.10"),
            (percent(3.75), "3.75\N{NO-BREAK SPACE}%"),
            (duration(0), "0\N{NO-BREAK SPACE}s"),
            (duration(0.00085), "850\N{NO-BREAK SPACE}µs"),
            (duration(0.0124), "12\N{NO-BREAK SPACE}ms"),
            (duration(1.254), "1.25\N{NO-BREAK SPACE}s"),
            (duration(75), "75\N{NO-BREAK SPACE}s"),
            (duration(None), "–"),
            (size(0), "0\N{NO-BREAK SPACE}bytes"),
            (size(8192), "8\N{NO-BREAK SPACE}kB"),
            (size(1.5 * 1024**3), "1.5\N{NO-BREAK SPACE}GB"),
            (size(-20 * 1024**2), "−20\N{NO-BREAK SPACE}MB"),
            (size(2 * 1024**5), "2,048\N{NO-BREAK SPACE}TB"),
            (size(None), "–"),
            (months(276), "23 years"),
            (months(18), "1 year 6 months"),
            (months(1), "1 month"),
            (months(0), "0 months"),
            (day("2026-11-21T23:30:00-05:00"), "22 Nov 2026"),
            (day("2026-11-02"), "2 Nov 2026"),
            (day(""), "–"),
            (number("1e60"), "–"),
            (day("0001-01-01T00:00:00+14:00"), "–"),
            (words("lead_form"), "Lead form"),
            (plain({"a_b": [1, True, None]}), "A b: 1, Yes, –"),
            (plain(1200.5), "1,200.50"),
        ],
    )
    def test_value_reads_well(self, shown, expected):
        assert shown == expected

    def test_moment_carries_the_whole_instant(self):
        html = moment(datetime(2026, 11, 21, 14, 5, 9, tzinfo=UTC))
        assert html == (
            '<time datetime="2026-11-21T14:05:09+00:00" title="21 Nov 2026, 14:05:09 UTC">21 Nov 2026, 14:05</time>'
        )


class TestDiff:
    def test_fields_are_added_removed_and_changed(self):
        changes = diff(
            {"a": 1, "b": {"c": 2, "d": 3}, "same": 0}, {"a": 5, "b": {"c": 2}, "same": 0, "e": True}
        )
        assert [(c.field, c.kind, c.before, c.after) for c in changes] == [
            ("a", "changed", "1", "5"),
            ("b.d", "removed", "3", ""),
            ("e", "added", "", "Yes"),
        ]

    def test_labels_and_formats_go_by_path(self):
        (change,) = diff({"b": {"c": 2}}, {"b": {"c": 3}}, labels={"b.c": "Loan"}, show={"b.c": money})
        assert (change.label, change.before, change.after) == ("Loan", "$2", "$3")

    def test_equal_records_have_no_changes(self):
        assert diff({"a": [1]}, {"a": [1]}) == []


def test_timeline_groups_by_day():
    days = timeline(
        [
            Event("2026-11-21T10:00:00Z", "b"),
            Event("2026-11-21T09:00:00Z", "a"),
            Event("2026-11-20T09:00:00Z", "x"),
        ]
    )
    assert [(title, [event.title for event in events]) for title, events in days] == [
        ("21 Nov 2026", ["b", "a"]),
        ("20 Nov 2026", ["x"]),
    ]


class TestForm:
    form = Form(fields=(Field("amount", "Amount"), Field("secret", "Secret", "password")))

    def test_errors_find_their_field_by_the_last_part_of_the_path(self):
        error = InvalidInputError(
            detail={
                "errors": [{"field": "inputs.amount", "rule": "minimum", "message": "must be at least 0"}]
            }
        )
        assert self.form.refused(error).errors == {"amount": "Must be at least 0"}

    def test_errors_of_other_fields_stand_above(self):
        error = InvalidInputError(
            detail={"errors": [{"field": "other", "rule": "required", "message": "is required"}]}
        )
        assert self.form.refused(error).message == "other: is required"

    def test_refusal_without_fields_shows_its_hint(self):
        assert self.form.refused(ConfigurationError("Broken", hint="Mend it.")).message == "Mend it."

    def test_password_is_not_shown_again(self):
        assert self.form.filled({"amount": "1", "secret": "x"}).values == {"amount": "1"}


class TestCharts:
    @pytest.mark.parametrize("draw", [charts.bars, charts.stacked_bars, charts.lines, charts.horizontal_bars])
    def test_drawing_holds_nothing_the_policy_refuses(self, draw):
        chart = draw(
            "Costs <b>", ["Stay & pay", "<script>x</script>"], {"Interest": [100, 80.5], "Fees": [0, None]}
        )
        for svg in (chart.wide, chart.narrow):
            assert "<style" not in svg
            assert "<script" not in svg
            assert "style=" not in svg
            assert "http://pygal" not in svg
            assert 'aria-hidden="true"' in svg

    def test_counts_have_whole_steps(self):
        chart = charts.bars("Calls", ["Mon", "Tue"], {"Calls": [3, 3]}, show=number)
        steps = re.findall(r"<text[^>]*>(\d+)</text>", chart.wide)
        assert steps
        assert len(steps) == len(set(steps))

    def test_figures_stand_beside_the_drawing(self):
        chart = charts.stacked_bars("Costs", ["Stay", "Refinance"], {"Interest": [100, 80]})
        assert chart.labels == ("Stay", "Refinance")
        assert chart.series == (("Interest", ("$100", "$80")),)


def test_unknown_person_costs_as_much_as_a_known_one():
    assert accounts._DUMMY_HASH[:7] == accounts.hash_password("long enough")[:7].encode()
    assert len(accounts._DUMMY_HASH) == 60


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", None), ("0", 0.0), ("12.5", 12.5), ("$12,500.50", 12500.5), ("1,000,000", 1000000.0), ("-3", -3.0),
        *((odd, odd) for odd in ("12,50", "1,2345", "1,000,00", "1.000,50", ",500", "nan", "1e3", "1_000", "٣", "9" * 400)),
    ],
)  # fmt: skip
def test_a_number_is_taken_only_as_it_can_be_meant(text: str, number: float | str | None) -> None:
    assert typed_number(text) == number
