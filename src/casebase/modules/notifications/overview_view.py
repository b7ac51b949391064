"""How the overview reads: who was told what over a period, how it went, and who was held back for which reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from casebase.console.kit import Chart, charts
from casebase.console.kit.format import ABSENT, day, number
from casebase.modules.notifications.wording import OUTCOMES, SCENARIOS, STATUSES

OVERVIEW_PATH: Final = "/console/notifications/overview"
SENT_PATH: Final = "/console/notifications/sent"
FAILED_PATH: Final = "/console/notifications/failed"
DUE_PATH: Final = "/console/notifications/due"

Address = Callable[[str], str]

_SPANS: Final = ((14, 1, "day"), (100, 7, "week"), (1000, 28, "four weeks"))
"""Up to how many days of a period a bar stands for how many, and what that is called."""
_REASONS: Final = {outcome: title for outcome, title in OUTCOMES.items() if outcome != "notified"}


@dataclass(frozen=True, slots=True)
class Row:
    """A scenario's line: what it is called, where its notifications are listed, and its figures."""

    title: str
    href: str
    told: str
    sent: str
    pending: str
    failed: str
    read: str
    held: tuple[tuple[str, str], ...]
    """Reason and count, as the last run found it."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page shows; a chart is absent where there is nothing to draw."""

    figures: tuple[tuple[str, str, str, str, str], ...]
    """Label, value, hint, tone and address."""
    rows: tuple[Row, ...]
    told: Chart | None
    outcomes: Chart | None
    held: Chart | None


def view(found: Mapping[str, Any], address: Address = lambda path: path) -> Overview:
    """Draw the figures of one period; ``address`` makes a path the address that a link has."""
    days, held = found["days"], found["held"]
    total = Counter[str]()
    for item in days:
        total.update({name: item[name] for name in ("sent", "pending", "failed", "read")})
    last = _last_held(held)
    held_now = sum(sum(reasons.values()) for reasons in last.values())
    first_day, last_day = (date.fromisoformat(found[name]) for name in ("from_day", "to_day"))
    sent, pending, failed = total["sent"], total["pending"], total["failed"]
    return Overview(
        figures=(
            ("People told", number(found["people_count"]), "at least one nudge", "", address(SENT_PATH)),
            ("Sent", number(sent), _share(total["read"], sent), "", address(f"{SENT_PATH}?status=sent")),
            (
                "Waiting",
                number(pending),
                "for a sender",
                "warning" if pending else "",
                address(f"{SENT_PATH}?status=pending"),
            ),
            (
                "Failed",
                number(failed),
                "look and send again" if failed else "nothing to do",
                "bad" if failed else "good",
                address(FAILED_PATH),
            ),
            ("Held back", number(held_now), "due, but not now", "", address(DUE_PATH)),
        ),
        rows=tuple(_row(scenario, days, last.get(scenario, Counter()), address) for scenario in SCENARIOS),
        told=_told_chart(days, first_day, last_day) if days else None,
        outcomes=_outcome_chart(days, address) if days else None,
        held=_held_chart(held, first_day, last_day) if held else None,
    )


def _row(scenario: str, days: Sequence[Mapping[str, Any]], held: Counter[str], address: Address) -> Row:
    count = Counter[str]()
    for item in days:
        if item["scenario_type"] == scenario:
            count.update({name: item[name] for name in ("sent", "pending", "failed", "read")})
    return Row(
        title=SCENARIOS[scenario],
        href=address(f"{SENT_PATH}?scenario_type={scenario}"),
        told=number(count["sent"] + count["pending"]),
        sent=number(count["sent"]),
        pending=number(count["pending"]),
        failed=number(count["failed"]),
        read=f"{count['read'] / count['sent']:.0%}" if count["sent"] else ABSENT,
        held=tuple((title, number(held[reason])) for reason, title in _REASONS.items() if held[reason]),
    )


def _told_chart(days: Sequence[Mapping[str, Any]], first: date, last: date) -> Chart:
    unit, spans = _spans(first, last)
    return charts.stacked_bars(
        f"Nudges by {unit}",
        [_short(begin) for begin, _ in spans],
        {
            title: [
                sum(
                    item["sent"] + item["pending"] + item["failed"]
                    for item in days
                    if item["scenario_type"] == scenario and begin <= date.fromisoformat(item["day"]) <= end
                )
                for begin, end in spans
            ]
            for scenario, title in SCENARIOS.items()
        },
        show=number,
    )


def _outcome_chart(days: Sequence[Mapping[str, Any]], address: Address) -> Chart:
    told = [s for s in SCENARIOS if any(item["scenario_type"] == s for item in days)]
    return charts.horizontal_bars(
        "How they went",
        [SCENARIOS[scenario] for scenario in told],
        {
            STATUSES[status]: [
                sum(item[status] for item in days if item["scenario_type"] == scenario) for scenario in told
            ]
            for status in ("sent", "pending", "failed")
        },
        show=number,
        is_stacked=True,
        links={
            STATUSES[status]: [
                address(f"{SENT_PATH}?scenario_type={scenario}&status={status}") for scenario in told
            ]
            for status in ("sent", "pending", "failed")
        },
    )


def _held_chart(held: Sequence[Mapping[str, Any]], first: date, last: date) -> Chart:
    # People, and not times: of a week the day on which most were held back for a reason.
    unit, spans = _spans(first, last)
    by_day = Counter[tuple[str, str]]()
    for item in held:
        by_day[item["day"], item["outcome"]] += item["count"]
    reasons = [reason for reason in _REASONS if any(item["outcome"] == reason for item in held)]
    return charts.stacked_bars(
        f"Held back, by {unit}",
        [_short(begin) for begin, _ in spans],
        {
            _REASONS[reason]: [
                max(
                    by_day[(begin + timedelta(days=n)).isoformat(), reason]
                    for n in range((end - begin).days + 1)
                )
                for begin, end in spans
            ]
            for reason in reasons
        },
        show=number,
    )


def _last_held(held: Sequence[Mapping[str, Any]]) -> dict[str, Counter[str]]:
    """Return whom the last run of each scenario held back, by reason."""
    last: dict[str, Counter[str]] = {}
    latest = {item["scenario_type"]: item["day"] for item in held}  # by day, so the last one stays
    for item in held:
        if item["day"] == latest[item["scenario_type"]]:
            last.setdefault(item["scenario_type"], Counter())[item["outcome"]] = item["count"]
    return last


def _spans(first: date, last: date) -> tuple[str, list[tuple[date, date]]]:
    """Part a period into spans of so many days, the last of which ends with it."""
    days = (last - first).days + 1
    length, unit = next((length, unit) for most, length, unit in _SPANS if days <= most)
    ends = [last - timedelta(days=n) for n in range(0, days, length)]
    return unit, [(max(first, end - timedelta(days=length - 1)), end) for end in reversed(ends)]


def _share(read: int, sent: int) -> str:
    return f"{read / sent:.0%} read" if sent else "to nobody yet"


def _short(when: date) -> str:
    return day(when).rsplit(" ", 1)[0]
