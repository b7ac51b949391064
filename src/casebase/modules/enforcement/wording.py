"""How tiers, stages, scores and days read to a person, and with which colour they are shown."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from markupsafe import Markup

from casebase.console.kit.format import ABSENT, day, money, number

TIER_TONES: Final = {"tier0": "neutral", "tier1": "neutral", "tier2": "accent", "tier3": "good"}
PRIORITY_TONES: Final = {
    "urgent": "bad",
    "high": "warning",
    "normal": "neutral",
    "low": "neutral",
    "on_hold": "neutral",
}
STATUS_TONES: Final = {"open": "accent", "satisfied": "good", "uncollectible": "bad", "withdrawn": "neutral"}

_MORNING: Final = time(9)


def tier(value: str | None) -> str:
    """Return ``Tier 2`` for ``tier2``."""
    return f"Tier {value.removeprefix('tier')}" if value else ABSENT


def tier_choice(value: str, description: str) -> str:
    """Return ``Tier 3 · strategic, above 80`` for ``tier3`` and ``Strategic: above 80.``."""
    means = description.strip().removesuffix(".").replace(": ", ", ")
    return f"{tier(value)} · {means[:1].lower()}{means[1:]}" if means else tier(value)


def dollars(value: Any) -> str:
    """Return an amount, with cents where it has any."""
    whole = money(value)
    exact = money(value, 2)
    return whole if exact.endswith(".00") else exact


def score(value: Any) -> str:
    """Return a score as it is compared: ``80.01`` is more than ``80``."""
    return number(value, 2).removesuffix("0").removesuffix(".0")


def unbroken(text: Any) -> Markup:
    """Return a text that keeps to one line."""
    return Markup('<span class="nowrap">{}</span>').format(text)


def due(instant: str | datetime | None, now: datetime) -> tuple[str, str]:
    """Return when something is due in words, and the tone of it: ``("in 3 days", "")``, ``("2 days late", "bad")``."""
    if instant is None:
        return ABSENT, ""
    at = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    days = (at - now) // timedelta(days=1)
    if at < now:
        late = -days - 1
        return ("Due now" if late == 0 else f"{_days(late)} late"), "bad"
    if days == 0:
        return "Within a day", "warning"
    return f"In {_days(days)}", "warning" if days < 2 else ""


def place(county: str, state: str) -> str:
    """Return where a court sits."""
    return ", ".join(part for part in (county, state) if part) or ABSENT


def past_instant(text: str, now: datetime, where: ZoneInfo) -> str:
    """Return when something happened that is told by its day: now if that is today, else that morning."""
    today = now.astimezone(where).date().isoformat()
    return now.isoformat() if text == today else _at(text, _MORNING, where)


def end_of(text: str, where: ZoneInfo) -> str:
    """Return the first instant after a day; anything else as it is, to be refused."""
    try:
        return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), where).isoformat()
    except (ValueError, OverflowError):
        return text


def local_instant(text: str, where: ZoneInfo) -> str:
    """Return the instant that a ``datetime-local`` field means in a zone; anything else as it is, to be refused."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=where).isoformat()
    except ValueError:
        return text


def local_moment(instant: str | datetime, where: ZoneInfo) -> str:
    """Return an instant as a person of the zone reads it: ``21 Nov 2026, 09:00``."""
    at = (datetime.fromisoformat(instant) if isinstance(instant, str) else instant).astimezone(where)
    return f"{day(at.date())}, {at:%H:%M}"


def _at(text: str, hour: time, where: ZoneInfo) -> str:
    try:
        return datetime.combine(date.fromisoformat(text), hour, where).isoformat()
    except ValueError:
        return text


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
