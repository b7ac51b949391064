"""A believable example to look at: judgments as months of work leave them, made through the RPCs alone.

Each judgment is a story that goes on on certain days. The days are told in order, each on a runtime whose clock stands
there, so that what happened lies in the past and deadlines have run out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from casebase.kernel.errors import CasebaseError
from casebase.kernel.runtime import Runtime
from casebase.modules.enforcement.documents import FOLDER, Documents

At = Callable[[timedelta], AbstractAsyncContextManager[Runtime]]
"""Opens a runtime whose clock is moved by an offset."""
Story = AsyncGenerator[int, Runtime]
"""Yields how many days ago it goes on, and is sent the runtime of that day."""

OLDEST_DAY: Final = 96
ACTOR: Final = "sample"

_PLAINTIFFS: Final = (
    "Harbor Supply LLC", "Northgate Lumber Co.", "Bright Dental Group", "Cobalt Freight Inc.", "Maple & Finch Design",
    "Redwood Property Management", "Summit Tool Rental", "Orchard Catering", "Beacon Legal Staffing",
    "Ironbridge Steel", "Pinecrest Windows", "Granite City Plumbing", "Foxglove Nurseries", "Meridian Print House",
    "Old Mill Bakery", "Sterling Elevator Co.", "Cedar Point Marina", "Juniper Day School", "Atlantic Paving Inc.",
    "Lakeview Apartments LP", "Quarry Stone Works", "Silverline Auto Body",
    "Tidewater Credit Union",
)  # fmt: skip
_FIRST: Final = (
    "Alan",
    "Brenda",
    "Carlos",
    "Dana",
    "Erik",
    "Farah",
    "Gloria",
    "Hugo",
    "Irene",
    "Jamal",
    "Kira",
    "Luis",
)
_LAST: Final = ("Abernathy", "Brookfield", "Castellano", "Delacroix", "Estrada", "Fairweather", "Goldstein", "Hargrove",
                "Ingram", "Jankowski", "Kowalczyk", "Lindqvist", "Mendoza", "Novak", "Okafor", "Pemberton")  # fmt: skip
_COURTS: Final = (
    ("Civil Court", "Kings", "NY"), ("Civil Court", "Queens", "NY"), ("Supreme Court", "New York", "NY"),
    ("Circuit Court", "Cook", "IL"), ("Superior Court", "Los Angeles", "CA"), ("Justice Court", "Harris", "TX"),
)  # fmt: skip
_ASSETS: Final = (
    ("bank", "Checking account, First Meridian Bank"), ("employer", "Wages, Atlas Logistics"),
    ("vehicle", "Pickup truck, 2019"), ("real_property", "Two-family house"), ("business", "Food truck, sole owner"),
)  # fmt: skip
_PRIORITIES: Final = ("urgent", "high", "high", "normal", "normal", "normal", "normal", "low", "on_hold")
_CALLS: Final = (
    ("no_answer", "Rang out."), ("left_voicemail", "Left word about the levy."), ("busy", None),
    ("reached_warm", "Wants an update once the bank answers."), ("reached_hot", "Has the employer's address for us."),
    ("callback", "Asked to be called in the afternoon."), ("reached_cold", "Doubts that anything is left to collect."),
)  # fmt: skip
_NOTES: Final = ("The plaintiff has a copy of the judgment.", "The debtor moved in spring.", "")
_OVERRIDE: Final = "New employer found; worked first until the garnishment is out."
_PAGE: Final = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


async def tell(
    at: At, tenant_id: UUID | None, count: int, *, seed: int, progress: Callable[[int], None] = lambda _: None
) -> int:
    """Make ``count`` judgments and what became of them; ``progress`` is told how many stories have ended."""
    # Judgments cannot be removed again, so a store that is missing or away is met before the first of them.
    async with at(timedelta()) as runtime:
        async for _ in runtime.files.list(FOLDER):
            break
    waiting: dict[int, list[Story]] = defaultdict(list)
    for number in range(count):
        story = _story(_Judgment(tenant_id, Random(seed * 10_007 + number)))  # noqa: S311 - no secret
        waiting[await anext(story)].append(story)
    ended = 0
    for day in range(OLDEST_DAY, -1, -1):
        if not waiting[day]:
            continue
        async with at(-timedelta(days=day)) as runtime:
            while waiting[day]:
                story = waiting[day].pop()
                try:
                    following = await story.asend(runtime)
                except StopAsyncIteration:
                    ended += 1
                    progress(ended)
                else:
                    waiting[max(min(following, day), 0)].append(story)
    return ended


@dataclass(slots=True)
class _Judgment:
    """One story's luck, and what it has made so far."""

    tenant_id: UUID | None
    luck: Random
    case_id: str = ""
    plaintiff_id: str = ""
    docket_id: str = ""
    judgment_id: str = ""
    left: float = 0

    async def call(self, runtime: Runtime, function: str, **payload: Any) -> Any:
        """Call an RPC about the case with a payload."""
        return await runtime.session().call(function, {"payload": {"case_id": self.case_id, **payload}})

    async def event(
        self, runtime: Runtime, kind: str, facts: Mapping[str, Any], *, with_page: bool = False
    ) -> None:
        """Put an event on the timeline, with a page that proves it where its kind wants one."""
        given: dict[str, Any] = {"event_kind": kind, "payload": facts, "actor": ACTOR}
        if with_page:
            content = _PAGE + f"% {kind} {self.case_id}\n".encode()
            document = await Documents(runtime).add(self.case_id, kind, content)
            given["document_path"] = document.storage_path
        await self.call(runtime, "log_enforcement_event", **given)

    async def pay(self, runtime: Runtime, share: float, source: str) -> None:
        """Record a payment of a share of what is left."""
        amount = round(min(self.left, max(self.left * share, 25)), 2)
        await self.call(runtime, "record_enforcement_payment", amount=amount, source=source,
                        reference=f"{source[:2].upper()}-{self.luck.randrange(10**6):06}", actor=ACTOR)  # fmt: skip
        self.left = round(self.left - amount, 2)


