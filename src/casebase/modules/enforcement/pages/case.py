"""One case: its stages and clock, timeline, actions, documents, payments, tasks, and the copilot's note."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID, uuid4

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import StaffDep, page
from casebase.console.kit.format import words
from casebase.modules.enforcement import case_view, timeline_view, wording
from casebase.modules.enforcement.pages.case_form import path_of

router = APIRouter()

_ENTRIES_A_PAGE: Final = 25


@router.get("/cases/{case_id}")
async def case(
    request: Request,
    staff: StaffDep,
    case_id: UUID,
    timeline: str = "",
    before: str | None = None,
    asked: str = "",
) -> Response:
    """Show one case."""
    file = await staff.call("get_enforcement_case", {"case_id": case_id})
    desk = await staff.call("get_enforcement_desk", {"tenant_id": file["case"]["tenant_id"]})
    documents = await staff.call("list_enforcement_documents", {"case_id": case_id})
    _, kinds = timeline_view.KINDS.get(timeline, ("", ()))
    entries = await staff.call(
        "list_enforcement_timeline",
        {"case_id": case_id, "kinds": kinds or None, "cursor": before, "page_size": _ENTRIES_A_PAGE},
    )
    now = request.app.state.runtime.clock.now()
    following = {"timeline": timeline, "before": entries["next_cursor"]}
    return page(
        request,
        "enforcement/case.html",
        title=file["case"]["reference"],
        file=file,
        case=file["case"],
        view=case_view.view(file, now),
        tasks=[
            {**task, "due": wording.due(task["due_at"], now)}
            for task in file["tasks"]
            if task["status"] == "open"
        ],
        documents=documents["items"],
        actors=lambda name: timeline_view.actor(name, desk["staff"]),
        copilot=_copilot(file["copilot"]),
        is_asked=bool(asked),
        once=str(uuid4()),
        days=timeline_view.days(entries["items"], desk["staff"]),
        groups=[("", "All"), *((name, title) for name, (title, _) in timeline_view.KINDS.items())],
        group=timeline if kinds else "",
        is_continued=before is not None,
        older_url=f"?{urlencode(following)}#timeline" if entries["next_cursor"] else None,
        case_path=path_of(case_id),
        tones=wording.STATUS_TONES,
        tier_tones=wording.TIER_TONES,
        tier=wording.tier,
        dollars=wording.dollars,
    )


def _copilot(note: dict[str, Any] | None) -> dict[str, Any] | None:
    if note is None:
        return None
    sources = [
        {"n": source.get("n"), "title": words(source.get("kind")), "at": source.get("at")}
        for source in note["sources"]
        if isinstance(source, dict)
    ]
    return {
        **note,
        "sources": sources,
        "lines": [line for line in note["summary"].splitlines() if line.strip()],
    }
