"""How a metric reads over a period: its figures, its percentiles and how many readings there were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from markupsafe import Markup

from casebase.console.kit import Chart, charts
from casebase.console.kit.format import ABSENT, number
from casebase.console.kit.format import moment as instant

STEPS: Final = {"minute": "By minute", "hour": "By hour", "day": "By day"}
_LENGTHS: Final = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_LABELS: Final = {"minute": "%H:%M", "hour": "%H:%M", "day": "%-d %b"}
_SIGNS: Final = 4
"""How many signs of a reading are shown: a fourth tells 0.1234 from 0.1235, a fifth only fills the page."""


@dataclass(frozen=True, slots=True)
class Period:
    """A time up to now, and by which steps it can be shown and still be drawn, the usual first."""

    title: str
    length: timedelta
    steps: tuple[str, ...]


PERIODS: Final = {
    "6h": Period("6 hours", timedelta(hours=6), ("minute", "hour")),
    "24h": Period("24 hours", timedelta(hours=24), ("hour",)),
    "7d": Period("7 days", timedelta(days=7), ("hour", "day")),
    "30d": Period("30 days", timedelta(days=30), ("day",)),
    "1y": Period("A year", timedelta(days=365), ("day",)),
}


@dataclass(frozen=True, slots=True)
class MetricView:
    """What is shown of a metric; the charts are absent where it has no readings."""

    figures: tuple[tuple[str, str, str], ...]
    """Label, value and hint."""
    course: Chart | None
    counts: Chart | None
    source: str
    """What the figures were read from."""


def view(found: Mapping[str, Any]) -> MetricView:
    """Draw what ``query_metrics`` returned."""
    points, total, step = found["points"], found["total"], found["step"]
    by_start = {datetime.fromisoformat(point["starts_at"]): point for point in points}
    starts = _steps(
        datetime.fromisoformat(found["from"]), datetime.fromisoformat(found["until"]), _LENGTHS[step]
    )
    is_long = len(starts) > 48 and step == "hour"
    labels = [f"{start:%a %H:%M}" if is_long else start.strftime(_LABELS[step]) for start in starts]
    raw = sum(point["is_raw"] for point in points)
    return MetricView(
        figures=(
            ("Readings", number(total["count"]), ""),
            ("Average", reading(total["avg"]), ""),
            ("Least", reading(total["min"]), ""),
            ("Most", reading(total["max"]), ""),
            ("Sum", reading(total["sum"]), ""),
        ),
        course=charts.lines(
            f"Percentiles {STEPS[step].lower()}",
            labels,
            {key: [_drawn(by_start.get(start), key) for start in starts] for key in ("p50", "p95", "p99")},
            show=reading,
        )
        if points
        else None,
        counts=charts.bars(
            f"Readings {STEPS[step].lower()}",
            labels,
            {"Readings": [by_start[start]["count"] if start in by_start else 0 for start in starts]},
            show=number,
        )
        if points
        else None,
        source=_source(raw, len(points), found.get("raw_since")),
    )


def reading(value: Any) -> str:
    """Return a reading with as many decimals as tell something: ``1,234.5``, ``0.01235``."""
    if value is None:
        return ABSENT
    decimal = Decimal(str(value))
    places = max(0, min(8, _SIGNS - 1 - decimal.adjusted())) if decimal else 0
    text = number(decimal, places)
    return text.rstrip("0").rstrip(".") if "." in text else text


def moment(value: str) -> Markup:
    """Return when a step begins, in one line."""
    return Markup('<span class="nowrap">{}</span>').format(instant(value))


def _steps(first: datetime, last: datetime, length: timedelta) -> list[datetime]:
    first, last = first.astimezone(UTC), last.astimezone(UTC)
    return [first + n * length for n in range((last - first) // length)]


def _drawn(point: Mapping[str, Any] | None, key: str) -> float | None:
    value = None if point is None else point.get(key)
    return None if value is None else float(value)


def _source(raw: int, points: int, raw_since: str | None) -> str:
    if not points:
        return ""
    kept = f" Single readings are kept from {instant(raw_since)} on." if raw_since else ""
    if raw == points:
        return f"Counted from the readings themselves.{kept}"
    counted = (
        "from roll-ups"
        if not raw
        else f"{number(raw)} of {number(points)} from readings, the others from roll-ups"
    )
    return f"Counted {counted}.{kept}"
