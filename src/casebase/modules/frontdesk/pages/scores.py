"""Conversation scores: how they went over time, the list of them, and what one is made of."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import Column, Filter, StaffDep, Table, page
from casebase.console.kit.format import ABSENT, number
from casebase.kernel.clock import known_zone
from casebase.modules.frontdesk import scores_view, wording
from casebase.modules.frontdesk.pages.calendar import today
from casebase.modules.frontdesk.pages.period import LAST, PERIODS, chosen, days_between, last_days
from casebase.modules.frontdesk.pages.tenant import ROOT, DeskDep, payload, position, settings

router = APIRouter()

PATH: Final = f"{ROOT}/scores"


@router.get("/scores")
async def scores(request: Request, staff: StaffDep, desk: DeskDep, days: str = "") -> Response:
    """Show how conversations went in the last days, and each of them, the newest first."""
    where = known_zone((await settings(staff, desk))["time_zone"])
    days = chosen(days)
    range_ = last_days(days, today(request, where), where)
    table = Table(
        columns=(
            Column("session_id", "Conversation", show=lambda row: wording.breakable(row["session_id"])),
            Column(
                "score",
                "Score",
                show=lambda row: str(row["score"]),
                badge=lambda row: scores_view.tone(row["score"]),
            ),
            Column("rating", "Rating", show=lambda row: scores_view.rating(row["measures"])),
            Column("is_resolved", "Resolved", show=lambda row: scores_view.resolved(row["measures"])),
            Column("turns", "Turns", show=lambda row: number(row["measures"].get("turn_count")), is_numeric=True,
                   is_secondary=True),
            Column("errors", "Errors", show=lambda row: number(row["measures"].get("error_count")), is_numeric=True,
                   is_secondary=True),
            Column("created_at", "Scored", show=lambda row: wording.local_moment(row["created_at"], where)),
        ),
        sort="-created_at",
        filters=(
            Filter("band", "Score", tuple((name, title) for name, (title, _, _) in scores_view.BANDS.items())),
            Filter("session_id", "Conversation's id"),
            LAST,
        ),
        href=lambda row: f"{PATH}/one?{urlencode({'session_id': row['session_id'], 'version': row['version']})}",
        caption="Scored conversations, the newest first",
        empty_title="Nothing was scored",
        empty_text="A conversation is scored when its messages are sent to /v1/frontdesk/scores; they are not kept.",
    )  # fmt: skip
    state = table.read(request)
    asked = payload(desk, state, "session_id") | range_.payload
    if "band" in state.filters:
        _, asked["min_score"], asked["max_score"] = scores_view.BANDS[state.filters["band"]]
    found = await staff.call("list_conversation_scores", {"payload": asked})
    trend = await staff.call("get_score_trend", {**desk.named, **range_.payload})
    return page(
        request,
        "frontdesk/scores.html",
        title="Scores",
        view=scores_view.view(trend["points"], days_between(range_)),
        table=table.view(request, state, found["items"], position(found["next_cursor"])),
        periods=PERIODS,
        chosen=days,
        period=PERIODS[days].lower(),
    )


@router.get("/scores/one")
async def score(
    request: Request, staff: StaffDep, desk: DeskDep, session_id: str = "", version: int = 0
) -> Response:
    """Show what a conversation's score is made of."""
    if not 0 < len(session_id) <= 200:
        raise HTTPException(404)
    where = known_zone((await settings(staff, desk))["time_zone"])
    asked = {**desk.named, "session_id": session_id}
    found = await staff.call("list_conversation_scores", {"payload": asked})
    scored = next((one for one in found["items"] if version in (0, one["version"])), None)
    if scored is None:
        raise HTTPException(404)
    measures = scored["measures"]
    return page(
        request,
        "frontdesk/score.html",
        title=f"{scored['score']} of 100",
        score=scored,
        tone=scores_view.tone(scored["score"]),
        parts=scores_view.parts(measures),
        facts=(
            ("Conversation", wording.breakable(session_id)),
            ("Scored", wording.local_moment(scored["created_at"], where)),
            ("Scoring", f"Version {scored['version']}"),
            ("Rating", scores_view.rating(measures)),
            ("Resolved", scores_view.resolved(measures)),
            ("Messages", number(measures.get("message_count"))),
            ("Turns", number(measures.get("turn_count"))),
            ("Errors", number(measures.get("error_count"))),
            ("Signs a reply", number(measures.get("mean_reply_length"))),
        ),
        feedback=scored["feedback"] or "",
        others=[
            (f"Version {one['version']}: {one['score']}",
             f"{PATH}/one?{urlencode({'session_id': session_id, 'version': one['version']})}")
            for one in found["items"] if one is not scored
        ],
        absent=ABSENT,
    )  # fmt: skip
