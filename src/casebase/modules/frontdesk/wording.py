"""How a front desk's values read to a person: states, amounts, and times on the tenant's clock."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from casebase.console.kit.format import ABSENT, day, number, words

BOOKING_STATUSES: Final = {"pending": "Held", "confirmed": "Confirmed", "cancelled": "Cancelled"}
BOOKING_TONES: Final = {"pending": "warning", "confirmed": "good", "cancelled": "neutral"}
ORDER_STATUSES: Final = {
    "pending": "Pending",
    "completed": "Completed",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
ORDER_TONES: Final = {"pending": "warning", "completed": "good", "failed": "bad", "cancelled": "neutral"}
PHI_ACTIONS: Final = {"masked": "Masked", "blocked": "Blocked", "alerted": "Alerted"}
PHI_TONES: Final = {"masked": "accent", "blocked": "bad", "alerted": "warning"}
PHI_TYPES: Final = {
    "name": "Name",
    "birth_date": "Date of birth",
    "mrn": "Record number",
    "ssn": "SSN",
    "nhs_number": "NHS number",
    "nric": "NRIC",
    "email": "E-mail",
    "norwegian_id": "Norwegian id",
    "swedish_id": "Swedish id",
    "iban": "IBAN",
    "card": "Card number",
}
"""Those that read otherwise than their code."""


_WHOLE: Final = frozenset(
    {
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW",
        "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
    }
)  # fmt: skip
"""The currencies that come with the module and have no cents."""


def place(where: ZoneInfo) -> str:
    """Return a zone as people call it: ``Europe/Oslo``, ``America/New York``."""
    return where.key.replace("_", " ")


def at(instant: str | datetime, where: tzinfo) -> datetime:
    """Return an instant on the clock of a zone."""
    moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return moment.astimezone(where)


def local_moment(instant: str | datetime | None, where: ZoneInfo) -> Markup | str:
    """Return an instant as ``21 Nov 2026, 14:05`` on the zone's clock, which its title names; it stays in one line."""
    if instant is None:
        return ABSENT
    local = at(instant, where)
    return Markup('<time class="nowrap" datetime="{}" title="{}">{}, {:%H:%M}</time>').format(
        local.isoformat(), place(where), day(local.date()), local
    )


def local_span(starts: str | None, ends: str | None, where: ZoneInfo) -> Markup | str:
    """Return from when until when, the day said once: ``Wed 17 Jun 2026, 09:00–09:30``."""
    if starts is None or ends is None:
        return ABSENT
    first, last = at(starts, where), at(ends, where)
    end = f"{last:%H:%M}" if first.date() == last.date() else f"{weekday(last.date())}, {last:%H:%M}"
    return Markup('<span class="nowrap">{}, {:%H:%M}–{}</span>').format(weekday(first.date()), first, end)


def weekday(value: date) -> str:
    """Return ``Wed 17 Jun 2026``."""
    return f"{value:%a} {day(value)}"


def short_day(value: date) -> str:
    """Return ``17 Jun``."""
    return f"{value.day} {value:%b}"


def decimals(currency: str) -> int:
    """Return how many decimals an amount is shown with."""
    return 0 if currency in _WHOLE else 2


def amount(value: Any, currency: str) -> str:
    """Return ``1,234.50 EUR``: with cents where the currency has them, or the amount does."""
    if value is None:
        return ABSENT
    decimal = Decimal(str(value))
    is_whole = decimal == decimal.to_integral_value()
    places = decimals(currency) if is_whole else 2
    return f"{number(decimal, places)}\N{NO-BREAK SPACE}{currency}"


def phi_type(value: str) -> str:
    """Return a type of PHI in words."""
    return PHI_TYPES.get(value) or words(value)


def is_made_up(slot_id: str) -> bool:
    """Tell whether an id is one that a slot was given for want of a better: it tells a person nothing."""
    try:
        UUID(slot_id)
    except ValueError:
        return False
    return True


def breakable(text: str) -> Markup:
    """Return a name or an address that may go on in the next line after each mark in it."""
    pieces = str(escape(text))
    for mark in "@._-/:":
        pieces = pieces.replace(mark, f"{mark}<wbr>")
    return Markup(pieces)  # noqa: S704 - escaped first
