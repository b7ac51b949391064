"""The one source of time in Python, twin of ``casebase.now()`` in SQL.

Both add the same offset, so a test that travels moves the whole product: the setting ``CASEBASE_CLOCK_OFFSET``
(seconds) reaches the database as the session setting ``casebase.clock_offset`` (see ``kernel.db.pool``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Clock:
    """Tell the time, moved by a fixed offset."""

    offset: timedelta = field(default=timedelta())

    def now(self) -> datetime:
        """Return the current instant, timezone-aware, in UTC."""
        return datetime.now(UTC) + self.offset
