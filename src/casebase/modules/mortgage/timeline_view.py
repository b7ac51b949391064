"""How the timeline of a case, and what staff changed, read to a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, Final

from casebase.console.kit import Change, Event, diff, timeline
from casebase.console.kit.format import day, number, plain, words
from casebase.modules.mortgage.case_view import sgd
from casebase.modules.mortgage.enums import EventType
from casebase.modules.mortgage.models import CaseEvent

SINGAPORE: Final = timezone(timedelta(hours=8))
_MORNING: Final = time(9)

GROUPS: Final[Mapping[str, tuple[str, tuple[EventType, ...]]]] = {
    "talk": ("Talk", (EventType.LEAD_FORM, EventType.CHAT, EventType.REVEAL, EventType.FOLLOW_UP)),
    "bank": ("Bank", (EventType.BANK_QUOTE, EventType.DOC_RECEIVED, EventType.SIGNED, EventType.OUTCOME)),
    "advice": ("Advice", (EventType.CALCULATION,)),
    "staff": ("Staff", (EventType.ADMIN_EDIT, EventType.ADMIN_VIEW)),
    "system": ("System", (EventType.REMINDER, EventType.CONSENT_EXPIRED)),
}
"""The timeline's filters: name in the address, what it reads, and the events it shows."""

_EVENTS: Final[Mapping[EventType, tuple[str, str, str]]] = {
    EventType.LEAD_FORM: ("Lead form", "inbox", "accent"),
    EventType.CHAT: ("Chat", "mail", "neutral"),
    EventType.REVEAL: ("Rates revealed", "eye", "accent"),
    EventType.FOLLOW_UP: ("Follow-up", "phone", "neutral"),
    EventType.BANK_QUOTE: ("Bank quote", "bank", "neutral"),
    EventType.DOC_RECEIVED: ("Document received", "document", "neutral"),
    EventType.SIGNED: ("Signed", "check", "good"),
    EventType.CONSENT_EXPIRED: ("Consent ended", "shield", "warning"),
    EventType.ADMIN_EDIT: ("Edited", "edit", "neutral"),
    EventType.ADMIN_VIEW: ("Viewed", "eye", "neutral"),
    EventType.CALCULATION: ("Advice computed", "calculator", "good"),
    EventType.OUTCOME: ("Outcome", "check", "good"),
    EventType.REMINDER: ("Reminder", "bell", "warning"),
}


def _purposes(value: Any) -> str:
    return ", ".join(words(purpose).lower() for purpose in value) if isinstance(value, list) else plain(value)


# Whoever sends an event may name a field of his like one of ours, so each of these reads any JSON value.
_FACTS: Final = {
    "source": ("Source", words),
    "input_version": ("Inputs", lambda value: f"version {number(value)}"),
    "calc_version": ("Calculation", lambda value: f"version {number(value)}"),
    "purposes": ("Consent to", _purposes),
    "consent_until": ("Until", day),
    "recommendation": ("Advice", words),
    "net_savings": ("Savings", sgd),
    "hassle_score": ("Hassle", lambda value: f"{number(value)} of 10"),
    "decision": ("Decision", words),
    "decision_reason": ("Reason", words),
    "doc_type": ("Document", words),
    "bank_mask": ("Bank", plain),
    "loan_quantum": ("Loan", sgd),
    "commission_estimate": ("Commission", sgd),
    "signed_at": ("Signed", day),
    "moved": ("Status", lambda value: f"{words(value['from'])} → {words(value['to']).lower()}"),
}
# Said elsewhere in the entry, or nothing a person reads.
_UNSAID: Final = frozenset({"actor", "changes", "text", "message", "note", "is_unmasked", "reason"})

_CHANGE_LABELS: Final[Mapping[str, str]] = {
    "notes": "Notes",
    "next_review_at": "Next review",
    "status": "Status",
    "tags": "Tags",
}


def days(events: Iterable[CaseEvent], actors: Mapping[str, str]) -> Sequence[tuple[str, Sequence[Event]]]:
    """Return events, newest first, as the timeline of a page; ``actors`` names the people behind them."""
    return timeline(_event(event, actors) for event in events)


def changes_read(changes: Mapping[str, Sequence[Any]]) -> list[Change]:
    """Return ``{field: [before, after]}`` of an edit as a diff."""
    before, after = ({name: pair[side] for name, pair in changes.items()} for side in (0, 1))
    show = {"next_review_at": day, "status": words, "notes": plain, "tags": plain}
    return diff(before, after, labels=_CHANGE_LABELS, show=show)


def review_instant(text: str) -> str:
    """Return the morning of a day in Singapore, given as ``2026-12-24``; anything else as it is, to be refused."""
    try:
        return datetime.combine(date.fromisoformat(text), _MORNING, SINGAPORE).isoformat()
    except ValueError:
        return text


def past_instant(text: str, now: datetime) -> str:
    """Return when something happened that is told by its day in Singapore: now if that is today, else that morning."""
    is_today = text == now.astimezone(SINGAPORE).date().isoformat()
    return now.isoformat() if is_today else review_instant(text)


def review_day(instant: datetime | None) -> str:
    """Return the day in Singapore of a review, as a date field holds it."""
    return instant.astimezone(SINGAPORE).date().isoformat() if instant else ""


def _event(event: CaseEvent, actors: Mapping[str, str]) -> Event:
    title, icon, tone = _EVENTS[event.event_type]
    payload = event.payload
    if payload.get("is_unmasked"):
        title, tone = "Contact unmasked", "warning"
    said = next((str(payload[key]) for key in ("text", "message", "note", "reason") if payload.get(key)), "")
    changes = payload.get("changes")
    return Event(
        at=event.occurred_at,
        title=title,
        icon=icon,
        tone=tone,
        actor=actors.get(str(payload.get("actor", "")), ""),
        text=said,
        facts=[*_facts(payload), *(_changed(changes) if isinstance(changes, Mapping) else ())],
    )


def _facts(payload: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, (label, show) in _FACTS.items():
        if payload.get(key) is not None:
            yield label, show(payload[key])
    for key, value in payload.items():
        is_plain = isinstance(value, str | int | float | bool) and not key.endswith(("_id", "_hash"))
        if is_plain and key not in _FACTS and key not in _UNSAID:
            yield words(key), plain(value)


def _changed(changes: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    # Notes are long and stand on the page; of everything else both sides are told.
    for change in changes_read({k: v for k, v in changes.items() if isinstance(v, list) and len(v) == 2}):
        told = "changed" if change.field == "notes" else f"{change.before or '–'} → {change.after or '–'}"
        yield change.label, told