async def _story(judgment: _Judgment) -> Story:
    luck = judgment.luck
    day = luck.randint(1, OLDEST_DAY)
    runtime = yield day
    score = await _record(judgment, runtime)
    if luck.random() < 0.12:  # nobody has opened its case yet
        return

    day -= luck.randint(0, 2)
    runtime = yield day
    judgment.case_id = await runtime.session().call(
        "open_enforcement_case",
        {"payload": {"judgment_id": judgment.judgment_id, "created_by": ACTOR,
                     "notes": luck.choice(_NOTES)}},
    )  # fmt: skip
    if luck.random() < 0.7:
        due = luck.randint(0, 3)
        await _plan_call(judgment, runtime, due)
        if luck.random() < 0.85 and day > due:
            day -= due + 1
            runtime = yield day
            await _call(judgment, runtime)

    for step, days in _path(luck, score):
        day -= days
        if day < 0:
            break
        runtime = yield day
        await step(judgment, runtime)
        if judgment.left <= 0 or (score < 35 and luck.random() < 0.08):
            day -= luck.randint(0, 4)
            runtime = yield day
            status = "satisfied" if judgment.left <= 0 else luck.choice(("uncollectible", "withdrawn"))
            await judgment.call(runtime, "close_enforcement_case", status=status, closed_by=ACTOR)
            return

    runtime = yield 0
    if score <= 80 and luck.random() < 0.08:
        until = runtime.clock.now() + timedelta(days=luck.randint(2, 45))
        await judgment.call(runtime, "override_enforcement_tier", tier="tier3", expires_at=until.isoformat(),
                            note=_OVERRIDE, actor=ACTOR)  # fmt: skip
    if luck.random() < 0.35:
        await _plan_call(judgment, runtime, luck.randint(0, 4))


