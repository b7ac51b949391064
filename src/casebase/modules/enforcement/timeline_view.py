"""How what was written to a case reads to a person: events, changes, tasks and actions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from casebase.console.kit import Event, timeline
from casebase.console.kit.format import ABSENT, day, plain, words
from casebase.modules.enforcement import wording

KINDS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "events": ("Events", ("event",)),
    "changes": ("Changes", ("history",)),
    "work": ("Actions and tasks", ("action", "task")),
}
"""The timeline's filters: name in the address, what it reads, and the entries it shows."""

_ICONS: Final[Mapping[str, tuple[str, str]]] = {
    "asset_search_requested": ("search", "neutral"),
    "asset_search_completed": ("search", "good"),
    "bank_levy_filed": ("bank", "accent"),
    "bank_levy_served": ("bank", "good"),
    "bank_levy_released": ("bank", "warning"),
    "garnishment_order_signed": ("document", "good"),
    "garnishment_served": ("document", "accent"),
    "garnishment_remittance": ("calculator", "good"),
    "subpoena_issued": ("mail", "accent"),
    "subpoena_complied": ("mail", "good"),
    "marshal_assigned": ("shield", "accent"),
    "marshal_attempted": ("shield", "neutral"),
    "marshal_result": ("shield", "good"),
    "case_stage_changed": ("list", "accent"),
    "payment_received": ("check", "good"),
    "note": ("edit", "neutral"),
}
_ENTRIES: Final[Mapping[str, tuple[str, str]]] = {
    "history": ("edit", "neutral"),
    "task": ("calendar", "neutral"),
    "action": ("folder", "accent"),
}
_CHANGES: Final[Mapping[str, str]] = {
    "opened": "Case opened",
    "closed": "Case closed",
    "stage_changed": "Stage changed",
    "stage_confirmed": "Stage confirmed",
    "tier_changed": "Tier changed",
    "tier_overridden": "Tier overridden",
    "override_cleared": "Override ended",
    "override_expired": "Override expired",
    "payment_recorded": "Balance changed",
    "contact_viewed": "Telephone number looked at",
}
_TELLERS: Final[Mapping[str, tuple[str, ...]]] = {
    "stage_changed": ("case_stage_changed",),
    "closed": ("case_stage_changed",),
    "payment_recorded": ("payment_received",),
    "action_closed": ("note", "subpoena_complied"),
    "workflow_changed": tuple(_ICONS),
}
"""Which event tells the same as a change does; an opened action is told by its own entry."""
_READ: Final = {
    "current_stage": words,
    "stage": words,
    "status": words,
    "tier": wording.tier,
    "tier_override": wording.tier,
    "next_action_at": day,
    "override_expires_at": day,
    "due_at": day,
    "closed_at": day,
    "issued_at": day,
    "received_at": day,
    "response_due_at": day,
    "source": words,
    "document": words,
    "action_type": words,
    "outcome": words,
    "from": words,
    "to": words,
}
"""How a text under a name is read."""
_FIGURES: Final = {
    "current_balance": wording.dollars,
    "balance": wording.dollars,
    "amount": wording.dollars,
    "collectability_score": wording.score,
}
"""How a number under a name is read; anything else that a sender put there is told as it is."""
_LABELS: Final[Mapping[str, str]] = {
    "current_stage": "Stage",
    "current_balance": "Balance",
    "tier_override": "Override",
    "override_expires_at": "Override until",
    "next_action_at": "Next action",
    "name": "With",
}
_WORD: Final = re.compile(r"[a-z]+(_[a-z]+)*")
# Said elsewhere in the entry, or nothing a person reads.
_UNSAID: Final = frozenset({"note", "title", "text", "override", "metadata", "action_id"})


def days(
    items: Iterable[Mapping[str, Any]], staff: Mapping[str, str]
) -> Sequence[tuple[str, Sequence[Event]]]:
    """Return entries, newest first, as the timeline of a page; ``staff`` names the people behind them."""
    return timeline(_event(item, staff) for item in _told_once(list(items)))


