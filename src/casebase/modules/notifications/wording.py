"""How scenarios, outcomes and people read to an administrator, and with which colour they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from markupsafe import Markup, escape

from casebase.console.kit.format import ABSENT, number, words
from casebase.modules.notifications.enums import ScenarioType

SCENARIOS: Final[Mapping[str, str]] = {
    ScenarioType.INACTIVITY: "Inactivity",
    ScenarioType.MILESTONE: "Milestone",
    ScenarioType.CERTIFICATION_EXPIRY: "Certification",
    ScenarioType.WELCOME_BACK: "Welcome back",
}
STATUSES: Final[Mapping[str, str]] = {"pending": "Waiting", "sent": "Sent", "failed": "Failed"}
STATUS_TONES: Final = {"pending": "accent", "sent": "good", "failed": "bad"}
OUTCOMES: Final[Mapping[str, str]] = {
    "notified": "Told at once",
    "opted_out": "Switched off",
    "cooldown": "Cooling down",
    "failed_recently": "Failed recently",
    "quiet_hours": "Quiet hours",
}
"""What a run does about somebody who is due; all but the first hold them back."""
OUTCOME_TONES: Final = {
    "notified": "good",
    "opted_out": "neutral",
    "cooldown": "neutral",
    "failed_recently": "bad",
    "quiet_hours": "accent",
}
_WHY: Final = {
    "opted_out": "Switched off meanwhile",
    "left_organization": "Has left",
    "no_device": "No device to send to",
    "expired": "Waited for longer than a week",
    "outdated": "No longer true",
}
_LETTERS: Final = str.maketrans("0123456789", "GHJKLMNPQR")


def person(row: Mapping[str, Any]) -> str:
    """Return who a row is about: a member's e-mail, of who left the reference that is made of their id."""
    return row["email"] or reference_of(row["user_id"])


def breakable(row: Mapping[str, Any]) -> Markup:
    """Return who a row is about for a narrow place: an e-mail is broken before its domain, not inside it."""
    return Markup("<wbr>@").join(escape(part) for part in person(row).rsplit("@", 1))


def reference_of(user_id: UUID | str) -> str:
    """Return a short name of a person that names nobody: letters, as masks know numbers."""
    return f"P-{str(user_id)[:8].upper().translate(_LETTERS)}"


def about(row: Mapping[str, Any]) -> str:
    """Return what a notification is about: ``42 days without activity``, ``50 activities``."""
    match row["scenario_type"]:
        case ScenarioType.INACTIVITY:
            return "–" if row["days"] is None else f"{_counted(row['days'], 'day')} without activity"
        case ScenarioType.MILESTONE:
            return _counted(row["milestone_value"], "activity", "activities")
        case ScenarioType.CERTIFICATION_EXPIRY:
            count = row["certification_count"] or 0
            if row["days"] is None:
                return _counted(count, "certification")
            when = "today" if row["days"] == 0 else f"in {_counted(row['days'], 'day')}"
            return f"Expires {when}" if count < 2 else f"{count} certifications, the first {when}"
        case _:
            return "Active again"


def why(row: Mapping[str, Any]) -> str:
    """Return why a notification was not sent."""
    if row["skip_reason"]:
        return _WHY[row["skip_reason"]]
    return words(row["error_code"]) if row["error_code"] else "The sender gave no reason"


def days_of(hours: float) -> str:
    """Return a cooldown: ``30 days``, ``1 hour``, ``36 hours``."""
    return _counted(hours / 24, "day") if hours % 24 == 0 else _counted(hours, "hour")


def people(count: int) -> str:
    """Return ``1 person``, ``12 people``."""
    return _counted(count, "person", "people")


def _counted(count: Any, one: str, several: str = "") -> str:
    shown = number(count, 2).removesuffix(".00")
    return shown if shown == ABSENT else f"{shown} {one if count == 1 else several or one + 's'}"