async def _record(judgment: _Judgment, runtime: Runtime) -> float:
    """Record the judgment, what is known of the debtor, and the score."""
    luck, session = judgment.luck, runtime.session()
    amount = round(min(2_000 * luck.paretovariate(0.9), 480_000) + luck.randint(0, 900), 2)
    court, county, state = luck.choice(_COURTS)
    plaintiff = luck.choice(_PLAINTIFFS)
    number = luck.randrange(10**6)
    made = await session.call(
        "create_judgment",
        {"payload": {
            "tenant_id": None if judgment.tenant_id is None else str(judgment.tenant_id),
            "plaintiff": {"name": plaintiff, "kind": "company",
                          "phone": f"(212) 555-{100 + _PLAINTIFFS.index(plaintiff):04}"},
            "debtor": {"name": f"{luck.choice(_FIRST)} {luck.choice(_LAST)}", "discriminator": f"sample {number}"},
            "docket": {"case_number": f"{county[:2].upper()}-{number:06}/24", "court": court, "county": county,
                       "state": state},
            "judgment_amount": amount,
            "judgment_date": (runtime.clock.now() - timedelta(days=luck.randint(30, 900))).date().isoformat(),
            "priority_level": luck.choice(_PRIORITIES),
            "source": "sample",
        }},
    )  # fmt: skip
    judgment.judgment_id, judgment.plaintiff_id = made["judgment_id"], made["plaintiff_id"]
    judgment.docket_id, judgment.left = made["case_id"], amount
    assets = luck.sample(_ASSETS, luck.randint(0, 3))
    await session.call(
        "upsert_enrichment_bundle",
        {"bundle": {"case_id": judgment.docket_id, "source": "sample",
                    "assets": [{"kind": kind, "description": text, "confidence": 0.8} for kind, text in assets]}},
    )  # fmt: skip
    parts = [round(luck.triangular(5, 100, 60), 2) for _ in range(4)]
    score = round(min(sum(parts) / 4 + 9 * len(assets) - 8, 100), 2)
    desk = await session.call("get_enforcement_desk", {"tenant_id": judgment.tenant_id})
    tier = next(t["tier"] for t in reversed(desk["tiers"]) if t["min_score"] <= score)
    names = ("identity", "contactability", "asset", "recency_amount")
    await session.call(
        "set_case_scores",
        {"p_case_id": judgment.docket_id, "p_adverse_penalty": 8, "p_collectability_score": score,
         "p_collectability_tier": tier, **{f"p_{n}_score": v for n, v in zip(names, parts, strict=True)}},
    )  # fmt: skip
    return score


Step = Callable[[_Judgment, Runtime], Any]


def _path(luck: Random, score: float) -> Sequence[tuple[Step, int]]:
    """Return what is done on a case, and how many days after what came before; the better the score, the more."""
    whole: list[tuple[Step, int]] = [
        (_search, luck.randint(1, 4)),
        (_find, luck.randint(5, 16)),
        (_levy, luck.randint(1, 9)),
        (_call, luck.randint(0, 3)),
        (_serve, luck.randint(3, 12)),
    ]
    if score > 55:
        whole += [
            (_subpoena, luck.randint(1, 6)),
            (_garnish, luck.randint(2, 12)),
            (_call, luck.randint(1, 6)),
        ]
    whole += [
        (_receive, luck.randint(4, 14)),
        *((_remit, luck.randint(5, 12)) for _ in range(luck.randint(0, 6))),
    ]
    if luck.random() < 0.15:
        whole.append((_settle, 3))
    if luck.random() < 0.3:
        whole = whole[: luck.randint(0, len(whole))]
    # Most cases are looked after until today.
    return whole + [(_confirm, luck.randint(10, 20)) for _ in range(9)] if luck.random() < 0.8 else whole


async def _search(judgment: _Judgment, runtime: Runtime) -> None:
    await judgment.call(runtime, "set_enforcement_stage", stage="asset_search", actor=ACTOR)
    await judgment.event(runtime, "asset_search_requested", {"name": "Public records and credit header"})


