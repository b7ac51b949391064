"""What was given wrongly is named once, and nothing that follows from it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import Field

from casebase.kernel.errors import InvalidInputError
from casebase.kernel.models import Given
from casebase.kernel.payloads import validated


class Line(Given):
    amount: int


class Order(Given):
    lines: tuple[Line, ...] = Field(min_length=1, max_length=3)


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ([], [("lines", "too_short")]),
        ([{"amount": 1}] * 4, [("lines", "too_long")]),
        # pydantic counts those that are right, and would call the list too short.
        ([{"amount": "x"}], [("lines.0.amount", "int_parsing")]),
        ([{"amount": 1}, {}], [("lines.1.amount", "missing")]),
        ([{}, {}], [("lines.0.amount", "missing"), ("lines.1.amount", "missing")]),
    ],
)
def test_names_each_field_and_rule(lines: list[dict[str, Any]], wrong: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        validated(Order, {"lines": lines})
    assert [(each["field"], each["rule"]) for each in refused.value.detail["errors"]] == wrong
