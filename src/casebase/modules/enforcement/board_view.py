"""How the boards read: open cases and what is due on them, by tier and stage.

Figures of a stage, of all cases and of the late ones lead to those cases. Figures of a tier lead nowhere: the board
counts the tier in effect, and the pipeline lists by that of the score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from casebase.console.kit import Chart, charts
from casebase.console.kit.format import money, number, words
from casebase.modules.enforcement import wording

_PIPELINE: Final = "/console/enforcement/pipeline"


@dataclass(frozen=True, slots=True)
class Cell:
    """How many cases, what is due on them, how many are late, and where they are listed."""

    cases: str
    balance: str
    late: int
    href: str


@dataclass(frozen=True, slots=True)
class Board:
    """What the page shows."""

    figures: tuple[tuple[str, str, str, str, str], ...]
    """Label, value, hint, tone and address."""
    stages: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[Cell | None, ...], Cell], ...]
    """A tier: what it is called, its tone, its cells by stage, its sum."""
    sums: tuple[Cell, ...]
    total: Cell
    by_stage: Chart
    by_tier: Chart


def view(found: Mapping[str, Any]) -> Board | None:
    """Return the board of a tenant; none where no case is open."""
    total = found["total"]
    if not total["case_count"]:
        return None
    stages = [stage["stage"] for stage in found["stages"]]
    # The best tier comes first, as in the pipeline.
    tiers = sorted(found["tiers"], key=lambda one: str(one["tier"]), reverse=True)
    cells = {(cell["tier"], cell["stage"]): cell for cell in found["items"]}
    late = total["breach_count"]
    figures = (
        ("Open cases", number(total["case_count"]), "", "", _PIPELINE),
        ("Still due", money(total["current_balance"]), "on open cases", "", _PIPELINE),
        (
            "Late",
            number(late),
            f"{late / total['case_count']:.0%} of the open cases",
            "bad" if late else "good",
            _address(sla="breached"),
        ),
        (
            "An average case",
            money(float(total["current_balance"]) / total["case_count"]),
            "is still due",
            "",
            "",
        ),
    )
    return Board(
        figures=figures,
        stages=tuple(words(stage) for stage in stages),
        rows=tuple(
            (
                wording.tier(tier["tier"]),
                wording.TIER_TONES.get(tier["tier"], "neutral"),
                tuple(
                    _cell(cells[tier["tier"], stage], "") if (tier["tier"], stage) in cells else None
                    for stage in stages
                ),
                _cell(tier, ""),
            )
            for tier in tiers
        ),
        sums=tuple(_cell(stage, _address(stage=stage["stage"])) for stage in found["stages"]),
        total=_cell(total, _PIPELINE),
        by_stage=_by_stage(stages, tiers, cells),
        by_tier=_by_tier(tiers),
    )


def _address(**filters: str) -> str:
    return f"{_PIPELINE}?{urlencode(filters)}"


def _cell(counted: Mapping[str, Any], href: str) -> Cell:
    return Cell(
        number(counted["case_count"]),
        money(counted["current_balance"]),
        counted["breach_count"],
        href,
    )


def _by_stage(
    stages: Sequence[str],
    tiers: Sequence[Mapping[str, Any]],
    cells: Mapping[tuple[str, str], Mapping[str, Any]],
) -> Chart:
    return charts.horizontal_bars(
        "Open cases by stage",
        [words(stage) for stage in stages],
        {
            wording.tier(tier["tier"]): [
                cells[tier["tier"], stage]["case_count"] if (tier["tier"], stage) in cells else 0
                for stage in stages
            ]
            for tier in tiers
        },
        show=number,
        is_stacked=True,
    )


def _by_tier(tiers: Sequence[Mapping[str, Any]]) -> Chart:
    return charts.horizontal_bars(
        "Still due by tier",
        [wording.tier(tier["tier"]) for tier in tiers],
        {"Still due": [float(tier["current_balance"]) for tier in tiers]},
        show=money,
    )
