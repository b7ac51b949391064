"""What happened, newest first, grouped by day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from casebase.console.kit.format import day


@dataclass(frozen=True, slots=True)
class Event:
    """One entry: when, what, and optionally facts (label, value), who, an icon of the sprite and a badge tone."""

    at: datetime | str
    title: str
    text: str = ""
    facts: Sequence[tuple[str, Any]] = ()
    actor: str = ""
    icon: str = "dot"
    tone: str = "neutral"


def timeline(events: Iterable[Event]) -> list[tuple[str, list[Event]]]:
    """Group events, given newest first, under the day (UTC) they happened on, for the template macro ``timeline``."""
    return [(title, list(group)) for title, group in groupby(events, key=lambda event: day(event.at))]