async def _find(judgment: _Judgment, runtime: Runtime) -> None:
    await judgment.event(
        runtime, "asset_search_completed", {"note": "One account and one employer are likely."}
    )


async def _levy(judgment: _Judgment, runtime: Runtime) -> None:
    await judgment.call(runtime, "set_enforcement_stage", stage="bank_levy", actor=ACTOR)
    await judgment.call(
        runtime, "queue_enforcement_action", action_type="bank_levy", status="filed", actor=ACTOR
    )
    await judgment.event(runtime, "bank_levy_filed", {"name": "First Meridian Bank"}, with_page=True)


async def _serve(judgment: _Judgment, runtime: Runtime) -> None:
    await judgment.event(runtime, "bank_levy_served", {"name": "First Meridian Bank"}, with_page=True)
    await judgment.call(
        runtime, "queue_enforcement_action", action_type="bank_levy", status="served", actor=ACTOR
    )


async def _subpoena(judgment: _Judgment, runtime: Runtime) -> None:
    content = _PAGE + f"% subpoena {judgment.case_id}\n".encode()
    document = await Documents(runtime).add(judgment.case_id, "subpoena", content)
    await judgment.call(
        runtime,
        "issue_subpoena",
        recipient="Atlas Logistics",
        document_path=document.storage_path,
        actor=ACTOR,
    )


async def _garnish(judgment: _Judgment, runtime: Runtime) -> None:
    await judgment.call(runtime, "set_enforcement_stage", stage="garnishment", actor=ACTOR)
    await judgment.call(
        runtime, "queue_enforcement_action", action_type="garnishment", status="filed", actor=ACTOR
    )
    await judgment.event(runtime, "garnishment_order_signed", {"name": "Atlas Logistics"}, with_page=True)


async def _receive(judgment: _Judgment, runtime: Runtime) -> None:
    await judgment.call(runtime, "set_enforcement_stage", stage="payment", actor=ACTOR)
    await judgment.call(runtime, "queue_enforcement_action", action_type="bank_levy", status="completed",
                        status_reason="The bank paid out what the account held.", actor=ACTOR)  # fmt: skip
    await judgment.pay(runtime, judgment.luck.uniform(0.1, 0.5), "bank_levy")


async def _remit(judgment: _Judgment, runtime: Runtime) -> None:
    if judgment.left > 0:
        await judgment.pay(runtime, judgment.luck.uniform(0.05, 0.3), "garnishment")


async def _confirm(judgment: _Judgment, runtime: Runtime) -> None:
    found = await runtime.session().call("get_enforcement_case", {"case_id": judgment.case_id})
    await judgment.call(runtime, "set_enforcement_stage", stage=found["case"]["current_stage"],
                        note="Looked over; nothing new.", actor=ACTOR)  # fmt: skip


async def _settle(judgment: _Judgment, runtime: Runtime) -> None:
    if judgment.left > 0:
        await judgment.pay(runtime, 1, "check")


async def _plan_call(judgment: _Judgment, runtime: Runtime, days: int) -> None:
    due = runtime.clock.now() + timedelta(days=days, hours=1)
    try:
        await judgment.call(
            runtime, "schedule_call", plaintiff_id=judgment.plaintiff_id, due_at=due.isoformat()
        )
    except CasebaseError as error:
        if error.status != 409:  # the rule on how often a person is called holds for examples too
            raise


async def _call(judgment: _Judgment, runtime: Runtime) -> None:
    session = runtime.session()
    found = await session.call("get_enforcement_case", {"case_id": judgment.case_id})
    task = next((t for t in found["tasks"] if t["kind"] == "call" and t["status"] == "open"), None)
    outcome, notes = judgment.luck.choice(_CALLS)
    if task is not None:
        await session.call(
            "log_call_outcome",
            {
                "plaintiff_id": judgment.plaintiff_id,
                "task_id": task["task_id"],
                "outcome": outcome,
                "notes": notes,
            },
        )