def changed(delta: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Return what a change moved as label and ``before → after``; what stayed is left out."""
    for name, sides in delta.items():
        if not isinstance(sides, Mapping) or not sides.keys() & {"from", "to"}:
            continue
        before, after = (read(name, sides.get(side)) for side in ("from", "to"))
        if before != after:
            yield label(name), after if before == ABSENT else f"{before} → {after}"


def label(name: str) -> str:
    """Return what a field is called."""
    return _LABELS.get(name, words(name))


def read(name: str, value: Any) -> str:
    """Return a value of a field as text; whatever a sender put there, it is told."""
    if isinstance(value, Mapping):
        return ", ".join(f"{label(key).lower()} {read(key, one)}" for key, one in value.items()) or ABSENT
    if isinstance(value, str):
        told = _READ.get(name, words if _WORD.fullmatch(value) else plain)(value)
        return plain(value) if told == ABSENT else told
    is_figure = isinstance(value, int | float) and not isinstance(value, bool)
    return _FIGURES[name](value) if is_figure and name in _FIGURES else plain(value)


def change(name: str) -> str:
    """Return what a line of the history is called."""
    return _CHANGES.get(name, words(name))


def actor(name: str | None, staff: Mapping[str, str]) -> str:
    """Return who did it: a colleague by e-mail, a program by its name, never an id."""
    if not name:
        return ""
    if name.startswith("user:"):
        return staff.get(name, "A former member")
    return {"service": "A program", "automation": "Nightly work"}.get(name, words(name))


def _told_once(items: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield entries without the changes that an event or action of the same instant tells; their notes stay."""
    told = {(item["occurred_at"], item["kind"]) for item in items if item["entry"] != "history"}
    notes: dict[tuple[str, str], str | None] = {}
    for item in items:
        if item["entry"] == "history" and (teller := _teller(item, told)):
            notes[teller] = item["note"] or notes.get(teller)
    for item in items:
        if item["entry"] == "history":
            if not _teller(item, told):
                yield item
        else:
            yield {**item, "note": item["note"] or notes.get((item["occurred_at"], item["kind"]))}


def _teller(item: Mapping[str, Any], told: Collection[tuple[str, str]]) -> tuple[str, str] | None:
    kinds = _TELLERS.get(item["kind"], ()) or tuple(item["detail"] or ())
    return next((key for kind in kinds if (key := (item["occurred_at"], kind)) in told), None)


def _event(item: Mapping[str, Any], staff: Mapping[str, str]) -> Event:
    kind, entry, detail = item["kind"], item["entry"], item["detail"] or {}
    icon, tone = _ICONS.get(kind, ("dot", "neutral")) if entry == "event" else _ENTRIES[entry]
    said = item["note"] or detail.get("note") or ""
    return Event(
        at=item["occurred_at"],
        title=_title(item, detail),
        icon=icon,
        tone=tone,
        actor=actor(item["actor"], staff),
        text=said if isinstance(said, str) else plain(said),
        facts=[*_facts(item, detail)],
    )


def _title(item: Mapping[str, Any], detail: Mapping[str, Any]) -> str:
    match item["entry"]:
        case "history":
            return change(item["kind"])
        case "task":
            return str(detail.get("title") or words(item["kind"]))
        case "action":
            return f"{words(item['kind'])} opened"
        case _ if item["kind"] == "note" and "action_type" in detail:
            return f"{words(detail['action_type'])} {read('status', detail.get('status')).lower()}"
        case _:
            return words(item["kind"])


def _facts(item: Mapping[str, Any], detail: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if item["entry"] == "history":
        yield from changed(detail)
        return
    if item["status"]:
        yield "Now", words(item["status"])
    if item["kind"] == "note" and "action_type" in detail:
        return
    if item["kind"] == "case_stage_changed":
        yield "Stage", f"{read('from', detail.get('from'))} → {read('to', detail.get('to'))}"
        detail = {name: value for name, value in detail.items() if name not in ("from", "to")}
    for name, value in detail.items():
        is_plain = isinstance(value, str | int | float) and not isinstance(value, bool)
        if is_plain and value != "" and name not in _UNSAID and not name.endswith("_id"):
            yield label(name), read(name, value)
    if item["document_path"]:
        yield "Document", "attached"
