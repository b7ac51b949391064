"""The page of monitoring: what is alerting, how calls did over a time, the pool, and what the tables hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from fastapi import APIRouter, Depends
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import charts
from casebase.console.kit.format import ABSENT, duration, moment, number, percent, size
from casebase.console.kit.page import page
from casebase.console.kit.table import Column, Row, Table
from casebase.console.staff import StaffDep, require_staff

Period = Literal["1h", "24h", "30d"]
PERIODS: Final[dict[str, str]] = {"1h": "1 hour", "24h": "24 hours", "30d": "30 days"}
_LABELS: Final[dict[str, str]] = {"1h": "%H:%M", "24h": "%H:%M", "30d": "%d %b"}

router = APIRouter(prefix="/monitoring", dependencies=[Depends(require_staff)])

_KINDS: Final[dict[str, str]] = {
    "slow_calls": "Slow calls",
    "failing_calls": "Failing calls",
    "pool_exhausted": "Pool exhausted",
    "large_table": "Large table",
}
_VALUES: Final[dict[str, Callable[[Any], str]]] = {
    "slow_calls": duration,
    "failing_calls": lambda share: percent(share * 100, 1),
    "pool_exhausted": number,
    "large_table": size,
}


def _breakable(name: str) -> Markup:
    """Return a name that may go on in the next line after each dot and underscore."""
    return Markup(str(escape(name)).replace(".", ".<wbr>").replace("_", "_<wbr>"))  # noqa: S704 - escaped first


def _share(row: Row) -> str:
    return ABSENT if row["failed"] is None else percent(row["failed"] * 100, 1)


def _growth(value: Any, show: Callable[[Any], str] = number) -> str:
    text = show(value)
    return f"+{text}" if value and value > 0 else text


ALERTS: Final = Table(
    columns=(
        Column("kind", "Alert", show=lambda row: _KINDS[row["kind"]]),
        Column("subject", "Subject", show=lambda row: _breakable(row["subject"])),
        Column(
            "cleared_at",
            "State",
            show=lambda row: "Cleared" if row["cleared_at"] else "Open",
            badge=lambda row: "good" if row["cleared_at"] else "bad",
        ),
        Column("value", "Value", show=lambda row: _VALUES[row["kind"]](row["value"]), is_numeric=True),
        Column(
            "threshold",
            "Threshold",
            show=lambda row: _VALUES[row["kind"]](row["threshold"]),
            is_numeric=True,
            is_secondary=True,
        ),
        Column("raised_at", "Raised", show=lambda row: moment(row["raised_at"])),
    ),
    sort="-raised_at",
    caption="Alerts",
    empty_title="Nothing alerts",
    empty_text="The rules are looked at each minute, and nothing was above its threshold in this time.",
)
FUNCTIONS: Final = Table(
    columns=(
        Column("name", "Function", show=lambda row: _breakable(row["name"])),
        Column("p50", "p50", show=lambda row: duration(row["p50"]), is_numeric=True, is_secondary=True),
        Column("p95", "p95", show=lambda row: duration(row["p95"]), is_numeric=True),
        Column("p99", "p99", show=lambda row: duration(row["p99"]), is_numeric=True, is_secondary=True),
        Column("calls", "Calls", show=lambda row: number(row["calls"]), is_numeric=True),
        Column("failed", "Failed", show=_share, is_numeric=True),
    ),
    sort="-p95",
    caption="Slowest functions",
)
TABLES: Final = Table(
    columns=(
        Column("name", "Table", show=lambda row: _breakable(row["name"])),
        Column("bytes", "Size", show=lambda row: size(row["bytes"]), is_numeric=True),
        Column("byte_growth", "Growth", show=lambda row: _growth(row["byte_growth"], size), is_numeric=True),
        Column("estimated_rows", "Rows", show=lambda row: number(row["estimated_rows"]), is_numeric=True),
        Column(
            "row_growth",
            "New rows",
            show=lambda row: _growth(row["row_growth"]),
            is_numeric=True,
            is_secondary=True,
        ),
        Column(
            "index_scans",
            "Scans by index",
            show=lambda row: _by_index(row),
            is_numeric=True,
            is_secondary=True,
        ),
        Column(
            "p95",
            "p95 of its calls",
            show=lambda row: duration(row["p95"]),
            is_numeric=True,
            is_secondary=True,
        ),
        Column("failed", "Failed", show=_share, is_numeric=True, is_secondary=True),
    ),
    sort="-bytes",
    caption="Largest tables",
    empty_title="No table was measured yet",
    empty_text="A worker with a scheduler does it every five minutes: casebase worker.",
)
INDEXES: Final = Table(
    columns=(
        Column("index_name", "Index", show=lambda row: _breakable(row["index_name"])),
        Column("table_name", "Table", show=lambda row: _breakable(row["table_name"]), is_secondary=True),
        Column("bytes", "Size", show=lambda row: size(row["bytes"]), is_numeric=True),
    ),
    sort="-bytes",
    caption="Indexes never used",
    empty_title="Every index was used",
    empty_text="Those that keep a rule, as unique ones do, are not asked.",
)


def _by_index(row: Row) -> str:
    scans = row["index_scans"] + row["sequential_scans"]
    return percent(100 * row["index_scans"] / scans, 0) if scans else ABSENT


@router.get("")
async def monitoring(request: Request, staff: StaffDep, period: Period = "1h") -> Response:
    """Show how the installation does, to those who run it."""
    found: dict[str, Any] = await staff.call("get_monitoring", {"period": period})
    return page(
        request,
        "console/monitoring.html",
        title="Monitoring",
        periods=PERIODS,
        chosen=period,
        figures=_figures(found),
        charts=_charts(found["points"], period),
        alerts=ALERTS.view(request, ALERTS.read(request), found["alerts"]),
        functions=FUNCTIONS.view(request, FUNCTIONS.read(request), found["functions"]),
        tables=TABLES.view(request, TABLES.read(request), found["tables"]),
        indexes=INDEXES.view(request, INDEXES.read(request), found["unused_indexes"]),
        sampled_at=found["sampled_at"],
        used_since=found["used_since"],
    )


def _figures(found: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return what matters first: label, value, hint and tone of each figure."""
    points, pool = found["points"], found["pool"]
    calls, failed = (sum(point[name] for point in points) for name in ("calls", "failed"))
    opened = sum(alert["cleared_at"] is None for alert in found["alerts"])
    figures = [
        ("Open alerts", number(opened), "", "bad" if opened else "good"),
        ("Calls", number(calls), "", ""),
        (
            "Failed",
            percent(100 * failed / calls, 2) if calls else ABSENT,
            f"{number(failed)} of them" if calls else "",
            "bad" if failed * 20 > calls else "",
        ),
    ]
    if pool is None:
        return [*figures, ("Pool", ABSENT, "No process has told yet", "")]
    hint = f"{number(pool['waited'])} waited, {number(pool['exhausted'])} in vain"
    lent = f"{pool['most_lent']} of {pool['size']}"
    return [*figures, ("Pool, most lent", lent, hint, "bad" if pool["exhausted"] else "")]


def _charts(points: Sequence[dict[str, Any]], period: str) -> tuple[charts.Chart, ...]:
    if not any(point["calls"] for point in points):
        return ()
    labels = [datetime.fromisoformat(point["starts_at"]).strftime(_LABELS[period]) for point in points]
    return (
        charts.lines(
            "How long calls took",
            labels,
            {name: [point[name] for point in points] for name in ("p50", "p95", "p99")},
            show=duration,
            is_from_zero=True,
        ),
        charts.lines(
            "Calls that failed",
            labels,
            {"Failed": [100 * p["failed"] / p["calls"] if p["calls"] else None for p in points]},
            show=lambda value: percent(value, 1),
            is_from_zero=True,
        ),
    )
