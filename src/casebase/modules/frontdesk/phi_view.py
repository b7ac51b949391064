"""How findings of PHI read: how many of which type, what was done, and their masked context."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from markupsafe import Markup, escape

from casebase.console.kit import Chart, charts
from casebase.console.kit.format import ABSENT, number
from casebase.modules.frontdesk import wording

_MASK: Final = re.compile(r"(\[[a-z][a-z0-9_]{0,39}(?: …[A-Za-z0-9]{1,4})?\])")
_TYPES: Final = 12
"""Of how many types the chart has a bar."""


@dataclass(frozen=True, slots=True)
class PhiView:
    """What the page shows above its list; the charts are absent where nothing was found."""

    figures: tuple[tuple[str, str, str, str], ...]
    types: Chart | None
    course: Chart | None


def view(found: Mapping[str, Any], days: Sequence[date]) -> PhiView:
    """Count and draw what ``get_phi_counts`` returned."""
    by_action, by_type = Counter[str](), Counter[str]()
    both = Counter[tuple[str, str]]()
    for one in found["types"]:
        by_action[one["action_taken"]] += one["count"]
        by_type[one["phi_type"]] += one["count"]
        both[one["phi_type"], one["action_taken"]] += one["count"]
    types = [name for name, _ in by_type.most_common(_TYPES)]
    by_day = {date.fromisoformat(one["day"]): one["count"] for one in found["days"]}
    return PhiView(
        figures=(
            ("Found", number(found["count"]), "", ""),
            ("Masked", number(by_action["masked"]), "the text went on without it", ""),
            (
                "Blocked",
                number(by_action["blocked"]),
                "the text was held back",
                "bad" if by_action["blocked"] else "",
            ),
            (
                "Alerted",
                number(by_action["alerted"]),
                "somebody was told",
                "warning" if by_action["alerted"] else "",
            ),
        ),
        types=charts.horizontal_bars(
            "By what was found",
            [wording.phi_type(name) for name in types],
            {
                title: [both[name, action] for name in types]
                for action, title in wording.PHI_ACTIONS.items()
                if by_action[action]
            },
            is_stacked=True,
        )
        if types
        else None,
        course=charts.bars(
            "Found by day",
            [wording.short_day(day) for day in days],
            {"Found": [by_day.get(day, 0) for day in days]},
            show=number,
        )
        if types
        else None,
    )


def context(text: str | None) -> Markup | str:
    """Return a masked context with its masks set apart."""
    if not text:
        return ABSENT
    parts = (mask(part) if n % 2 else escape(part) for n, part in enumerate(_MASK.split(text)))
    return Markup("<span>{}</span>").format(Markup("").join(parts))


def mask(value: str | None) -> Markup | str:
    """Return what stands for a value."""
    return Markup('<span class="mask">{}</span>').format(value) if value else ABSENT
