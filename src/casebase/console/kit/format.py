"""How values read to a person: money, dates, durations and words. Registered as template filters."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from markupsafe import Markup

ABSENT = "–"
_MINUS = "−"


def number(value: Any, places: int = 0) -> str:
    """Return ``12,345.6`` with a real minus sign; an en dash for an absent or non-numeric value."""
    decimal = _decimal(value)
    if decimal is None:
        return ABSENT
    text = f"{abs(decimal):,.{places}f}"
    return f"{_MINUS}{text}" if decimal < 0 and text.strip("0.,") else text


def money(value: Any, places: int = 0, symbol: str = "$") -> str:
    """Return ``$12,345`` (``places=2`` for cents)."""
    text = number(value, places)
    if text == ABSENT:
        return text
    return f"{_MINUS}{symbol}{text[1:]}" if text.startswith(_MINUS) else f"{symbol}{text}"


def percent(value: Any, places: int = 2) -> str:
    """Return a figure that is already a percentage as ``3.75 %``."""
    text = number(value, places)
    return text if text == ABSENT else f"{text}\N{NO-BREAK SPACE}%"


def duration(seconds: Any) -> str:
    """Return a short time as ``850 µs``, ``12 ms``, ``1.25 s``."""
    decimal = _decimal(seconds)
    if decimal is None:
        return ABSENT
    magnitude = abs(decimal)
    if decimal and magnitude < Decimal("0.001"):
        text, unit = number(decimal * 1_000_000), "µs"
    elif decimal and magnitude < 1:
        text, unit = number(decimal * 1_000), "ms"
    else:
        text, unit = number(decimal, 2 if decimal and magnitude < 10 else 0), "s"
    return f"{text}\N{NO-BREAK SPACE}{unit}"


def size(value: Any) -> str:
    """Return a count of bytes as ``8 kB``, ``1.5 GB``, in steps of 1,024 as PostgreSQL's ``pg_size_pretty``."""
    decimal = _decimal(value)
    if decimal is None:
        return ABSENT
    units = iter(("bytes", "kB", "MB", "GB"))
    unit = next(units)
    while abs(decimal) >= 1024 and unit != "TB":
        decimal, unit = decimal / 1024, next(units, "TB")
    text = number(decimal, 1 if unit != "bytes" and abs(decimal) < 10 else 0).removesuffix(".0")
    return f"{text}\N{NO-BREAK SPACE}{unit}"


def day(value: Any) -> str:
    """Return ``21 Nov 2026`` for a date, an instant or their ISO text."""
    instant = _instant(value)
    return ABSENT if instant is None else f"{instant.day} {instant:%b %Y}"


def moment(value: Any) -> Markup | str:
    """Return a ``<time>`` element reading ``21 Nov 2026, 14:05``, in UTC, which its title says."""
    instant = _instant(value)
    if instant is None:
        return ABSENT
    text = f"{day(instant)}, {instant:%H:%M}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        instant.isoformat(), f"{text}:{instant:%S} UTC", text
    )


def clock_time(value: Any) -> Markup | str:
    """Return a ``<time>`` element reading ``14:05``, with the whole instant as its title."""
    instant = _instant(value)
    if instant is None:
        return ABSENT
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        instant.isoformat(), f"{day(instant)}, {instant:%H:%M:%S} UTC", f"{instant:%H:%M}"
    )


def months(value: Any) -> str:
    """Return a count of months as people say it: ``25 years``, ``1 year 6 months``, ``8 months``."""
    decimal = _decimal(value)
    if decimal is None:
        return ABSENT
    years, rest = divmod(int(decimal), 12)
    parts = [
        f"{count} {unit}{'' if count == 1 else 's'}"
        for count, unit in ((years, "year"), (rest, "month"))
        if count
    ]
    return " ".join(parts) or "0 months"


def words(value: Any) -> str:
    """Return a snake_case code as words: ``lead_form`` reads ``Lead form``."""
    if value is None or value == "":
        return ABSENT
    return str(value).replace("_", " ").strip().capitalize()


def plain(value: Any) -> str:
    """Return any JSON value as text for a person: yes and no, grouped figures, lists with commas."""
    if value is None or value in ("", [], {}):
        return ABSENT
    match value:
        case bool():
            return "Yes" if value else "No"
        case int() | float() | Decimal():
            text = number(value, 2)
            return text.removesuffix(".00")
        case list() | tuple():
            return ", ".join(plain(item) for item in value)
        case dict():
            return ", ".join(f"{words(key)}: {plain(item)}" for key, item in value.items())
        case _:
            return str(value)


def _decimal(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        decimal = Decimal(str(value))
    except InvalidOperation:
        return None
    # Figures with a million zeros are nobody's: written out they would fill the memory.
    return decimal if decimal.is_finite() and abs(decimal.adjusted()) < 50 else None


def _instant(value: Any) -> datetime | None:
    match value:
        case datetime():
            instant = value
        case date():
            instant = datetime(value.year, value.month, value.day, tzinfo=UTC)
        case str():
            try:
                instant = datetime.fromisoformat(value)
            except ValueError:
                return None
        case _:
            return None
    try:
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except OverflowError:  # the first hours of the year 1, the last of 9999
        return None


FILTERS = {
    f.__name__: f
    for f in (number, money, percent, duration, size, day, moment, clock_time, months, words, plain)
}
