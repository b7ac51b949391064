"""How a case reads on its page: figures, stages with their clock, payments as a chart, what may be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from casebase.console.kit import Chart, charts
from casebase.console.kit.format import ABSENT, day, words
from casebase.modules.enforcement import wording

_CHARTED_PAYMENTS: Final = 60
"""More points than a page has room for tell nothing more."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How much of the stage's time is used: days, of how many, in words, with its tone."""

    used: int
    allowed: int
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """What the page shows."""

    figures: tuple[tuple[str, str, str, str], ...]
    """Label, value, hint and tone."""
    steps: tuple[tuple[str, str, str], ...]
    clock: Clock | None
    following: str | None
    """The stage that comes next."""
    balance: Chart | None
    tier: tuple[tuple[str, str], ...]
    judgment: tuple[tuple[str, str], ...]
    assets: str
    has_subpoena_out: bool


def view(file: Mapping[str, Any], now: datetime) -> CaseView:
    """Return a case as its page shows it."""
    case = file["case"]
    is_open = case["closed_at"] is None
    opening, left = float(case["opening_balance"]), float(case["current_balance"])
    paid = (
        f"{(opening - left) / opening:.0%} of {wording.dollars(opening)} paid"
        if opening
        else "Nothing was due"
    )
    due, tone = wording.due(case["next_action_at"], now)
    in_stage = case["days_in_stage"]
    figures = [
        ("Still due", wording.dollars(left), paid, "good" if left == 0 else ""),
        ("Tier", wording.tier(case["tier"]), _reason(case), ""),
    ]
    if is_open:
        figures += [
            ("Next action", due, f"by {day(case['next_action_at'])}" if case["next_action_at"] else "", tone),
            (
                "In this stage",
                "1 day" if in_stage == 1 else f"{in_stage} days",
                f"since {day(case['stage_entered_at'])}",
                "",
            ),
        ]
    else:
        figures += [
            (
                "Ended",
                words(case["status"]),
                f"on {day(case['closed_at'])}",
                wording.STATUS_TONES[case["status"]].replace("neutral", ""),
            ),
        ]
    return CaseView(
        figures=tuple(figures),
        steps=_steps(file["stages"], case["current_stage"]),
        clock=_clock(case, now) if is_open else None,
        following=_following(file["stages"], case["current_stage"]),
        balance=_balance(file),
        tier=_tier(case),
        judgment=_judgment(file),
        assets=_assets(case["asset_flags"]),
        has_subpoena_out=any(
            a["action_type"] == "subpoena" and a["closed_at"] is None and a["status"] != "queued"
            for a in file["actions"]
        ),
    )


def _reason(case: Mapping[str, Any]) -> str:
    if case["tier_override"]:
        return f"by hand, until {day(case['override_expires_at'])}"
    score = case["collectability_score"]
    return "no score yet" if score is None else f"score {wording.score(score)} of 100"


def _steps(stages: Sequence[Mapping[str, Any]], present: str) -> tuple[tuple[str, str, str], ...]:
    at = next(s["ordinal"] for s in stages if s["stage"] == present)

    def state(stage: Mapping[str, Any]) -> str:
        if stage["ordinal"] > at:
            return "ahead"
        if stage["ordinal"] == at:
            return "done" if present == "closed" else "current"
        return "done" if stage["entered_at"] else "skipped"

    return tuple(
        (
            words(s["stage"]),
            _short(s["entered_at"]) if s["entered_at"] and s["ordinal"] <= at else "",
            state(s),
        )
        for s in stages
    )


def _short(instant: str) -> str:
    return day(instant).rsplit(" ", 1)[0]


def _clock(case: Mapping[str, Any], now: datetime) -> Clock | None:
    if case["next_action_at"] is None:
        return None
    begun, ends = (datetime.fromisoformat(case[name]) for name in ("stage_entered_at", "next_action_at"))
    allowed, used = max((ends - begun) // timedelta(days=1), 1), (now - begun) // timedelta(days=1)
    due, tone = wording.due(case["next_action_at"], now)
    text = f"Day {min(used + 1, allowed)} of {allowed}, next action due on {day(ends)}"
    if tone == "bad":
        text = f"{due}: the next action was due on {day(ends)}"
    return Clock(min(max(used, 0), allowed), allowed, text, tone or "accent")


def _following(stages: Sequence[Mapping[str, Any]], present: str) -> str | None:
    names = [s["stage"] for s in stages]
    rest = names[names.index(present) + 1 :]
    return rest[0] if rest and rest[0] != "closed" else None


def _balance(file: Mapping[str, Any]) -> Chart | None:
    payments = list(reversed(file["payments"]))[-_CHARTED_PAYMENTS:]
    if not payments:
        return None
    before = float(payments[0]["balance_after"]) + float(payments[0]["amount"])
    opened = (
        file["case"]["opened_at"] if len(payments) == len(file["payments"]) else payments[0]["received_at"]
    )
    return charts.lines(
        "Still due after each payment",
        [_short(opened), *(_short(p["received_at"]) for p in payments)],
        {"Still due": [before, *(float(p["balance_after"]) for p in payments)]},
        show=wording.dollars,
        is_from_zero=True,
    )


def _tier(case: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    facts = [
        ("In effect", wording.tier(case["tier"])),
        ("Score", wording.score(case["collectability_score"])),
        ("As of", day(case["tier_as_of"])),
    ]
    if case["tier_override"]:
        facts.append(("By hand until", day(case["override_expires_at"])))
    return tuple(facts)


def _judgment(file: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    judgment, docket, case = file["judgment"], file["docket"] or {}, file["case"]
    facts = [
        ("Debtor", judgment["defendant_mask"]),
        ("Judgment", wording.dollars(judgment["judgment_amount"])),
        ("Of", day(judgment["judgment_date"])),
        ("Priority", words(judgment["priority_level"])),
        ("Case number", docket.get("case_number") or ABSENT),
        ("Court", docket.get("court") or ABSENT),
        ("County", wording.place(docket.get("county", ""), docket.get("state", ""))),
    ]
    workflows = (
        ("Levy", "levy_status"),
        ("Garnishment", "garnishment_status"),
        ("Marshal", "marshal_status"),
    )
    facts += [(title, words(case[column])) for title, column in workflows if case[column]]
    return tuple(facts)


def _assets(flags: Mapping[str, Any]) -> str:
    return ", ".join(words(kind) for kind, is_known in flags.items() if is_known is True) or "None known yet"
