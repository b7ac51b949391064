"""The one source of time in Python, twin of ``casebase.now()`` in SQL.

Both add the same offset, so a test that travels moves the whole product: the setting ``CASEBASE_CLOCK_OFFSET``
(seconds) reaches the database as the session setting ``casebase.clock_offset`` (see ``kernel.db.pool``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True, slots=True)
class Clock:
    """Tell the time, moved by a fixed offset."""

    offset: timedelta = field(default=timedelta())

    def now(self) -> datetime:
        """Return the current instant, timezone-aware, in UTC."""
        return datetime.now(UTC) + self.offset


def known_zone(name: str) -> ZoneInfo:
    """Return a time zone by its name; UTC where this machine does not know it, though the database does."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
